"""The table of a picture stream's packets: time, size, keyframe, kind. The price of demuxing buys the whole of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidegate.media.slices import Kind, Peek, Peeker
from tidegate.records import FrameClock

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream


class PacketLog:
    """Collects packets in decode order while they are demuxed. Times are in ticks of the stream's time base."""

    def __init__(self, peeker: Peeker) -> None:
        self._peek = peeker.peek
        self.knows_kinds = peeker.knows_kinds
        self.pts: list[int] = []
        self.durations: list[int] = []
        self.sizes: list[int] = []
        self.keyframes: list[bool] = []
        self.hidden: list[bool] = []
        self.kinds: list[int] = []
        self.layers: list[int] = []
        self.damaged: list[bool] = []
        self.corrupt_count = 0

    def __len__(self) -> int:
        return len(self.pts)

    def add(self, packet: "Packet[VideoStream]") -> int:
        """Note one packet and return its position in decode order. A packet without times follows its neighbour."""
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is None:
            pts = self.pts[-1] + max(1, self.durations[-1]) if self.pts else 0
        peek = self._peek(memoryview(packet))
        self.corrupt_count += packet.is_corrupt or peek.is_damaged
        return self.add_plain(
            pts, packet.duration or 0, packet.size, peek, is_keyframe=packet.is_keyframe, is_hidden=packet.is_discard
        )

    def add_plain(
        self, pts: int, duration: int, size_bytes: int, peek: Peek, *, is_keyframe: bool, is_hidden: bool = False
    ) -> int:
        """Note one picture from its facts."""
        self.pts.append(pts)
        self.durations.append(duration)
        self.sizes.append(size_bytes)
        self.keyframes.append(is_keyframe)
        self.hidden.append(is_hidden)
        self.kinds.append(peek.kind)
        self.layers.append(peek.layer)
        self.damaged.append(peek.is_damaged)
        return len(self.pts) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketTable:
    """Packets in decode order. `time_s` and `end_s` are when a picture appears and goes, on the clip's clock;
    `duration_s` is how long its packet says it stays, 0 where that is unsaid.

    `is_hidden` packets are decoded but never presented (an edit list cuts them off). `is_damaged`
    packets hold no picture. `knows_kinds` is false where `kind` could not be told.
    """

    pts: NDArray[np.int64]
    time_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    size_bytes: NDArray[np.int64]
    is_keyframe: NDArray[np.bool_]
    is_hidden: NDArray[np.bool_]
    is_damaged: NDArray[np.bool_]
    kind: NDArray[np.int8]
    knows_kinds: bool

    def __len__(self) -> int:
        return len(self.pts)

    def clock(self) -> FrameClock:
        """The clip's frame clock: times of presented frames, ascending."""
        times = np.sort(self.time_s[~self.is_hidden])
        if not times.size:
            return FrameClock(times_s=(), end_s=0.0)
        return FrameClock(times_s=tuple(times.tolist()), end_s=float(self.end_s[~self.is_hidden].max()))


def table(log: PacketLog, time_base_s: float, origin_s: float) -> PacketTable:
    """The log as arrays. A packet ends where the next presented one starts; the last by its own duration."""
    pts = np.array(log.pts, dtype=np.int64)
    time_s = np.maximum(0.0, pts * time_base_s - origin_s)
    durations = np.array(log.durations, dtype=np.float64) * time_base_s
    order = np.argsort(time_s, kind="stable")
    end_s = np.empty_like(time_s)
    if len(order):
        following = np.append(time_s[order][1:], 0.0)
        last = order[-1]
        typical = float(np.median(np.diff(time_s[order]))) if len(order) > 1 else 0.0
        following[-1] = time_s[last] + (durations[last] if durations[last] > 0 else typical)
        end_s[order] = following
    kind = np.array(log.kinds, dtype=np.int8)
    layers = np.array(log.layers, dtype=np.int8)
    if layers.size and layers.max() > 0:
        # A lower layer's non-reference picture may still be referred to from a higher layer.
        kind[(kind == Kind.DISPOSABLE) & (layers < layers.max())] = Kind.REFERENCE
    return PacketTable(
        pts=pts,
        time_s=time_s,
        end_s=end_s,
        duration_s=durations,
        size_bytes=np.array(log.sizes, dtype=np.int64),
        is_keyframe=np.array(log.keyframes, dtype=np.bool_),
        is_hidden=np.array(log.hidden, dtype=np.bool_),
        is_damaged=np.array(log.damaged, dtype=np.bool_),
        kind=kind,
        knows_kinds=log.knows_kinds,
    )
