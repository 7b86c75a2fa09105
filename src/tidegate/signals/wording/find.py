"""What a pattern returns: a stretch of the normalised text with label, score and what it is."""

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
    kept: list[Find] = []
    for find in sorted(finds, key=lambda f: (-f.score, f.start, -f.end)):
        if not any(find.label == k.label and find.start < k.end and k.start < find.end for k in kept):
            kept.append(find)
    return sorted(kept)
