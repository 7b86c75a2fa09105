"""Looked-at frames: a tiny signature of each, and a bounded store of small pictures of those that differ."""

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import FrameReason
from tidegate.media.colour import Converter, Turn, turn_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

GRID_PX = 32
_PLACES = 8
_LEVELS = 4
_COLOURS = _LEVELS**3
_PLACE_WEIGHT = 2.0 / (_PLACES * _PLACES * 3)

NEAR_IDENTICAL_MEAN = 0.006
NEAR_IDENTICAL_BLOCK = 0.04
"""Below both (shares of full scale), two pictures tell a detector the same; a re-encoded still stays at half of it."""
NOTEWORTHY = 0.12
"""A frame decoded in passing is kept when it differs this much from the last kept one..."""
NOTEWORTHY_APART_S = 0.4
"""...and is this far from it, or differs as much as a cut does."""
NOTEWORTHY_AT_ONCE = 0.35

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
    """Whether two frames show the same to a detector; a change in one sixty-fourth of the picture is enough for no."""
    blocks = np.abs(a[_COLOURS:] - b[_COLOURS:]) / _PLACE_WEIGHT
    return float(blocks.mean()) < NEAR_IDENTICAL_MEAN and float(blocks.max()) < NEAR_IDENTICAL_BLOCK


@dataclass(slots=True)
class Held:
    """A small upright picture that near-identical looks share; `rgb` becomes `None` when it is given up."""

    rgb: NDArray[np.uint8] | None = None


@dataclass(slots=True, kw_only=True)
class Look:
    """One frame that was looked at: packet position, time, why, signature, and the picture if one was kept."""

    index: int
    time_s: float
    reason: FrameReason
    signature: Signature
    held: Held = field(default_factory=Held)

    @property
    def rgb(self) -> NDArray[np.uint8] | None:
        """The small upright picture, `None` when it was not kept."""
        return self.held.rgb


class LookBook:
    """Looks at frames; holds at most `capacity` small pictures, the least telling ones given up first.

    `turn`, `frame_size` and `transfer` are those of the first frame. `still_turn` is set where the file, not the
    frame, says how the picture is to be turned.
    """

    def __init__(self, *, side_px: int, aspect: float, capacity: int) -> None:
        self.looks: list[Look] = []
        self.aspect = aspect
        self.turn = Turn()
        self.still_turn: Turn | None = None
        self.frame_size: tuple[int, int] = (0, 0)
        self.transfer = 0
        self._capacity = max(2, capacity)
        self._converter = Converter(side_px)
        self._kept: list[Look] = []

    def look(self, frame: "VideoFrame", index: int, time_s: float, reason: FrameReason, *, keep: bool = True) -> None:
        """Look at a decoded frame; with `keep=False` its picture is kept only if it is noteworthy by itself.

        A picture near-identical to the one kept before it shares that. Cost from 1080x1920: 2 ms, with `keep=False`
        0.6 ms. Raises what the scaler raises on formats it cannot read.
        """
        small = self._converter.shrink(frame, self.aspect) if keep else None
        seen = signature(self._converter.miniature(small or frame, GRID_PX))
        look = Look(index=index, time_s=time_s, reason=reason, signature=seen)
        if not self.looks:
            self.turn, self.frame_size, self.transfer = self._turn(frame), (frame.width, frame.height), frame.color_trc
        last = self._kept[-1] if self._kept else None
        if last is not None and is_near_identical(last.signature, seen):
            look.held = last.held
        elif last is None or keep or _is_noteworthy(last, look):
            small = small or self._converter.shrink(frame, self.aspect)
            look.held.rgb = self._converter.picture(small, self._turn(frame))
            self._kept.append(look)
        self.looks.append(look)
        if len(self._kept) > self._capacity:
            self._give_up_half()

    def in_order(self) -> list[Look]:
        """The looks by time, one per frame; of two looks at one frame the one with a picture is kept."""
        best: dict[int, Look] = {}
        for look in self.looks:
            known = best.get(look.index)
            if known is None or (known.rgb is None and look.rgb is not None):
                best[look.index] = look
        return sorted(best.values(), key=lambda look: (look.time_s, look.index))

    def _turn(self, frame: "VideoFrame") -> Turn:
        return turn_of(frame) if self.still_turn is None else self.still_turn

    def _give_up_half(self) -> None:
        """Drop the half of the pictures that are most like the picture before them in time."""
        pictured = sorted(self._kept, key=lambda look: look.time_s)
        steps = [difference(a.signature, b.signature) for a, b in itertools.pairwise(pictured)]
        for rank in np.argsort(steps)[: len(pictured) // 2]:
            pictured[int(rank) + 1].held.rgb = None
        self._kept = [look for look in self._kept if look.rgb is not None]


def _is_noteworthy(last: Look, look: Look) -> bool:
    apart = difference(last.signature, look.signature)
    is_far = abs(look.time_s - last.time_s) >= NOTEWORTHY_APART_S
    return apart >= NOTEWORTHY_AT_ONCE or (is_far and apart >= NOTEWORTHY)
