"""The looks at one clip's frames, and a bounded store of small pictures of those that differ."""

import itertools
from typing import TYPE_CHECKING

import numpy as np

from tidegate.media.clip import FrameReason
from tidegate.media.colour import Converter, Turn, turn_of
from tidegate.media.detail import detail_of
from tidegate.media.lettering import Appearance, appearances, cover, is_other_lettering, unshown
from tidegate.media.looks import GRID_PX, Held, Lettering, Look, difference, shows_same, signature

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

NOTEWORTHY = 0.12
"""A frame decoded in passing is kept when it differs this much from the last kept one..."""
NOTEWORTHY_APART_S = 0.4
"""...and is this far from it, or differs as much as a cut does."""
NOTEWORTHY_AT_ONCE = 0.35
LETTERING_APART_S = 0.2
"""Other lettering over ground that mostly stands still is kept at this distance."""


class LookBook:
    """Looks at frames; holds at most `capacity` small pictures, the least telling ones given up first.

    `turn`, `frame_size` and `transfer` are those of the first frame; `unread` is lettering whose
    pictures were all given up. `still_turn` is set where the file, not the
    frame, says how the picture is to be turned.
    """

    def __init__(self, *, side_px: int, aspect: float, capacity: int) -> None:
        self.looks: list[Look] = []
        self.aspect = aspect
        self.turn = Turn()
        self.still_turn: Turn | None = None
        self.frame_size: tuple[int, int] = (0, 0)
        self.transfer = 0
        self.unread: list[Appearance] = []
        self._capacity = max(2, capacity)
        self._converter = Converter(side_px)
        self._kept: list[Look] = []

    def look(self, frame: "VideoFrame", index: int, time_s: float, reason: FrameReason, *, keep: bool = True) -> None:
        """Look at a decoded frame; with `keep=False` its picture is kept only if it is noteworthy by itself.

        A picture that shows the same as the one kept before it shares that. Cost from 1080x1920: 2 ms, with
        `keep=False` 1.1 ms. Raises what the scaler raises on formats it cannot read.
        """
        small = self._converter.shrink(frame, self.aspect)
        seen = signature(self._converter.miniature(small, GRID_PX))
        look = Look(index=index, time_s=time_s, reason=reason, signature=seen, held=Held(detail=detail_of(small)))
        if not self.looks:
            self.turn, self.frame_size, self.transfer = self._turn(frame), (frame.width, frame.height), frame.color_trc
        last = self._kept[-1] if self._kept else None
        if last is not None and shows_same(last, look):
            look.held = last.held
        elif last is None or keep or _is_noteworthy(last, look):
            look.held.rgb = self._converter.picture(small, self._turn(frame))
            self._kept.append(look)
        else:
            look.held.detail = None
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
        """Drop the half of the pictures that are most like the picture before them in time, lettering last."""
        pictured = sorted(self._kept, key=lambda look: look.time_s)
        found = appearances(pictured, range(len(pictured)))
        spared = set(cover(found, [0], self._capacity // 2))
        steps = [difference(a.signature, b.signature) for a, b in itertools.pairwise(pictured)]
        ranked = [int(rank) + 1 for rank in np.argsort(steps) if int(rank) + 1 not in spared]
        given_up = set(ranked[: len(pictured) // 2])
        left = [at for at in range(len(pictured)) if at not in given_up]
        for one in found:
            for at in spared.intersection(one.positions):
                pictured[at].lettering = standing_for(pictured[at].lettering, one)
        self.unread += unshown(found, left)
        for at in given_up:
            pictured[at].held.rgb = pictured[at].held.detail = None
        # In the order of looking, which may go back in time: the next picture is compared with the last of these.
        self._kept = [look for look in self._kept if look.held.rgb is not None]


def standing_for(known: Lettering | None, one: Appearance) -> Lettering:
    """What a picture stands for once it stands for this appearance too."""
    if known is None:
        return Lettering(cell_count=one.cell_count, span=one.span)
    return Lettering(cell_count=max(one.cell_count, known.cell_count), span=one.span.union(known.span))


def _is_noteworthy(last: Look, look: Look) -> bool:
    apart, apart_s = difference(last.signature, look.signature), abs(look.time_s - last.time_s)
    if apart >= NOTEWORTHY_AT_ONCE or (apart_s >= NOTEWORTHY_APART_S and apart >= NOTEWORTHY):
        return True
    before, after = last.held.detail, look.held.detail
    if apart_s < LETTERING_APART_S or before is None or after is None:
        return False
    return is_other_lettering(before, after)
