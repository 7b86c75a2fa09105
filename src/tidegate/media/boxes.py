"""What an MP4/MOV header declares, read by a bounded walk over its boxes before any demuxer allocates for it.

Layout: ISO/IEC 14496-12 (box header 4.2, tkhd 8.3.2, mdhd 8.4.2, dref 8.7.2, stsd 8.5.2, stsz 8.7.3, stss 8.6.2).
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import (
    DamagedContainerError,
    RefusedContainerError,
    TooManyFramesError,
    TooManyPixelsError,
    TooManyStreamsError,
)
from tidegate.media.limits import MediaLimits, too_long
from tidegate.media.source import Source

MAX_BOXES = 100_000
"""Boxes visited before the header counts as damaged; an hour of half-second fragments has 15,000."""

_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf"})
_PICTURE, _SOUND = b"vide", b"soun"


@dataclass(slots=True, kw_only=True)
class Track:
    """What one track declares; zero where it says nothing. `keyframe_count` is `None` without a sync table."""

    handler: bytes = b""
    width_px: int = 0
    height_px: int = 0
    sample_count: int = 0
    keyframe_count: int | None = None
    duration_s: float = 0.0
    rotation_deg: int = 0
    names_other_files: bool = False


@dataclass(slots=True, kw_only=True)
class Header:
    """The tracks of a movie header, and whether the samples are in fragments behind it."""

    tracks: list[Track] = field(default_factory=list)
    is_found: bool = False
    is_fragmented: bool = False


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    end: int


def check_boxes(source: Source, limits: MediaLimits) -> Header:
    """Walk the header and refuse what is past a limit or names another file.

    Raises DamagedContainerError (no movie header), RefusedContainerError, TooManyStreamsError, TooLongError,
    TooManyPixelsError, TooManyFramesError. Cost: a few hundred 100-byte reads.
    """
    header = read_header(source)
    if not header.is_found:
        raise DamagedContainerError(
            "the movie header is missing", where=source.name, next_step="upload it again: the file is incomplete"
        )
    if len(header.tracks) > limits.max_streams:
        raise TooManyStreamsError(
            f"{len(header.tracks)} streams, at most {limits.max_streams} are read", where=source.name
        )
    for track in header.tracks:
        _check_track(track, source.name, limits)
    return header


def read_header(source: Source) -> Header:
    """The declared tracks of an MP4/MOV file; boxes that cannot be parsed are skipped."""
    header = Header()
    for box in _walk(source):
        payload = source.read_at(box.start, min(box.end - box.start, 4096)) if box.kind in _READERS else b""
        if box.kind == b"moov":
            header.is_found = True
        elif box.kind == b"moof":
            header.is_fragmented = True
        elif box.kind == b"cmov":
            raise RefusedContainerError("the movie header is compressed", where=source.name, next_step="convert it")
        elif box.kind == b"trak":
            header.tracks.append(Track())
        elif header.tracks and box.kind in _READERS:
            try:
                _READERS[box.kind](header.tracks[-1], payload)
            except (struct.error, IndexError):
                continue
    return header


def _walk(source: Source) -> Iterator[_Box]:
    """Every box, depth first, parents entered; at most MAX_BOXES."""
    stack = [(0, source.size_bytes)]
    for _ in range(MAX_BOXES):
        while stack and stack[-1][0] + 8 > stack[-1][1]:
            stack.pop()
        if not stack:
            return
        position, end = stack.pop()
        box = _box_at(source, position, end)
        if box is None:
            continue
        stack.append((box.end, end))
        yield box
        if box.kind in _PARENTS:
            stack.append((box.start, box.end))


def _box_at(source: Source, position: int, end: int) -> _Box | None:
    head = source.read_at(position, 16)
    if len(head) < 8:
        return None
    size, kind = struct.unpack(">I4s", head[:8])
    start = position + 8
    if size == 1 and len(head) == 16:
        size, start = struct.unpack(">Q", head[8:])[0], position + 16
    if size == 0:
        size = end - position
    if size < start - position:
        return None
    return _Box(kind, start, min(position + size, end))


def _read_tkhd(track: Track, data: bytes) -> None:
    offset = 52 if data[0] == 1 else 40
    a, b, _, c, d = struct.unpack(">iiiii", data[offset : offset + 20])
    track.rotation_deg = rotation_deg(a, b, c, d)


def rotation_deg(a: int, b: int, c: int, d: int) -> int:
    """The clockwise quarter turn in degrees that the matrix [[a b][c d]] asks of the player; 0 if it is none."""
    if not (a or b or c or d):
        return 0
    return round(math.degrees(math.atan2(b, a)) / 90.0) * 90 % 360


def _read_mdhd(track: Track, data: bytes) -> None:
    scale, duration = struct.unpack(">IQ", data[20:32]) if data[0] == 1 else struct.unpack(">II", data[12:20])
    is_unknown = duration in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    track.duration_s = duration / scale if scale and not is_unknown else 0.0


def _read_hdlr(track: Track, data: bytes) -> None:
    if not track.handler:
        track.handler = data[8:12]


def _read_stsd(track: Track, data: bytes) -> None:
    if track.handler == _PICTURE:
        track.width_px, track.height_px = struct.unpack(">HH", data[40:44])


def _read_stsz(track: Track, data: bytes) -> None:
    track.sample_count = struct.unpack(">I", data[8:12])[0]


def _read_stss(track: Track, data: bytes) -> None:
    track.keyframe_count = struct.unpack(">I", data[4:8])[0]


def _read_dref(track: Track, data: bytes) -> None:
    position = 8
    for _ in range(min(struct.unpack(">I", data[4:8])[0], 64)):
        size, _, flags = struct.unpack(">I4sI", data[position : position + 12])
        if not flags & 1 and size > 12:
            track.names_other_files = True
        position += max(size, 8)


_READERS = {
    b"tkhd": _read_tkhd,
    b"mdhd": _read_mdhd,
    b"hdlr": _read_hdlr,
    b"stsd": _read_stsd,
    b"stsz": _read_stsz,
    b"stz2": _read_stsz,
    b"stss": _read_stss,
    b"dref": _read_dref,
}


def _check_track(track: Track, name: str, limits: MediaLimits) -> None:
    if track.names_other_files and track.handler in (_PICTURE, _SOUND):
        raise RefusedContainerError(
            "a track keeps its samples in another file", where=name, next_step="export it as one self-contained file"
        )
    if track.duration_s > limits.max_duration_s:
        raise too_long(track.duration_s, limits, name, " declared")
    if track.handler == _PICTURE and track.sample_count > limits.max_frames:
        raise TooManyFramesError(f"{track.sample_count} frames, at most {limits.max_frames} are read", where=name)
    if track.sample_count > 64 * limits.max_frames:
        raise TooManyFramesError(f"{track.sample_count} samples in one stream", where=name)
    check_pixels(track.width_px, track.height_px, name, limits)


def check_pixels(width_px: int, height_px: int, name: str, limits: MediaLimits) -> None:
    """Raise TooManyPixelsError when a picture of this size is past `max_pixels` or `max_side_px`."""
    if width_px * height_px > limits.max_pixels or max(width_px, height_px) > limits.max_side_px:
        raise TooManyPixelsError(
            f"a picture of {width_px} x {height_px}, at most {limits.max_pixels} pixels "
            f"and {limits.max_side_px} a side are decoded",
            where=name,
            next_step="scale it down, or raise media.max_pixels and media.max_side_px",
        )
