"""Stretches of one source, cut out and put behind each other, with the way back from each character kept."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tidegate.records import Span, TextSource
from tidegate.signals.text_view import NEAR_S, TextPiece, TextView
from tidegate.signals.unicode_scripts import SENTENCE_ENDS

JOIN = " "


PAUSE_S = 0.3
"""A pause of the voice in which a text may come."""

LONGEST_CHARS = 1000
"""Longest stretch read together, as long as texts that trained heads know."""

LONGEST_S = 5.0
"""Longest stretch of the voice in which no text may come."""

MAX_WORD_CHARS = 24
"""Characters given up so that no word is cut in two."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one source with its pieces counted from its own start. A caption has no time: from 0 to 0 s."""

    text: str
    source: TextSource
    start_s: float
    end_s: float
    language: str
    pieces: tuple[TextPiece, ...]

    def is_near(self, other: "Part") -> bool:
        """Whether both are heard or seen within NEAR_S; what has no time is near to everything."""
        if TextSource.CAPTION in (self.source, other.source):
            return True
        return max(self.start_s, other.start_s) - min(self.end_s, other.end_s) <= NEAR_S


@dataclass(frozen=True, slots=True)
class Cut:
    """Characters `[start_char, end_char)` of a part."""

    part: Part
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Cuts of parts in reading order, and their words, joined by blanks."""

    cuts: tuple[Cut, ...]
    text: str


def parts_of(view: TextView) -> Iterator[Part]:
    """A view cut where a pause, a sentence or another text begins, and where it has gone on for LONGEST_S.

    A text without pieces is one part.
    """
    if not view.text.strip():
        return
    pieces = view.pieces or (
        TextPiece(
            start_char=0, end_char=len(view.text), source=view.source, origin_char=view.base_char, span=view.span
        ),
    )
    run = [pieces[0]]
    for piece in pieces[1:]:
        if view.text.endswith(SENTENCE_ENDS, 0, run[-1].end_char) or _is_behind(run, piece):
            yield _part(view, run)
            run = []
        run.append(piece)
    yield _part(view, run)


def stretches(order: Sequence[Part], reach: int, source: TextSource | None = None) -> Iterator[Stretch]:
    """What stands within `reach` characters of places where two sources meet, or where `source` meets another.

    Stretches that overlap are one up to LONGEST_CHARS; none goes on over a gap in time of more than NEAR_S. No word is
    cut in two, where words are no longer than usual. Cost: linear in the parts and in what is cut out.
    """
    starts = list(accumulate((len(part.text) + len(JOIN) for part in order), initial=0))
    first = 0
    for at in range(1, len(order) + 1):
        if at < len(order) and order[at].is_near(order[at - 1]):
            continue
        meetings = [
            starts[here]
            for here in range(first + 1, at)
            if order[here].source is not order[here - 1].source
            and source in (None, order[here].source, order[here - 1].source)
        ]
        for start_char, end_char in _merged(meetings, reach):
            yield _stretch(order, starts, max(start_char, starts[first]), min(end_char, starts[at] - len(JOIN)))
        first = at


def _merged(meetings: Sequence[int], reach: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place in meetings:
        start, end = place - len(JOIN) - reach, place + reach
        if found and start <= found[-1][1] and end - found[-1][0] <= LONGEST_CHARS:
            start = found.pop()[0]
        found.append((start, end))
    return found


def _stretch(order: Sequence[Part], starts: Sequence[int], start_char: int, end_char: int) -> Stretch:
    cuts: list[Cut] = []
    for at in range(bisect_right(starts, start_char) - 1, len(order)):
        if starts[at] >= end_char:
            break
        part = order[at]
        start, end = max(0, start_char - starts[at]), min(len(part.text), end_char - starts[at])
        start, end = _to_words(part.text, start, end)
        said = part.text[start:end]
        if words := said.strip():
            start += len(said) - len(said.lstrip())
            cuts.append(Cut(part, start, start + len(words)))
    return Stretch(tuple(cuts), JOIN.join(cut.part.text[cut.start_char : cut.end_char] for cut in cuts))


def view_of(joined: Stretch) -> TextView:
    """The view of these cuts, each piece leading back to its own text."""
    pieces: list[TextPiece] = []
    at = 0
    for cut in joined.cuts:
        pieces += (
            piece.cut(cut.start_char, cut.end_char, at - cut.start_char)
            for piece in cut.part.pieces
            if piece.start_char < cut.end_char and cut.start_char < piece.end_char
        )
        at += cut.end_char - cut.start_char + len(JOIN)
    spans = [piece.span for piece in pieces if piece.span is not None]
    span = Span(start_s=min(s.start_s for s in spans), end_s=max(s.end_s for s in spans)) if spans else None
    by_length = sorted((cut.part for cut in joined.cuts), key=lambda part: -len(part.text))
    language = next((part.language for part in by_length if part.language), "")
    return TextView(source=TextSource.JOINED, text=joined.text, span=span, language=language, pieces=tuple(pieces))


def _to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch without the words that its ends would cut, unless that takes more than a usual word."""
    if start > 0 and not text[start - 1].isspace():
        blank = text.find(" ", start, start + MAX_WORD_CHARS)
        start = blank + 1 if blank >= 0 else start
    if end < len(text) and not text[end].isspace():
        blank = text.rfind(" ", max(start, end - MAX_WORD_CHARS), end)
        end = blank if blank > start else end
    return start, max(start, end)


def _is_behind(run: Sequence[TextPiece], piece: TextPiece) -> bool:
    """Whether a piece comes after a pause, or too long after the run began."""
    begin, before = run[0].span, run[-1].span
    if begin is None or before is None or piece.span is None:
        return False
    return piece.span.start_s - before.end_s > PAUSE_S or piece.span.end_s - begin.start_s > LONGEST_S


def _part(view: TextView, run: Sequence[TextPiece]) -> Part:
    start, end = run[0].start_char, run[-1].end_char
    spans = [piece.span for piece in run if piece.span is not None]
    pieces = tuple(piece.cut(start, end, -start) for piece in run)
    start_s = min((one.start_s for one in spans), default=0.0)
    end_s = max((one.end_s for one in spans), default=0.0)
    return Part(view.text[start:end], view.source, start_s, end_s, view.language, pieces)
