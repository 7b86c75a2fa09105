"""Strokes that appear and then stand: what captions do and moving scenes do not. Pure.

No reader is asked: a cell counts if it holds strong strokes that were not there a moment ago, are still there a moment
later, and lie in a row with others. So a new logo, a drawn diagram or the first picture of a still shot count as well,
and words that move as fast as the scene, or are shorter than three cells (a tenth of the picture's height), do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tidegate.media.detail import CHANGED, Cells, Detail, changes_of
from tidegate.media.looks import Look, is_near_identical
from tidegate.records import Span

STROKES = 8.0
"""Energy of a cell from which it holds strokes."""
ANOTHER = 0.5
"""Share of its energy by which a cell with new strokes differs from what stood there before..."""
SAME = 0.3
"""...and below which it stands. Measured on looks half a second apart: a caption of 2.5 % of the height makes 4 to 10
new standing cells in a row over a lively scene, and moving scenes without one make none but at cuts."""
LEAST_CELLS = 4
APART_S = 0.25
"""Before and later are at least this far away, so that slow motion does not pass for standing."""
MOST_MOVED = 0.25
"""Share of cells that may change where only lettering changes."""
READABLE_S = 1.0
"""A line that stands for less is not made to be read by itself: words that follow a voice, an effect."""
MOST_UNSURE_S = 1.0
_ROUNDING_S = 0.05
MOST_STEPS = 64
"""Looks that one appearance is followed through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """New standing strokes: positions of looks that show them, ascending, how many cells they fill, and for how long.

    `span` reaches half-way to the looks before and after that do not show them, but no further than MOST_UNSURE_S.
    """

    positions: tuple[int, ...]
    cell_count: int
    span: Span

    @property
    def is_readable(self) -> bool:
        """Whether it stands long enough for people to read a line."""
        return self.span.duration_s >= READABLE_S - _ROUNDING_S


@dataclass(frozen=True, slots=True)
class _Sight:
    """A run of looks that share a picture, by its first and last look."""

    position: int
    first: Look
    last: Look
    detail: Detail


def is_other_lettering(before: Detail, after: Detail) -> bool:
    """Whether `after` has strokes in a row that are not in `before`, and most of the picture stands still."""
    changed = changes_of(before, after)
    if float(np.mean(changed >= CHANGED)) > MOST_MOVED:
        return False
    return int(np.count_nonzero(_in_rows(_fresh(changed, after)))) >= LEAST_CELLS


def appearances(looks: Sequence[Look], positions: Sequence[int]) -> list[Appearance]:
    """What appeared among the looks at `positions`, which are by time and have pictures.

    A look that stands for lettering whose other pictures were given up counts by itself. Cost: 0.2 ms a picture.
    """
    sights = _sights(looks, positions)
    found = []
    for at, sight in enumerate(sights):
        fresh = _standing(sights, at)
        count = int(np.count_nonzero(fresh))
        end = _end(sights, at, fresh) if count >= LEAST_CELLS else at + 1
        known = sight.first.lettering
        if known is not None:
            count, span = max(count, known.cell_count), known.span.union(_span(sights, at, end))
        elif count >= LEAST_CELLS:
            span = _span(sights, at, end)
        else:
            continue
        shown = tuple(one.position for one in sights[at:end])
        found.append(Appearance(positions=shown, cell_count=count, span=span))
    return found


def cover(found: Sequence[Appearance], kept: Sequence[int], most: int) -> list[int]:
    """Positions, at most `most`, that with `kept` show as many appearances as can be, readable and large ones first."""
    shown, extra = set(kept), list[int]()
    uncovered = [one for one in found if not shown.intersection(one.positions)]
    for one in sorted(uncovered, key=lambda one: (not one.is_readable, -one.cell_count, one.positions)):
        if len(extra) >= most:
            break
        if shown.intersection(one.positions):
            continue
        middle = one.positions[len(one.positions) // 2]
        best = max(one.positions, key=lambda at: (sum(at in other.positions for other in uncovered), -abs(at - middle)))
        shown.add(best)
        extra.append(best)
    return extra


def unshown(found: Sequence[Appearance], kept: Sequence[int]) -> list[Appearance]:
    """Appearances that no kept look shows."""
    shown = set(kept)
    return [one for one in found if not shown.intersection(one.positions)]


def _sights(looks: Sequence[Look], positions: Sequence[int]) -> list[_Sight]:
    sights: list[_Sight] = []
    for position in positions:
        look = looks[position]
        if look.held.detail is None:
            continue
        if sights and sights[-1].first.held is look.held:
            sights[-1] = replace(sights[-1], last=look)
        else:
            sights.append(_Sight(position, look, look, look.held.detail))
    return sights


def _standing(sights: Sequence[_Sight], at: int) -> Cells:
    """Cells of a sight whose strokes are new and stay."""
    here = sights[at].detail
    before, later = _before(sights, at), _later(sights, at)
    fresh = here.energy >= STROKES if before is None else _fresh(changes_of(before.detail, here), here)
    if later is not None:
        fresh &= changes_of(here, later.detail) < SAME * here.energy
    elif not _stays(sights, at):
        fresh = np.zeros_like(fresh)
    return _in_rows(fresh)


def _fresh(changed: NDArray[np.float32], here: Detail) -> Cells:
    fresh: Cells = (here.energy >= STROKES) & (changed >= CHANGED) & (changed > ANOTHER * here.energy)
    return fresh


def _before(sights: Sequence[_Sight], at: int) -> _Sight | None:
    since_s = sights[at].first.time_s - APART_S
    return next((one for one in reversed(sights[:at]) if one.last.time_s <= since_s), None)


def _later(sights: Sequence[_Sight], at: int) -> _Sight | None:
    """The sight to compare with; none where this one stays by itself, or is the last."""
    if _stays(sights, at):
        return None
    until_s = sights[at].first.time_s + APART_S
    return next((one for one in sights[at + 1 :] if one.last.time_s >= until_s), None)


def _stays(sights: Sequence[_Sight], at: int) -> bool:
    """Whether one picture shows it for long enough, or it stands over ground that does not move."""
    here = sights[at]
    is_still = at > 0 and is_near_identical(sights[at - 1].last.signature, here.first.signature)
    return is_still or here.last.time_s - here.first.time_s >= APART_S


def _end(sights: Sequence[_Sight], at: int, fresh: Cells) -> int:
    """The first sight after this one that no longer shows the strokes."""
    here = sights[at].detail
    most = ANOTHER * float(here.energy[fresh].mean())
    for place in range(at + 1, min(len(sights), at + MOST_STEPS)):
        if float(changes_of(here, sights[place].detail)[fresh].mean()) > most:
            return place
    return min(len(sights), at + MOST_STEPS)


def _span(sights: Sequence[_Sight], at: int, end: int) -> Span:
    first_s, last_s = sights[at].first.time_s, sights[end - 1].last.time_s
    before_s = sights[at - 1].last.time_s if at else first_s
    next_s = sights[end].first.time_s if end < len(sights) else last_s
    return Span(
        start_s=max((before_s + first_s) / 2, first_s - MOST_UNSURE_S),
        end_s=min((last_s + next_s) / 2, last_s + MOST_UNSURE_S),
    )


def _in_rows(cells: Cells) -> Cells:
    """The cells that lie in horizontal runs of three or more."""
    wide = np.pad(cells, ((0, 0), (2, 2)))
    inner = wide[:, :-2] & wide[:, 1:-1] & wide[:, 2:]
    rows: NDArray[np.bool_] = inner[:, :-2] | inner[:, 1:-1] | inner[:, 2:]
    return rows
