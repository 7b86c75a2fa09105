"""Looked-at frames: a tiny signature of each, the small picture if one is kept, and which show the same."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import FrameReason
from tidegate.media.detail import CHANGED, Detail, changes_of
from tidegate.records import Span

GRID_PX = 32
_PLACES = 8
_LEVELS = 4
_COLOURS = _LEVELS**3
_PLACE_WEIGHT = 2.0 / (_PLACES * _PLACES * 3)

NEAR_IDENTICAL_MEAN = 0.006
NEAR_IDENTICAL_BLOCK = 0.04
"""Below both (shares of full scale), two pictures have the same ground; a re-encoded still stays at half of it."""
Signature = NDArray[np.float32]
"""What two frames are compared by: a 64-bin colour histogram and the mean colours of 8 x 8 blocks, weighted."""


def signature(grid: NDArray[np.uint8]) -> Signature:
    """The signature of a uint8 (32, 32, 3) miniature. Cost: 30 us."""
    levels = (grid >> 6).astype(np.intp)
    bins = (levels[..., 0] * _LEVELS + levels[..., 1]) * _LEVELS + levels[..., 2]
    histogram = np.bincount(bins.ravel(), minlength=_COLOURS).astype(np.float32) / bins.size
    side = GRID_PX // _PLACES
    blocks = grid.reshape(_PLACES, side, _PLACES, side, 3).mean(axis=(1, 3), dtype=np.float32) / 255.0
    return np.concatenate([0.25 * histogram, np.float32(_PLACE_WEIGHT) * blocks.ravel()])


def difference(a: Signature, b: Signature) -> float:
    """How different two frames are, from 0: half by colours (motion leaves them), half by where they are.

    Identical pictures give 0, a second of ordinary motion 0.05 to 0.3, a cut to another scene 0.4 and more.
    """
    return float(np.abs(a - b).sum())


def is_near_identical(a: Signature, b: Signature) -> bool:
    """Whether two frames have the same ground; a change in one sixty-fourth of the picture is enough for no.

    Outlined letters average to the grey behind them: whether two frames also say the same, only `shows_same` tells.
    """
    blocks = np.abs(a[_COLOURS:] - b[_COLOURS:]) / _PLACE_WEIGHT
    return float(blocks.mean()) < NEAR_IDENTICAL_MEAN and float(blocks.max()) < NEAR_IDENTICAL_BLOCK


@dataclass(slots=True)
class Held:
    """A small upright picture and its detail, shared by looks that show the same; both `None` when it is given up."""

    rgb: NDArray[np.uint8] | None = None
    detail: Detail | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """New strokes that one look stands for: the small cells they fill, and when they stood, on the look's clock."""

    cell_count: int
    span: Span


@dataclass(slots=True, kw_only=True)
class Look:
    """One frame that was looked at: packet position, time, why, signature, and the picture if one was kept.

    `lettering` is what appeared and what it stands for, where other pictures of that were given up.
    """

    index: int
    time_s: float
    reason: FrameReason
    signature: Signature
    held: Held = field(default_factory=Held)
    lettering: Lettering | None = None

    @property
    def rgb(self) -> NDArray[np.uint8] | None:
        """The small upright picture, `None` when it was not kept."""
        return self.held.rgb


def shows_same(a: Look, b: Look) -> bool:
    """Whether two looks tell a detector the same: the same ground, and in every small cell the same strokes.

    Without the detail of both, ground decides. Cost: 50 us.
    """
    if a.held is b.held:
        return True
    if not is_near_identical(a.signature, b.signature):
        return False
    if a.held.detail is None or b.held.detail is None:
        return True
    return float(changes_of(a.held.detail, b.held.detail).max()) < CHANGED
