"""Where a file keeps its marks of origin: manifest, XMP, text chunks, EXIF, encoder marks, edit lists.

Everything is found by bounded reads of the bytes; no decoder and no manifest library is involved. The manifest
itself is read by media.manifest, in a process that may be lost.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tidegate.errors import UnreadableFileError
from tidegate.media.marks import FileMarks, ManifestReport, ManifestStatus, Tag, cleaned_all, tag
from tidegate.media.segments import MOST_SEGMENTS, Segment, segments
from tidegate.media.sniff import Container
from tidegate.media.source import Source
from tidegate.media.streams import encoder_marks
from tidegate.media.tags import MOST_TEXT_CHUNKS, container_tags, exif_tags, text_tag, within
from tidegate.media.xmp import MOST_PACKET_BYTES, read_xmp

if TYPE_CHECKING:
    from av.container import InputContainer

MOST_MANIFEST_BYTES = 8 * 1024**2
"""Largest manifest that is read; one with thumbnails of several ingredients is about 1 MB."""

C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The type of the MP4 box that holds C2PA data (C2PA 2.2, A.5.1)."""
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""The type of the MP4 box that holds XMP (XMP part 3, 1.2.7)."""
_STORE_UUID = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
_CLAIM_UUIDS = (b"c2cl\x00\x11\x00\x10", b"c2cm\x00\x11\x00\x10")
"""Starts of the JUMBF types of a claim and of a compressed manifest (C2PA 2.2, 11.1)."""

_XMP_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_KEYWORD = b"XML:com.adobe.xmp\0"


@dataclass(slots=True)
class _Scan:
    source: Source
    container: str
    tags: list[Tag] = field(default_factory=list)
    traces: list[object] = field(default_factory=list)
    unread: list[object] = field(default_factory=list)
    manifests: list[tuple[str, Segment]] = field(default_factory=list)
    packet_count: int = 0
    text_count: int = 0

    def body(self, segment: Segment, most_bytes: int) -> bytes:
        return self.source.read_at(segment.start, min(segment.size_bytes, most_bytes))


def read_marks(opened: "InputContainer", source: Source, container: Container) -> FileMarks:
    """The marks of an open file: its container's tags, then what `scan_origin` finds.

    Never fails for what stands in a file: what was not read is named in `unread`. Cost: 1 ms.
    """
    try:
        tags, marks = container_tags(opened), scan_origin(source, container)
        return replace(marks, tags=within((*tags, *marks.tags)))
    except UnreadableFileError:
        raise
    except Exception as error:  # noqa: BLE001 - no text beside the picture may cost the picture
        return FileMarks(unread=cleaned_all([f"all marks: {type(error).__name__}"]))


def scan_origin(source: Source, container: Container) -> FileMarks:
    """The marks that stand in the bytes of an open file; its manifest, if any, is `FOUND` or `TOO_LARGE`, not read.

    Raises UnreadableFileError. Cost: 1 ms for an ordinary MP4, and 2 ms a megabyte of manifest.
    """
    scan = _Scan(source, container.name)
    read = _READERS.get(container.name)
    count = 0
    for segment in segments(container.name, source):
        count += 1
        if read is not None:
            read(scan, segment)
    if count >= MOST_SEGMENTS:
        scan.unread.append(f"segments after the first {MOST_SEGMENTS}")
    if scan.text_count > MOST_TEXT_CHUNKS:
        scan.unread.append(f"text chunks after the first {MOST_TEXT_CHUNKS}")
    scan.tags += encoder_marks(source)
    return FileMarks(
        tags=within(scan.tags),
        manifest=_manifest(scan),
        traces=cleaned_all(scan.traces),
        unread=cleaned_all(scan.unread),
    )


def _manifest(scan: _Scan) -> ManifestReport | None:
    """The manifest that was found; a store without a claim is a trace of one."""
    if not scan.manifests:
        return None
    place = scan.manifests[0][0]
    size_bytes = sum(segment.size_bytes for _, segment in scan.manifests)
    if size_bytes > MOST_MANIFEST_BYTES:
        detail = f"{size_bytes} bytes of manifest, at most {MOST_MANIFEST_BYTES} are read"
        return ManifestReport(status=ManifestStatus.TOO_LARGE, place=place, size_bytes=size_bytes, detail=detail)
    stored = b"".join(scan.body(segment, MOST_MANIFEST_BYTES) for _, segment in scan.manifests)
    has_claim = any(uuid in stored for uuid in _CLAIM_UUIDS)
    status = ManifestStatus.FOUND if has_claim else ManifestStatus.EMPTY
    if not has_claim:
        scan.traces.append(f"a {place} for a manifest, without a claim in it")
    return ManifestReport(status=status, place=place, size_bytes=size_bytes)


def _read_box(scan: _Scan, box: Segment) -> None:
    if box.kind == b"uuid" and box.depth == 0:
        kind = scan.source.read_at(box.start, 48)
        if kind.startswith(C2PA_UUID):
            purpose = kind[20:].partition(b"\0")[0]
            if purpose != b"merkle":
                scan.manifests.append(("uuid box", Segment(box.kind, box.start + 16, max(0, box.size_bytes - 16))))
        elif kind.startswith(XMP_UUID):
            _read_packet(scan, scan.body(box, 16 + MOST_PACKET_BYTES)[16:])
    elif box.kind == b"XMP_":
        _read_packet(scan, scan.body(box, MOST_PACKET_BYTES))
    elif box.kind in (b"free", b"skip") and box.size_bytes >= 16:
        if C2PA_UUID in scan.source.read_at(box.start, 32):
            scan.traces.append("a box for a manifest, overwritten as free space")
    elif box.kind == b"AIGC":
        scan.tags.append(tag("AIGC", scan.body(box, 8192).lstrip(b"\0").decode("utf-8", "replace")))
    elif box.kind == b"elst":
        _read_edits(scan, scan.body(box, 8 + 20 * 64))


def _read_edits(scan: _Scan, data: bytes) -> None:
    """Edits of a track (ISO/IEC 14496-12, 8.6.6): several stretches shown mean that it was cut without encoding."""
    try:
        is_long, count = data[0] == 1, struct.unpack(">I", data[4:8])[0]
        form = ">Qqhh" if is_long else ">Iihh"
        edits = [struct.unpack_from(form, data, 8 + number * struct.calcsize(form)) for number in range(min(count, 32))]
    except (struct.error, IndexError):
        return
    shown = [length for length, at, *_ in edits if at >= 0 and length > 0]
    if len(shown) > 1:
        scan.tags.append(tag("edit list", f"{len(shown)} stretches of a track are shown"))


def _read_jpeg(scan: _Scan, segment: Segment) -> None:
    if segment.kind == b"\xeb":
        _read_app11(scan, segment)
    elif segment.kind == b"\xe1":
        body = scan.body(segment, 65_536)
        if body.startswith(_XMP_JPEG):
            _read_packet(scan, body[len(_XMP_JPEG) :])
        elif body.startswith(b"Exif\0\0"):
            scan.tags += exif_tags(body[6:])
    elif segment.kind == b"\xfe":
        scan.tags.append(text_tag("comment", scan.body(segment, 4096)))


def _read_app11(scan: _Scan, segment: Segment) -> None:
    """A JUMBF box in APP11 segments (ISO/IEC 19566-5, D.2): "JP", instance, sequence, then the box, its head repeated.

    Only a box of the C2PA type begins a manifest; later segments of the same instance go on with it.
    """
    head = scan.source.read_at(segment.start, 48)
    if head[:2] != b"JP":
        return
    instance, sequence = head[2:4], int.from_bytes(head[4:8], "big")
    skipped = 8 if sequence <= 1 else 16
    body = Segment(instance, segment.start + skipped, max(0, segment.size_bytes - skipped))
    if _STORE_UUID in head or (sequence > 1 and scan.manifests and scan.manifests[-1][1].kind == instance):
        scan.manifests.append(("APP11 segment", body))


def _read_png(scan: _Scan, chunk: Segment) -> None:
    match chunk.kind:
        case b"caBX":
            scan.manifests.append(("caBX chunk", chunk))
        case b"eXIf":
            scan.tags += exif_tags(scan.body(chunk, 65_536))
        case b"tEXt" | b"iTXt" | b"zTXt":
            scan.text_count += 1
            if scan.text_count <= MOST_TEXT_CHUNKS:
                _read_png_text(scan, chunk)


def _read_png_text(scan: _Scan, chunk: Segment) -> None:
    keyword, _, rest = scan.body(chunk, MOST_PACKET_BYTES).partition(b"\0")
    if chunk.kind == b"zTXt":
        rest = _inflated(rest[1:])
    elif chunk.kind == b"iTXt":
        is_compressed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
        rest = _inflated(rest) if is_compressed else rest
    if keyword + b"\0" == _XMP_KEYWORD:
        _read_packet(scan, rest)
    elif chunk.kind == b"iTXt":
        scan.tags.append(text_tag("png:" + keyword.decode("latin-1"), rest))
    else:
        scan.tags.append(text_tag("png:" + keyword.decode("latin-1"), rest, "latin-1"))


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_PACKET_BYTES)
    except zlib.error:
        return b""


def _read_riff(scan: _Scan, chunk: Segment) -> None:
    match chunk.kind:
        case b"C2PA":
            scan.manifests.append(("C2PA chunk", chunk))
        case b"XMP " | b"_PMX":
            _read_packet(scan, scan.body(chunk, MOST_PACKET_BYTES))
        case b"EXIF":
            scan.tags += exif_tags(scan.body(chunk, 65_536).removeprefix(b"Exif\0\0"))


def _read_packet(scan: _Scan, packet: bytes) -> None:
    """The first two XMP packets; a file has one."""
    scan.packet_count += 1
    if scan.packet_count > 2:
        return
    if len(packet) >= MOST_PACKET_BYTES:
        scan.unread.append(f"XMP after the first {MOST_PACKET_BYTES} bytes")
    scan.tags += read_xmp(packet)


_READERS: dict[str, Callable[[_Scan, Segment], None]] = {
    "mp4": _read_box,
    "mov": _read_box,
    "jpeg": _read_jpeg,
    "png": _read_png,
    "apng": _read_png,
    "webp": _read_riff,
    "wav": _read_riff,
}
