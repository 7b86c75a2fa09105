"""The marks that encoders leave inside coded streams, found by name in the first bytes of a file."""

import re
from collections.abc import Iterator

from tidegate.media.marks import Tag, tag
from tidegate.media.source import Source

SCANNED_BYTES = 262_144
"""Bytes from the start of the file, and from the start of its media data, that are searched."""

MOST_MARKS = 8

_X264 = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")
_X265 = bytes.fromhex("2ca2de09b51747dbbb55a4fe7fc2fc4e")
"""UUIDs that x264 (encoder/set.c) and x265 (encoder/encoder.cpp) put before their version in a user data SEI."""

_MARKS = re.compile(
    rb"x264 - core [0-9]{1,4}(?: r[0-9]{1,6})?|x265 \(build [0-9]{1,4}\)|Lavc[0-9.]{2,14}(?: [a-z0-9_]{2,20})?"
    rb"|SVT-AV1 Encoder Lib v[0-9.]{1,12}|AOMedia Project AV1 Encoder"
    rb"|HandBrake [0-9.]{3,20}|Bento4|Mainconcept[ -~]{0,40}"
)
_ANCHORS = (
    *(b"x264 - core ", b"x265 (build ", b"Lavc", b"SVT-AV1 Encoder Lib v", b"AOMedia Project AV1 Encoder"),
    *(b"HandBrake ", b"Bento4", b"Mainconcept"),
)
_MOST_HITS = 4
_PART_BYTES = 65_536


def encoder_marks(source: Source) -> list[Tag]:
    """The encoders that signed what they wrote, as tags, at most MOST_MARKS. Cost: 0.2 ms.

    `stream:user data` is a mark behind the UUID of its encoder, `stream:bytes` one that just stands there.
    """
    found: dict[Tag, None] = {}
    for part in _parts(source):
        for at in _places(part):
            if match := _MARKS.match(part, at):
                name = "user data" if part[max(0, at - 16) : at] in (_X264, _X265) else "bytes"
                found[tag(f"stream:{name}", match[0].decode("latin-1"))] = None
    return list(found)[:MOST_MARKS]


def _places(part: bytes) -> Iterator[int]:
    """Where a mark may stand: the first few places of each anchor."""
    for anchor in _ANCHORS:
        at = -1
        for _ in range(_MOST_HITS):
            at = part.find(anchor, at + 1)
            if at < 0:
                break
            yield at


def _parts(source: Source) -> Iterator[bytes]:
    """The start of the file, and the start of the media data where an index of some size stands before it."""
    start = source.read_at(0, SCANNED_BYTES)
    yield start
    if start[4:8] == b"ftyp":
        at = _media_at(source)
        if at is not None and at > SCANNED_BYTES - _PART_BYTES:
            yield source.read_at(at, SCANNED_BYTES)


def _media_at(source: Source) -> int | None:
    position = 0
    for _ in range(64):
        head = source.read_at(position, 16)
        if len(head) < 16:
            return None
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind == b"mdat":
            return position
        size = int.from_bytes(head[8:16], "big") if size == 1 else size
        if size < 8:
            return None
        position += size
    return None
