"""Size and orientation of a still picture from its header alone; a huge one is refused before its decoder runs.

Layouts: PNG IHDR (ISO/IEC 15948), GIF logical screen (GIF89a), JPEG SOFn (ITU-T T.81), WebP VP8/VP8L/VP8X (RFC 9649),
EXIF orientation (CIPA DC-008, 4.6.4) in a JPEG APP1 segment, a PNG eXIf or a WebP EXIF chunk.
"""

import struct

from tidegate.media.source import Source

_MAX_SEGMENTS = 512
_MAX_TAGS = 512
_MAX_EXIF_BYTES = 65_536
_ORIENTATION = 274


def picture_size(container: str, source: Source) -> tuple[int, int] | None:
    """(width, height) in pixels as the header says, `None` when the header is cut off or contradicts itself."""
    try:
        match container:
            case "png" | "apng":
                return struct.unpack(">II", source.head[16:24])
            case "gif":
                return struct.unpack("<HH", source.head[6:10])
            case "webp":
                return _webp(source.head)
            case "jpeg":
                return _jpeg(source)
    except (struct.error, IndexError):
        return None
    return None


def is_animated_webp(head: bytes) -> bool:
    """Whether the extended header of a WebP file says that it is an animation."""
    return head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & 0x02)


def orientation(container: str, source: Source) -> int:
    """The EXIF orientation (1 to 8) of a still; 1 where there is none or it cannot be read."""
    match container:
        case "jpeg":
            block = _jpeg_exif(source)
        case "png" | "apng":
            block = _chunk(source, 8, b"eXIf", ">", 12)
        case "webp":
            block = _chunk(source, 12, b"EXIF", "<", 8)
        case _:
            block = b""
    try:
        return _orientation(block.removeprefix(b"Exif\0\0"))
    except (struct.error, IndexError):
        return 1


def _orientation(tiff: bytes) -> int:
    """Tag 274 of the first directory of a TIFF block (TIFF 6.0, section 2)."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    at = struct.unpack(order + "I", tiff[4:8])[0]
    for _ in range(min(struct.unpack(order + "H", tiff[at : at + 2])[0], _MAX_TAGS)):
        tag, _, _, value = struct.unpack(order + "HHIH", tiff[at + 2 : at + 12])
        if tag == _ORIENTATION:
            return int(value) if 1 <= value <= 8 else 1
        at += 12
    return 1


def _jpeg_exif(source: Source) -> bytes:
    position = 2
    for _ in range(_MAX_SEGMENTS):
        head = source.read_at(position, 10)
        if len(head) < 10 or head[0] != 0xFF or head[1] == 0xDA:
            return b""
        size = struct.unpack(">H", head[2:4])[0]
        if head[1] == 0xE1 and head[4:10] == b"Exif\0\0":
            return source.read_at(position + 4, min(size, _MAX_EXIF_BYTES))
        position += 2 + size
    return b""


def _chunk(source: Source, start: int, name: bytes, order: str, overhead: int) -> bytes:
    """The body of the first chunk of that name: PNG is size, name, body, checksum; RIFF is name, size, even body."""
    position = start
    for _ in range(_MAX_SEGMENTS):
        head = source.read_at(position, 8)
        if len(head) < 8:
            return b""
        kind, size = (head[4:], head[:4]) if order == ">" else (head[:4], head[4:])
        count = struct.unpack(order + "I", size)[0]
        if kind == name:
            return source.read_at(position + 8, min(count, _MAX_EXIF_BYTES))
        position += overhead + count + (count & 1 if order == "<" else 0)
    return b""


def _webp(head: bytes) -> tuple[int, int] | None:
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            bits = struct.unpack("<I", head[21:25])[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(source: Source) -> tuple[int, int] | None:
    position = 2
    for _ in range(_MAX_SEGMENTS):
        head = source.read_at(position, 9)
        if len(head) < 9 or head[0] != 0xFF:
            return None
        marker = head[1]
        if marker == 0xFF:
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[5:9])
            return width, height
        position += 2 + struct.unpack(">H", head[2:4])[0]
    return None
