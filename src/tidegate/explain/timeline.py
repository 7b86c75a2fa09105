"""The evidence timeline: a lane per modality, a bar per piece of evidence, hatching where nothing could look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidegate.explain.lanes import FAMILIES, LANES, Place, places_of
from tidegate.explain.scale import Tick, TimeScale
from tidegate.explain.sound import Envelope, envelope_of, kinds_heard
from tidegate.explain.stretches import Stretch, heard_stretches, rows_of, shown_stretches, sound_stretches
from tidegate.explain.words import Script
from tidegate.records import Abstention, AbstentionReason, GapReason, Modality, Screening, Signal, Span

if TYPE_CHECKING:
    from tidegate.media.clip import Frame

ROW_PX = 22
MAX_ROWS = 8
STRETCH_PX = 9
ENVELOPE_PX = 46
MOST_HATCHES = 200
MIN_BAR_PERCENT = 0.7
"""Narrowest bar drawn: a flash of a tenth of a second in a long clip must still be seen and clicked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One place of a signal on its lane: percent of the width, pixels from the top, and when it begins.

    `is_timed` is false for the whole clip, `is_part` true where other bars of the same number belong to it.
    """

    number: int
    left: float
    width: float
    row: int
    top_px: int
    is_timed: bool
    is_part: bool
    label: str
    score: float
    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hatch:
    """A stretch where nothing looked, in percent of the width, and why."""

    left: float
    width: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One modality: bars, what was heard or read, hatching, and a sentence for when there is nothing to draw.

    `tone` names its colour; `stretches_px` is where the stretches begin, from the top; `hidden` counts bars and
    stretches left out.
    """

    key: str
    tone: str
    title: str
    bars: tuple[Bar, ...]
    stretches: tuple[Stretch, ...]
    stretches_px: int
    height_px: int
    hatches: tuple[Hatch, ...] = ()
    ticks: tuple[float, ...] = ()
    note: str = ""
    envelope: Envelope | None = None
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All lanes of one upload under one time axis; `cuts` are where shots begin."""

    lanes: tuple[Lane, ...]
    axis: tuple[Tick, ...]
    cuts: tuple[float, ...]


Numbered = Sequence[tuple[int, Signal]]


def timeline(screening: Screening, numbered: Numbered, frames: "Sequence[Frame]", script: Script) -> Timeline:
    """Draw `numbered` signals of a screening and what was heard and read. `frames` are ticked on the picture's lane."""
    scale = TimeScale(duration_s=screening.media.duration_s if screening.media else 0.0)
    drawing = _Drawing(screening, scale, numbered)
    ticks = tuple(scale.percent(frame.time_s) for frame in frames)
    lanes: list[Lane] = []
    for key, title, modality in LANES:
        stretches = {"screen": shown_stretches, "voice": heard_stretches}.get(key)
        drawn = stretches(script, scale) if stretches else ()
        lanes.append(drawing.lane(key, title, modality, stretches=drawn, ticks=ticks if key == "picture" else ()))
        if key == "sound":
            lanes += drawing.kinds_of_sound()
    cuts = tuple(scale.percent(shot.span.start_s) for shot in screening.shots[1:400])
    return Timeline(lanes=tuple(lanes), axis=scale.ticks(), cuts=cuts)


