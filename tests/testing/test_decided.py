"""Decisions made for tests are such as a machine could have made."""

import pytest

from tidegate.policy import bundled
from tidegate.records import DecidedBy, Decision, Screening, Verdict, dumps, loads
from tidegate.testing.decided import ACTIONS, decision_of, screening_of


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_goes_by_its_policy_and_survives_being_stored(verdict: Verdict) -> None:
    policy = bundled.bundled()
    decision = decision_of(policy, "up_1", verdict, now_s=5.0)
    assert loads(Decision, dumps(decision)) == decision
    assert (decision.verdict, decision.actions, decision.decided_by) == (
        verdict,
        (ACTIONS[verdict],),
        DecidedBy.MACHINE,
    )
    assert decision.policy_digest == policy.digest
    is_clear = verdict is Verdict.ALLOWED
    assert decision.leading_clause_id == ("" if is_clear else policy.clauses[0].id)
    assert len(decision.clauses) == (0 if is_clear else 1)


def test_a_screening_survives_being_stored() -> None:
    screening = screening_of("up_1")
    assert loads(Screening, dumps(screening)) == screening
