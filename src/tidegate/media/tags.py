"""Texts beside picture and sound: an allow-list of container tags, PNG text chunks and EXIF fields.

Only what speaks of programs and declarations is kept. Names, places, dates, titles and descriptions stay in the file.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tidegate.media.marks import MOST_TAGS, Tag, tag

if TYPE_CHECKING:
    from av.container import InputContainer

MOST_TEXT_CHUNKS = 64
MOST_STREAMS = 16
_MOST_KEYS = 10_000
_MOST_EXIF_ENTRIES = 512

CONTAINER_FIELDS = frozenset(
    {
        *("encoder", "encoded_by", "software", "writing_application", "muxing_application", "creation_tool", "swr"),
        *("major_brand", "compatible_brands", "handler_name", "vendor_id", "make", "model", "manufacturer", "comment"),
        *("com.android.version", "com.android.manufacturer", "com.android.model", "com.android.information"),
        *("com.apple.quicktime.make", "com.apple.quicktime.model", "com.apple.quicktime.software"),
        *("com.apple.quicktime.information", "com.apple.quicktime.comment", "com.apple.finalcutstudio.media.uuid"),
        *("com.samsung.android.utc_offset", "com.xiaomi.product.marketname", "information", "tool", "usercomment"),
        *("aigc", "aigc_info", "lvmetainfo", "com.bytedance.info", "tc260:aigc"),
        *("prompt", "workflow", "parameters", "generator", "digitalsourcetype"),
    }
)
"""Keys of container and stream metadata that are kept, in lower case."""

PNG_FIELDS = frozenset(
    {"software", "parameters", "prompt", "workflow", "aigc", "source", "dream", "comment", "generation_data"}
    | {"invokeai_metadata", "invokeai_graph", "sd-metadata", "fooocus_scheme", "usercomment", "digitalsourcetype"}
)
"""Keywords of PNG text chunks that are kept, in lower case."""

_EXIF_FIELDS = {271: "Make", 272: "Model", 305: "Software", 11: "ProcessingSoftware"}
_EXIF_POINTER, _USER_COMMENT = 34665, 37510
"""Tag numbers of CIPA DC-008 (Exif 3.0), 4.6; `UserComment` is where several generators leave their parameters."""


def container_tags(opened: "InputContainer") -> list[Tag]:
    """The kept tags of an open container and its first streams, as `container:KEY` and `video:KEY`."""
    found = _kept("container", opened.metadata)
    for stream in list(opened.streams)[:MOST_STREAMS]:
        found += _kept(str(stream.type), stream.metadata)
    return found


def _kept(where: str, metadata: Mapping[str, str]) -> list[Tag]:
    kept = []
    for number, (key, value) in enumerate(metadata.items()):
        if number >= _MOST_KEYS:
            break
        if key[:80].lower() in CONTAINER_FIELDS:
            kept.append(tag(f"{where}:{key}", value))
    return kept


def text_tag(name: str, body: bytes, encoding: str = "utf-8") -> Tag:
    """A tag of a text chunk, and an empty one where the keyword is not kept."""
    keyword = name.partition(":")[2] or name
    value = body.decode(encoding, "replace") if keyword.lower() in PNG_FIELDS else ""
    return tag(name, value)


def within(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """The first MOST_TAGS different tags that say something."""
    return tuple(dict.fromkeys(one for one in tags if one.value))[:MOST_TAGS]


def exif_tags(tiff: bytes) -> list[Tag]:
    """Make, model, software and user comment of a TIFF block (TIFF 6.0, section 2), as `exif:NAME`."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return []
    try:
        found, deeper = _directory(tiff, order, struct.unpack(order + "I", tiff[4:8])[0])
        if deeper:
            found += _directory(tiff, order, deeper)[0]
    except (struct.error, IndexError):
        return []
    return found


def _directory(tiff: bytes, order: str, at: int) -> tuple[list[Tag], int]:
    """The kept fields of one directory, and where the Exif directory lies (0: nowhere)."""
    found, deeper = [], 0
    count = struct.unpack(order + "H", tiff[at : at + 2])[0]
    for number in range(min(count, _MOST_EXIF_ENTRIES)):
        entry = tiff[at + 2 + 12 * number : at + 14 + 12 * number]
        if len(entry) < 12:
            break
        name, kind, size = struct.unpack(order + "HHI", entry[:8])
        place = struct.unpack(order + "I", entry[8:])[0]
        if name == _EXIF_POINTER:
            deeper = place
        elif (name in _EXIF_FIELDS and kind == 2) or (name == _USER_COMMENT and kind == 7):
            size = min(size, 8192)
            value = entry[8 : 8 + size] if size <= 4 else tiff[place : place + size]
            found.append(tag(f"exif:{_EXIF_FIELDS.get(name, 'UserComment')}", _text(name, value, order)))
    return found, deeper


def _text(name: int, value: bytes, order: str) -> str:
    """ASCII, or a user comment with its eight bytes of character code in front."""
    if name == _USER_COMMENT:
        code, value = value[:8], value[8:]
        if code.startswith(b"UNICODE"):
            return value.decode("utf-16-le" if order == "<" else "utf-16-be", "replace").rstrip("\0")
    return value.rstrip(b"\0").decode("utf-8", "replace")
