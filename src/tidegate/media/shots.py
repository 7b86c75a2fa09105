"""Shots from looked-at frames, and the frames that are kept: one a shot, those with new lettering, none twice."""

import bisect
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.lettering import Appearance, appearances, cover, unshown
from tidegate.media.looks import Look, difference, shows_same
from tidegate.records import Shot, Span

CUT = 0.33
"""Difference between neighbouring looks from which they belong to different shots, where packets mark a change."""
UNMARKED_APART_S = (0.1, 0.3, 0.6, 1.0, 2.0)
UNMARKED_CUT = (0.25, 0.33, 0.46, 0.54, 0.65)
"""The same without such a mark, by the seconds between the looks: a little above what fast pans and hand-held
motion reach (0.14, 0.29, 0.42, 0.51, 0.63 at most in a minute of such clips)."""

LETTERING_PART = 3
"""One part in so many of `sampling.max_frames` is added where new lettering would otherwise have no frame."""


def cuts(looks: Sequence[Look], marks_s: Sequence[float]) -> list[int]:
    """Positions in `looks` (by time) where a new shot begins; 0 is always one of them.

    `marks_s` are the moments, ascending, at which packets say that the picture changed.
    """
    starts = [0] if looks else []
    for position in range(1, len(looks)):
        before, after = looks[position - 1], looks[position]
        is_marked = _last_between(marks_s, before.time_s, after.time_s) is not None
        least = float(np.interp(after.time_s - before.time_s, UNMARKED_APART_S, UNMARKED_CUT))
        if difference(before.signature, after.signature) >= (min(CUT, least) if is_marked else least):
            starts.append(position)
    return starts


def _last_between(marks_s: Sequence[float], after_s: float, until_s: float) -> float | None:
    """The last mark in (after_s, until_s]."""
    place = bisect.bisect_right(marks_s, until_s)
    return marks_s[place - 1] if place and marks_s[place - 1] > after_s else None


def shots(looks: Sequence[Look], starts: Sequence[int], marks_s: Sequence[float], end_s: float) -> list[Shot]:
    """The shots that begin at the positions `starts` of `looks` (by time), together covering [0, end_s).

    A boundary lies at the last mark between the two looks if there is one, else at the later look.
    `frame_times_s` are all looked-at moments of the shot.
    """
    if not looks:
        return []
    bounds = [0.0]
    for position in starts[1:]:
        before, after = looks[position - 1].time_s, looks[position].time_s
        mark_s = _last_between(marks_s, before, after)
        bounds.append(max(bounds[-1], min(after if mark_s is None else mark_s, end_s)))
    bounds.append(max(end_s, bounds[-1]))
    return [
        Shot(
            index=index,
            span=Span(start_s=bounds[index], end_s=bounds[index + 1]),
            frame_times_s=tuple(look.time_s for look in looks[start:end]),
        )
        for index, (start, end) in enumerate(zip(starts, [*starts[1:], len(looks)], strict=True))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Positions of the looks to keep, ascending, and lettering that appeared and that none of them shows."""

    kept: tuple[int, ...]
    unread: tuple[Appearance, ...] = ()


def choose(looks: Sequence[Look], shot_of: Sequence[int], most: int) -> Choice:
    """The looks to keep, at most `most_of(most)`; only looks that still have a picture.

    All that differ, if they are at most `most`. Else one a shot first (the most different shots, if there are more
    shots than frames; a picture with new lettering before its middle one), then what shows further new lettering,
    then whatever differs most from what is kept, in picture and in time. Only lettering may exceed `most`.
    """
    pictured = [position for position, look in enumerate(looks) if look.rgb is not None]
    distinct = _without_repeats(looks, shot_of, pictured)
    if len(distinct) <= most:
        return Choice(kept=tuple(distinct))
    found = appearances(looks, pictured)
    firsts = _one_a_shot(shot_of, distinct, {position for one in found for position in one.positions})
    kept = _spread(looks, firsts, [], most)
    kept += cover(found, kept, most_of(most) - len(kept))
    chosen = sorted(_spread(looks, distinct, kept, most))
    return Choice(kept=tuple(chosen), unread=tuple(unshown(found, chosen)))


def most_of(max_frames: int) -> int:
    """The most frames kept: a third more than `max_frames` where new lettering asks for it."""
    return max_frames + max_frames // LETTERING_PART


def _without_repeats(looks: Sequence[Look], shot_of: Sequence[int], pictured: Sequence[int]) -> list[int]:
    kept: list[int] = []
    for position in pictured:
        is_repeat = kept and shot_of[kept[-1]] == shot_of[position] and shows_same(looks[kept[-1]], looks[position])
        if not is_repeat:
            kept.append(position)
    return kept


def _one_a_shot(shot_of: Sequence[int], positions: Sequence[int], preferred: Container[int]) -> list[int]:
    by_shot: dict[int, list[int]] = {}
    for position in positions:
        by_shot.setdefault(shot_of[position], []).append(position)
    best = ([one for one in members if one in preferred] or members for members in by_shot.values())
    return [members[len(members) // 2] for members in best]


def _spread(looks: Sequence[Look], pool: Sequence[int], kept: Sequence[int], most: int) -> list[int]:
    """Grow `kept` from `pool` to `most`, each time by the one furthest from all kept (farthest-point sampling)."""
    chosen = list(kept)
    if not pool or len(chosen) >= most:
        return chosen
    everyone = sorted({*pool, *kept})
    row = {position: index for index, position in enumerate(everyone)}
    signatures = np.stack([looks[position].signature for position in everyone])
    times_s = np.array([looks[position].time_s for position in everyone])
    duration_s = max(float(np.ptp(times_s)), 1e-9)

    def apart(position: int) -> NDArray[np.float64]:
        here = row[position]
        picture = np.abs(signatures - signatures[here]).sum(axis=1)
        distance: NDArray[np.float64] = picture + np.abs(times_s - times_s[here]) / duration_s
        return distance

    nearest = np.full(len(everyone), np.inf)
    for position in chosen:
        nearest = np.minimum(nearest, apart(position))
    open_rows = np.isin(everyone, pool) & ~np.isin(everyone, chosen)
    while len(chosen) < most and open_rows.any():
        best = int(np.argmax(np.where(open_rows, nearest, -1.0)))
        chosen.append(everyone[best])
        open_rows[best] = False
        nearest = np.minimum(nearest, apart(everyone[best]))
    return chosen
