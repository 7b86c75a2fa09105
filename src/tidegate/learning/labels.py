"""Everything a run works out about one label: held-out scores, calibration, floor, figures, false alarms."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.learning.assemble import NEGATIVE, POSITIVE, PRESUMED, TrainingSet
from tidegate.learning.calibration import Curve, Scored, ratio_curve, recall_at
from tidegate.learning.datasets import LABEL_OF, LabelledText
from tidegate.learning.evaluate import Slice, measured
from tidegate.learning.fitting import Head, HeldOut, held_out_scores, marked_sources
from tidegate.learning.report import FalseAlarms, LabelReport
from tidegate.learning.templated import EVERYDAY, SOURCE

FLOOR_RATIO = 1.1
"""A head speaks from the score on at which the evidence triples the odds (1.1 in natural logs)."""

LOWEST_FLOOR = 0.5


def label_report(data: TrainingSet, embeddings: NDArray[np.float32], column: int, *, seed: int) -> LabelReport:
    """Score held-out rows of one label and work out its calibration, floor and figures."""
    held = held_out_scores(data, embeddings, column, seed=seed)
    marked = marked_sources(data, column)
    is_measured = bool(marked)
    scored = _scored(data, column, held, is_measured=is_measured)
    curve = ratio_curve(scored, is_measured=is_measured)
    floor = floor_of(curve)
    real = (data.sources != SOURCE) & np.isin(data.known[:, column], (POSITIVE, NEGATIVE))
    return LabelReport(
        label=LABEL_OF[data.names[column]],
        basis="measured" if is_measured else "assumed",
        sources=marked or tuple(sorted(scored.positives)),
        labelled_count=int(real.sum()) if is_measured else 0,
        held_out_by="source" if held.by_source else "near copies and ideas",
        floor=floor,
        curve=curve,
        recall=recall_at([score for score, _, _ in curve.points], list(scored.positives.values())),
        slices=tuple(_slices(data, column, held, seed)),
        false_alarms=tuple(_false_alarms(data, column, held, floor)),
    )


def unseen_slices(
    head: Head, name: str, rows: Sequence[LabelledText], embeddings: NDArray[np.float32], *, seed: int
) -> Iterator[Slice]:
    """Figures of a finished head on rows of sources that no part of the run was fitted on, by source and language."""
    scores = head.scores(embeddings)
    places = np.array([f"{row.source} {row.lang}" for row in rows])
    is_known = np.array([name in row.labels for row in rows], bool)
    is_positive = np.array([row.labels.get(name, False) for row in rows], bool)
    for place in np.unique(places[is_known]):
        part = is_known & (places == place)
        if figures := measured(f"never trained on: {place}", is_positive[part], scores[part], seed=seed):
            yield figures


def floor_of(curve: Curve) -> float:
    """The lowest score, from LOWEST_FLOOR on, whose evidence reaches FLOOR_RATIO; 0.99 when none does."""
    scores = [score for score, _, _ in curve.points]
    ratios = [ratio for _, ratio, _ in curve.points]
    grid = np.arange(LOWEST_FLOOR, 0.99, 0.01)
    reached = np.interp(grid, scores, ratios) >= FLOOR_RATIO
    return round(float(grid[np.argmax(reached)]) if reached.any() else 0.99, 2)


def _scored(data: TrainingSet, column: int, held: HeldOut, *, is_measured: bool) -> Scored:
    """Held-out scores by what the rows stand for; harmless twins of the label are hard negatives, not everyday ones."""
    state, sources = data.known[held.rows, column], data.sources[held.rows]
    is_template = sources == SOURCE
    is_twin = is_template & (state == NEGATIVE) & _is_in_file(data, held, data.names[column])
    is_everyday = ((state == PRESUMED) | ((state == NEGATIVE) & is_template)) & ~is_twin
    positive = (state == POSITIVE) & ~(is_template & is_measured)

    def split(part: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
        return {str(source): held.scores[part & (sources == source)] for source in np.unique(sources[part])}

    return Scored(
        positives=split(positive),
        hard=split(((state == NEGATIVE) & ~is_template) | is_twin),
        everyday=held.scores[is_everyday],
    )


def _is_in_file(data: TrainingSet, held: HeldOut, name: str) -> NDArray[np.bool_]:
    return np.array([data.rows[row].group.partition("/")[0] == name for row in held.rows], bool)


def _slices(data: TrainingSet, column: int, held: HeldOut, seed: int) -> Iterator[Slice]:
    """Figures overall, per source and per language on marked rows, and on templated ideas against their twins."""
    state = data.known[held.rows, column]
    sources, langs = data.sources[held.rows], data.langs[held.rows]
    is_marked = np.isin(state, (POSITIVE, NEGATIVE))
    is_real = is_marked & (sources != SOURCE)
    parts: list[tuple[str, NDArray[np.bool_]]] = [("all labelled", is_real)]
    parts += [(f"source {name}", is_real & (sources == name)) for name in np.unique(sources[is_real])]
    parts += [(f"language {name}", is_real & (langs == name)) for name in np.unique(langs[is_real])]
    one_hazard = {str(name) for name in np.unique(sources[state == POSITIVE])} - {SOURCE}
    one_hazard -= set(marked_sources(data, column))
    parts += [
        (f"{name} against its other hazards", _against_others(state, sources, name)) for name in sorted(one_hazard)
    ]
    is_template = is_marked & (sources == SOURCE)
    parts += [("templates, ideas held out", is_template)]
    parts += [(f"templates {name}", is_template & (langs == name)) for name in np.unique(langs[is_template])]
    for name, part in parts:
        if figures := measured(name, state[part] == POSITIVE, held.scores[part], seed=seed):
            yield figures


def _against_others(state: NDArray[np.int8], sources: NDArray[np.str_], name: str) -> NDArray[np.bool_]:
    return np.asarray((sources == name) & np.isin(state, (POSITIVE, PRESUMED)), np.bool_)


def _false_alarms(data: TrainingSet, column: int, held: HeldOut, floor: float) -> Iterator[FalseAlarms]:
    """Harmless twins of the label, other twins, and everyday captions per language: held out, at or above the floor."""
    state, sources, langs = data.known[held.rows, column], data.sources[held.rows], data.langs[held.rows]
    harmless = (sources == SOURCE) & np.array([not any(data.rows[row].labels.values()) for row in held.rows])
    own = _is_in_file(data, held, data.names[column])
    everyday = _is_in_file(data, held, EVERYDAY)
    parts = [
        ("harmless twins of this label", harmless & own),
        ("harmless twins of other labels", harmless & ~own & ~everyday),
        ("everyday captions", harmless & everyday),
    ]
    parts += [(f"everyday captions {name}", harmless & everyday & (langs == name)) for name in np.unique(langs)]
    parts += [("everyday messages of real sources", (sources != SOURCE) & (state == PRESUMED))]
    for kind, part in parts:
        if part.any():
            yield FalseAlarms(
                kind=kind, count=int(part.sum()), share=round(float((held.scores[part] >= floor).mean()), 4)
            )
