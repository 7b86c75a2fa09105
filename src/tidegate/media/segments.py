"""The segments, chunks and boxes of a file as (kind, place, size), by bounded readers that trust no length.

Layouts: JPEG markers (ITU-T T.81, B.1), PNG chunks (ISO/IEC 15948, 5.3), RIFF chunks (RFC 9649, 2.3), boxes
(ISO/IEC 14496-12, 4.2).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.errors import RefusedContainerError
from tidegate.media.source import Source

MOST_SEGMENTS = 20_000
"""Segments, chunks or boxes visited in one file; an hour of half-second fragments has 14,400."""

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_MOST_DEPTH = 6
MOST_CARRIED_TAGS = 2_000
"""Tags that a file may carry. Demuxers keep them in a list that they search for each new one: 10,000 cost 0.6 CPU-s,
50,000 a minute."""

_PARENTS = frozenset({b"moov", b"udta", b"trak", b"edts", b"meta", b"ilst"})
_TEXT_CHUNKS = frozenset({b"tEXt", b"iTXt", b"zTXt"})


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece: its kind, where its body starts, and how many bytes of it the file holds.

    `depth` is 0 at the top of the file. The kind of a JPEG segment is its marker, such as E1 for APP1.
    """

    kind: bytes
    start: int
    size_bytes: int
    depth: int = 0


def segments(container: str, source: Source) -> Iterator[Segment]:
    """Every piece of a file in order, at most MOST_SEGMENTS; nothing for containers that are not taken apart here.

    Of MP4 and MOV, the movie header is entered as far as tags go. Cost: one read of 16 bytes a piece.
    """
    match container:
        case "mp4" | "mov":
            return boxes(source)
        case "jpeg":
            return jpeg_segments(source)
        case "png" | "apng":
            return chunks(source, 8, ">", 12)
        case "webp" | "wav":
            return chunks(source, 12, "<", 8)
        case _:
            return iter(())


def jpeg_segments(source: Source) -> Iterator[Segment]:
    """The marker segments up to the first scan."""
    position = 2
    for _ in range(MOST_SEGMENTS):
        head = source.read_at(position, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (_START_OF_SCAN, _END_OF_IMAGE):
            return
        if head[1] == 0xFF:
            position += 1
            continue
        size = struct.unpack(">H", head[2:4])[0]
        yield _within(source, head[1:2], position + 4, max(0, size - 2))
        position += 2 + max(2, size)


def chunks(source: Source, start: int, order: str, overhead: int) -> Iterator[Segment]:
    """PNG chunks (`order` ">": size, kind, body, checksum) or RIFF chunks ("<": kind, size, body of even size)."""
    position = start
    for _ in range(MOST_SEGMENTS):
        head = source.read_at(position, 8)
        if len(head) < 8:
            return
        kind, size = (head[4:], head[:4]) if order == ">" else (head[:4], head[4:])
        count = struct.unpack(order + "I", size)[0]
        yield _within(source, kind, position + 8, count)
        position += overhead + count + (count & 1 if order == "<" else 0)


def boxes(source: Source) -> Iterator[Segment]:
    """The boxes of the file and of its movie header, outer before inner."""
    stack = [(0, source.size_bytes)]
    for _ in range(MOST_SEGMENTS):
        while stack and stack[-1][0] + 8 > stack[-1][1]:
            stack.pop()
        if not stack:
            return
        position, end = stack.pop()
        head = source.read_at(position, 16)
        if len(head) < 8:
            continue
        size, kind = struct.unpack(">I4s", head[:8])
        start = position + 8
        if size == 1 and len(head) == 16:
            size, start = struct.unpack(">Q", head[8:])[0], position + 16
        size = size or end - position
        if size < start - position:
            continue
        after = min(position + size, end)
        yield Segment(kind, start, max(0, after - start), len(stack))
        stack.append((after, end))
        if kind in _PARENTS and len(stack) < _MOST_DEPTH:
            stack.append((_inside(source, kind, start), after))


def _inside(source: Source, kind: bytes, start: int) -> int:
    """Where the boxes in a box begin: `meta` has a version in front in MP4, and none in QuickTime."""
    return start if kind != b"meta" or source.read_at(start + 4, 4) == b"hdlr" else start + 4


def check_tag_count(container: str, source: Source) -> None:
    """Raise RefusedContainerError when more than MOST_CARRIED_TAGS tags or text chunks stand in the file.

    Counts what the first MOST_SEGMENTS pieces hold; nothing in containers that are not taken apart here.
    """
    count = 0
    for segment in segments(container, source):
        if segment.kind == b"keys":
            count += int.from_bytes(source.read_at(segment.start + 4, 4), "big")
        count += segment.kind in _TEXT_CHUNKS or segment.depth >= 2
        if count > MOST_CARRIED_TAGS:
            raise RefusedContainerError(
                f"more than {MOST_CARRIED_TAGS} tags stand beside picture and sound",
                where=source.name,
                next_step="export it again without them",
            )


def _within(source: Source, kind: bytes, start: int, size_bytes: int) -> Segment:
    return Segment(kind, start, max(0, min(size_bytes, source.size_bytes - start)))
