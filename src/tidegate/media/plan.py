"""What to decode between keyframes: change points first, then the longest stretches nobody has looked at.

A picture between keyframes costs every reference picture from its keyframe up to it, so the plan is made per group
of pictures: how far to decode into each. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.media.changes import Change
from tidegate.media.packets import PacketTable
from tidegate.media.slices import Kind

STRONG = 8.0
"""Changes of at least this score are paid for first, in order of score; weaker ones by score for money."""
SETTLE_S = 0.12
"""How far past a change point decoding goes on, so that a picture that fades in is seen whole."""
GAP_SHARE = 0.5
"""Share of the money that stretches without any mark may cost; change points may cost all of it."""
HIDDEN_S = 0.6
"""The same where a packet may hold a picture for later (VP9, AV1): up to 16 frames ahead."""
_SEARCH_STEPS = 24
_ROUNDING_S = 1e-6


@dataclass(slots=True, kw_only=True)
class Group:
    """A run of packets [start, end) in decode order behind one keyframe, and how far it is to be decoded.

    `stop` is exclusive; `stop == start` means not at all. `wanted` are packets whose pictures are looked at even if
    disposable.
    """

    start: int
    end: int
    stop: int
    wanted: set[int] = field(default_factory=set)

    @property
    def is_planned(self) -> bool:
        """Whether anything of the group is to be decoded."""
        return self.stop > self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Groups to decode, how many frames that is, and the change points that were too dear."""

    groups: tuple[Group, ...]
    frame_count: int
    missed: tuple[Change, ...]


def plan(
    packets: PacketTable,
    keyframes: Sequence[int],
    found: Sequence[Change],
    *,
    most_frames: int,
    max_gap_s: float,
) -> Plan:
    """Spend at most `most_frames` decoded frames on change points, then on stretches longer than `max_gap_s`.

    `keyframes` are the positions whose pictures have been seen; the first packet always starts a group.
    """
    budget = _Budget(packets, keyframes, most_frames)
    budget.see_first_shown()
    strong = sorted((c for c in found if c.score >= STRONG), key=lambda c: -c.score)
    weak = sorted((c for c in found if c.score < STRONG), key=lambda c: -c.score / (10 + budget.price(c)))
    missed = [change for change in (*strong, *weak) if not budget.buy(change)]
    budget.fill(max_gap_s, int(most_frames * GAP_SHARE))
    return Plan(
        groups=tuple(group for group in budget.groups if group.is_planned),
        frame_count=budget.spent,
        missed=tuple(sorted(missed, key=lambda change: change.time_s)),
    )


class _Budget:
    """The groups and what has been spent on them so far."""

    def __init__(self, packets: PacketTable, keyframes: Sequence[int], most_frames: int) -> None:
        self._packets = packets
        self._most = most_frames
        self.spent = 0
        starts = sorted({0, *keyframes}) if len(packets) else []
        bounds = zip(starts, [*starts[1:], len(packets)][: len(starts)], strict=True)
        self.groups = [Group(start=start, end=end, stop=start) for start, end in bounds]
        self._starts = np.array(starts, dtype=np.int64)
        is_fed = packets.kind != Kind.DISPOSABLE
        self._paid = np.concatenate([[0], np.cumsum(is_fed)])
        self._settle_s = SETTLE_S if packets.knows_kinds else HIDDEN_S

    def price(self, change: Change) -> int:
        """Frames still to be decoded for this change."""
        group = self._group_of(change.packet)
        return self._extra(group, self._settled(group, change))

    def buy(self, change: Change) -> bool:
        """Plan to decode up to the change if the money is there."""
        group = self._group_of(change.packet)
        if not self._extend(group, self._settled(group, change)):
            return False
        group.wanted.add(change.packet)
        return True

    def see_first_shown(self) -> None:
        """A keyframe that an edit list hides leaves its group unseen: plan to reach the first presented picture."""
        for group in self.groups:
            if not self._packets.is_hidden[group.start]:
                continue
            shown = np.flatnonzero(~self._packets.is_hidden[group.start : group.end])
            if shown.size:
                first = group.start + int(shown[0])
                if self._extend(group, first + 1):
                    group.wanted.add(first)

    def fill(self, max_gap_s: float, most_frames: int) -> None:
        """Decode on into groups until no unseen tail is longer than one length, the shortest that can be paid."""
        most = min(self._most, self.spent + most_frames)
        tails = [self._tail(group) for group in self.groups]
        longest = max((tail[-1] for tail in tails if tail.size), default=0.0)
        if longest <= max_gap_s:
            return
        low, high = max_gap_s, float(longest)
        if not self._can_pay(tails, low, most):
            for _ in range(_SEARCH_STEPS):
                middle = (low + high) / 2
                low, high = (low, middle) if self._can_pay(tails, middle, most) else (middle, high)
            low = high
        for group, tail in zip(self.groups, tails, strict=True):
            self._extend(group, self._stop_for(group, tail, low))

    def _tail(self, group: Group) -> NDArray[np.float64]:
        """Seconds left unseen in the group if decoding stopped at its last packet, the one before, ... (ascending)."""
        part = slice(group.start, group.end)
        end_s = float(self._packets.end_s[part].max())
        seen_s = np.maximum.accumulate(self._packets.end_s[part])
        return (end_s - seen_s)[::-1]

    def _stop_for(self, group: Group, tail: NDArray[np.float64], most_s: float) -> int:
        left = int(np.searchsorted(tail, most_s + _ROUNDING_S, side="right"))
        stop = group.end - left + 1
        return stop if stop > group.start + 1 else group.start

    def _can_pay(self, tails: Sequence[NDArray[np.float64]], most_s: float, most_frames: int) -> bool:
        extra = sum(
            self._extra(group, self._stop_for(group, tail, most_s))
            for group, tail in zip(self.groups, tails, strict=True)
        )
        return self.spent + extra <= most_frames

    def _group_of(self, packet: int) -> Group:
        return self.groups[int(np.searchsorted(self._starts, packet, side="right")) - 1]

    def _settled(self, group: Group, change: Change) -> int:
        times = self._packets.time_s[change.packet : group.end]
        return change.packet + int(np.count_nonzero(times <= change.time_s + self._settle_s))

    def _extra(self, group: Group, stop: int) -> int:
        return max(0, int(self._paid[min(stop, group.end)] - self._paid[group.stop]))

    def _extend(self, group: Group, stop: int) -> bool:
        extra = self._extra(group, stop)
        if self.spent + extra > self._most:
            return False
        self.spent += extra
        group.stop = max(group.stop, min(stop, group.end))
        return True
