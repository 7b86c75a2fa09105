"""Scales stay inside their width and keep their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.scale import (
    PROBABILITY_TICKS,
    TimeScale,
    clock_text,
    odds_percent,
    probability_percent,
    probability_ticks,
)

PROBABILITIES = st.floats(0.0, 1.0)


@given(PROBABILITIES, PROBABILITIES)
def test_a_higher_probability_never_lies_further_left(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert 0.0 <= probability_percent(low) <= probability_percent(high) <= 100.0


@given(st.floats(-1e6, 1e6))
def test_odds_and_their_opposite_are_mirrored(log_odds: float) -> None:
    assert odds_percent(log_odds) + odds_percent(-log_odds) == pytest.approx(100.0, abs=0.01)


def test_even_odds_stand_in_the_middle() -> None:
    assert probability_percent(0.5) == odds_percent(0.0) == 50.0


def test_the_axis_is_labelled_in_percent() -> None:
    assert [tick.label for tick in probability_ticks()] == ["0.1%", "1%", "10%", "50%", "90%", "99%", "99.9%"]
    assert [tick.percent for tick in probability_ticks()] == [probability_percent(p) for p in PROBABILITY_TICKS]


@given(st.floats(0.0, 40_000.0))
def test_the_time_axis_has_few_ticks_and_begins_at_zero(duration_s: float) -> None:
    ticks = TimeScale(duration_s=duration_s).ticks()
    assert 1 <= len(ticks) <= 9
    assert (ticks[0].percent, ticks[-1].percent <= 100.0) == (0.0, True)
    assert len({tick.label for tick in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(0.0, "0:00.0"), (7.46, "0:07.5"), (59.96, "1:00.0"), (754.0, "12:34.0"), (3723.4, "1:02:03.4")],
)
def test_moments_read_as_a_clock(time_s: float, text: str) -> None:
    assert clock_text(time_s) == text


def test_whole_seconds_round_up_to_the_minute() -> None:
    assert clock_text(59.6, tenths=False) == "1:00"
