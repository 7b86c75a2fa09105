"""Where the sentences of a text lie, so that a long caption is judged piece by piece and quoted narrowly."""

import re
from collections.abc import Iterator

MAX_SEGMENT_CHARS = 200

_END = re.compile(r"[.!?؟…]+[\"'”’»)\]]*(?=\s|\Z)|[。！？]+[」』）]*|\n+")
_BREAK = re.compile(r"\s")


def segments(text: str) -> tuple[tuple[int, int], ...]:
    """The character ranges `[start, end)` of the sentences of `text`, trimmed, in order, without overlap.

    A sentence ends at its mark (before white space, except for full-width marks), a line end or the end of the text;
    one of more than MAX_SEGMENT_CHARS is cut at white space, or hard where there is none. Ranges without a letter or
    digit are left out. Linear in the text.
    """
    ends = [*(match.end() for match in _END.finditer(text)), len(text)]
    starts = [0, *ends[:-1]]
    return tuple(
        trimmed
        for first, last in zip(starts, ends, strict=True)
        for start, end in _pieces(text, first, last)
        if (trimmed := _trimmed(text, start, end)) and any(c.isalnum() for c in text[trimmed[0] : trimmed[1]])
    )


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SEGMENT_CHARS:
        window = text[start : start + MAX_SEGMENT_CHARS]
        breaks = [match.end() for match in _BREAK.finditer(window)]
        cut = start + (breaks[-1] if breaks and breaks[-1] > MAX_SEGMENT_CHARS // 2 else MAX_SEGMENT_CHARS)
        yield start, cut
        start = cut
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    stripped = piece.strip()
    if not stripped:
        return None
    left = start + len(piece) - len(piece.lstrip())
    return left, left + len(stripped)
