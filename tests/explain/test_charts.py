"""Charts: each contribution starts where the one before ended, and ends at the probability."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.charts import probability_bar, waterfall
from tidegate.explain.clauses import clause_rows
from tidegate.explain.scale import odds_percent, probability_percent
from tidegate.records import Contribution, Policy
from tidegate.screening import Screened


@given(st.lists(st.floats(-20, 20), max_size=12))
def test_bars_follow_each_other_and_end_at_the_sum(odds: list[float]) -> None:
    steps = waterfall([Contribution(name="x", log_odds=value) for value in odds], (), {})
    total = 0.0
    for step, value in zip(steps, odds, strict=True):
        edges = {odds_percent(total), odds_percent(total + value)}
        assert step.left == min(edges)
        assert step.left + step.width == pytest.approx(max(edges), abs=0.41)
        assert step.is_up == (value >= 0)
        total += value


def test_the_last_bar_ends_at_the_probability_that_the_odds_make() -> None:
    steps = waterfall([Contribution(name="base", log_odds=-5.0), Contribution(name="sign", log_odds=4.0)], (), {})
    probability = 1 / (1 + math.exp(1.0))
    assert steps[-1].left + steps[-1].width == pytest.approx(probability_percent(probability), abs=0.01)


def test_a_step_says_who_says_it_and_what_stands_behind_it(sample: Screened) -> None:
    judged = sample.screening.judgements[1]
    steps = waterfall(judged.contributions, sample.screening.signals, {0: 7, 3: 2})
    assert [step.number for step in steps] == [0, 7, 2, 0]
    assert [step.basis for step in steps] == ["assumed", "assumed", "measured, n = 3,145", "assumed"]
    assert steps[1].detector_id == "wording.patterns@1"


def test_the_bar_shows_interval_and_the_lines_of_the_policy(sample: Screened, sample_policy: Policy) -> None:
    row = clause_rows(sample_policy, sample.screening, sample.decision)[0]
    bar = probability_bar(row, sample_policy.clause("banned_media"))
    assert bar.low < bar.at < bar.low + bar.width
    assert bar.act == probability_percent(0.97)
    assert bar.look == probability_percent(0.05)
    assert bar.words == "probability .996 (95% interval .981 to .999)"


def test_a_clause_unknown_to_the_policy_has_no_lines(sample: Screened, sample_policy: Policy) -> None:
    row = clause_rows(sample_policy, sample.screening, sample.decision)[0]
    bar = probability_bar(row, None)
    assert (bar.look, bar.act) == (None, None)
