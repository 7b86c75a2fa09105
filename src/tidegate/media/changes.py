"""Where the picture changed between keyframes, told by packet sizes alone.

A predicted picture is small while it resembles the pictures before it and large when it shows something new; after
a change the level of sizes shifts too. Both marks are taken against neighbours of the same kind, robustly (median
and median absolute deviation of log2 sizes), so that they hold at low and at ordinary motion.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tidegate.media.packets import PacketTable
from tidegate.media.slices import Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """A rise counts when it reaches all three: log2 over the usual, share of the keyframe's size, spreads."""

    rise: float
    share: float
    spreads: float


WINDOW_S = 1.0
"""Neighbours within this many seconds to either side set what is usual."""
LEAST_SPREAD = 0.22
"""log2; below this an encoder's own jitter dominates."""
RULES = (Rule(0.9, 0.035, 4.0), Rule(1.25, 0.5, 1.5), Rule(1.5, 0.2, 0.0), Rule(3.0, 0.006, 0.0))
"""What counts as a rise: nearly twice the usual among steady neighbours; half or a fifth of a keyframe among
packets two or three times smaller; or eight times the usual in a picture so still that even a plain card costs
next to nothing."""
INTRA_SCORE = 8.0
"""An intra picture that is no keyframe: the encoder itself found a new scene."""
SHIFT = 2.5
"""log2 of a change in the level of sizes that lasts and so counts without a rise."""
SHIFT_SHARE = 0.02
"""Least share of a keyframe's size that the higher level has to reach."""
SHIFT_PACKETS = 5
MIXED_SHARE = 0.97
"""Where packets of unlike kinds cannot be told apart, this quantile is the usual size instead of the median: the
level of the largest regular packets, one in 16..."""
MIXED_WINDOW_S = 2.0
"""...for which the neighbourhood has to be wider."""
APART_S = 0.12
"""Changes closer together than this are one; the strongest stands."""
_CHUNK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change point: the packet (position in decode order) that first shows the new picture, and how clear it is."""

    packet: int
    time_s: float
    score: float


def changes(packets: PacketTable) -> list[Change]:
    """The change points between keyframes, by time. Pure. Cost: 1 ms for 1,000 packets."""
    kinds = np.where(packets.kind == Kind.INTRA, Kind.REFERENCE, packets.kind)
    is_mixed = not packets.knows_kinds or not np.any((kinds == Kind.REFERENCE) & ~packets.is_keyframe)
    found: list[Change] = []
    level: _Neighbours | None = None
    for kind in (Kind.REFERENCE, Kind.BETWEEN, Kind.DISPOSABLE):
        chosen = np.flatnonzero(~packets.is_keyframe & (kinds == kind))
        if len(chosen) < 3:
            continue
        around = _neighbours(packets, chosen, is_mixed=is_mixed)
        usual = around.usual if level is None else np.maximum(around.usual, _level_at(level, chosen))
        level = level or around
        scores = _scores(packets, around, usual, with_shifts=not is_mixed)
        found += [
            Change(packet=int(chosen[i]), time_s=float(packets.time_s[chosen[i]]), score=float(scores[i]))
            for i in np.flatnonzero(scores > 0)
        ]
    return _strongest(found)


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Packets of one kind (positions in decode order), their log2 sizes, and what is usual around each of them."""

    chosen: NDArray[np.intp]
    log_size: NDArray[np.float64]
    usual: NDArray[np.float64]
    spread: NDArray[np.float64]


def _neighbours(packets: PacketTable, chosen: NDArray[np.intp], *, is_mixed: bool) -> _Neighbours:
    """Running median (of a mixture: upper quantile) and spread of log2 sizes over neighbours of the same kind."""
    log_size = np.log2(np.maximum(packets.size_bytes[chosen], 16).astype(np.float64))
    step_s = float(np.median(np.diff(np.sort(packets.time_s[chosen])))) or 1.0
    half = int(np.clip(round((MIXED_WINDOW_S if is_mixed else WINDOW_S) / step_s), 6, 120))
    half = min(half, len(chosen) - 1)
    windows = sliding_window_view(np.pad(log_size, half, mode="reflect"), 2 * half + 1)
    usual, spread = np.empty_like(log_size), np.zeros_like(log_size)
    for start in range(0, len(chosen), _CHUNK):
        part, chunk = windows[start : start + _CHUNK], slice(start, start + _CHUNK)
        usual[chunk] = np.quantile(part, MIXED_SHARE if is_mixed else 0.5, axis=1)
        if not is_mixed:
            spread[chunk] = 1.4826 * np.median(np.abs(part - usual[chunk, None]), axis=1)
    return _Neighbours(chosen, log_size, usual, spread)


