"""Which frames the finder of lines is spared: those that show no more strokes than ones it has just looked at.

Words on a picture add strokes to it. So a frame of the same shot that is no denser in strokes than the frames looked
at, leaving aside the lines known to stand there, most likely holds nothing new. Most likely is not surely: where
strokes of the ground are as dense as small letters, new words are seen at the next look that is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.signals.onscreen.changes import Bounds, without
from tidegate.signals.onscreen.lettering import lettering

EMPTY_LOOKS = 3
"""Looks at a clip without finding a line, from which it is looked at less often."""

EMPTY_GAP_S = 4.0
"""Then a look is due after this long. Our own choice, not measured on real clips."""

SPARING_SAME = 0.5
"""Where looks are spared, lines that differ less than this from what was read are the same until the next look is due.

Measured on the captioned clips of `benchmarks/reading_cost.py`: the same encoded letters before moving ground differ by
0.27 in the median and by less than 0.5 in 47 of 49 pairs, another caption in their place by 0.53 at least (186 pairs).
One other letter in the same words differs by 0.3 and more (`prints.SAME`) and may be passed over for so long.
"""

RISE = 1.1
"""A frame is denser in strokes when its densest window is by this factor. Our own choice."""


@dataclass(slots=True)
class LookGate:
    """Decides frame by frame, in order of time. `every_s` is when a look is due in clips with words; 0 at every frame.

    Cost: 1.4 ms a frame that might be spared.
    """

    every_s: float = 0.0
    _looks: int = 0
    _has_lines: bool = False
    _shot: int = -1
    _last_s: float = 0.0
    _densest: float = 0.0

    def same_limit(self, frame: Frame, usual: float) -> float:
        """By how much a line may differ on this frame from what was read: `usual`, or more where looks are spared."""
        is_spared = self.every_s > 0.0 and frame.shot_index == self._shot
        return SPARING_SAME if is_spared and frame.time_s - self._last_s < self.every_s else usual

    def wants(self, frame: Frame, luma: NDArray[np.uint8], known: Sequence[Bounds], *, is_line_gone: bool) -> bool:
        """Whether uint8 (h, w) has to be looked at. `known` are the bounds of lines that stand there unchanged."""
        gap_s = self.every_s if self._has_lines or self._looks < EMPTY_LOOKS else max(self.every_s, EMPTY_GAP_S)
        is_due = frame.shot_index != self._shot or frame.time_s - self._last_s >= gap_s
        if gap_s == 0.0:
            return self._look(frame, self._densest)
        dense = lettering(without(luma, known))
        if is_due or is_line_gone or dense > RISE * self._densest:
            return self._look(frame, dense)
        return False

    def found(self, *, has_lines: bool) -> None:
        """What came of the look."""
        self._has_lines |= has_lines

    def _look(self, frame: Frame, dense: float) -> bool:
        is_same = frame.shot_index == self._shot
        self._densest = max(self._densest, dense) if is_same else dense
        self._shot, self._last_s = frame.shot_index, frame.time_s
        self._looks += 1
        return True
