"""Pictures hidden between others: something shown for less than a second while what surrounds it stays the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Abstention, Evidence, Signal, Span
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.frames import FrameBatch
from tidegate.signals.visual.choose import SIDE_PX

_LABEL = "visual.flash"

LONGEST_S = 1.0
"""A picture shown for this long or longer is a shot like any other."""

FLOOR = 0.3
_MOST_SIGNALS = 16
_MOST_FRAMES = 6
_LEVELS = 6
_STEP_PX = 4
_MOVEMENT = 0.35
"""Share of colours that movement alone may change between two frames of one scene (measured: up to 0.4)."""
_ANOTHER_SCENE = 0.65
"""Share of colours that differ between two plainly different scenes (measured: 0.55 to 0.8)."""
_FLAT = 0.97
"""Share of one colour from which a picture shows nothing (a fade, a light flash)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Insert:
    """Frames `first` to `last` stand between two frames that look alike."""

    first: int
    last: int
    span: Span
    score: float


class FlashDetector:
    """Finds inserts of up to a second between two alike pictures.

    Pictures are compared by their colours (216 bins), which movement leaves and another scene does not. Score =
    (1 - difference of the neighbours / difference of the insert from them) * how plainly the insert differs *
    brevity (1 up to half a second, 0.5 at a second) / (1 + times the picture is seen elsewhere in the clip); a
    tenth of that for an empty picture. Fast cutting scores low, as its neighbours are not alike; a strobe or an
    alternation scores low, as its pictures come again. Blind to an insert in the colours of its surroundings.
    """

    id = "visual.flash@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({_LABEL})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0005, memory_mib=5.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Nothing to make ready."""

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each insert that scores at least 0.3, the highest first, at most 16."""
        colours = palettes(view.frames)
        inserts = [insert for insert in self._inserts(view, colours) if insert.score >= FLOOR]
        for insert in sorted(inserts, key=lambda found: -found.score)[:_MOST_SIGNALS]:
            duration_s = insert.span.duration_s
            yield Signal(
                label=_LABEL,
                score=insert.score,
                evidence=Evidence(
                    span=insert.span, note=f"another picture for {duration_s:.2f} s between two that are alike"
                ),
                detector_id=self.id,
            )

    def _inserts(self, view: View, colours: NDArray[np.float64]) -> Iterator[_Insert]:
        """For each frame that can begin an insert, the best scoring end of it."""
        for first in range(1, len(colours) - 1):
            found = [
                _Insert(first=first, last=last, span=span, score=_score(colours, first, last, span.duration_s))
                for last in range(first, min(first + _MOST_FRAMES, len(colours) - 1))
                if (span := _span_between(view, first, last)).duration_s < LONGEST_S
            ]
            if found:
                yield max(found, key=lambda insert: insert.score)


def palettes(frames: FrameBatch) -> NDArray[np.float64]:
    """Share of each of 216 colours in every frame, float64 (n, 216), rows summing to 1. About 0.1 ms a frame."""
    pixels = frames.squares(SIDE_PX)[:, ::_STEP_PX, ::_STEP_PX].astype(np.int64) * _LEVELS // 256
    bins = (pixels[..., 0] * _LEVELS + pixels[..., 1]) * _LEVELS + pixels[..., 2]
    counts = [np.bincount(one.ravel(), minlength=_LEVELS**3) for one in bins]
    return np.array(counts, np.float64).reshape(len(bins), _LEVELS**3) * (_STEP_PX / SIDE_PX) ** 2


def _differences(colours: NDArray[np.float64], one: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of colours, in [0, 1], that differ between each row and `one`."""
    shares: NDArray[np.float64] = np.abs(colours - one).sum(axis=1) / 2
    return shares


def _score(colours: NDArray[np.float64], first: int, last: int, duration_s: float) -> float:
    before, after, shown = colours[first - 1], colours[last + 1], colours[first : last + 1]
    apart = float(min(_differences(shown, before).min(), _differences(shown, after).min()))
    plain = min(1.0, (apart - _MOVEMENT) / (_ANOTHER_SCENE - _MOVEMENT))
    if plain <= 0.0:
        return 0.0
    alike = max(0.0, 1.0 - float(_differences(after[None], before)[0]) / apart)
    brevity = 1.0 if duration_s <= 0.5 else 1.5 - duration_s
    elsewhere = np.delete(colours, np.arange(first, last + 1), axis=0)
    again = max(int((_differences(elsewhere, one) < apart / 2).sum()) for one in shown)
    empty = 0.1 if float(shown.max(axis=1).min()) > _FLAT else 1.0
    return alike * plain * brevity * empty / (1 + again)


def _span_between(view: View, first: int, last: int) -> Span:
    """When the frames `first` to `last` are on screen: their shots where these are whole, else their own spans."""
    frames = view.frames
    own = Span(start_s=frames[first].span.start_s, end_s=max(frames[last].span.end_s, frames[first].span.start_s))
    if view.clip is None:
        return own
    before, after = frames[first - 1].shot_index, frames[last + 1].shot_index
    between = [shot.span for shot in view.clip.shots if before < shot.index < after]
    if not between:
        return own
    return Span(start_s=between[0].start_s, end_s=between[-1].end_s)
