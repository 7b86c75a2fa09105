"""Encodes synthetic clips with PyAV: picture and sound, interleaved, with every metadata a test may ask for."""

import dataclasses
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from tidegate.errors import UsageError
from tidegate.records import Span
from tidegate.testing.clips import ClipSpec, Truth
from tidegate.testing.drawing import Picture
from tidegate.testing.hdr import hdr10
from tidegate.testing.painting import frames
from tidegate.testing.sound import Background, Spoken, Tone, placed_samples, samples

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "opus": "libopus",
    "mp3": "libmp3lame",
}
"""Codec name -> encoder, where they differ."""

CLOCK_HZ = 90_000
MPEG4_CLOCK_HZ = 30_000
"""MPEG-4 part 2 counts at most 65,535 ticks a second."""

_AUDIO_CHUNK = 4096
_SOUND_SUFFIXES = {".mp3": "mp3", ".wav": "pcm_s16le", ".flac": "flac"}
_BT709, _BT2020, _PQ = 1, 9, 16


def write(path: Path, spec: ClipSpec, truth: Truth) -> Truth:
    """Encode the clip and return its truth with the keyframes the encoder made.

    Two encoder threads always, and no macroblock tree in x264, whose output differs from run to run.
    """
    import av

    spec = dataclasses.replace(spec, audio_codec=_SOUND_SUFFIXES.get(path.suffix.lower(), spec.audio_codec))
    keyframes_s: list[float] = []
    try:
        options = {"movflags": spec.movflags} if spec.movflags else {}
        with av.open(str(path), "w", container_options=options) as container:
            video = _add_video(container, spec) if spec.has_video else None
            audio = _add_audio(container, spec) if spec.has_audio else None
            sound = _sound(container, audio, spec, truth) if audio else iter(())
            if video:
                _write_frames(container, video, _video_frames(spec, truth, video.codec_context), sound, keyframes_s)
            for _ in sound:
                pass
            if audio:
                container.mux(audio.encode(None))
    except (av.error.FFmpegError, ValueError) as error:
        raise UsageError(
            f"cannot encode this clip: {error}", where=str(path), next_step="check codec, size and suffix"
        ) from error
    return dataclasses.replace(truth, keyframe_times_s=tuple(sorted(keyframes_s)))


def _write_frames(
    container: "OutputContainer",
    stream: "VideoStream",
    pictures: Iterable["VideoFrame"],
    sound: Iterator[float],
    keyframes_s: list[float],
) -> None:
    heard_s = 0.0
    for frame in pictures:
        while heard_s <= (frame.time or 0.0):
            heard_s = next(sound, math.inf)
        _mux(container, stream.encode(frame), keyframes_s)
    _mux(container, stream.encode(None), keyframes_s)


def _mux(container: "OutputContainer", packets: "Iterable[Packet[VideoStream]]", keyframes_s: list[float]) -> None:
    for packet in packets:
        if packet.is_keyframe and packet.pts is not None and packet.time_base is not None:
            keyframes_s.append(float(packet.pts * packet.time_base))
        container.mux(packet)


def _add_video(container: "OutputContainer", spec: ClipSpec) -> "VideoStream":
    width, height = coded_size(spec)
    rate = Fraction(spec.frame_rate_hz).limit_denominator(1001)
    stream = cast("VideoStream", container.add_stream(ENCODERS.get(spec.codec, spec.codec), rate=rate))
    stream.width, stream.height = width, height
    context = stream.codec_context
    context.pix_fmt = _pixel_format(spec, width, height)
    context.time_base = Fraction(1, MPEG4_CLOCK_HZ if spec.codec == "mpeg4" else CLOCK_HZ)
    context.thread_count = 2
    context.sample_aspect_ratio = Fraction(*spec.sample_aspect)
    context.color_range = 2 if spec.is_full_range else 1
    context.colorspace = context.color_primaries = _BT2020 if spec.is_hdr else _BT709
    context.color_trc = _PQ if spec.is_hdr else _BT709
    context.gop_size = max(1, round(spec.keyframe_every_s * spec.frame_rate_hz))
    context.options = _encoder_options(spec, context.gop_size)
    if spec.rotation_deg:
        stream.set_display_rotation(-spec.rotation_deg)
    return stream


