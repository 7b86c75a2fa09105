import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from tidegate.learning.evaluate import (
    as_table,
    auprc,
    auroc,
    calibration_error,
    measured,
    recall_at_false_alarms,
    slice_table,
)

cases = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=4, max_size=80).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


@settings(max_examples=100, deadline=None)
@given(cases)
def test_figures_agree_with_the_reference_implementation(rows: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in rows])
    scores = np.array([score / 12 for _, score in rows])
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))
    assert auprc(labels, scores) == pytest.approx(average_precision_score(labels, scores))


@settings(max_examples=100, deadline=None)
@given(cases, st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_recall_never_costs_more_false_alarms_than_asked(rows: list[tuple[bool, int]], share: float) -> None:
    labels = np.array([label for label, _ in rows])
    scores = np.array([score / 12 for _, score in rows])
    recall = recall_at_false_alarms(labels, scores, share)
    caught = np.sort(scores[labels])[::-1][: round(recall * labels.sum())]
    if len(caught):
        assert (scores[~labels] >= caught.min()).mean() <= share


def test_a_perfectly_calibrated_score_has_no_error_and_a_boastful_one_has() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random(200_000)
    labels = rng.random(200_000) < scores
    assert calibration_error(labels, scores) < 0.01
    assert calibration_error(labels, np.where(scores > 0.5, 1.0, 0.0)) > 0.1


def test_an_interval_holds_the_truth_of_a_known_distribution() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(2000) % 2 == 0
    scores = 1 / (1 + np.exp(-rng.normal(size=2000) - labels))
    figures = measured("all", labels, scores, seed=0)
    assert figures is not None
    assert figures.auroc.low < 0.7602 < figures.auroc.high  # the normal distribution function at 1/sqrt(2)
    assert figures == measured("all", labels, scores, seed=0)


def test_a_slice_with_too_few_rows_has_no_figures() -> None:
    assert measured("few", np.arange(40) < 3, np.linspace(0, 1, 40), seed=0) is None


def test_tables_are_aligned_and_hold_names_and_numbers_only() -> None:
    labels = np.arange(200) % 2 == 0
    figures = measured("all", labels, np.linspace(0, 1, 200), seed=0)
    assert figures is not None
    lines = slice_table([figures]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert as_table(("a", "b"), [("1", "22")]).splitlines() == ["| a | b  |", "| - | -- |", "| 1 | 22 |"]
