"""The size of a still picture from its header alone, so that a huge one is refused before its decoder runs.

Layouts: PNG IHDR (ISO/IEC 15948), GIF logical screen (GIF89a), JPEG SOFn (ITU-T T.81), WebP VP8/VP8L/VP8X (RFC 9649).
"""

import struct

from tidegate.media.source import Source

_MAX_SEGMENTS = 512


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