class _Drawing:
    """The lanes of one screening under one scale."""

    def __init__(self, screening: Screening, scale: TimeScale, numbered: Numbered) -> None:
        self._screening = screening
        self._scale = scale
        self._kinds = kinds_heard(screening)
        self._screen_spans = {one.span for one in screening.on_screen_texts}
        self._placed: dict[str, list[tuple[int, Signal, Place]]] = {}
        for number, signal in numbered:
            for place in places_of(signal):
                self._placed.setdefault(self._lane_key(signal, place), []).append((number, signal, place))

    def _lane_key(self, signal: Signal, place: Place) -> str:
        kind = signal.label.removeprefix("sound.")
        return f"sound-{kind}" if place.lane == "sound" and kind in self._kinds else place.lane

    def lane(
        self, key: str, title: str, modality: Modality, *, stretches: Sequence[Stretch], ticks: tuple[float, ...]
    ) -> Lane:
        """One lane; the whole of it is hatched where its modality was not looked at."""
        envelope = envelope_of(self._screening, self._scale) if key == "sound" else None
        lane = self._filled(key, title, stretches, top_px=(ENVELOPE_PX if envelope else 0) + 3)
        is_found = bool(lane.bars or lane.stretches or envelope or (key == "sound" and self._kinds))
        note, is_blind = _state(key, modality, self._screening, is_found=is_found)
        whole = (Hatch(left=0.0, width=100.0, why=note),) if is_blind else ()
        return replace(
            lane,
            hatches=whole or (*_gaps(modality, self._screening, self._scale), *self._abstained(key)),
            ticks=ticks,
            note=note,
            height_px=max(ROW_PX + 8, lane.height_px),
            envelope=envelope,
        )

    def kinds_of_sound(self) -> list[Lane]:
        """A thin lane for each kind of sound that was heard, with the signals that say it."""
        return [
            self._filled(
                f"sound-{kind}",
                kind.replace("_", " ").replace("onset", "onsets"),
                sound_stretches(self._screening, kind, self._scale),
                tone="sound",
                top_px=4,
            )
            for kind in self._kinds
        ]

    def _filled(self, key: str, title: str, stretches: Sequence[Stretch], *, tone: str = "", top_px: int) -> Lane:
        """A lane with its stretches from `top_px` on and its bars below them."""
        rows, lost = rows_of(stretches)
        bars_px = top_px + STRETCH_PX * (1 + max((one.row for one in rows), default=-1))
        bars, hidden = _bars(self._placed.get(key, ()), self._scale, bars_px)
        bar_rows = 1 + max((bar.row for bar in bars), default=-1)
        return Lane(
            key=key,
            tone=tone or key,
            title=title,
            bars=bars,
            stretches=rows,
            stretches_px=top_px,
            height_px=bars_px + bar_rows * ROW_PX + 3,
            hidden=hidden + lost,
        )

    def _abstained(self, key: str) -> tuple[Hatch, ...]:
        """Stretches that a detector of this lane left out, whatever it said of the rest."""
        found: dict[Span, str] = {}
        for item in self._screening.abstentions:
            if item.span is not None and item.is_blind and self._lane_of_abstention(item, item.span) == key:
                found.setdefault(item.span, item.detail or item.reason.value.replace("_", " "))
        return tuple(_hatch(span, why, self._scale) for span, why in list(found.items())[:MOST_HATCHES])

    def _lane_of_abstention(self, abstention: Abstention, span: Span) -> str:
        """The lane of its detector; what is left out of words with a time is left out of the picture or the voice."""
        lane = FAMILIES.get(abstention.detector_id.partition(".")[0], "")
        if lane != "words":
            return lane
        return "screen" if span in self._screen_spans else "voice"


def _bars(placed: Sequence[tuple[int, Signal, Place]], scale: TimeScale, top_px: int) -> tuple[tuple[Bar, ...], int]:
    """Put each place on the first row where it overlaps nothing; those that find no row are counted."""
    rows: list[float] = []
    bars: list[Bar] = []
    hidden = 0
    for number, signal, place in sorted(placed, key=lambda item: (item[2].at.span is not None, _start_s(item[2]))):
        span = place.at.span
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
                top_px=top_px + row * ROW_PX,
                is_timed=span is not None,
                is_part=bool(signal.evidence.parts),
                label=signal.label,
                score=signal.score,
                start_s=_start_s(place),
            )
        )
    return tuple(bars), hidden


def _start_s(place: Place) -> float:
    return place.at.span.start_s if place.at.span else 0.0


def _gaps(modality: Modality, screening: Screening, scale: TimeScale) -> tuple[Hatch, ...]:
    return tuple(
        _hatch(gap.span, gap.detail or gap.reason.value.replace("_", " "), scale)
        for gap in screening.coverage.gaps
        if gap.modality is modality and gap.span is not None
    )


def _hatch(span: Span, why: str, scale: TimeScale) -> Hatch:
    left = min(scale.percent(span.start_s), 100.0 - MIN_BAR_PERCENT)
    return Hatch(left=left, width=round(max(MIN_BAR_PERCENT, scale.percent(span.end_s) - left), 3), why=why)


def _state(key: str, modality: Modality, screening: Screening, *, is_found: bool) -> tuple[str, bool]:
    """What to say about a lane, and whether the whole of it is blind.

    A lane of words is blind when any of its detectors is lost: what tells that there is something to read or to hear
    reads and hears no word itself.
    """
    gaps = [gap for gap in screening.coverage.gaps if gap.modality is modality and gap.span is None]
    if any(gap.reason is GapReason.NO_STREAM for gap in gaps):
        return "the clip has none", False
    own = [name for name in screening.detector_ids if FAMILIES.get(name.partition(".")[0]) == key]
    if not own and not is_found:
        return "no detector looks here", True
    silent = {item.detector_id: item for item in screening.abstentions if item.detector_id in own and item.span is None}
    lost = [item for item in silent.values() if item.is_blind]
    if lost and (key in ("screen", "voice") or not is_found):
        is_blind = key in ("screen", "voice") or len(silent) == len(own)
        who = lost[0].detector_id.partition("@")[0]
        reason = lost[0].reason.value.replace("_", " ")
        return f"not looked at: {reason}" if is_blind else f"found nothing; {who} did not look: {reason}", is_blind
    if is_found or len(silent) < len(own):
        is_partly = any(one.detector_id in own and one.span and one.is_blind for one in screening.abstentions)
        nothing = "found nothing; some not understood" if is_partly else "looked, found nothing"
        return "" if is_found else nothing, False
    details = dict.fromkeys(item.detail for item in silent.values() if item.reason is AbstentionReason.NO_INPUT)
    return "; ".join(details) or "nothing to look at in this upload", False
