"""Cuts a text at the edges of its quotes, so that every overlap can be marked exactly."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.records import Quote, TextSource, Upload
from tidegate.signals.texts import texts_of

CONTEXT_CHARS = 160
"""Characters shown on each side of a quote in a text too long to show whole."""

WHOLE_CHARS = 2000
"""A text up to this long is shown whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A run of characters under the same quotes. `numbers` are the quotes over it, `ends` those that end with it.

    `skipped` counts characters left out before this run; `is_unsure` is true where whoever read it was not certain.
    """

    text: str
    numbers: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    skipped: int = 0
    is_unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A numbered stretch `[start_char, end_char)` of a text; `is_last` is false where it goes on in another text."""

    number: int
    start_char: int
    end_char: int
    is_last: bool = True


def segments(text: str, marks: Sequence[Mark], unsure: Sequence[tuple[int, int]] = ()) -> tuple[Segment, ...]:
    """`text` cut at every edge of `marks`; joined together again it is `text`, but for what `skipped` counts.

    `unsure` are stretches `[start, end)` that were read without certainty, ascending and disjoint. Marks outside the
    text are cut to it, empty ones dropped, and those of one number with nothing but blanks between them are one.
    Cost: O(n log n + m n) for n marks and stretches, m overlapping.
    """
    inside = [
        replace(mark, start_char=max(0, mark.start_char), end_char=min(len(text), mark.end_char)) for mark in marks
    ]
    inside = _grown([mark for mark in inside if mark.start_char < mark.end_char], text)
    edges = {edge for mark in inside for edge in (mark.start_char, mark.end_char)}
    edges |= {edge for stretch in unsure for edge in stretch if edge < len(text)}
    windows = _windows(len(text), inside)
    cuts = sorted(edges | {edge for window in windows for edge in window})
    found: list[Segment] = []
    shown_to = 0
    for start, end in itertools.pairwise(cuts):
        if not any(low <= start and end <= high for low, high in windows):
            continue
        over = tuple(mark.number for mark in inside if mark.start_char <= start and end <= mark.end_char)
        ends = tuple(mark.number for mark in inside if mark.end_char == end and mark.is_last)
        is_unsure = any(low <= start and end <= high for low, high in unsure)
        found.append(
            Segment(text=text[start:end], numbers=over, ends=ends, skipped=start - shown_to, is_unsure=is_unsure)
        )
        shown_to = end
    if shown_to < len(text):
        found.append(Segment(text="", skipped=len(text) - shown_to))
    return tuple(found)


def _grown(marks: list[Mark], text: str) -> list[Mark]:
    """Marks of one number that follow each other as one mark: what is quoted in pieces is marked in one piece."""
    grown: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.start_char, mark.end_char)):
        run = grown.setdefault(mark.number, [])
        if run and mark.start_char >= run[-1].end_char and not text[run[-1].end_char : mark.start_char].strip():
            run[-1] = replace(mark, start_char=run[-1].start_char)
        else:
            run.append(mark)
    return [mark for run in grown.values() for mark in run]


def _windows(length: int, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """The stretches of a text that are shown, disjoint and ascending."""
    if length <= WHOLE_CHARS:
        return [(0, length)]
    wanted = [(0, CONTEXT_CHARS)]
    for mark in sorted(marks, key=lambda mark: mark.start_char):
        # A quote as long as a book is shown at its beginning.
        end = min(mark.end_char, mark.start_char + WHOLE_CHARS)
        wanted.append((max(0, mark.start_char - CONTEXT_CHARS), min(length, end + CONTEXT_CHARS)))
    merged = [wanted[0]]
    for low, high in wanted[1:]:
        if low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """One text of the upload under its heading, cut into segments."""

    heading: str
    language: str
    segments: tuple[Segment, ...]


def marked_texts(upload: Upload, quotes: Sequence[tuple[int, Quote]]) -> tuple[MarkedText, ...]:
    """The texts of the upload as detectors read them, with `quotes` (number, quote) marked where they stand."""
    found = []
    for view in texts_of(upload):
        marks = [
            Mark(number=number, start_char=quote.start_char, end_char=quote.end_char)
            for number, quote in quotes
            if quote.source is view.source and view.text[quote.start_char : quote.end_char] == quote.text
        ]
        heading = "hashtags" if view.source is TextSource.HASHTAG else view.source.value.replace("_", " ")
        found.append(MarkedText(heading=heading, language=view.language, segments=segments(view.text, marks)))
    return tuple(found)
