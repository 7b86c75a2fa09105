"""Opening a sniffed file with exactly one demuxer, one protocol and an allow-list of decoders."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegate.errors import DamagedContainerError, RefusedCodecError
from tidegate.media.limits import MediaLimits
from tidegate.media.sniff import Container
from tidegate.media.source import Source

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

VIDEO_CODECS = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "mjpeg", "prores", "gif", "png", "apng", "webp"}
)
"""Picture codecs that are decoded."""

AUDIO_CODECS = frozenset(
    {"aac", "mp3", "opus", "vorbis", "flac", "alac", "ac3", "eac3", "amr_nb", "amr_wb"}
    | {"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw"}
)
"""Sound codecs that are decoded."""

_DECODERS = (
    *("h264", "hevc", "vp8", "vp9", "libdav1d", "mpeg4", "h263", "mjpeg", "prores", "gif", "png", "apng", "webp"),
    *("aac", "mp3float", "mp3", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3", "amrnb", "amrwb"),
    *("libopencore_amrnb", "libopencore_amrwb"),
    *(codec for codec in sorted(AUDIO_CODECS) if codec.startswith("pcm_")),
)
_CODEC_OF_DECODER = {
    **{"libdav1d": "av1", "mp3float": "mp3", "libopus": "opus"},
    **{"amrnb": "amr_nb", "amrwb": "amr_wb", "libopencore_amrnb": "amr_nb", "libopencore_amrwb": "amr_wb"},
}
_GEN_PTS = 0x0001
_ATTACHED_PICTURE = 1 << 10


@contextmanager
def open_container(source: Source, container: Container, limits: MediaLimits) -> "Iterator[InputContainer]":
    """Open the file behind `source` with its one demuxer; nothing is decoded and no other file can be opened.

    The library sees a descriptor and the `fd` protocol only, so a reference to a path or an address has nothing
    to open it with. Decoders that probing might start are limited to the allow-list and told to skip every frame.
    Raises DamagedContainerError. Cost: 3 ms for a 30-second clip.
    """
    import av

    options = {
        "fd": str(source.fd),
        "protocol_whitelist": "fd",
        "format_whitelist": container.demuxer if container.demuxer != "mov" else "mov,mp4,m4a,3gp,3g2,mj2",
        "codec_whitelist": ",".join(_DECODERS),
        "max_pixels": str(limits.max_pixels),
        "skip_frame": "all",
        "threads": "1",
    }
    if container.demuxer == "matroska":
        options["format_whitelist"] = "matroska,webm"
    os.lseek(source.fd, 0, os.SEEK_SET)
    try:
        opened = av.open("fd:", format=container.demuxer, options=options, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise DamagedContainerError(
            f"the {container.name} header cannot be read: {_short(error)}",
            where=source.name,
            next_step="upload it again: the file is incomplete or damaged",
        ) from error
    try:
        # Filling in missing times would read ahead without bound; the packet table does it instead.
        opened.flags &= ~_GEN_PTS
        yield opened
    finally:
        opened.close()


def _short(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:120]


def codec_name(stream: "Stream") -> str:
    """The codec of a stream under one name whichever library decodes it; empty when nothing does."""
    name = str(getattr(getattr(stream, "codec_context", None), "name", ""))
    return _CODEC_OF_DECODER.get(name, name)


def check_codecs(opened: "InputContainer", name: str) -> None:
    """Raise RefusedCodecError when a picture or sound stream is in a codec that is not on the allow-list."""
    for stream in (*opened.streams.video, *opened.streams.audio):
        allowed = VIDEO_CODECS if stream.type == "video" else AUDIO_CODECS
        codec = codec_name(stream)
        if codec not in allowed:
            raise RefusedCodecError(
                f"stream {stream.index} is in the codec {codec or 'unknown'!r}",
                where=name,
                next_step=f"convert it to one of: {', '.join(sorted(allowed))}",
            )


def picture_streams(opened: "InputContainer") -> "list[VideoStream]":
    """Picture streams, the one a player shows first: moving pictures before cover art, larger before smaller."""

    def rank(stream: "VideoStream") -> tuple[bool, bool, int, int]:
        is_cover = bool(int(stream.disposition) & _ATTACHED_PICTURE)
        return is_cover, not int(stream.disposition) & 1, -stream.width * stream.height, stream.index

    return sorted(opened.streams.video, key=rank)


def sound_streams(opened: "InputContainer") -> "list[AudioStream]":
    """Sound streams, the default one first."""
    return sorted(opened.streams.audio, key=lambda stream: (not int(stream.disposition) & 1, stream.index))


def is_cover_art(stream: "VideoStream") -> bool:
    """Whether the stream is a picture attached to a sound file rather than moving pictures."""
    return bool(int(stream.disposition) & _ATTACHED_PICTURE)
