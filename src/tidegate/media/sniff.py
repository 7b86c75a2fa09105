"""Which container the bytes are, by their own first bytes; decided here so that the demuxer is never guessed.

Signatures: ISO/IEC 14496-12 (ftyp), RFC 8794 (EBML), GIF89a, PNG (ISO/IEC 15948), JPEG (ITU-T T.81),
RFC 9649 (WebP), RFC 3533 (Ogg), RFC 9639 (FLAC), ISO/IEC 11172-3 and 13818-7 (MPEG audio frames).
"""

from dataclasses import dataclass

from tidegate.errors import RefusedContainerError, UnknownContainerError
from tidegate.media.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container that is read: its name for people and the one demuxer that may open it."""

    name: str
    demuxer: str
    is_picture_file: bool = False


MP4 = Container(name="mp4", demuxer="mov")
MOV = Container(name="mov", demuxer="mov")
MATROSKA = Container(name="matroska", demuxer="matroska")
WEBM = Container(name="webm", demuxer="matroska")
GIF = Container(name="gif", demuxer="gif", is_picture_file=True)
PNG = Container(name="png", demuxer="png_pipe", is_picture_file=True)
APNG = Container(name="apng", demuxer="apng", is_picture_file=True)
JPEG = Container(name="jpeg", demuxer="jpeg_pipe", is_picture_file=True)
WEBP = Container(name="webp", demuxer="webp_pipe", is_picture_file=True)
MP3 = Container(name="mp3", demuxer="mp3")
AAC = Container(name="aac", demuxer="aac")
WAV = Container(name="wav", demuxer="wav")
OGG = Container(name="ogg", demuxer="ogg")
FLAC = Container(name="flac", demuxer="flac")

READ = (MP4, MOV, MATROSKA, WEBM, GIF, PNG, APNG, JPEG, WEBP, MP3, AAC, WAV, OGG, FLAC)
"""Every container that is read; anything else is refused."""

_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot")
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_REFUSED_TEXT = (
    (b"#EXTM3U", "an HLS playlist, which names other files"),
    (b"#EXT-X-", "an HLS playlist, which names other files"),
    (b"ffconcat", "a concat script, which names other files"),
    (b"file ", "a concat script, which names other files"),
    (b"[playlist]", "a playlist, which names other files"),
    (b"<asx", "a playlist, which names other files"),
    (b"v=0", "a session description, which names network streams"),
    (b"<MPD", "a DASH manifest, which names other files"),
    (b"<SmoothStreamingMedia", "a streaming manifest, which names other files"),
    (b"<svg", "an SVG drawing, which may name other files"),
    (b"<?xml", "an XML document, which may name other files"),
    (b"<smil", "a SMIL presentation, which names other files"),
    (b"rtsp://", "a network address"),
    (b"http://", "a network address"),
    (b"https://", "a network address"),
)
_REFUSED_BYTES = (
    (b"FLV\x01", "Flash video"),
    (b"0&\xb2u\x8ef\xcf\x11", "an ASF/WMV file"),
    (b"\x00\x00\x01\xba", "an MPEG program stream"),
    (b"\x00\x00\x01\xb3", "an MPEG video stream"),
    (b".RMF", "a RealMedia file"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
)


def sniff(source: Source) -> Container:
    """The container of an open file, from its first 4 KiB.

    Raises RefusedContainerError for a known container that is not read (a playlist, for example, would have a
    demuxer open other files) and UnknownContainerError for anything else. Cost: microseconds.
    """
    head = source.head
    found = _box_file(head, source.name) or _riff(head, source.name) or _by_signature(head) or _mpeg_audio(head)
    if found:
        return found
    _refuse_known(head, source.name)
    what = "the bytes are plain text" if _is_text(head) else "the bytes are no container that is read"
    raise UnknownContainerError(what, where=source.name, next_step=_next_step())


def _next_step() -> str:
    return f"convert it to one of: {', '.join(container.name for container in READ)}"


def _box_file(head: bytes, name: str) -> Container | None:
    if head[4:8] not in _BOXES:
        return None
    if head[4:8] != b"ftyp":
        return MOV
    if head[8:12] in _STILL_BRANDS:
        raise RefusedContainerError("this is a HEIF or AVIF picture", where=name, next_step="convert it to JPEG or PNG")
    return MOV if head[8:12] == b"qt  " else MP4


def _riff(head: bytes, name: str) -> Container | None:
    if head[:4] not in (b"RIFF", b"RF64"):
        return None
    if head[8:12] == b"WEBP":
        return WEBP
    if head[8:12] == b"WAVE":
        return WAV
    raise RefusedContainerError("this is an AVI or other RIFF file", where=name, next_step=_next_step())


def _by_signature(head: bytes) -> Container | None:
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else MATROSKA if b"matroska" in head[:64] else None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return APNG if b"acTL" in head[: head.find(b"IDAT") % len(head)] else PNG
    for signature, container in (
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"\xff\xd8\xff", JPEG),
        (b"OggS", OGG),
        (b"fLaC", FLAC),
        (b"ID3", MP3),
    ):
        if head.startswith(signature):
            return container
    return None


def _mpeg_audio(head: bytes) -> Container | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    layer, bit_rate, sample_rate = head[1] & 0x06, head[2] >> 4, (head[2] >> 2) & 3
    is_frame = layer != 0 and bit_rate not in (0, 15) and sample_rate != 3 and head[1] & 0x18 != 0x08
    return MP3 if is_frame else None


def _refuse_known(head: bytes, name: str) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    folded = text[:1024].lower()
    for signature, what in _REFUSED_TEXT:
        if folded.startswith(signature.lower()):
            raise RefusedContainerError(f"this is {what}", where=name, next_step=_next_step())
    for signature, what in _REFUSED_BYTES:
        if head.startswith(signature):
            raise RefusedContainerError(f"this is {what}", where=name, next_step=_next_step())
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        raise RefusedContainerError("this is an MPEG transport stream", where=name, next_step=_next_step())


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
