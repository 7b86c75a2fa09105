"""From rows to what the heads are fitted on: a balanced sample, known and presumed labels, and weights."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.learning.datasets import LABEL_OF, LabelledText
from tidegate.learning.splits import group_ids
from tidegate.learning.templated import SOURCE, related

UNKNOWN, NEGATIVE, POSITIVE, PRESUMED = -1, 0, 1, 2
"""Values of `TrainingSet.known`; PRESUMED is a negative that nobody marked but the source implies."""

_CALM = ("toxicity", "spam")
_RUDE = frozenset({"hate", "harassment", "toxicity", "threat", "violence"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """Rows with, per label name, what is known: int8 (rows, names) of UNKNOWN, NEGATIVE, POSITIVE, PRESUMED.

    `groups` int64 (rows,) never straddle a split.
    """

    rows: tuple[LabelledText, ...]
    names: tuple[str, ...]
    known: NDArray[np.int8]
    groups: NDArray[np.int64]

    @property
    def sources(self) -> NDArray[np.str_]:
        """The source of each row."""
        return np.array([row.source for row in self.rows])

    @property
    def langs(self) -> NDArray[np.str_]:
        """The language of each row."""
        return np.array([row.lang for row in self.rows])


def sampled(rows: Iterable[LabelledText], per_cell: int, *, seed: int) -> list[LabelledText]:
    """At most `per_cell` rows of each (source, language, label name, value), streamed by reservoir.

    A row that is drawn for any of its labels is kept once. Memory: the sample, not the data.
    """
    rng = np.random.default_rng(seed)
    cells: dict[tuple[str, str, str, bool], list[tuple[int, LabelledText]]] = {}
    seen: dict[tuple[str, str, str, bool], int] = {}
    for number, row in enumerate(rows):
        for name, value in row.labels.items():
            cell = (row.source, row.lang, name, value)
            seen[cell] = seen.get(cell, 0) + 1
            kept = cells.setdefault(cell, [])
            if len(kept) < per_cell:
                kept.append((number, row))
            elif (place := int(rng.integers(seen[cell]))) < per_cell:
                kept[place] = (number, row)
    chosen = {number: row for kept in cells.values() for number, row in kept}
    return [chosen[number] for number in sorted(chosen)]


def assemble(rows: Sequence[LabelledText], *, only: Collection[str] = ()) -> TrainingSet:
    """Work out what every row says about every label name that has a positive row, and which rows belong together.

    `only` limits the names; empty means all.
    """
    known_names = [name for name in LABEL_OF if not only or name in only]
    names = tuple(name for name in known_names if any(row.labels.get(name) for row in rows))
    marked_negative = {(row.source, name) for row in rows for name, value in row.labels.items() if not value}
    marked_positive = {(row.source, name) for row in rows for name, value in row.labels.items() if value}
    one_hazard = {pair for pair in marked_positive if pair not in marked_negative}
    known = np.full((len(rows), len(names)), UNKNOWN, np.int8)
    for index, row in enumerate(rows):
        for column, name in enumerate(names):
            if name in row.labels:
                known[index, column] = POSITIVE if row.labels[name] else NEGATIVE
            elif _is_presumed_negative(row, name, one_hazard):
                known[index, column] = PRESUMED
    return TrainingSet(rows=tuple(rows), names=names, known=known, groups=group_ids(rows))


def _is_presumed_negative(row: LabelledText, name: str, one_hazard: set[tuple[str, str]]) -> bool:
    """Whether the row can stand for everyday text or for another hazard, so that a head learns its topic."""
    positives = [other for other, value in row.labels.items() if value]
    if positives:
        return (row.source, name) in one_hazard and not any(other in related(name) for other in positives)
    is_calm = any(row.labels.get(other) is False for other in _CALM)
    return is_calm and (name not in _RUDE or row.labels.get("spam") is False)


def weights_for(data: TrainingSet, column: int, *, everyday_share: float = 0.4) -> NDArray[np.float64]:
    """Sample weights for one head: zero where unknown, else positives and negatives in balance.

    Each class has the same mass; within it every source counts by the square root of its rows, and everyday negatives
    (presumed or templated) get `everyday_share` of the negatives' mass where marked ones exist as well.
    """
    state = data.known[:, column]
    sources = data.sources
    is_everyday = (state == PRESUMED) | ((state == NEGATIVE) & (sources == SOURCE))
    is_marked = (state == NEGATIVE) & ~is_everyday
    weights = np.zeros(len(state))
    share = everyday_share if is_marked.any() else 1.0
    for part, mass in ((state == POSITIVE, 1.0), (is_marked, 1.0 - share), (is_everyday, share)):
        weights += mass * _by_source(part, sources)
    scale = np.count_nonzero(state != UNKNOWN) / max(float(weights.sum()), 1e-12)
    return np.asarray(weights * scale, np.float64)


def _by_source(part: NDArray[np.bool_], sources: NDArray[np.str_]) -> NDArray[np.float64]:
    weights = np.zeros(len(part))
    for source in np.unique(sources[part]):
        mine = part & (sources == source)
        weights[mine] = 1.0 / np.sqrt(np.count_nonzero(mine))
    return weights / weights.sum() if part.any() else weights
