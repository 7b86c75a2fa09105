"""Text of strangers made safe to show: nothing in a caption or a file name can move a cursor or reorder a line."""

import unicodedata

_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u00ad\u180e\u200b\u2028\u2029\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb")


def is_unsafe(character: str) -> bool:
    """Whether a character could steer a terminal, reorder its neighbours, hide, or not be encoded at all."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in _REORDERING or character in _INVISIBLE


def escaped(character: str) -> str:
    r"""One character as Python would write it: `\x1b`, `\u202e`, `\udc80`."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str, limit: int = 0) -> str:
    """`text` with every unsafe character escaped; cut to `limit` characters with an ellipsis, 0 means uncut.

    Cost: linear in the shorter of `text` and `limit`.
    """
    kept = text if not limit or len(text) <= limit else text[: limit - 1] + "…"
    if kept.isascii() and kept.isprintable():
        return kept
    return "".join(escaped(character) if is_unsafe(character) else character for character in kept)


def one_line(text: str, limit: int = 0) -> str:
    """`visible`, with every run of white space as one blank first."""
    return visible(" ".join((text[: limit * 4] if limit else text).split()), limit)
