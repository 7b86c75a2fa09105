"""Whether a line still stands where it was read: its place on two frames compared, letters apart from their ground."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.regions import Region, crop

HEIGHT_PX = 24
SAME = 0.18
"""Most difference of one spot of the same letters. Measured in place, on photographs: the same outlined words on still
ground 0.03, on another ground three of four below 0.18; one other letter in ten words of the same length 0.3 and more,
but for a Q in place of an O, whose tail lies below the line: such a change may be passed over."""

ALIKE = 0.5
"""Least correlation anywhere along two prints of the same letters. Measured on captioned clips through H.264, before
four grounds that move: the same letters 0.64 and more unless something crosses them (0.8 in the median), with one word
of about four letters in place of another 0.25 at most."""

LETTER, STILL = 0.3, 0.015
"""Difference of a spot from which it is another letter, and median over the columns below which the rest stayed as it
was. Measured: one other letter on still ground 0.34 to 0.38 with a median of 0.0; the same letters on moving ground,
where they differ by as much, have a median of 0.016 and more."""

CORE = 0.85
"""Share of a region's height that is compared: its rim is ground more than letters."""

_SPOT_PX = 5
_PIECE_PX = 36
_LEAST_SPREAD = 4.0
_LEAST_RANGE = 16.0
_LEAST_INK = 0.03


def print_of(rgb: NDArray[np.uint8], region: Region) -> NDArray[np.float32]:
    """A small grey picture of a region without its rim, float32 (24, w), level. About 0.15 ms."""
    import cv2

    rim_px = (1.0 - CORE) * region.height_px
    core = replace(region, height_px=region.height_px - rim_px, width_px=max(region.width_px - rim_px, 1.0))
    line = cv2.cvtColor(crop(rgb, core, 2 * HEIGHT_PX), cv2.COLOR_RGB2GRAY)
    width = max(HEIGHT_PX, line.shape[1] // 2)
    return np.asarray(cv2.resize(line, (width, HEIGHT_PX), interpolation=cv2.INTER_AREA), np.float32)


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How much the most different spot of two prints of one region differs, as a share of their contrast.

    Compared as they are, and by what is bright and what is dark alone, so that outlined letters are known on another
    ground; the least of the three counts. Both are float32 (24, w). About 0.2 ms.
    """
    return float(_spots(one, other).max())


def is_alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two prints of one region, perhaps changed by a video encoder and on another ground, show the same words.

    One letter is noticed only where all the rest stayed as it was. About 0.3 ms.
    """
    if correlation(one, other) < ALIKE:
        return False
    if one.shape != other.shape:
        return True
    spots = _spots(one, other)
    return not (spots.max() >= LETTER and float(np.median(spots)) < STILL)


def _spots(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """The most different spot in each column, as a share of the contrast, float32 (w,)."""
    import cv2

    least = np.ones(one.shape[1], np.float32)
    low, high = np.percentile(one, (2.0, 98.0))
    contrast = max(float(high - low), _LEAST_RANGE)
    for a, b in zip(_looks((one - low) / contrast), _looks((other - low) / contrast), strict=True):
        if min(float(a.mean()), float(b.mean())) >= _LEAST_INK:
            spots = cv2.blur(np.abs(a - b), (_SPOT_PX, _SPOT_PX)).max(axis=0)
            least = min(least, spots, key=lambda one: float(one.max()))
    return least


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How far two prints of a region vary together where they do so least: Pearson's correlation, in [-1, 1].

    Taken over pieces of one and a half heights along the line; widths are made equal. About 0.1 ms.
    """
    import cv2

    if one.shape != other.shape:
        other = np.asarray(cv2.resize(other, one.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    width = one.shape[1]
    starts = range(0, max(1, width - _PIECE_PX + 1), _PIECE_PX // 3)
    return min(_pearson(one[:, at : at + _PIECE_PX], other[:, at : at + _PIECE_PX]) for at in starts)


def _pearson(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """1 where neither shows anything."""
    if max(float(one.std()), float(other.std())) < _LEAST_SPREAD:
        return 1.0
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float((a * b).sum()) / spread if spread > 0.0 else 0.0


def _looks(shares: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """A print in shares of the contrast: as it is, its brightest part and its darkest part, from 0 to 1."""
    yield np.clip(shares, 0.0, 1.0)
    yield np.clip((shares - 0.75) / 0.2, 0.0, 1.0)
    yield np.clip((0.25 - shares) / 0.2, 0.0, 1.0)
