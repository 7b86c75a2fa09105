"""The evidence timeline: a lane per modality, a bar per signal, hatching where nothing could look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.cli.report.scale import Tick, TimeScale
from tidegate.records import AbstentionReason, GapReason, Modality, Screening, Signal, Span

if TYPE_CHECKING:
    from tidegate.media.clip import Frame

ROW_PX = 22
MAX_ROWS = 8
MIN_BAR_PERCENT = 0.7
"""Narrowest bar drawn: a flash of a tenth of a second in a long clip must still be seen and clicked."""

_FAMILIES = {
    "visual": "picture",
    "judge": "picture",
    "matching": "matches",
    "wording": "words",
    "pattern": "words",
    "speech": "words",
    "onscreen": "words",
    "sound": "sound",
    "metadata": "facts",
    "provenance": "facts",
}
LANES = (
    ("picture", "Picture", Modality.PICTURE),
    ("matches", "Matches", Modality.PICTURE),
    ("words", "Words", Modality.WORDS),
    ("sound", "Sound", Modality.SOUND),
    ("facts", "Metadata", Modality.FACTS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One signal on its lane: percent of the width, row from the top; `is_timed` is false for the whole clip."""

    number: int
    left: float
    width: float
    row: int
    is_timed: bool
    label: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hatch:
    """A stretch where nothing looked, in percent of the width, and why."""

    left: float
    width: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One modality: bars, hatching, and a sentence for when there is nothing to draw. `hidden` counts bars left out."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    hatches: tuple[Hatch, ...]
    ticks: tuple[float, ...]
    note: str
    height_px: int
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All lanes of one upload under one time axis; `cuts` are where shots begin."""

    lanes: tuple[Lane, ...]
    axis: tuple[Tick, ...]
    cuts: tuple[float, ...]


def lane_of(signal: Signal) -> str:
    """The lane a signal is drawn on, by its detector's family, else by its label's."""
    for name in (signal.detector_id, signal.label):
        if lane := _FAMILIES.get(name.partition(".")[0]):
            return lane
    return "picture" if signal.evidence.span else "facts"


def timeline(screening: Screening, numbered: Sequence[tuple[int, Signal]], frames: "Sequence[Frame]") -> Timeline:
    """Draw `numbered` signals of a screening. `frames` are ticked on the picture's lane."""
    scale = TimeScale(duration_s=screening.media.duration_s if screening.media else 0.0)
    ticks = tuple(scale.percent(frame.time_s) for frame in frames)
    lanes = tuple(
        _lane(key, title, modality, screening, [item for item in numbered if lane_of(item[1]) == key], scale, ticks)
        for key, title, modality in LANES
    )
    cuts = tuple(scale.percent(shot.span.start_s) for shot in screening.shots[1:400])
    return Timeline(lanes=lanes, axis=scale.ticks(), cuts=cuts)


def _lane(
    key: str,
    title: str,
    modality: Modality,
    screening: Screening,
    signals: list[tuple[int, Signal]],
    scale: TimeScale,
    ticks: tuple[float, ...],
) -> Lane:
    bars, hidden = _bars(signals, scale)
    note, is_blind = _state(key, modality, screening, has_bars=bool(bars))
    whole = (Hatch(left=0.0, width=100.0, why=note),) if is_blind else ()
    hatches = whole or _gaps(modality, screening, scale)
    rows = 1 + max((bar.row for bar in bars), default=0)
    return Lane(
        key=key,
        title=title,
        bars=bars,
        hatches=hatches,
        ticks=ticks if key == "picture" else (),
        note=note,
        height_px=rows * ROW_PX + 8,
        hidden=hidden,
    )


def _bars(signals: Sequence[tuple[int, Signal]], scale: TimeScale) -> tuple[tuple[Bar, ...], int]:
    """Place each signal on the first row where it overlaps nothing; those that find no row are counted."""
    rows: list[float] = []
    bars: list[Bar] = []
    hidden = 0
    for number, signal in sorted(signals, key=lambda item: (item[1].evidence.span is not None, _start_s(item[1]))):
        span = signal.evidence.span
        left = scale.percent(span.start_s) if span else 0.0
        width = max(MIN_BAR_PERCENT, scale.percent(span.end_s) - left) if span else 100.0
        left = min(left, 100.0 - width)
        row = next((index for index, taken_to in enumerate(rows) if taken_to <= left), len(rows))
        if row == MAX_ROWS:
            hidden += 1
            continue
        rows[row : row + 1] = [left + width]
        bars.append(
            Bar(
                number=number,
                left=left,
                width=round(width, 3),
                row=row,
                is_timed=span is not None,
                label=signal.label,
                score=signal.score,
            )
        )
    return tuple(bars), hidden


def _start_s(signal: Signal) -> float:
    return signal.evidence.span.start_s if signal.evidence.span else 0.0


def _gaps(modality: Modality, screening: Screening, scale: TimeScale) -> tuple[Hatch, ...]:
    return tuple(
        _hatch(gap.span, gap.detail or gap.reason.value.replace("_", " "), scale)
        for gap in screening.coverage.gaps
        if gap.modality is modality and gap.span is not None
    )


def _hatch(span: Span, why: str, scale: TimeScale) -> Hatch:
    left = min(scale.percent(span.start_s), 100.0 - MIN_BAR_PERCENT)
    return Hatch(left=left, width=round(max(MIN_BAR_PERCENT, scale.percent(span.end_s) - left), 3), why=why)


def _state(key: str, modality: Modality, screening: Screening, *, has_bars: bool) -> tuple[str, bool]:
    """What to say about a lane, and whether the whole of it is blind."""
    gaps = [gap for gap in screening.coverage.gaps if gap.modality is modality and gap.span is None]
    if any(gap.reason is GapReason.NO_STREAM for gap in gaps):
        return "the clip has none", False
    own = [name for name in screening.detector_ids if _FAMILIES.get(name.partition(".")[0]) == key]
    if not own:
        return "no detector looks here", True
    silent = {item.detector_id: item for item in screening.abstentions if item.detector_id in own}
    if has_bars or len(silent) < len(own):
        return "" if has_bars else "looked, found nothing", False
    blind = [item for item in silent.values() if item.is_blind]
    if blind:
        return f"not looked at: {blind[0].reason.value.replace('_', ' ')}", True
    details = dict.fromkeys(item.detail for item in silent.values() if item.reason is AbstentionReason.NO_INPUT)
    return "; ".join(details) or "nothing to look at in this upload", False
