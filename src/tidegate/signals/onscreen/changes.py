"""Where a picture has to be read: what looks like letters there and is not what stood there when it was last read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.lettering import CELL_PX, CONTRAST, LEVELS, STROKE_PX, halved

DENSE = 0.17
"""Share of strokes from which a window may hold letters; a little below the gate's, to find what passed."""

LEAST_STROKES = 0.06
"""Share of strokes below which a cell of such a window is ground beside the letters."""

EVEN = 0.7
"""Letters share one colour: within a window, the standard deviation of the strokes' grey levels over the mean contrast
stays below this (measured: letters 0.2 to 0.6, from 14 px on; foliage and clutter mostly above)."""

CHANGED = 4.0
"""Mean difference of a cell, in grey levels of 255, from which it is another picture."""

Bounds = tuple[float, float, float, float]

MARGIN_PX = 16
MOST_AREAS = 6
WHOLE = 0.6
"""Share of the picture from which looking at all of it costs no more than looking at its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the picture to look at, in pixels; large letters are found as well at half size, for a quarter."""

    left: int
    top: int
    right: int
    bottom: int
    is_half: bool = False

    @property
    def size_px(self) -> int:
        """Pixels that the network would look at."""
        pixels = (self.right - self.left) * (self.bottom - self.top)
        return pixels // 4 if self.is_half else pixels


class ChangeGate:
    """Compares each picture of a clip with what stood there when it was last read. Keeps one grey picture."""

    def __init__(self) -> None:
        self._read: NDArray[np.float32] | None = None
        self._changed: NDArray[np.bool_] = np.zeros((0, 0), bool)

    def look(self, luma: NDArray[np.uint8], known: Sequence[Bounds] = (), *, is_kept: bool = True) -> list[Area]:
        """The areas of uint8 (h, w) with letters that are new; about 3 ms at 288 x 512.

        `known` are the bounds of lines that are known to stand there unchanged: left, top, right, bottom in pixels.
        What is not `is_kept` is still new on the next picture.
        """
        values = luma.astype(np.float32)
        if self._read is None or self._read.shape != values.shape:
            self._changed = np.ones(_cells(values).shape, bool)
        else:
            self._changed = _cells(np.abs(values - self._read)) > CHANGED
        if not self._changed.any():
            return []
        fine, coarse = letters(without(luma, known))
        areas = self._areas(fine, coarse, luma.shape)
        if is_kept:
            self._keep(values, (fine | coarse) & ~self._changed)
        return areas

    def forget(self) -> None:
        """Look at all letters again on the next picture."""
        self._read = None

    def _areas(self, fine: NDArray[np.bool_], coarse: NDArray[np.bool_], shape: tuple[int, ...]) -> list[Area]:
        areas = [*self._fresh(fine, shape, is_half=False)]
        seen = np.zeros(fine.shape, bool)
        for area in areas:
            seen[area.top // CELL_PX : area.bottom // CELL_PX, area.left // CELL_PX : area.right // CELL_PX] = True
        areas += self._fresh(coarse & ~seen, shape, is_half=True)
        if sum(area.size_px for area in areas) > WHOLE * shape[0] * shape[1] or len(areas) > MOST_AREAS:
            return [Area(left=0, top=0, right=shape[1], bottom=shape[0])]
        return areas

    def _fresh(self, cells: NDArray[np.bool_], shape: tuple[int, ...], *, is_half: bool) -> list[Area]:
        """Bounds of the groups of cells in which something changed."""
        import cv2

        grown = cv2.dilate(cells.astype(np.uint8), np.ones((3, 5), np.uint8))
        _, labels, boxes, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
        fresh = np.unique(labels[self._changed & cells])
        found = []
        for left, top, across, down, _ in boxes[fresh[fresh > 0]] * CELL_PX:
            area = Area(
                left=max(0, int(left) - MARGIN_PX),
                top=max(0, int(top) - MARGIN_PX),
                right=min(shape[1], int(left + across) + MARGIN_PX),
                bottom=min(shape[0], int(top + down) + MARGIN_PX),
                is_half=is_half,
            )
            found.append(area)
        return merged(found)

    def _keep(self, values: NDArray[np.float32], same: NDArray[np.bool_]) -> None:
        """Remember this picture, except where unchanged letters stand: those were read earlier."""
        if self._read is None or self._read.shape != values.shape:
            self._read = values
            return
        old = np.zeros(values.shape, bool)
        spread = same.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)
        old[: spread.shape[0], : spread.shape[1]] = spread[: values.shape[0], : values.shape[1]]
        self._read = np.where(old, self._read, values)


