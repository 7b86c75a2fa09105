"""Stretches of a clip: from what holds frame by frame to spans in seconds, few enough to be read."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Span

Stretch = tuple[int, int]
"""Frames `[first, past)`."""

Mask = NDArray[np.bool_]


def runs(mask: Mask) -> list[Stretch]:
    """Where a boolean (frames,) mask holds, as maximal stretches in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(past)) for first, past in edges.reshape(-1, 2)]


def merged(stretches: Sequence[Stretch], gap: int) -> list[Stretch]:
    """Stretches in order, those less than `gap` frames apart made one."""
    kept: list[Stretch] = []
    for first, past in stretches:
        if kept and first - kept[-1][1] < gap:
            kept[-1] = (kept[-1][0], max(kept[-1][1], past))
        else:
            kept.append((first, past))
    return kept


def at_most(stretches: Sequence[Stretch], most: int, gap: int) -> list[Stretch]:
    """Stretches merged over gaps under `gap` frames, and over wider and wider ones until there are `most` or fewer.

    Nothing is dropped: a flickering clip gets longer stretches, not fewer seconds.
    """
    kept = merged(stretches, gap)
    while len(kept) > max(1, most):
        gap = 2 * max(1, gap)
        kept = merged(kept, gap)
    return kept


def widened(mask: Mask, frames: int) -> Mask:
    """The mask with `frames` more on each side of what holds."""
    if not frames or not mask.any():
        return mask
    steps = np.zeros(mask.size + 1, np.int32)
    for first, past in runs(mask):
        steps[max(0, first - frames)] += 1
        steps[min(mask.size, past + frames)] -= 1
    return np.cumsum(steps[:-1]) > 0


def span_of(stretch: Stretch, frame_s: float, end_s: float) -> Span:
    """The stretch in seconds, cut at the end of the clip."""
    first, past = stretch
    stop_s = min(end_s, past * frame_s)
    return Span(start_s=min(first * frame_s, stop_s), end_s=stop_s)
