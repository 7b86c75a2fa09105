"""Tables of labels told from paragraphs: equal cells in columns say something each, not together."""

from collections.abc import Sequence
from statistics import median

from tidegate.signals.onscreen.regions import Region

LEAST_CELLS, LEAST_COLUMNS, LEAST_ROWS = 16, 3, 4
"""What is smaller may be a caption whose words stand apart."""

MOST_ASPECT = 8.0
"""Longest cell in heights: a longer one is a line of a column of text."""

EQUAL_SHARE = 0.6
"""Share of the cells that have to be equally wide. Words of a sentence are not."""
_EQUAL = 0.25
"""Most difference from the usual width."""


def is_grid(regions: Sequence[Region]) -> bool:
    """Whether most of the regions are short cells of one width that stand in columns and rows.

    Upright tables only; what the finder took for one line now and then may be several cells. Cost: n log n.
    """
    if len(regions) < LEAST_CELLS:
        return False
    bounds = [region.bounds() for region in regions]
    width_px = median(right - left for left, _, right, _ in bounds)
    height_px = median(bottom - top for _, top, _, bottom in bounds)
    equal = [one for one in bounds if abs(one[2] - one[0] - width_px) <= _EQUAL * width_px]
    if width_px > MOST_ASPECT * height_px or len(equal) < EQUAL_SHARE * len(bounds):
        return False
    rows = len(_clusters([(top + bottom) / 2 for _, top, _, bottom in bounds], height_px / 2))
    columns = _clusters([(left + right) / 2 for left, _, right, _ in equal], height_px / 2)
    return rows >= LEAST_ROWS and sum(count >= max(LEAST_ROWS, rows / 2) for count in columns) >= LEAST_COLUMNS


def _clusters(places: Sequence[float], reach: float) -> list[int]:
    """How many places are in each group whose members lie within `reach` of the one before."""
    counts: list[int] = []
    before = float("-inf")
    for place in sorted(places):
        if place - before > reach:
            counts.append(0)
        counts[-1] += 1
        before = place
    return counts
