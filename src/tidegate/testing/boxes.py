"""Finds and patches boxes of MP4 files (ISO/IEC 14496-12), and forges the size in an H.264 header."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta"})
_STSD_HEADER = 8
_VISUAL_ENTRY_HEADER = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxAt:
    """One box: its type, the slash-joined path of types to it, and where its payload lies in the file."""

    kind: str
    path: str
    start: int
    end: int


def walk(data: bytes) -> Iterator[BoxAt]:
    """Every box of a well-formed file, outer before inner; enters sample entries of pictures."""
    yield from _walk(data, 0, len(data), "")


def _walk(data: bytes, start: int, end: int, above: str) -> Iterator[BoxAt]:
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        size = size or end - start
        if size < header or start + size > end:
            return
        name = kind.decode("latin-1")
        path = f"{above}/{name}".lstrip("/")
        yield BoxAt(kind=name, path=path, start=start + header, end=start + size)
        inner = start + header + _inner_offset(kind, above)
        if inner > start + header or kind in _CONTAINERS:
            yield from _walk(data, inner, start + size, path)
        start += size


def _inner_offset(kind: bytes, above: str) -> int:
    if kind == b"stsd":
        return _STSD_HEADER
    return _VISUAL_ENTRY_HEADER if above.endswith("stsd") and kind in (b"avc1", b"hev1", b"hvc1", b"vp09") else 0


def find(data: bytes, kind: str) -> list[BoxAt]:
    """Every box of that type, in file order."""
    return [box for box in walk(data) if box.kind == kind]


def patched(data: bytes, *patches: tuple[int, bytes]) -> bytes:
    """A copy of `data` with each (offset, bytes) written over it; the length stays."""
    copy = bytearray(data)
    for offset, new in patches:
        copy[offset : offset + len(new)] = new
    return bytes(copy)


def with_display_size(data: bytes, width_px: int, height_px: int) -> bytes:
    """The file with another size in every picture track header and sample entry; the coded pictures stay."""
    fixed_point = struct.pack(">II", (width_px << 16) & 0xFFFFFFFF, (height_px << 16) & 0xFFFFFFFF)
    pictures = [box for box in find(data, "tkhd") if struct.unpack_from(">I", data, box.end - 8)[0]]
    patches = [(box.end - 8, fixed_point) for box in pictures]
    patches += [(box.start + 24, struct.pack(">HH", width_px, height_px)) for box in find(data, "avc1")]
    return patched(data, *patches)


def with_coded_size(data: bytes, width_px: int, height_px: int) -> bytes:
    """The file with `with_display_size` and a forged H.264 sequence header that claims the size as well.

    Sizes are multiples of 16. The forged header replaces the first one in `avcC` and must not be longer.
    """
    sized = with_display_size(data, width_px, height_px)
    (box,) = find(data, "avcC")
    length = struct.unpack_from(">H", data, box.start + 6)[0]
    forged = sequence_header(width_px, height_px)
    return patched(sized, (box.start + 8, forged.ljust(length, b"\0")[:length]))


def sequence_header(width_px: int, height_px: int) -> bytes:
    """An H.264 sequence parameter set NAL unit of that size (ITU-T H.264, 7.3.2.1.1), main profile."""
    bits = f"{77:08b}{0:08b}{51:08b}"
    bits += "".join(_exp_golomb(value) for value in (0, 0, 2, 1))
    bits += "0" + _exp_golomb(width_px // 16 - 1) + _exp_golomb(height_px // 16 - 1) + "1100" + "1"
    bits += "0" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big")
    for few in (b"\0\0\0", b"\0\0\1", b"\0\0\2", b"\0\0\3"):
        body = body.replace(few, few[:2] + b"\3" + few[2:])
    return b"\x67" + body


def _exp_golomb(value: int) -> str:
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def with_sample_count(data: bytes, count: int, size_bytes: int = 1) -> bytes:
    """The file with every track claiming `count` samples of `size_bytes` each, in one chunk; the length stays."""
    claims = {
        "stsz": struct.pack(">II", size_bytes, count),
        "stts": struct.pack(">II", 1, count),
        "stsc": struct.pack(">IIII", 1, 1, count, 1),
    }
    return patched(data, *((box.start + 4, claims[box.kind]) for box in walk(data) if box.kind in claims))


def with_duration(data: bytes, ticks: int) -> bytes:
    """The file with `ticks` as the duration of the film, its tracks and their media (32-bit boxes)."""
    offsets = {"mvhd": 16, "mdhd": 16, "tkhd": 20}
    patches = [(box.start + offsets[box.kind], struct.pack(">I", ticks)) for box in walk(data) if box.kind in offsets]
    return patched(data, *patches)
