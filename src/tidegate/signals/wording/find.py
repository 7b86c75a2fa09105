"""What a pattern returns: a stretch of the normalised text with label, score and what it is."""

import bisect
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Find:
    """A pattern found at `[start, end)` of the normalised text; `note` says what it is, never the content."""

    start: int
    end: int
    label: str
    score: float
    note: str


def best(finds: list[Find]) -> list[Find]:
    """Finds in order of place; of two with one label that overlap the higher score stays."""
    kept: dict[str, list[Find]] = {}
    for find in sorted(finds, key=lambda f: (-f.score, f.start, -f.end)):
        row = kept.setdefault(find.label, [])
        at = bisect.bisect_left(row, find.start, key=lambda k: k.start)
        is_free_before = at == 0 or row[at - 1].end <= find.start
        if is_free_before and (at == len(row) or find.end <= row[at].start):
            row.insert(at, find)
    return sorted(find for row in kept.values() for find in row)
