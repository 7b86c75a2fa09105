"""Sentences that are split between caption, picture and voice, put together in the orders a viewer meets them.

Nobody says where such a sentence goes on, so a few orders are tried: by time, with the caption before or after; and
for words that stand on the picture while somebody speaks, before the voice and after it. Only what takes two
sources to say counts (`TextView.evidence` gives nothing for the rest), so a wrong order costs time, not truth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tidegate.records import Span, TextSource
from tidegate.signals.text_view import TextPiece, TextView

MAX_CHARS = 1000
"""Characters of one source that are read together with others: its beginning for a caption, and of speech and
picture the stretches closest to words of another source."""

JOIN = " "

_WHOLE = Span(start_s=0.0, end_s=0.0)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of one source with its pieces counted from its own start."""

    text: str
    source: TextSource
    span: Span | None
    language: str
    pieces: tuple[TextPiece, ...]


def joined_views(submitted: Sequence[TextView], found: Sequence[TextView]) -> tuple[TextView, ...]:
    """The views of `submitted` and `found` read together, at most six, none where only one source says anything.

    Hashtags, sound titles and payloads of codes are labels, no parts of a sentence, and are left out.
    """
    caption = _caption_of(submitted)
    voice = _within([part for view in found if view.source is TextSource.SPEECH for part in _parts(view)])
    screen = _within([part for view in found if view.source is TextSource.ON_SCREEN for part in _parts(view)])
    if sum(map(bool, (caption, voice, screen))) < 2:
        return ()
    orders = _orders(caption, voice, screen)
    unique = {tuple((part.source, part.pieces[0].origin_char) for part in order): order for order in orders}
    return tuple(_view(order) for order in unique.values())


def _orders(caption: list[_Part], voice: list[_Part], screen: list[_Part]) -> Iterator[list[_Part]]:
    """Reading orders: by time with the picture first or the voice first, each with the caption at either end."""
    for first, second in ((screen, voice), (voice, screen)):
        timeline = _by_time(first, second)
        yield [*caption, *timeline]
        yield [*timeline, *caption]
    yield [*caption, *voice, *screen]
    yield [*voice, *screen, *caption]


def _by_time(first: list[_Part], second: list[_Part]) -> list[_Part]:
    """Both by time; of two parts that share a moment the one of `first` comes first.

    A part is moved in front of those it overlaps, never past one that ended before it began.
    """
    order = list(second)
    for part in first:
        start_s = (part.span or _WHOLE).start_s
        place = next((at for at, other in enumerate(order) if (other.span or _WHOLE).end_s > start_s), len(order))
        while place < len(order) and order[place] in first:
            place += 1
        order.insert(place, part)
    return order


def _caption_of(submitted: Sequence[TextView]) -> list[_Part]:
    captions = [view for view in submitted if view.source is TextSource.CAPTION]
    return [part for view in captions for part in _parts(replace(view, text=view.text[:MAX_CHARS]))]


def _within(parts: list[_Part]) -> list[_Part]:
    """The parts from the beginning on that fit into the limit."""
    kept, chars = [], 0
    for part in parts:
        chars += len(part.text)
        if chars > MAX_CHARS:
            break
        kept.append(part)
    return kept


def _parts(view: TextView) -> Iterator[_Part]:
    """A view cut where a pause or another text begins; a text without pieces is one part."""
    if not view.text.strip():
        return
    if not view.pieces:
        whole = TextPiece(
            start_char=0, end_char=len(view.text), source=view.source, origin_char=view.base_char, span=view.span
        )
        yield _Part(view.text, view.source, view.span, view.language, (whole,))
        return
    run: list[TextPiece] = [view.pieces[0]]
    for before, piece in pairwise(view.pieces):
        if _pause_s(before, piece) > 0.3:
            yield _part_of(view, run)
            run = []
        run.append(piece)
    yield _part_of(view, run)


def _pause_s(before: TextPiece, after: TextPiece) -> float:
    if before.span is None or after.span is None:
        return 0.0
    return after.span.start_s - before.span.end_s


def _part_of(view: TextView, run: list[TextPiece]) -> _Part:
    start, end = run[0].start_char, run[-1].end_char
    spans = [piece.span for piece in run if piece.span is not None]
    span = Span(start_s=spans[0].start_s, end_s=max(one.end_s for one in spans)) if spans else None
    pieces = tuple(
        replace(piece, start_char=piece.start_char - start, end_char=piece.end_char - start) for piece in run
    )
    return _Part(view.text[start:end], view.source, span, view.language, pieces)


def _view(order: Sequence[_Part]) -> TextView:
    text = ""
    pieces: list[TextPiece] = []
    for part in order:
        text += JOIN if text and not text[-1].isspace() else ""
        pieces += (
            replace(piece, start_char=piece.start_char + len(text), end_char=piece.end_char + len(text))
            for piece in part.pieces
        )
        text += part.text
    spans = [part.span for part in order if part.span is not None]
    span = Span(start_s=min(s.start_s for s in spans), end_s=max(s.end_s for s in spans)) if spans else None
    languages = [part.language for part in sorted(order, key=lambda part: -len(part.text)) if part.language]
    return TextView(
        source=TextSource.JOINED,
        text=text,
        span=span,
        language=languages[0] if languages else "",
        pieces=tuple(pieces),
    )
