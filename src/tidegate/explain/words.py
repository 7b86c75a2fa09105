"""What was said and what stood on the picture, as one script in order of time, with every quote marked in its line."""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tidegate.explain.marks import Mark, Segment, segments
from tidegate.explain.scale import clock_text
from tidegate.records import (
    Box,
    Evidence,
    EvidencePart,
    OnScreenKind,
    OnScreenText,
    Quote,
    Screening,
    Span,
    TextSource,
    Utterance,
)
from tidegate.signals.texts import TEXT_BREAK, UTTERANCE_BREAK

UNSURE_BELOW = 0.5
"""Words and lines read with less confidence than this are shown as unsure."""

LEAST_TURN_DEG = 5
"""A line turned less than this stands upright to anyone who looks."""

MOST_CODE_CHARS = 20
"""Characters shown of a language tag or a script's code: those of any real one."""

_SOURCES = (
    (OnScreenKind.CAPTION, TextSource.ON_SCREEN),
    (OnScreenKind.WATERMARK, TextSource.ON_SCREEN),
    (OnScreenKind.CODE, TextSource.CODE),
)
"""In the order in which `texts.on_screen_text` and `texts.code_text` join them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One utterance or one text on the picture.

    `kind` is `voice`, `sung` or the kind of an OnScreenText; `tag` is `T3` for the third text on the picture, as on
    the frames, empty for the voice; `numbers` are the evidence that quotes it.
    """

    anchor: str
    kind: str
    tag: str
    start_s: float
    clock: str
    until: str
    language: str
    script: str
    confidence: float
    is_unsure: bool
    turned: str
    segments: tuple[Segment, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """A text on the picture with its tag and the evidence that quotes it."""

    anchor: str
    tag: str
    text: OnScreenText
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An utterance with the evidence that quotes it."""

    anchor: str
    utterance: Utterance
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All lines in order of time; `hidden` counts those that a page has no room for, `places` finds quotes in lines."""

    lines: tuple[Line, ...]
    hidden: int
    heard: tuple[Heard, ...]
    shown: tuple[ShownText, ...]
    places: "Places"


class Places:
    """The way from characters of the transcript and of the picture's words to the lines that hold them."""

    def __init__(self, screening: Screening) -> None:
        self._texts: dict[TextSource, _Run] = {TextSource.SPEECH: _Run(UTTERANCE_BREAK)}
        for index, one in enumerate(screening.utterances):
            self._texts[TextSource.SPEECH].add(f"v{index + 1}", one.text)
        self._boxes: dict[tuple[Span | None, Box | None], str] = {}
        for index, text in enumerate(screening.on_screen_texts):
            self._boxes.setdefault((text.span, text.box), f"t{index + 1}")
        for kind, source in _SOURCES:
            for index, text in enumerate(screening.on_screen_texts):
                if text.kind is kind:
                    self._texts.setdefault(source, _Run(TEXT_BREAK)).add(f"t{index + 1}", text.text)

    def marks(self, number: int, quote: Quote) -> Iterator[tuple[str, Mark]]:
        """The line and the stretch of it for each line that a quote touches; none where the quote does not fit."""
        run = self._texts.get(quote.source)
        return run.marks(number, quote) if run else iter(())

    def anchors_of(self, place: Evidence | EvidencePart) -> list[str]:
        """The lines that hold what is quoted, in order; of evidence without a quote the text that stood in its box."""
        if place.quote is not None:
            return [anchor for anchor, _ in self.marks(0, place.quote)]
        return [self._boxes[place.span, place.box]] if (place.span, place.box) in self._boxes else []


class _Run:
    """Texts joined by a break, as detectors read them."""

    def __init__(self, joint: str) -> None:
        self._joint = joint
        self._anchors: list[str] = []
        self._texts: list[str] = []
        self._joined: tuple[str, list[int]] | None = None

    def add(self, anchor: str, text: str) -> None:
        self._anchors.append(anchor)
        self._texts.append(text)

    def marks(self, number: int, quote: Quote) -> Iterator[tuple[str, Mark]]:
        if self._joined is None:
            starts = [0, *accumulate(len(text) + len(self._joint) for text in self._texts[:-1])]
            self._joined = self._joint.join(self._texts), starts
        whole, starts = self._joined
        if not self._texts or _blanks(whole[quote.start_char : quote.end_char]) != _blanks(quote.text):
            return
        index = bisect.bisect_right(starts, quote.start_char) - 1
        while index < len(starts) and starts[index] < max(quote.end_char, quote.start_char + 1):
            start, end = quote.start_char - starts[index], quote.end_char - starts[index]
            is_last = end <= len(self._texts[index]) + len(self._joint)
            yield self._anchors[index], Mark(number=number, start_char=start, end_char=end, is_last=is_last)
            index += 1


def _blanks(text: str) -> str:
    """The text with each break as a blank: what is read across lines has blanks where the lines end."""
    return text.replace("\n", " ")


def script(screening: Screening, quotes: Sequence[tuple[int, Quote]], *, most: int) -> Script:
    """Everything heard and read, with `quotes` (evidence number, quote) marked.

    Where there are more than `most` lines, those that are quoted are kept before others. Cost: linear in the texts
    and in the lines that quotes touch.
    """
    places = Places(screening)
    marks: dict[str, list[Mark]] = {}
    for number, quote in quotes:
        for anchor, mark in places.marks(number, quote):
            marks.setdefault(anchor, []).append(mark)
    numbers = {anchor: tuple(dict.fromkeys(mark.number for mark in of_line)) for anchor, of_line in marks.items()}
    heard = tuple(
        Heard(anchor=f"v{index}", utterance=one, numbers=numbers.get(f"v{index}", ()))
        for index, one in enumerate(screening.utterances, 1)
    )
    shown = tuple(
        ShownText(anchor=f"t{index}", tag=f"T{index}", text=one, numbers=numbers.get(f"t{index}", ()))
        for index, one in enumerate(screening.on_screen_texts, 1)
    )
    kept = _kept([*heard, *shown], most)
    lines = [
        _line_of_voice(one, marks.get(one.anchor, ()))
        if isinstance(one, Heard)
        else _line_of_picture(one, marks.get(one.anchor, ()))
        for one in kept
    ]
    return Script(
        lines=tuple(lines), hidden=len(heard) + len(shown) - len(kept), heard=heard, shown=shown, places=places
    )


def _kept(found: list[Heard | ShownText], most: int) -> list[Heard | ShownText]:
    """In order of time; where there are too many, those that evidence quotes and then the first of the others."""
    if len(found) > most:
        found = sorted(found, key=lambda one: (not one.numbers, _span_of(one).start_s))[:most]
    return sorted(found, key=lambda one: (_span_of(one).start_s, isinstance(one, Heard)))


def _span_of(one: Heard | ShownText) -> Span:
    return one.utterance.span if isinstance(one, Heard) else one.text.span


def _line_of_voice(heard: Heard, marks: Sequence[Mark]) -> Line:
    one = heard.utterance
    is_unsure = one.confidence < UNSURE_BELOW
    return Line(
        anchor=heard.anchor,
        kind="sung" if one.is_sung else "voice",
        tag="",
        start_s=one.span.start_s,
        clock=clock_text(one.span.start_s),
        until=clock_text(one.span.end_s),
        language=one.language[:MOST_CODE_CHARS],
        script="",
        confidence=one.confidence,
        is_unsure=is_unsure,
        turned="",
        segments=segments(one.text, marks, () if is_unsure else _unsure_words(one)),
        numbers=heard.numbers,
    )


def _line_of_picture(shown: ShownText, marks: Sequence[Mark]) -> Line:
    one = shown.text
    return Line(
        anchor=shown.anchor,
        kind=one.kind.value,
        tag=shown.tag,
        start_s=one.span.start_s,
        clock=clock_text(one.span.start_s),
        until=clock_text(one.span.end_s),
        language=one.language[:MOST_CODE_CHARS],
        script=one.script[:MOST_CODE_CHARS],
        confidence=one.confidence,
        is_unsure=one.confidence < UNSURE_BELOW,
        turned=_turned(one.rotation_deg),
        segments=segments(one.text, marks),
        numbers=shown.numbers,
    )


def _turned(rotation_deg: float) -> str:
    degrees = round(rotation_deg)
    return (
        f"turned\N{NO-BREAK SPACE}{degrees}°".replace("-", "\N{MINUS SIGN}") if abs(degrees) >= LEAST_TURN_DEG else ""
    )


def _unsure_words(utterance: Utterance) -> list[tuple[int, int]]:
    """Characters of the words that were heard without certainty, neighbours as one stretch."""
    found: list[tuple[int, int]] = []
    for word in utterance.words:
        if word.confidence >= UNSURE_BELOW or word.start_char == word.end_char:
            continue
        reached = found[-1][1] if found else 0
        if found and word.start_char >= reached and not utterance.text[reached : word.start_char].strip():
            found[-1] = (found[-1][0], word.end_char)
        elif word.start_char >= reached:
            found.append((word.start_char, word.end_char))
    return found