def _level_at(level: _Neighbours, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """What is usual for predicted pictures at other packets: pictures in between are held against it too.

    In lively motion they vary by more than their own level; one that shows something new costs as much as a
    predicted picture that does.
    """
    return np.interp(chosen, level.chosen, level.usual)


def _scores(
    packets: PacketTable, around: _Neighbours, usual: NDArray[np.float64], *, with_shifts: bool
) -> NDArray[np.float64]:
    """A score for each packet of a kind, 0 where nothing changed."""
    chosen, rise = around.chosen, around.log_size - usual
    spreads = rise / np.maximum(around.spread, LEAST_SPREAD)
    keyframe_bytes = _keyframe_size(packets)[chosen]
    share = packets.size_bytes[chosen] / np.maximum(keyframe_bytes, 1.0)
    is_rise = np.zeros(len(chosen), dtype=np.bool_)
    for rule in RULES:
        is_rise |= (rise >= rule.rise) & (share >= rule.share) & (spreads >= rule.spreads)
    scores = np.where(is_rise, rise * (1.0 + 2.0 * np.minimum(share, 1.0)) + np.minimum(spreads, 4.0), 0.0)
    if with_shifts:
        scores = np.maximum(scores, _shifts(around.log_size, around.spread, SHIFT_SHARE * keyframe_bytes))
    is_intra = packets.kind[chosen] == Kind.INTRA
    scores[is_intra] = np.maximum(scores[is_intra], INTRA_SCORE)
    return scores


def _keyframe_size(packets: PacketTable) -> NDArray[np.float64]:
    """For each packet the size of the keyframe before it, in bytes; 0 before the first."""
    positions = np.where(packets.is_keyframe, np.arange(len(packets)), -1)
    before = np.maximum.accumulate(positions)
    return np.where(before >= 0, packets.size_bytes[np.maximum(before, 0)], 0).astype(np.float64)


def _shifts(
    log_size: NDArray[np.float64], spread: NDArray[np.float64], least_bytes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scores for lasting changes of level: the median of the next packets against that of the previous ones.

    The higher of the two levels has to reach `least_bytes`: below, a camera merely came to rest.
    """
    count = SHIFT_PACKETS
    scores = np.zeros_like(log_size)
    if len(log_size) < 2 * count + 1:
        return scores
    medians = np.median(sliding_window_view(log_size, count), axis=1)
    before, after = medians[: -count - 1], medians[count + 1 :]
    shift = np.abs(after - before)
    middle = slice(count, len(log_size) - count)
    is_peak = shift >= np.max(sliding_window_view(np.pad(shift, count, mode="edge"), 2 * count + 1), axis=1)
    is_material = np.maximum(before, after) >= np.log2(np.maximum(least_bytes[middle], 1.0))
    score = shift / np.maximum(spread[middle], 2 * LEAST_SPREAD)
    scores[middle] = np.where((shift >= SHIFT) & is_peak & is_material, score, 0.0)
    return scores


def _strongest(found: list[Change]) -> list[Change]:
    """Changes no closer than APART_S to a stronger one, by time."""
    kept: dict[int, list[Change]] = {}
    for change in sorted(found, key=lambda change: (-change.score, change.time_s)):
        cell = int(change.time_s / APART_S)
        near = (other for place in (cell - 1, cell, cell + 1) for other in kept.get(place, ()))
        if all(abs(change.time_s - other.time_s) >= APART_S for other in near):
            kept.setdefault(cell, []).append(change)
    return sorted((change for cell in kept.values() for change in cell), key=lambda change: change.time_s)
