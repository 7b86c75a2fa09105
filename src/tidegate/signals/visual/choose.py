"""Which frames a dear network looks at: the most different ones first, so that nothing odd is passed over.

Greedy k-centre selection (Gonzalez 1985) on small thumbnails: the first frame, then always the frame that
differs most from all chosen ones. A foreign picture inserted anywhere is therefore among the first chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Span
from tidegate.signals.frames import FrameBatch

SIDE_PX = 256
"""Side of the shared squares that every network crops its input from."""

THUMB_SIDE = 16
SAME_PICTURE = 4.0
"""Root-mean-square difference of two thumbnails, in grey levels of 255, below which a second look adds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Frames to look at, ascending, and for every frame that looks the same as one of them, which one."""

    indices: tuple[int, ...]
    same_as: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Neighbouring frames that agree: their indices, ascending, and the span they stand for."""

    indices: tuple[int, ...]
    span: Span


def thumbnails(frames: FrameBatch) -> NDArray[np.float32]:
    """Every frame as float32 (n, 768): a 16 x 16 RGB thumbnail in grey levels of 255. About 0.1 ms a frame."""
    from PIL import Image

    squares = frames.squares(SIDE_PX)
    small = [np.asarray(Image.fromarray(square).reduce(SIDE_PX // THUMB_SIDE)) for square in squares]
    return np.array(small, np.float32).reshape(len(squares), THUMB_SIDE * THUMB_SIDE * 3)


def choose(thumbs: NDArray[np.float32], most: int) -> Chosen:
    """At most `most` of the frames whose thumbnails are the float32 (n, d) rows of `thumbs`.

    Stops early when every frame is within `SAME_PICTURE` of a chosen one. Cost: n * most row differences.
    """
    count = len(thumbs)
    if count == 0 or most < 1:
        return Chosen(indices=(), same_as={})
    nearest = np.zeros(count, np.int64)
    gap = distances(thumbs, thumbs[0])
    chosen = [0]
    while len(chosen) < min(most, count) and float(gap.max()) > SAME_PICTURE:
        far = int(gap.argmax())
        away = distances(thumbs, thumbs[far])
        nearest[away < gap] = far
        gap = np.minimum(gap, away)
        chosen.append(far)
    same_as = {index: int(nearest[index]) for index in range(count) if gap[index] <= SAME_PICTURE}
    return Chosen(indices=tuple(sorted(chosen)), same_as={**same_as, **{index: index for index in chosen}})


def distances(thumbs: NDArray[np.float32], one: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root-mean-square difference of each row from `one`, in the rows' own unit."""
    result: NDArray[np.float32] = np.sqrt(np.mean(np.square(thumbs - one), axis=1))
    return result


def runs(is_positive: Mapping[int, bool], frames: FrameBatch) -> list[Run]:
    """Runs of positive frames, by time, not interrupted by a frame known to be negative.

    `is_positive` holds the frames somebody looked at; frames in between that nobody looked at join their run.
    """
    found: list[list[int]] = []
    was_positive = False
    for index in sorted(is_positive):
        if is_positive[index] and was_positive:
            found[-1].append(index)
        elif is_positive[index]:
            found.append([index])
        was_positive = is_positive[index]
    return [Run(indices=tuple(run), span=_span(run, frames)) for run in found]


def _span(run: list[int], frames: FrameBatch) -> Span:
    spans = [frames[index].span for index in run]
    return Span(start_s=spans[0].start_s, end_s=max(span.end_s for span in spans))
