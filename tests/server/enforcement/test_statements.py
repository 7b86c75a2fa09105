"""Statements of reasons: the fields of the EU's database, drafted with every restriction and with nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.assembly import load_policy
from tidegate.policy import eu
from tidegate.records import Action, Clause, ClauseDecision, DecidedBy, Decision, Outcome, TraceStep, Verdict
from tidegate.server.enforcement.reversals import REVERSALS
from tidegate.server.enforcement.statement_form import statement_of
from tidegate.settings import resolve

NOW_S = 1_800_000_000.0
CLAUSE = load_policy(resolve((), environ={})).clauses[0]
RESTRICTIONS = [one for one in Action if one not in (Action.ALLOW, Action.HOLD, Action.ESCALATE)]
VISIBILITY = re.compile(
    "DECISION_VISIBILITY_CONTENT_(REMOVED|DISABLED|DEMOTED|AGE_RESTRICTED|INTERACTION_RESTRICTED|LABELLED)"
)


def _decision(*actions: Action, decided_by: DecidedBy = DecidedBy.MACHINE, **fields: Any) -> Decision:
    trace = (
        TraceStep(rule="above", held=True, why="a quoted word of a person"),
        TraceStep(rule="exempt", held=False, why="no"),
    )
    one = ClauseDecision(clause_id=CLAUSE.id, outcome=Outcome.ACT, probability=0.97, actions=actions, trace=trace)
    values: dict[str, Any] = {
        "upload_id": "up_1",
        "policy_id": "house-rules",
        "policy_version": "3",
        "policy_digest": "d" * 64,
        "verdict": Verdict.REMOVED if Action.REMOVE in actions else Verdict.RESTRICTED,
        "actions": actions,
        "leading_clause_id": CLAUSE.id,
        "clauses": (one,),
        "decided_by": decided_by,
        "decided_at_s": NOW_S,
        "seed": 1,
        "reason": "a reason",
    }
    return Decision(**{**values, **fields})


def _statement(decision: Decision, clause: Clause | None = CLAUSE) -> tuple[dict[str, object], list[str]]:
    return statement_of("de_1", decision, clause, content_at_s=NOW_S - 86400, now_s=NOW_S)


def test_the_draft_of_a_removal_is_as_written(golden: Callable[[str, str], None]) -> None:
    body, problems = _statement(_decision(Action.REMOVE))
    assert problems == []
    golden("server/statement_of_reasons.json", json.dumps(body, indent=2, sort_keys=True) + "\n")


@given(st.frozensets(st.sampled_from(RESTRICTIONS), min_size=1), st.sampled_from(DecidedBy))
def test_every_restriction_makes_a_statement_with_all_that_is_required(
    actions: frozenset[Action], decided_by: DecidedBy
) -> None:
    ordered = tuple(one for one in Action if one in actions)
    body, problems = _statement(_decision(*ordered, decided_by=decided_by))
    assert problems == []
    assert ("decision_monetary" in body) is (Action.DEMONETISE in actions)
    visibility = body.get("decision_visibility", [])
    assert isinstance(visibility, list)
    assert bool(visibility) is bool(actions - {Action.DEMONETISE})
    assert all(VISIBILITY.fullmatch(one) for one in visibility)
    assert len(set(visibility)) == len(visibility)
    for name in ("incompatible_content_ground", "incompatible_content_explanation", "decision_facts", "category"):
        assert body[name]
    assert date.fromisoformat(str(body["content_date"])) <= date.fromisoformat(str(body["application_date"]))


@pytest.mark.parametrize(
    ("decided_by", "detection", "decision"),
    [
        (DecidedBy.MACHINE, "Yes", "AUTOMATED_DECISION_FULLY"),
        (DecidedBy.BOTH, "Yes", "AUTOMATED_DECISION_PARTIALLY"),
        (DecidedBy.PERSON, "No", "AUTOMATED_DECISION_NOT_AUTOMATED"),
    ],
)
def test_it_says_what_machines_did(decided_by: DecidedBy, detection: str, decision: str) -> None:
    body, _ = _statement(_decision(Action.LABEL, decided_by=decided_by))
    assert (body["automated_detection"], body["automated_decision"]) == (detection, decision)


def test_no_words_of_people_stand_in_it() -> None:
    body, _ = _statement(_decision(Action.REMOVE, reason="words of a caption"))
    text = json.dumps(body)
    assert "quoted word" not in text
    assert "words of a caption" not in text
    assert "up_1" not in text
    assert "Rules that held: above." in text
    assert "exempt" not in text


@pytest.mark.parametrize("clause", load_policy(resolve((), environ={})).clauses, ids=lambda clause: clause.id)
def test_every_clause_of_the_default_policy_is_reported_in_words_of_the_database(clause: Clause) -> None:
    body, _ = _statement(_decision(Action.REMOVE), clause)
    assert str(body["category"]).removeprefix(eu.CATEGORY_PREFIX) in eu.KEYWORDS
    keywords = body.get("category_specification", [])
    assert isinstance(keywords, list)
    assert {word.removeprefix(eu.KEYWORD_PREFIX) for word in keywords} <= _every_keyword()
    assert all(word.startswith(eu.KEYWORD_PREFIX) for word in keywords)


def _every_keyword() -> set[str]:
    return {word for words in eu.KEYWORDS.values() for word in words}


def test_a_clock_that_went_back_dates_no_content_after_its_removal() -> None:
    body, _ = statement_of("de_1", _decision(Action.REMOVE), CLAUSE, content_at_s=NOW_S + 1e6, now_s=NOW_S)
    assert body["content_date"] == body["application_date"]


def test_what_a_person_has_to_fill_in_is_named() -> None:
    _, problems = _statement(_decision(Action.REMOVE), clause=None)
    assert problems == ["the clause is not in the policy that is in force: say ground, explanation and category"]
    _, problems = _statement(_decision(Action.ESCALATE))
    assert problems == ["no action of the decision is a restriction that the database knows"]


def test_long_texts_are_cut_to_what_the_database_takes() -> None:
    long = replace(CLAUSE, title="t" * 900, text="x" * 9000, creator_text="")
    trace = tuple(TraceStep(rule="r" * 500, held=True, why="y") for _ in range(20))
    one = ClauseDecision(clause_id=CLAUSE.id, outcome=Outcome.ACT, probability=1.0, actions=(), trace=trace)
    body, _ = _statement(_decision(Action.REMOVE, clauses=(one,)), clause=long)
    names = ("incompatible_content_ground", "incompatible_content_explanation", "decision_facts")
    assert [len(str(body[name])) for name in names] == [500, 2000, 5000]


def test_every_action_names_its_reversal_and_no_two_the_same() -> None:
    assert set(REVERSALS) == set(Action)
    assert len(set(REVERSALS.values())) == len(Action)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in REVERSALS.values())
    assert not set(REVERSALS.values()) & {action.value for action in Action}


def test_a_statement_is_stored_with_each_restriction_and_with_nothing_else(
    both_databases: str, decided: Callable[..., str], endpoint: Callable[..., Any]
) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, StatementRow

    endpoint()
    restricted, removed, _, _ = (decided(one) for one in ("restricted", "removed", "allowed", "held"))
    assert sorted(StatementRow.objects.values_list("upload_id", flat=True)) == sorted([restricted, removed])
    row = StatementRow.objects.get(upload_id=removed)
    body = json.loads(row.body)
    assert (body["puid"], row.problems) == (row.decision_id, "")
    assert body["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    event = json.loads(DeliveryRow.objects.get(upload_id=removed).body)
    assert event["data"]["statement_of_reasons"] == row.id
