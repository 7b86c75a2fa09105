"""How closely the finder of lines looks at a frame: not at all where it shows no more strokes than ones just looked at.

Words on a picture add strokes to it. So a frame of the same shot that is no denser in strokes than the frames looked
at, leaving aside the lines known to stand there, most likely holds nothing new. Most likely is not surely: where
strokes of the ground are as dense as small letters, new words are seen at the next look that is due. In clips with
words such frames are still looked at coarsely, at half size for a quarter of the cost, which finds all but small print.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.signals.onscreen.changes import Bounds, without
from tidegate.signals.onscreen.lettering import lettering

EMPTY_LOOKS = 3
"""Looks at a clip without finding a line, from which it is looked at less often."""

EMPTY_GAP_S = 4.0
"""Then a look is due after this long. Our own choice, not measured on real clips."""

QUIET_LOOKS, QUIET_GAP_S = 1, 4.0
"""The same for a clip with lines: looks in a row without a new one, and after how long a full look is due then."""

RISE = 1.1
"""A frame is denser in strokes when its densest window is by this factor. Our own choice."""


class Look(Enum):
    """How closely a frame is looked at."""

    NONE = "none"
    COARSE = "coarse"
    FULL = "full"


@dataclass(slots=True)
class LookGate:
    """Decides frame by frame, in order of time. `every_s` above 0 spares whole looks in clips with words as well: then
    one is due after this long.

    Cost: 1.4 ms a frame.
    """

    every_s: float = 0.0
    _looks: int = 0
    _quiet: int = 0
    _has_lines: bool = False
    _shot: int = -1
    _last_s: float = 0.0
    _densest: float = 0.0

    def wants(self, frame: Frame, luma: NDArray[np.uint8], known: Sequence[Bounds], *, is_line_gone: bool) -> Look:
        """How to look at uint8 (h, w). `known` are the bounds of lines that stand there unchanged."""
        gap_s = max(self.every_s, self._gap_s())
        is_due = frame.shot_index != self._shot or frame.time_s - self._last_s >= gap_s
        dense = lettering(without(luma, known))
        if is_due or is_line_gone or dense > RISE * self._densest:
            return self._look(frame, dense)
        return Look.COARSE if self._has_lines and self.every_s == 0.0 else Look.NONE

    def found(self, *, has_lines: bool, has_new: bool) -> None:
        """What came of the look: whether there were lines, and any that were not there before."""
        self._has_lines |= has_lines
        self._quiet = 0 if has_new else self._quiet + 1
        if has_new:
            self._densest = 0.0  # It counted their strokes: the next look, which leaves them aside, says what is left.

    def _gap_s(self) -> float:
        if self._has_lines:
            return QUIET_GAP_S if self._quiet >= QUIET_LOOKS else 0.0
        return EMPTY_GAP_S if self._looks >= EMPTY_LOOKS else 0.0

    def _look(self, frame: Frame, dense: float) -> Look:
        is_same = frame.shot_index == self._shot
        self._densest = max(self._densest, dense) if is_same else dense
        self._shot, self._last_s = frame.shot_index, frame.time_s
        self._looks += 1
        return Look.FULL