def coded_size(spec: ClipSpec) -> tuple[int, int]:
    """Width and height in pixels as coded: before rotation and sample aspect are applied for display."""
    width, height = spec.width_px, spec.height_px
    if spec.rotation_deg in (90, 270):
        width, height = height, width
    numerator, denominator = spec.sample_aspect
    return max(1, round(width * denominator / numerator)), height


def _pixel_format(spec: ClipSpec, width_px: int, height_px: int) -> str:
    if spec.is_hdr:
        return "yuv420p10le"
    is_odd = bool(width_px % 2 or height_px % 2)
    return "yuv444p" if is_odd and spec.codec in ("h264", "hevc") else "yuv420p"


def _encoder_options(spec: ClipSpec, gop: int) -> dict[str, str]:
    match spec.codec:
        case "h264":
            cut = 40 if spec.scene_cut else 0
            least = "" if spec.scene_cut else f":keyint_min={gop}"
            return {"preset": spec.preset, "crf": "23", "x264-params": f"keyint={gop}:scenecut={cut}:mbtree=0{least}"}
        case "hevc":
            cut = 40 if spec.scene_cut else 0
            params = f"keyint={gop}:scenecut={cut}:open-gop=0:log-level=none"
            return {"preset": spec.preset, "crf": "26", "x265-params": params}
        case "vp8":
            return {"deadline": "realtime", "cpu-used": "8", "b": "2M"}
        case "vp9":
            return {"deadline": "realtime", "cpu-used": "8", "crf": "32", "b": "2M"}
        case "av1":
            return {"preset": "12", "crf": "40", "svtav1-params": f"scd={int(spec.scene_cut)}"}
        case _:
            return {}


def _video_frames(spec: ClipSpec, truth: Truth, context: "VideoCodecContext") -> Iterator["VideoFrame"]:
    import av

    for time_s, upright in zip(truth.frame_times_s, frames(spec, truth), strict=True):
        coded = _coded(spec, upright)
        whole = (hdr10(coded), "rgb48le") if spec.is_hdr else (coded, "rgb24")
        frame = av.VideoFrame.from_ndarray(*whole).reformat(
            width=context.width,
            height=context.height,
            format=context.pix_fmt,
            src_color_range=2,
            dst_color_range=context.color_range,
            dst_colorspace=context.colorspace,
        )
        frame.colorspace, frame.color_primaries = context.colorspace, context.color_primaries
        frame.color_trc, frame.color_range = context.color_trc, context.color_range
        frame.pts, frame.time_base = round(time_s / context.time_base), context.time_base
        yield frame


def _coded(spec: ClipSpec, upright: Picture) -> Picture:
    """The picture as it is coded: turned against its rotation."""
    turned = np.rot90(upright, k=spec.rotation_deg // 90) if spec.rotation_deg else upright
    return np.ascontiguousarray(turned)


def _add_audio(container: "OutputContainer", spec: ClipSpec) -> "AudioStream":
    name = ENCODERS.get(spec.audio_codec, spec.audio_codec)
    return cast("AudioStream", container.add_stream(name, rate=spec.audio_rate_hz, layout="mono"))


def _sound(container: "OutputContainer", stream: "AudioStream", spec: ClipSpec, truth: Truth) -> Iterator[float]:
    """Encode and write the sound bit by bit, yielding how far it has come, in seconds."""
    import av

    placed: tuple[Spoken | Background, ...] = (*spec.speech, *spec.backgrounds)
    tones = spec.tones or (() if placed else (Tone(span=Span(start_s=0.0, end_s=truth.duration_s)),))
    total = round(truth.duration_s * spec.audio_rate_hz)
    for first in range(0, total, _AUDIO_CHUNK):
        count = min(_AUDIO_CHUNK, total - first)
        wave = samples(tones, spec.seed, first, count, spec.audio_rate_hz)
        if placed:
            wave = np.clip(wave + placed_samples(placed, first, count, spec.audio_rate_hz), -1.0, 1.0)
        frame = av.AudioFrame.from_ndarray(wave[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = spec.audio_rate_hz, first, Fraction(1, spec.audio_rate_hz)
        container.mux(stream.encode(frame))
        yield (first + count) / spec.audio_rate_hz
