"""Shapes of offers: words of several kinds that stand close together, such as a promise, money and a way to reach out.

A shape never uses an open-ended pattern: each kind of word is found on its own and the shape is read from their
places, so the cost is linear whatever is written.
"""

import bisect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.signals.wording.find import Find

Places = Mapping[str, Sequence[tuple[int, int]]]
"""Kind of word -> its places `[start, end)` in the text, ascending."""

_MAX_PLACES = 400


@dataclass(frozen=True, slots=True)
class Shape:
    """Kinds of word that together make an offer: `first` and all of `others` within `within_chars` of it.

    `score` is our own estimate of how rarely the shape is harmless; `note` says what it is.
    """

    label: str
    score: float
    note: str
    first: str
    others: tuple[str, ...] = ()
    within_chars: int = 160


def places_of(text: str, kinds: Mapping[str, re.Pattern[str]]) -> dict[str, list[tuple[int, int]]]:
    """Where each kind of word stands in a folded text; at most 400 places of a kind are kept."""
    places: dict[str, list[tuple[int, int]]] = {}
    for kind, pattern in kinds.items():
        found = []
        for match in pattern.finditer(text):
            found.append(match.span())
            if len(found) >= _MAX_PLACES:
                break
        if found:
            places[kind] = found
    return places


def shapes_in(places: Places, shapes: Sequence[Shape]) -> Iterator[Find]:
    """Every place where a shape is complete, as the stretch from its first to its last word."""
    for shape in shapes:
        if shape.first not in places or any(kind not in places for kind in shape.others):
            continue
        for start, end in places[shape.first]:
            stretch = _stretch(places, shape, start, end)
            if stretch is not None:
                yield Find(*stretch, shape.label, shape.score, shape.note)


def _stretch(places: Places, shape: Shape, start: int, end: int) -> tuple[int, int] | None:
    low, high = start, end
    taken = [(start, end)]
    for kind in shape.others:
        place = _nearest(places[kind], start, end, shape.within_chars, taken)
        if place is None:
            return None
        taken.append(place)
        low, high = min(low, place[0]), max(high, place[1])
    return low, high


def _nearest(
    places: Sequence[tuple[int, int]], start: int, end: int, within_chars: int, taken: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """The closest place of a kind that is not yet part of the shape, `None` where none is near."""
    at = bisect.bisect_left(places, (start, end))
    near = places[max(0, at - 3) : at + 3]
    free = [place for place in near if not any(place[0] < b and a < place[1] for a, b in taken)]
    gap = min(free, key=lambda place: max(start - place[1], place[0] - end, 0), default=None)
    if gap is None or max(start - gap[1], gap[0] - end, 0) > within_chars:
        return None
    return gap
