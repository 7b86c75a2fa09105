"""What was heard and read as thin bars on the lanes of the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.explain.scale import TimeScale, clock_text
from tidegate.explain.words import UNSURE_BELOW, Script
from tidegate.records import Screening, Span

MOST_STRETCHES = 400
MOST_ROWS = 6
MIN_PERCENT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One thing heard or read: percent of the width, row from the top, when it begins, and its line of the script."""

    left: float
    width: float
    kind: str
    title: str
    start_s: float
    anchor: str = ""
    is_unsure: bool = False
    row: int = 0


def heard_stretches(script: Script, scale: TimeScale) -> tuple[Stretch, ...]:
    """The utterances."""
    kept = _anchors(script)
    return tuple(
        _stretch(
            one.utterance.span,
            scale,
            kind="sung" if one.utterance.is_sung else "voice",
            title=one.utterance.text[:120],
            anchor=one.anchor if one.anchor in kept else "",
            is_unsure=one.utterance.confidence < UNSURE_BELOW,
        )
        for one in script.heard[:MOST_STRETCHES]
    )


def shown_stretches(script: Script, scale: TimeScale) -> tuple[Stretch, ...]:
    """The texts on the picture."""
    kept = _anchors(script)
    return tuple(
        _stretch(
            one.text.span,
            scale,
            kind=one.text.kind.value,
            title=f"{one.tag}: {one.text.text[:120]}",
            anchor=one.anchor if one.anchor in kept else "",
            is_unsure=one.text.confidence < UNSURE_BELOW,
        )
        for one in script.shown[:MOST_STRETCHES]
    )


def sound_stretches(screening: Screening, kind: str, scale: TimeScale) -> tuple[Stretch, ...]:
    """The stretches of one kind of sound."""
    spans = [one for one in screening.sound_spans if one.kind.value == kind]
    return tuple(
        _stretch(
            one.span,
            scale,
            kind=kind,
            title=f"{clock_text(one.span.start_s)}–{clock_text(one.span.end_s)}, confidence {one.confidence:.2f}",
            is_unsure=one.confidence < UNSURE_BELOW,
        )
        for one in spans[:MOST_STRETCHES]
    )


def rows_of(stretches: Sequence[Stretch]) -> tuple[tuple[Stretch, ...], int]:
    """Each stretch on the first row where it overlaps nothing, and how many found no row."""
    rows: list[float] = []
    placed: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda one: one.left):
        row = next((index for index, taken_to in enumerate(rows) if taken_to <= stretch.left), len(rows))
        if row < MOST_ROWS:
            rows[row : row + 1] = [stretch.left + stretch.width]
            placed.append(replace(stretch, row=row))
    return tuple(placed), len(stretches) - len(placed)


def _anchors(script: Script) -> frozenset[str]:
    return frozenset(line.anchor for line in script.lines)


def _stretch(
    span: Span, scale: TimeScale, *, kind: str, title: str, anchor: str = "", is_unsure: bool = False
) -> Stretch:
    left = min(scale.percent(span.start_s), 100.0 - MIN_PERCENT)
    width = round(max(MIN_PERCENT, scale.percent(span.end_s) - left), 3)
    return Stretch(
        left=left,
        width=width,
        kind=kind,
        title=title,
        start_s=span.start_s,
        anchor=anchor,
        is_unsure=is_unsure,
    )
