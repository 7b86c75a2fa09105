"""One text of an upload as detectors read it, and the way back from its characters to seconds, boxes and quotes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tidegate.records import Box, Evidence, EvidencePart, Quote, Span, TextSource

NEAR_S = 10.0
"""Most time between two places of a sentence that is split between voice and picture. A subtitle stands for 1 to 7 s by
custom and a spoken sentence takes about as long, so a sentence goes on within one or two of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPiece:
    """Characters `[start_char, end_char)` of a view: where they were said, when, and where on the picture.

    They are the characters from `origin_char` on of the upload's text `source`.
    """

    start_char: int
    end_char: int
    source: TextSource
    origin_char: int
    span: Span | None = None
    box: Box | None = None

    def cut(self, start_char: int, end_char: int, move: int) -> "TextPiece":
        """What of it lies in `[start_char, end_char)`, which it has to touch, `move` characters further on."""
        start, end = max(self.start_char, start_char), min(self.end_char, end_char)
        return TextPiece(
            start_char=start + move,
            end_char=end + move,
            source=self.source,
            origin_char=self.origin_char + start - self.start_char,
            span=self.span,
            box=self.box,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """One text of the upload. `span` is where it was heard or seen; captions and hashtags have none.

    `text` is the stretch of the upload's text `source` that begins at `base_char`. `pieces`, ascending and disjoint,
    say when and where parts of it were heard or seen; a JOINED text is made of pieces of several sources, with blanks
    between them that belong to none. `as_written` is the text before signs between words were read as blanks, of the
    same length; empty where it is the same. Quotes are of it.
    """

    source: TextSource
    text: str
    as_written: str = ""
    span: Span | None = None
    language: str = ""
    base_char: int = 0
    pieces: tuple[TextPiece, ...] = ()

    @property
    def is_joined(self) -> bool:
        """Whether this is several texts read as one."""
        return self.source is TextSource.JOINED

    def evidence(self, start_char: int, end_char: int, note: str = "") -> Evidence | None:
        """Where the characters `[start_char, end_char)` of this view can be checked.

        `None` where a joined text says it within one of its parts: that part's own text has told it already; and where
        two of its parts are more than NEAR_S apart: nobody reads them as one.
        Raises IndexError outside the text.
        """
        if not 0 <= start_char <= end_char <= len(self.text):
            raise IndexError(f"[{start_char}, {end_char}) of {len(self.text)} characters")
        touched = [piece for piece in self.pieces if piece.start_char < end_char and start_char < piece.end_char]
        if self.is_joined:
            return self._of_parts(touched, start_char, end_char, note)
        at = self.base_char + start_char
        quote = Quote(
            source=self.source,
            text=(self.as_written or self.text)[start_char:end_char],
            start_char=at,
            end_char=at + end_char - start_char,
        )
        return Evidence(span=_span_of(touched) or self.span, box=_box_of(touched), quote=quote, note=note)

    def _of_parts(self, touched: list[TextPiece], start_char: int, end_char: int, note: str) -> Evidence | None:
        parts = [self._part(run, start_char, end_char) for run in _runs(touched)]
        said = {part.quote.source for part in parts if part.quote and any(map(str.isalnum, part.quote.text))}
        if len(said) < 2 or not _are_near([part.span for part in parts if part.span is not None]):
            return None
        return Evidence(span=_span_of(touched), note=note, parts=tuple(parts))

    def _part(self, run: list[TextPiece], start_char: int, end_char: int) -> EvidencePart:
        start, end = max(run[0].start_char, start_char), min(run[-1].end_char, end_char)
        at = run[0].origin_char + start - run[0].start_char
        quote = Quote(source=run[0].source, text=self.text[start:end], start_char=at, end_char=at + end - start)
        return EvidencePart(span=_span_of(run), box=_box_of(run), quote=quote)


def _runs(pieces: list[TextPiece]) -> Iterator[list[TextPiece]]:
    """Neighbouring pieces that lie in one source in the same way, so that one quote covers them.

    Words of the voice run on; each text on the picture is a part of its own, with its own place.
    """
    for _, run in groupby(pieces, key=lambda piece: (piece.source, piece.origin_char - piece.start_char, piece.box)):
        yield list(run)


def _are_near(spans: Sequence[Span]) -> bool:
    """Whether no two are more than NEAR_S apart."""
    return not spans or max(span.start_s for span in spans) - min(span.end_s for span in spans) <= NEAR_S


def _span_of(pieces: list[TextPiece]) -> Span | None:
    spans = [piece.span for piece in pieces if piece.span is not None]
    if not spans:
        return None
    return Span(start_s=min(span.start_s for span in spans), end_s=max(span.end_s for span in spans))


def _box_of(pieces: list[TextPiece]) -> Box | None:
    boxes = list(dict.fromkeys(piece.box for piece in pieces if piece.box is not None))
    if len(boxes) < 2:
        return boxes[0] if boxes else None
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(x=x, y=y, width=min(right, 1.0) - x, height=min(bottom, 1.0) - y)