def without(luma: NDArray[np.uint8], known: Sequence[Bounds]) -> NDArray[np.uint8]:
    """The picture with the known lines painted over in their mean grey."""
    painted = luma.copy() if known else luma
    for bounds in known:
        left, top, right, bottom = (max(0, round(edge)) for edge in bounds)
        part = painted[top:bottom, left:right]
        if part.size:
            part[:] = round(float(part.mean()))
    return painted


def merged(areas: Sequence[Area]) -> list[Area]:
    """The same with overlapping areas joined until none overlap."""
    left_over, done = list(areas), list[Area]()
    while left_over:
        one = left_over.pop()
        touching = [other for other in left_over + done if _overlap(one, other)]
        if not touching:
            done.append(one)
            continue
        left_over = [other for other in left_over if other not in touching]
        done = [other for other in done if other not in touching]
        group = [one, *touching]
        left_over.append(
            Area(
                left=min(area.left for area in group),
                top=min(area.top for area in group),
                right=max(area.right for area in group),
                bottom=max(area.bottom for area in group),
                is_half=one.is_half,
            )
        )
    return done


def letters(luma: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Cells of uint8 (h, w) that may hold letters, bool (ceil(h / 8), ceil(w / 8)): small ones, and large ones."""
    shape = (-(-luma.shape[0] // CELL_PX), -(-luma.shape[1] // CELL_PX))
    fine, coarse = np.zeros(shape, bool), np.zeros(shape, bool)
    for level in range(LEVELS):
        if min(luma.shape) < 4 * CELL_PX:
            break
        cells = _windows_of_letters(luma)
        times = 1 << level
        spread = cells.repeat(times, axis=0).repeat(times, axis=1)[: shape[0], : shape[1]]
        into = coarse if level == LEVELS - 1 else fine
        into[: spread.shape[0], : spread.shape[1]] |= spread
        luma = halved(luma)
    return fine, coarse


def _windows_of_letters(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Cells that lie in a window of dense strokes of one colour; bool (ceil(h / 8), ceil(w / 8))."""
    import cv2

    values = luma.astype(np.float32)
    bright, dark = _ridges(values)
    sums = [_sums(bright, values), _sums(dark, values)]
    found = np.zeros(sums[0][0].shape, bool)
    for across, down in ((4, 2), (2, 4)):
        window = [[_blurred(one, across, down) for one in part] for part in sums]
        is_dense = window[0][0] + window[1][0] > DENSE
        hits = (is_dense & (_is_even(window[0]) | _is_even(window[1]))).astype(np.uint8)
        found |= cv2.dilate(hits, np.ones((down + 1, across + 1), np.uint8)).astype(bool)
    has_strokes = sums[0][0] + sums[1][0] > LEAST_STROKES
    return found & has_strokes


def _blurred(cells: NDArray[np.float32], across: int, down: int) -> NDArray[np.float32]:
    import cv2

    return np.asarray(cv2.blur(cells, (across, down), borderType=cv2.BORDER_CONSTANT), np.float32)


def _ridges(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much each pixel stands out between its neighbours as bright, and as dark, across or down."""
    bright, dark = np.full_like(values, -255.0), np.full_like(values, -255.0)
    for axis in (0, 1):
        lines, up, down = (np.moveaxis(one, axis, 0) for one in (values, bright, dark))
        inner = np.s_[STROKE_PX:-STROKE_PX]
        before, after = lines[inner] - lines[: -2 * STROKE_PX], lines[inner] - lines[2 * STROKE_PX :]
        np.maximum(up[inner], np.minimum(before, after), out=up[inner])
        np.maximum(down[inner], -np.maximum(before, after), out=down[inner])
    return bright, dark


def _sums(ridge: NDArray[np.float32], values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Cell means of: is a stroke, its grey level, its square, its contrast."""
    stroke = (ridge > CONTRAST).astype(np.float32)
    level = stroke * values
    return [_cells(one) for one in (stroke, level, level * values, stroke * ridge)]


def _is_even(sums: Sequence[NDArray[np.float32]]) -> NDArray[np.bool_]:
    share, level, square, contrast = sums
    count = np.maximum(share, 1e-6)
    deviation = np.sqrt(np.maximum(square / count - np.square(level / count), 0.0))
    return np.asarray((share > 0.04) & (deviation <= EVEN * contrast / count))


def _cells(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over cells of 8 x 8, those at the right and bottom edge made whole by repeating it."""
    import cv2

    height, width = values.shape
    down, across = -height % CELL_PX, -width % CELL_PX
    if down or across:
        values = np.asarray(cv2.copyMakeBorder(values, 0, down, 0, across, cv2.BORDER_REPLICATE), np.float32)
    size = ((width + across) // CELL_PX, (height + down) // CELL_PX)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _overlap(one: Area, other: Area) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom
