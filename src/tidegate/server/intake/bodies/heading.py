"""The headers of a request that say how to read its body."""

from dataclasses import dataclass

from python_multipart.multipart import parse_options_header

from tidegate.errors import BodyTypeError, MalformedBodyError
from tidegate.server.intake.bodies.digests import RawHeaders

METADATA_HEADER = b"x-tidegate-metadata"
_MEDIA = ("video/", "audio/", "image/")
_MEDIA_EXACTLY = ("application/octet-stream", "application/mp4", "application/ogg")
_MAX_BOUNDARY_BYTES = 70
"""RFC 2046, section 5.1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Type, boundary, declared size and metadata of a body. `metadata` is the raw header, None without one."""

    content_type: str
    boundary: bytes
    declared_bytes: int | None
    metadata: bytes | None


def read_heading(headers: RawHeaders) -> Heading:
    """Raises BodyTypeError for a missing type or a coding, MalformedBodyError for what contradicts itself."""
    kind = _one(headers, b"content-type")
    if not kind:
        raise BodyTypeError(
            "the body has no Content-Type", where="Content-Type", next_step="send multipart/form-data or video/mp4"
        )
    if (_one(headers, b"content-encoding") or b"identity").strip().lower() != b"identity":
        raise BodyTypeError("the body is compressed", where="Content-Encoding", next_step="send the bytes as they are")
    content_type, options = parse_options_header(kind)
    length = _one(headers, b"content-length")
    if length is not None and not (length.isdigit() and len(length) <= 18):
        raise MalformedBodyError("the length is no number", where="Content-Length", next_step="send a number of bytes")
    return Heading(
        content_type=content_type.decode("latin-1").strip(),
        boundary=_boundary(options.get(b"boundary")) if content_type == b"multipart/form-data" else b"",
        declared_bytes=None if length is None else int(length),
        metadata=_one(headers, METADATA_HEADER),
    )


def is_media(content_type: str) -> bool:
    """Whether a type, in small letters without parameters, is one that the bytes of an upload may carry."""
    return content_type.startswith(_MEDIA) or content_type in _MEDIA_EXACTLY


def _one(headers: RawHeaders, name: bytes) -> bytes | None:
    """The one value of a header; given twice with different values it would be read differently by others."""
    values = {value for key, value in headers if key.lower() == name}
    if len(values) > 1:
        title = name.decode("ascii")
        raise MalformedBodyError(f"the header {title} stands twice", where=title, next_step="send it once")
    return next(iter(values), None)


def _boundary(value: bytes | None) -> bytes:
    if not value or len(value) > _MAX_BOUNDARY_BYTES or not all(32 <= byte < 127 for byte in value):
        raise MalformedBodyError(
            "the multipart body names no boundary of 1 to 70 plain characters",
            where="Content-Type",
            next_step="let the HTTP library write the Content-Type",
        )
    return value
