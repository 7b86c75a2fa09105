"""How much on the picture looks like letters: the cheap measure that decides whether anybody has to read.

Letters are strokes: narrow bright or dark ridges, close together, over at least a few letters' width. A pixel is on a
stroke when it is brighter, or darker, than the pixels `STROKE_PX` away on both sides, across or down. The measure is
the densest window of strokes, at three sizes of the picture. It is lenient on purpose: hair, grass and brickwork pass.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.records import Abstention, Evidence, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When

LETTERING = "onscreen.lettering"

ENOUGH = 0.18
"""Share of strokes in the densest window from which a clip is read. Measured on 288 x 512 frames with grain, in ten
scripts: words of three letters and more reach it from 14 px at a contrast of 30 grey levels, two letters from a
contrast of 60, words at a slant of 45 degrees from 20 px. Of 30 pictures of plain shapes one does."""

CELL_PX = 8
STROKE_PX = 2
CONTRAST = 8
"""Grey levels of 255 by which a stroke stands out; compression noise stays below."""

LEVELS = 3
"""The picture, its half and its quarter: strokes up to 16 px wide."""

_WINDOWS = ((2, 4), (4, 2))
_LEAST_SIDE_PX = 40

WHEN_SOMETHING_LOOKS_LIKE_LETTERS = When(
    any_of={LETTERING: ENOUGH}, because="a clip without strokes as dense as letters has nothing to read"
)


class LetteringDetector:
    """Tells the share of strokes in the densest window of all frames, once a clip."""

    id = "onscreen.lettering@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({LETTERING})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0015, memory_mib=10.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Nothing to make ready."""

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal: the frame with the densest strokes, and how dense they are."""
        best, shown = -1.0, None
        for frame in view.frames:
            share = lettering(grey(frame.rgb))
            if share > best:
                best, shown = share, frame
        if shown is not None:
            yield self._signal(best, shown, len(view.frames))

    def _signal(self, share: float, frame: Frame, count: int) -> Signal:
        return Signal(
            label=LETTERING,
            score=share,
            evidence=Evidence(span=frame.span, note=f"densest strokes of {count} frames looked at"),
            detector_id=self.id,
        )


def grey(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma (ITU-R BT.601) of a uint8 (h, w, 3) picture as uint8 (h, w). About 0.1 ms."""
    from PIL import Image

    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).convert("L"))


def lettering(luma: NDArray[np.uint8]) -> float:
    """Share in [0, 1] of stroke pixels in the densest window of a uint8 (h, w) picture. 1 ms at 288 x 512."""
    return max((float(windows.max()) for level in levels(luma) for windows in _windows(level)), default=0.0)


def levels(luma: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    """Shares of stroke pixels in cells of 8 x 8, float32 (h // 8, w // 8): of the picture, its half, its quarter.

    A level with a side below 40 pixels is left out, unless it is the first.
    """
    for level in range(LEVELS):
        if level and min(luma.shape) < _LEAST_SIDE_PX:
            return
        yield cell_means(strokes(luma))
        luma = halved(luma)


def strokes(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels of uint8 (h, w) lie on a stroke, across or down."""
    values = luma.astype(np.int16)
    found = np.zeros(luma.shape, bool)
    for axis in (0, 1):
        if luma.shape[axis] > 2 * STROKE_PX:
            lines, into = np.moveaxis(values, axis, 0), np.moveaxis(found, axis, 0)
            before = lines[STROKE_PX:-STROKE_PX] - lines[: -2 * STROKE_PX]
            after = lines[STROKE_PX:-STROKE_PX] - lines[2 * STROKE_PX :]
            ridge = np.maximum(np.minimum(before, after), -np.maximum(before, after))
            into[STROKE_PX:-STROKE_PX] |= ridge > CONTRAST
    return found


def cell_means(values: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Means over whole cells of 8 x 8; what is left over at the right and bottom edge is not looked at."""
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    whole = values[: rows * CELL_PX, : columns * CELL_PX]
    means: NDArray[np.float32] = whole.reshape(rows, CELL_PX, columns, CELL_PX).mean(axis=(1, 3), dtype=np.float32)
    return means


def halved(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every two by two pixels averaged; an odd last row or column is dropped."""
    height, width = luma.shape[0] // 2 * 2, luma.shape[1] // 2 * 2
    even = luma[:height, :width].astype(np.uint16)
    summed = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return ((summed + 2) >> 2).astype(np.uint8)


def _windows(cells: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Means over windows of 2 x 4 and 4 x 2 cells, lying and standing."""
    for down, across in _WINDOWS:
        rows, columns = cells.shape[0] - down + 1, cells.shape[1] - across + 1
        if rows > 0 and columns > 0:
            means = np.zeros((rows, columns), np.float32)
            for row in range(down):
                for column in range(across):
                    means += cells[row : row + rows, column : column + columns]
            yield np.asarray(means / (down * across), np.float32)
