"""Which bytes a player asks for, and what kind of container it gets them from. Pure."""

import re

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_UNSATISFIABLE = (0, 0)


def asked_range(header: str, size_bytes: int) -> tuple[int, int] | None:
    """`[start, end)` that a Range header asks for; `None` to send everything, `(0, 0)` for what cannot be had.

    Forms that this server does not know, several ranges among them, are passed over as RFC 9110 allows.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        count = min(int(last), size_bytes)
        return (size_bytes - count, size_bytes) if count else _UNSATISFIABLE
    start, end = int(first), size_bytes if not last else min(int(last) + 1, size_bytes)
    if last and int(last) < start:
        return None
    return (start, end) if start < size_bytes else _UNSATISFIABLE


def content_type_of(beginning: bytes) -> str:
    """The fixed type of a kind of container by its first bytes; whatever is none of them is never played."""
    if beginning[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return "video/mp4"
    if beginning.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    return "application/octet-stream"
