"""Fits one logistic head per label, and scores every row by heads that never saw its source or its idea."""

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.learning.assemble import NEGATIVE, POSITIVE, UNKNOWN, TrainingSet, weights_for
from tidegate.learning.splits import folds
from tidegate.learning.templated import SOURCE

INVERSE_PENALTY = 1.0
"""`C` of the logistic regression on unit embeddings; 0.5 to 1.6 did best on held-out sources, larger overfits them."""

FOLD_COUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Weights float64 (512,) and bias of one label."""

    weights: NDArray[np.float64]
    bias: float

    def scores(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Float64 (n,) in (0, 1)."""
        margins = np.clip(embeddings @ self.weights + self.bias, -30.0, 30.0)
        return np.asarray(1.0 / (1.0 + np.exp(-margins)), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Scores of rows by a head that was fitted without their fold.

    `rows` are row numbers of the training set, `scores` float64 beside them. `by_source` tells whether the folds are
    whole sources (the head never saw the collection) or groups of near-identical texts and ideas.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    by_source: bool


def fit_head(embeddings: NDArray[np.float32], is_positive: NDArray[np.bool_], weights: NDArray[np.float64]) -> Head:
    """A balanced logistic regression (scikit-learn, L-BFGS) on unit embeddings. About a second for 20,000 rows.

    Raises MissingDependencyError without scikit-learn.
    """
    model = _logistic_regression()
    model.fit(embeddings, is_positive, sample_weight=weights)
    return Head(weights=np.asarray(model.coef_[0], np.float64), bias=float(model.intercept_[0]))


def fit_label(data: TrainingSet, embeddings: NDArray[np.float32], column: int) -> Head:
    """The head of one label name, fitted on every row that says something about it."""
    return _fit(data, embeddings, column, data.known[:, column] != UNKNOWN)


def held_out_scores(data: TrainingSet, embeddings: NDArray[np.float32], column: int, *, seed: int) -> HeldOut:
    """Score every row that says something about a label by a head that saw neither its fold nor its near copies.

    Where at least two sources mark both values, each such source is a fold; other rows are dealt out by group.
    """
    usable = np.flatnonzero(data.known[:, column] != UNKNOWN)
    fold_of, by_source = _fold_numbers(data, column, usable, seed)
    scores = np.zeros(len(usable))
    for fold in range(int(fold_of.max()) + 1):
        is_test = fold_of == fold
        near = np.isin(data.groups, data.groups[usable[is_test]])
        is_train = np.zeros(len(data.rows), bool)
        is_train[usable[~is_test]] = True
        head = _fit(data, embeddings, column, is_train & ~near)
        scores[is_test] = head.scores(embeddings[usable[is_test]])
    return HeldOut(rows=usable, scores=scores, by_source=by_source)


def marked_sources(data: TrainingSet, column: int) -> tuple[str, ...]:
    """Sources other than our own templates that mark both values of the label, sorted."""
    state, sources = data.known[:, column], data.sources
    return tuple(
        str(source)
        for source in np.unique(sources)
        if source != SOURCE
        and (state[sources == source] == POSITIVE).any()
        and (state[sources == source] == NEGATIVE).any()
    )


def _fold_numbers(
    data: TrainingSet, column: int, usable: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], bool]:
    marked = marked_sources(data, column)
    count = len(marked) if len(marked) > 1 else FOLD_COUNT
    fold_of = folds(data.groups[usable], count, seed=seed)
    if len(marked) > 1:
        sources = data.sources[usable]
        for fold, source in enumerate(marked):
            fold_of[sources == source] = fold
    return fold_of, len(marked) > 1


def _fit(data: TrainingSet, embeddings: NDArray[np.float32], column: int, mask: NDArray[np.bool_]) -> Head:
    weights = np.where(mask, weights_for(data, column), 0.0)
    state = data.known[:, column]
    for part in (state == POSITIVE, state != POSITIVE):
        weights[part] *= 0.5 * mask.sum() / max(weights[part].sum(), 1e-12)
    rows = np.flatnonzero(mask & (weights > 0))
    return fit_head(embeddings[rows], state[rows] == POSITIVE, weights[rows])


class _Model(Protocol):
    coef_: NDArray[np.float64]
    intercept_: NDArray[np.float64]

    def fit(self, x: NDArray[np.float32], y: NDArray[np.bool_], sample_weight: NDArray[np.float64]) -> object: ...


def _logistic_regression() -> _Model:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise MissingDependencyError(
            "training needs scikit-learn", where="sklearn", next_step="pip install 'tidegate[train]'"
        ) from error
    return cast("_Model", LogisticRegression(C=INVERSE_PENALTY, max_iter=300, tol=1e-4))
