"""JSON and text that arrive in a body: read strictly, so that what is stored is what was meant."""

import base64
import binascii
import json
from typing import Any, NoReturn

from tidegate.errors import MalformedBodyError


def read_text(data: bytes, where: str) -> str:
    """Bytes as UTF-8 text without NUL, which not every database can hold. Raises MalformedBodyError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("the text is not UTF-8", where, "encode it as UTF-8") from None
    if "\0" in text:
        raise _malformed("the text has a NUL character", where, "leave it out")
    return text


def read_object(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object in UTF-8: no name twice, no NaN, no half of a surrogate pair, no NUL. Raises MalformedBodyError."""
    text = read_text(data, where)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise _malformed("the text is no JSON that is taken", where, "send one JSON object, no name twice") from None
    if not isinstance(value, dict):
        raise _malformed("the JSON is no object", where, "send one JSON object")
    if _has_nul(value):
        raise _malformed("the text has a NUL character", where, "leave it out")
    return value


def read_header_object(value: bytes, where: str) -> dict[str, Any]:
    """A JSON object from a header: as it is, or in base64url (RFC 4648) with or without padding."""
    text = value.strip()
    if text.startswith(b"{"):
        return read_object(text, where)
    try:
        decoded = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        what = "the header is neither JSON nor base64url"
        raise _malformed(what, where, "send a JSON object, or its base64url form") from None
    return read_object(decoded, where)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _malformed(what: str, where: str, next_step: str) -> MalformedBodyError:
    return MalformedBodyError(what, where=where, next_step=next_step)
