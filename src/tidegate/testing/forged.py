"""Files whose headers lie: giant pictures, millions of frames, endless sound, too many streams."""

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from tidegate.testing import boxes
from tidegate.testing.broken import BrokenFile, Expect

GIANT_PX = 40_000
MANY_SAMPLES = 50_000_000
_DAY_S = 86_400


def files(folder: Path, clip: Path) -> Iterator[BrokenFile]:
    """Every forged file, made from `clip` (an MP4 with H.264 and AAC) or from nothing."""
    yield from _giant_clips(folder, clip.read_bytes())
    yield from _giant_stills(folder)
    yield from _endless(folder, clip.read_bytes())
    yield from _odd_structures(folder, clip.read_bytes())


def _giant_clips(folder: Path, whole: bytes) -> Iterator[BrokenFile]:
    codes = ("TG-M010",)
    size = (GIANT_PX, GIANT_PX)
    path = folder / "giant-container.mp4"
    path.write_bytes(boxes.with_display_size(whole, *size))
    yield BrokenFile(path=path, expect=Expect.BOUNDED, codes=codes, why="track and sample entry claim 40,000x40,000")
    path = folder / "giant-coded.mp4"
    path.write_bytes(boxes.with_coded_size(whole, *size))
    yield BrokenFile(path=path, expect=Expect.REFUSED, why="container and sequence header claim 40,000x40,000")
    path = folder / "wide-coded.mp4"
    path.write_bytes(boxes.with_coded_size(whole, 16_000, 16))
    yield BrokenFile(path=path, expect=Expect.BOUNDED, why="the sequence header claims 16,000x16")


def _giant_stills(folder: Path) -> Iterator[BrokenFile]:
    contents = {
        "giant.png": giant_png(GIANT_PX, GIANT_PX, rows=200),
        "giant-whole.png": giant_png(30_000, 30_000, rows=30_000),
        "giant.gif": _gif(GIANT_PX, GIANT_PX, frames=1),
        "giant.jpg": _giant_jpeg(GIANT_PX, GIANT_PX),
    }
    for name, content in contents.items():
        path = folder / name
        path.write_bytes(content)
        yield BrokenFile(path=path, expect=Expect.REFUSED, why="a still whose header claims a giant picture")


def giant_png(width_px: int, height_px: int, *, rows: int) -> bytes:
    """A 1-bit grey PNG of that claimed size with `rows` black rows really in it (the PNG specification, 3rd ed.)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(1)
    row = bytes(1 + (width_px + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width_px, height_px, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _gif(width_px: int, height_px: int, *, frames: int) -> bytes:
    """A GIF89a of that claimed screen with `frames` one-pixel frames."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width_px, height_px, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\4\0\1\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    return screen + frame * frames + b"\x3b"


def _giant_jpeg(width_px: int, height_px: int) -> bytes:
    """A real small JPEG whose frame header (SOF0) claims another size."""
    import io

    from PIL import Image

    plain = io.BytesIO()
    Image.new("RGB", (64, 64), (40, 90, 160)).save(plain, "JPEG")
    data = plain.getvalue()
    return boxes.patched(data, (data.index(b"\xff\xc0") + 5, struct.pack(">HH", height_px, width_px)))


def _endless(folder: Path, whole: bytes) -> Iterator[BrokenFile]:
    contents = {
        "millions-of-frames.mp4": (
            boxes.with_sample_count(whole, MANY_SAMPLES),
            "50 million samples a track, one byte each",
        ),
        "billions-of-frames.mp4": (boxes.with_sample_count(whole, 2**32 - 1), "four billion samples a track"),
        "declared-for-months.mp4": (boxes.with_duration(whole, 2**32 - 2), "every duration is the largest there is"),
        "million-frames.gif": (_gif(16, 16, frames=200_000), "200,000 frames in 5 MB"),
        "endless.wav": (_endless_wav(), "a WAV that declares 4 GB of sound and holds a second"),
    }
    for name, (content, why) in contents.items():
        path = folder / name
        path.write_bytes(content)
        yield BrokenFile(path=path, expect=Expect.BOUNDED, why=why)
    path = folder / "a-day-of-silence.mp4"
    _write_silence(path, _DAY_S)
    yield BrokenFile(path=path, expect=Expect.REFUSED, codes=("TG-M009", "TG-M011"), why="24 h of silent AAC in 8 MB")
    denied = folder / "a-denied-day-of-silence.mp4"
    denied.write_bytes(boxes.with_duration(path.read_bytes(), 8_000))
    yield BrokenFile(path=denied, expect=Expect.BOUNDED, why="24 h of silent AAC declared as a few seconds")


def _endless_wav() -> bytes:
    form = struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + form + b"data\xff\xff\xff\xff" + bytes(16_000)


def _write_silence(path: Path, duration_s: int, rate_hz: int = 8_000) -> None:
    """AAC silence: one encoded packet, written again and again."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
        packets: list[av.Packet[av.AudioStream]] = []
        while len(packets) < 3:
            frame.pts = len(packets) * 1024
            packets += stream.encode(frame)
        silence = bytes(packets[-1])
        for number in range(duration_s * rate_hz // 1024):
            packet = av.Packet(silence)
            packet.stream, packet.time_base = stream, Fraction(1, rate_hz)
            packet.pts = packet.dts = number * 1024
            packet.duration = 1024
            container.mux(packet)


def _odd_structures(folder: Path, whole: bytes) -> Iterator[BrokenFile]:
    nested = b""
    for _ in range(5_000):
        nested = struct.pack(">I4s", len(nested) + 8, b"udta") + nested
    brand = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
    contents = {
        "nested.mp4": (
            brand + struct.pack(">I4s", len(nested) + 8, b"moov") + nested,
            Expect.REFUSED,
            "5,000 nested boxes",
        ),
        "box-of-exabytes.mp4": (
            brand + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1),
            Expect.REFUSED,
            "a box of 2^63 bytes",
        ),
        "box-of-nothing.mp4": (
            brand + struct.pack(">I4s", 4, b"moov") * 4_000,
            Expect.REFUSED,
            "boxes smaller than a header",
        ),
        "no-samples.mp4": (boxes.with_sample_count(whole, 0), Expect.REFUSED, "tracks that hold nothing"),
    }
    for name, (content, expect, why) in contents.items():
        path = folder / name
        path.write_bytes(content)
        yield BrokenFile(path=path, expect=expect, why=why)
    path = folder / "many-streams.mp4"
    _write_many_streams(path, 64)
    yield BrokenFile(path=path, expect=Expect.REFUSED, codes=("TG-M008",), why="64 streams")
    path = folder / "time-jumps.mkv"
    _write_time_jumps(path)
    yield BrokenFile(path=path, expect=Expect.BOUNDED, why="timestamps jump by weeks and back")
    path = folder / "rare-codec.mkv"
    _write_rare_codec(path)
    yield BrokenFile(path=path, expect=Expect.REFUSED, codes=("TG-M007",), why="a codec that no phone records")


def _write_many_streams(path: Path, count: int) -> None:
    import av

    with av.open(str(path), "w") as container:
        streams = [container.add_stream("aac", rate=8_000, layout="mono") for _ in range(count)]
        for stream in streams:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = 8_000, Fraction(1, 8_000), 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))


def _write_time_jumps(path: Path) -> None:
    import av

    rng = np.random.default_rng(95)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        at = 0
        for number in range(30):
            pixels = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            at += 10_000_000 if number % 7 == 6 else 1
            frame.pts, frame.time_base = at, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _write_rare_codec(path: Path) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 40 + number, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
