"""One row per clause, gravest first, in figures that never pretend to certainty."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidegate.explain.clauses import blind_groups, clause_rows, probability_text, share_text, when_text
from tidegate.records import Blindness, Evidence, Outcome, Policy, Signal, Span
from tidegate.screening import Screened


def test_what_asks_for_something_stands_before_what_is_clear(sample: Screened, sample_policy: Policy) -> None:
    rows = clause_rows(sample_policy, sample.screening, sample.decision)
    assert [row.outcome for row in rows[:3]] == [Outcome.ACT, Outcome.REVIEW, Outcome.SAMPLED]
    clear = [row.probability for row in rows[3:]]
    assert clear == sorted(clear, reverse=True)


def test_a_row_names_who_decides(sample: Screened, sample_policy: Policy) -> None:
    rows = clause_rows(sample_policy, sample.screening, sample.decision)
    assert [row.decider for row in rows[:3]] == ["machine", "person", "person (sample)"]


def test_signals_of_a_row_are_strongest_first_and_once(sample: Screened, sample_policy: Policy) -> None:
    rows = {row.clause_id: row for row in clause_rows(sample_policy, sample.screening, sample.decision)}
    assert rows["scams_fraud"].signals == (0, 3, 2)
    assert rows["hate"].signals == ()


def test_a_clause_that_the_policy_no_longer_has_is_shown_by_its_id(sample: Screened, sample_policy: Policy) -> None:
    without = replace(sample_policy, clauses=())
    assert clause_rows(without, sample.screening, sample.decision)[0].title == "banned_media"


def test_a_clause_that_was_decided_without_a_judgement_is_shown(sample: Screened, sample_policy: Policy) -> None:
    screening = replace(sample.screening, judgements=())
    row = clause_rows(sample_policy, screening, sample.decision)[0]
    assert (row.probability, row.interval, probability_text(row)) == (0.996, None, ".996")


def test_blindness_is_grouped_by_reason_and_losses_come_first(sample: Screened, sample_policy: Policy) -> None:
    rows = list(clause_rows(sample_policy, sample.screening, sample.decision))
    lost = Blindness(what="visual.nudity", reason="the detector failed", is_lost=True)
    rows[0] = replace(rows[0], blind=(lost,))
    groups = blind_groups(rows)
    assert [group.is_lost for group in groups] == [True, False, False]
    assert groups[0].clause_ids == ("banned_media",)
    assert len(groups[1].clause_ids) == 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, ".00"),
        (1e-9, "<.001"),
        (0.004, ".004"),
        (0.042, ".042"),
        (0.42, ".42"),
        (0.996, ".996"),
        (0.99999, ".999+"),
        (1.0, "1.0"),
    ],
)
def test_a_share_has_three_digits_near_its_ends(value: float, text: str) -> None:
    assert share_text(value) == text


@given(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
@example(0.9995)
@example(0.0005)
def test_what_is_not_certain_never_reads_as_certain(value: float) -> None:
    assert share_text(value) not in (".00", ".000", "1.0", "1.00", "1.000")


def test_places_are_seconds_or_the_text_and_at_most_three() -> None:
    signals = [
        Signal(
            label="visual.nudity",
            score=0.5,
            evidence=Evidence(span=Span(start_s=float(start), end_s=start + 1.5)),
            detector_id="visual.nudity@1",
        )
        for start in (1, 3, 3, 7, 9)
    ]
    assert when_text(signals) == "1.0–2.5, 3.0–4.5, 7.0–8.5 +1"
    assert when_text(()) == ""
