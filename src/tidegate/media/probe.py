"""What a file is, before anything is decoded: every refusal that a header alone allows, then its streams."""

import math
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.errors import DamagedContainerError, TooManyFramesError, TooManyStreamsError
from tidegate.media.boxes import Header, check_boxes, check_pixels
from tidegate.media.container import (
    check_codecs,
    codec_name,
    is_cover_art,
    open_container,
    picture_streams,
    sound_streams,
)
from tidegate.media.limits import MediaLimits, too_long
from tidegate.media.segments import check_tag_count
from tidegate.media.sniff import Container, sniff
from tidegate.media.source import Source, open_source
from tidegate.media.stills import is_animated_webp, picture_size
from tidegate.records import AudioStream, MediaInfo, VideoStream

if TYPE_CHECKING:
    from av.audio.stream import AudioStream as AvAudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream as AvVideoStream

_MICROSECONDS = 1_000_000
_HDR_TRANSFERS = frozenset({16, 18})
"""SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG), as numbered in ITU-T H.273."""


def probe(path: str | os.PathLike[str], limits: MediaLimits) -> MediaInfo:
    """What the file at `path` declares itself to be; nothing is decoded.

    Frame and keyframe counts are what the header declares, 0 where it declares none (`decode` counts them).
    Raises NotARegularFileError, UnreadableFileError, EmptyFileError, FileTooLargeError, UnknownContainerError,
    RefusedContainerError, DamagedContainerError, RefusedCodecError, TooManyStreamsError, TooLongError,
    TooManyPixelsError, TooManyFramesError. Cost: about 5 ms and one read of the file for its SHA-256.
    """
    with open_source(path, limits) as source:
        container, header = refuse_early(source, limits)
        with open_container(source, container, limits) as opened:
            info = inspect(opened, source, container, header, limits)
        return replace(info, sha256=source.sha256())


def refuse_early(source: Source, limits: MediaLimits) -> tuple[Container, Header]:
    """Everything that can be refused from the bytes alone, before a demuxer sees them."""
    container = sniff(source)
    if container.is_picture_file:
        size = picture_size(container.name, source)
        if size is None or 0 in size:
            raise DamagedContainerError(f"the {container.name} header says no picture size", where=source.name)
        check_pixels(*size, source.name, limits)
    header = check_boxes(source, limits) if container.demuxer == "mov" else Header()
    check_tag_count(container.name, source)
    return container, header


def inspect(
    opened: "InputContainer", source: Source, container: Container, header: Header, limits: MediaLimits
) -> MediaInfo:
    """The streams of an open container as a MediaInfo without digest. Raises what `probe` says of streams."""
    if len(opened.streams) > limits.max_streams:
        raise TooManyStreamsError(
            f"{len(opened.streams)} streams, at most {limits.max_streams} are read", where=source.name
        )
    check_codecs(opened, source.name)
    pictures, sounds = picture_streams(opened), sound_streams(opened)
    if not pictures and not sounds:
        raise DamagedContainerError("there is neither a picture nor a sound stream", where=source.name)
    for stream in pictures:
        check_pixels(stream.width, stream.height, source.name, limits)
        if stream.frames > limits.max_frames:
            raise TooManyFramesError(f"{stream.frames} frames, at most {limits.max_frames} are read", where=source.name)
    whole_s = (opened.duration or 0) / _MICROSECONDS
    video = _video(pictures[0], container, header, source, whole_s) if pictures else None
    audio = _audio(sounds[0], whole_s) if sounds else None
    duration_s = max(whole_s, video.duration_s if video else 0.0, audio.duration_s if audio else 0.0, 0.0)
    check_duration(duration_s, source.name, limits)
    return MediaInfo(
        size_bytes=source.size_bytes,
        sha256="",
        container=container.name,
        duration_s=duration_s,
        video=video,
        audio=audio,
    )


def check_duration(duration_s: float, name: str, limits: MediaLimits) -> None:
    """Raise TooLongError past `max_duration_s`."""
    if duration_s > limits.max_duration_s:
        raise too_long(duration_s, limits, name)


def _video(
    stream: "AvVideoStream", container: Container, header: Header, source: Source, whole_s: float
) -> VideoStream:
    width, height = stream.width, stream.height
    if container.is_picture_file:
        width, height = picture_size(container.name, source) or (width, height)
    track = header.tracks[stream.index] if stream.index < len(header.tracks) else None
    rotation = track.rotation_deg if track else 0
    keyframes = track.keyframe_count if track else None
    rate = float(stream.average_rate or stream.base_rate or 0)
    is_animation = container.name in ("gif", "apng") or (container.name == "webp" and is_animated_webp(source.head))
    is_still = (container.is_picture_file and not is_animation) or is_cover_art(stream)
    display = upright_size(width, height, sample_aspect(stream), rotation)
    return VideoStream(
        codec=codec_name(stream),
        width_px=display[0],
        height_px=display[1],
        duration_s=0.0 if is_still else _duration_s(stream, whole_s),
        frame_rate_hz=0.0 if is_still or not math.isfinite(rate) else rate,
        frame_count=stream.frames or int(is_still),
        keyframe_count=(stream.frames if keyframes is None else keyframes) if track else int(is_still),
        rotation_deg=rotation,
        is_hdr=stream.color_trc in _HDR_TRANSFERS,
        is_still=is_still,
    )


def _audio(stream: "AvAudioStream", whole_s: float) -> AudioStream:
    return AudioStream(
        codec=codec_name(stream),
        sample_rate_hz=max(0, stream.sample_rate or 0),
        channels=max(0, stream.channels or 0),
        duration_s=_duration_s(stream, whole_s),
    )


def _duration_s(stream: "AvVideoStream | AvAudioStream", whole_s: float) -> float:
    if stream.duration is None or not stream.time_base:
        return max(0.0, whole_s)
    return max(0.0, float(stream.duration * stream.time_base))


def sample_aspect(stream: "AvVideoStream") -> float:
    """Width of one sample over its height, within [1/8, 8]; 1 where absurd or not known (yet: decoding may tell)."""
    ratio = float(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
    return ratio if 0.125 <= ratio <= 8.0 else 1.0


def upright_size(width_px: int, height_px: int, aspect: float, rotation_deg: int) -> tuple[int, int]:
    """Display size in square pixels: the sample aspect widens or narrows, then the quarter turn."""
    wide = (max(1, round(width_px * aspect)), height_px)
    return (wide[1], wide[0]) if rotation_deg in (90, 270) else wide
