"""A calibration turns scores into evidence monotonically, and refuses figures that contradict themselves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import FusionModelError
from tidegate.judgement.calibration import MAX_LOG_ODDS, Calibration


def _row(**changes: Any) -> Calibration:
    values: dict[str, Any] = {
        "label": "wording.hate",
        "group": "words",
        "points": ((0.2, 0.0, 0.1), (0.6, 2.0, 0.3), (1.0, 4.0, 0.5)),
        "basis": "measured",
        "labelled_count": 100,
        "shift": 0.15,
        "source": "made up for this test",
    }
    return Calibration(**(values | changes))


def _rising(steps: list[tuple[float, float]]) -> tuple[tuple[float, float, float], ...]:
    """Points whose scores strictly rise and whose ratios never fall, from any positive steps."""
    points: list[tuple[float, float, float]] = []
    score, ratio = 0.0, -3.0
    for step, rise in steps:
        score, ratio = min(1.0, score + step), min(MAX_LOG_ODDS, ratio + rise)
        if not points or score > points[-1][0]:
            points.append((score, ratio, 0.2))
    return tuple(points)


STEPS = st.lists(st.tuples(st.floats(0.01, 0.5), st.floats(0.0, 5.0)), min_size=1, max_size=8).map(_rising)
SCORE = st.floats(0.0, 1.0)


def test_a_score_between_two_points_is_read_off_the_line_between_them() -> None:
    weight = _row().weight(0.4)
    assert weight.log_odds == pytest.approx(1.0)
    assert weight.standard_error == pytest.approx(0.2)


@pytest.mark.parametrize(("score", "log_odds"), [(0.0, 0.0), (0.2, 0.0), (0.6, 2.0), (1.0, 4.0)])
def test_ends_are_flat_and_points_are_met(score: float, log_odds: float) -> None:
    assert _row().weight(score).log_odds == pytest.approx(log_odds)


def test_a_negative_ratio_counts_as_nothing_because_silence_never_clears() -> None:
    assert _row(points=((0.0, -5.0, 0.1), (1.0, 1.0, 0.1))).weight(0.1).log_odds == 0.0


@given(points=STEPS, first=SCORE, second=SCORE)
def test_a_higher_score_is_never_weaker_evidence(
    points: tuple[tuple[float, float, float], ...], first: float, second: float
) -> None:
    row = _row(points=points)
    low, high = sorted((first, second))
    assert row.weight(low).log_odds <= row.weight(high).log_odds


@given(points=STEPS, score=SCORE)
def test_evidence_stays_between_nothing_and_the_largest_ratio(
    points: tuple[tuple[float, float, float], ...], score: float
) -> None:
    assert 0.0 <= _row(points=points).weight(score).log_odds <= max(0.0, points[-1][1])


@pytest.mark.parametrize(
    ("score", "share"), [(0.0, 1.0), (0.29, 1.0), (0.3, 0.95), (0.5, 0.95), (0.6, 0.8), (1.0, 0.8)]
)
def test_recall_is_the_share_at_the_nearest_point_below(score: float, share: float) -> None:
    assert _row(recall=((0.3, 0.95), (0.6, 0.8))).recall_at(score) == share


def test_recall_nobody_measured_is_unknown() -> None:
    assert _row().recall_at(0.9) is None


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"points": ()}, "points"),
        ({"points": ((0.5, 1.0, 0.1), (0.5, 2.0, 0.1))}, "points[1]"),
        ({"points": ((0.1, 2.0, 0.1), (0.5, 1.0, 0.1))}, "points[1]"),
        ({"points": ((1.5, 1.0, 0.1),)}, "points[0]"),
        ({"points": ((0.5, 41.0, 0.1),)}, "points[0]"),
        ({"points": ((0.5, float("nan"), 0.1),)}, "points[0]"),
        ({"points": ((0.5, 1.0, -0.1),)}, "points[0]"),
        ({"labelled_count": 0}, "labelled_count"),
        ({"basis": "assumed"}, "labelled_count"),
        ({"shift": -0.1}, "shift"),
        ({"recall": ((0.3, 0.8), (0.6, 0.9))}, "recall[1]"),
        ({"recall": ((0.3, 1.8),)}, "recall[0]"),
        ({"basis": "assumed", "labelled_count": 0, "recall": ((0.3, 0.8),)}, "recall"),
    ],
)
def test_figures_that_cannot_be_meant_are_refused_at_their_place(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(FusionModelError) as caught:
        _row(**changes)
    assert caught.value.where == where
