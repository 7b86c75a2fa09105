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

CORE = 0.85
"""Share of a region's height that is compared: its rim is ground more than letters."""

_SPOT_PX = 5
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
    import cv2

    least = 1.0
    low, high = np.percentile(one, (2.0, 98.0))
    contrast = max(float(high - low), _LEAST_RANGE)
    for a, b in zip(_looks((one - low) / contrast), _looks((other - low) / contrast), strict=True):
        if min(float(a.mean()), float(b.mean())) >= _LEAST_INK:
            spots = cv2.blur(np.abs(a - b), (_SPOT_PX, _SPOT_PX))
            least = min(least, float(spots.max()))
    return least


def _looks(shares: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """A print in shares of the contrast: as it is, its brightest part and its darkest part, from 0 to 1."""
    yield np.clip(shares, 0.0, 1.0)
    yield np.clip((shares - 0.75) / 0.2, 0.0, 1.0)
    yield np.clip((0.25 - shares) / 0.2, 0.0, 1.0)
