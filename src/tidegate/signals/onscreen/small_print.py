"""Rows of letters too small for the finder, told from texture by their regular blank lines."""

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.lettering import strokes

TILE_PX = 96
LEAST_TILES = 2

LEAST_STROKES = 0.06
"""Share of strokes below which a tile is not full of anything."""

LEAST_CONTRAST, LEAST_PERIODIC = 0.6, 0.4
"""How much emptier than its fullest rows of pixels a tile's emptiest ones are, and how strongly the rows repeat.
Measured: pages of letters 6 to 9 px high 0.71 and 0.8 and more; photograph-like texture 0.22 and 0.3 at most."""

_MOST_PITCH_PX = 40


def has_rows(luma: NDArray[np.uint8]) -> bool:
    """Whether uint8 (h, w) is full of rows of something fine: two tiles of 96 x 96 at the least. About 1 ms."""
    marks = strokes(luma)
    count = 0
    for top in range(0, luma.shape[0] - TILE_PX + 1, TILE_PX // 2):
        for left in range(0, luma.shape[1] - TILE_PX + 1, TILE_PX):
            count += _is_page(marks[top : top + TILE_PX, left : left + TILE_PX])
            if count >= LEAST_TILES:
                return True
    return False


def _is_page(marks: NDArray[np.bool_]) -> bool:
    rows = marks.mean(axis=1)
    if rows.mean() < LEAST_STROKES:
        return False
    full, empty = np.percentile(rows, (80.0, 20.0))
    return bool(full - empty > LEAST_CONTRAST * full) and _periodicity(rows) > LEAST_PERIODIC


def _periodicity(rows: NDArray[np.float64]) -> float:
    """The highest autocorrelation of the rows beyond their own thickness, at most 1; 0 where they never turn."""
    wave = rows - rows.mean()
    total = float((wave * wave).sum())
    if total <= 0.0:
        return 0.0
    repeated = np.correlate(wave, wave, "full")[len(wave) - 1 :] / total
    turned = np.flatnonzero(repeated < 0.0)
    if not len(turned) or turned[0] >= _MOST_PITCH_PX:
        return 0.0
    return float(repeated[turned[0] : _MOST_PITCH_PX].max())
