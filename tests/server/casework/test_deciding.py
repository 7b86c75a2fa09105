"""What people decide, take back within its window, and reverse after it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.errors import CaseClosedError, RulingError, UndoTooLateError
from tidegate.records import Action, Decision, Verdict, loads
from tidegate.server.intake.record import Claimed

Decided = Callable[..., str]
NOW_S = 1_800_000_000.0
UNDO_S = 30.0


def _case(upload_id: str) -> Any:
    from tidegate.server.casework.models import CaseRow

    return CaseRow.objects.get(upload_id=upload_id, closed_at_s=None)


def _row(upload_id: str) -> Any:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id)


def _decision(decision_id: str) -> Any:
    from tidegate.server.history.models import DecisionRow

    return DecisionRow.objects.get(id=decision_id)


def _clause_id(number: int = 1) -> str:
    from tidegate.server.project.places import current_policy

    return current_policy().clauses[number].id


def _rule(upload_id: str, verdict: str = "allowed", *, now_s: float = NOW_S, actor: str = "", **fields: Any) -> str:
    from tidegate.server.casework.deciding import Ruling, decide_case

    if verdict != "allowed":
        fields.setdefault("clause_id", _clause_id())
    ruling = Ruling(verdict=Verdict(verdict), **fields)
    return decide_case(_case(upload_id).id, ruling, person_id="pe_1", now_s=now_s, actor=actor)


def _undo(decision_id: str, *, now_s: float = NOW_S + 1) -> None:
    from tidegate.server.casework.deciding import undo

    undo(decision_id, person_id="pe_1", now_s=now_s)


def _reverse(decision_id: str, *, why: str = "a mistake", now_s: float = NOW_S + 100) -> None:
    from tidegate.server.casework.deciding import reverse

    reverse(decision_id, person_id="pe_1", why=why, now_s=now_s)


def _last_entry(upload_id: str) -> tuple[str, str, dict[str, Any]]:
    from tidegate.server.ledger.models import EntryRow

    entry = EntryRow.objects.filter(subject=upload_id).order_by("-seq")[0]
    return entry.kind, entry.actor, json.loads(entry.body)


def _endpoint(name: str = "we_1") -> None:
    from tidegate.server.enforcement.models import EndpointRow

    EndpointRow.objects.create(id=name, url="https://platform.example.org/hook", secret="", created_at_s=NOW_S)


def _deliveries(decision_id: str) -> list[tuple[str, str, float]]:
    from tidegate.server.enforcement.models import DeliveryRow

    rows = DeliveryRow.objects.filter(decision_id=decision_id).order_by("number", "id")
    return list(rows.values_list("kind", "state", "due_s"))


def _statement(upload_id: str) -> dict[str, Any]:
    from tidegate.server.enforcement.models import StatementRow

    body: dict[str, Any] = json.loads(StatementRow.objects.filter(upload_id=upload_id).order_by("-id")[0].body)
    return body


def _findings() -> tuple[Any, ...]:
    from tidegate.server.ledger.verify import verify

    return verify().findings


@pytest.mark.parametrize("verdict", ["allowed", "restricted", "removed"])
def test_a_ruling_lets_the_upload_out_of_its_hold(both_databases: str, decided: Decided, verdict: str) -> None:
    upload_id = decided("held", now_s=NOW_S)
    case_id = _case(upload_id).id
    actions = {"actions": (Action.AGE_RESTRICT, Action.LABEL)} if verdict == "restricted" else {}
    decision_id = _rule(upload_id, verdict, now_s=NOW_S + 5, **actions)
    row, decision = _row(upload_id), _decision(decision_id)
    assert (row.state, row.verdict, row.decision_id, row.decided_at_s) == ("decided", verdict, decision_id, NOW_S + 5)
    assert row.clause_id == ("" if verdict == "allowed" else _clause_id())
    assert (decision.number, decision.is_final, decision.person_id) == (1, True, "pe_1")
    assert decision.undo_until_s == NOW_S + 5 + UNDO_S
    from tidegate.server.casework.models import CaseRow

    case = CaseRow.objects.get(id=case_id)
    assert (case.closed_at_s, case.decision_id) == (NOW_S + 5, decision_id)
    kind, actor, facts = _last_entry(upload_id)
    assert (kind, actor, facts["decision"], facts["verdict"]) == ("upload.decided", "person:pe_1", decision_id, verdict)
    assert _findings() == ()


def test_the_actions_of_a_ruling_stand_in_the_order_of_their_severity(database: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id, "restricted", actions=(Action.DEMONETISE, Action.LABEL))
    stored = loads(Decision, _decision(decision_id).body)
    assert stored.actions == tuple(one for one in Action if one in (Action.LABEL, Action.DEMONETISE))
    assert stored.clauses[0].actions == stored.actions


def test_a_key_that_decides_is_named_in_the_journal(database: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    _rule(upload_id, actor="key:ak_1")
    assert _last_entry(upload_id)[1] == "key:ak_1"


def test_a_note_is_kept_for_colleagues_and_only_its_digest_is_in_the_journal(
    both_databases: str, decided: Decided
) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, StatementRow
    from tidegate.server.ledger.journal import digest
    from tidegate.server.ledger.models import EntryRow

    _endpoint()
    upload_id = decided("held", now_s=NOW_S)
    note = "the second scene, ask Dana; 다시 확인"
    decision_id = _rule(upload_id, "removed", note=note)
    assert _decision(decision_id).note == note
    assert _last_entry(upload_id)[2]["note_sha256"] == digest(note)
    texts = [
        *EntryRow.objects.values_list("body", flat=True),
        *DeliveryRow.objects.values_list("body", flat=True),
        *StatementRow.objects.values_list("body", flat=True),
        _decision(decision_id).body,
    ]
    assert not any("Dana" in text for text in texts)
    assert _findings() == ()


@pytest.mark.parametrize("note", ["x" * 4001, "a\0b", "half \ud83d"])
def test_a_note_that_cannot_be_kept_is_refused(database: str, decided: Decided, note: str) -> None:
    upload_id = decided("held", now_s=NOW_S)
    with pytest.raises(RulingError) as caught:
        _rule(upload_id, note=note)
    assert caught.value.where == "note"
    assert _row(upload_id).state == "in_review"


@pytest.mark.parametrize(
    ("verdict", "fields", "where"),
    [
        ("held", {}, "verdict"),
        ("removed", {"clause_id": ""}, "clause"),
        ("removed", {"clause_id": "no-such-clause"}, "clause"),
        ("restricted", {}, "actions"),
        ("restricted", {"actions": (Action.REMOVE,)}, "actions"),
        ("restricted", {"actions": (Action.ALLOW, Action.LABEL)}, "actions"),
    ],
)
def test_a_ruling_that_does_not_hold_together_decides_nothing(
    database: str, decided: Decided, verdict: str, fields: dict[str, Any], where: str
) -> None:
    upload_id = decided("held", now_s=NOW_S)
    with pytest.raises(RulingError) as caught:
        _rule(upload_id, verdict, **fields)
    assert caught.value.where == where
    assert _row(upload_id).state == "in_review"


def test_a_case_is_decided_once(both_databases: str, decided: Decided) -> None:
    from tidegate.server.casework.deciding import Ruling, decide_case

    upload_id = decided("held", now_s=NOW_S)
    case_id = _case(upload_id).id
    _rule(upload_id)
    with pytest.raises(CaseClosedError, match="already"):
        decide_case(case_id, Ruling(verdict=Verdict.ALLOWED), person_id="pe_2", now_s=NOW_S)
    with pytest.raises(CaseClosedError, match="no such case"):
        decide_case("ca_none", Ruling(verdict=Verdict.ALLOWED), person_id="pe_2", now_s=NOW_S)
    assert _findings() == ()


def test_an_undone_ruling_opens_the_case_again_under_the_held_decision(both_databases: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    held = _row(upload_id)
    decision_id = _rule(upload_id, "removed")
    assert _row(upload_id).clause_id == _clause_id() != held.clause_id
    _undo(decision_id)
    row = _row(upload_id)
    assert (row.state, row.stage, row.verdict, row.decided_at_s) == ("in_review", "", "held", None)
    assert (row.decision_id, row.clause_id) == (held.decision_id, held.clause_id)
    assert _decision(decision_id).undone_at_s == NOW_S + 1
    assert _case(upload_id).reason == "undone"
    assert _last_entry(upload_id) == ("decision.undone", "person:pe_1", {"undone": decision_id})
    assert _findings() == ()


def test_what_was_undone_can_be_decided_and_undone_again(both_databases: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    for number in range(3):
        decision_id = _rule(upload_id, ("removed", "allowed", "removed")[number], now_s=NOW_S + number)
        _undo(decision_id, now_s=NOW_S + number + 0.5)
    last = _rule(upload_id, "allowed", now_s=NOW_S + 9)
    assert (_row(upload_id).verdict, _row(upload_id).decision_id, _decision(last).number) == ("allowed", last, 4)
    assert _findings() == ()


def test_undo_ends_with_its_window(both_databases: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id)
    with pytest.raises(UndoTooLateError):
        _undo(decision_id, now_s=NOW_S + UNDO_S)
    assert _row(upload_id).state == "decided"
    _undo(decision_id, now_s=NOW_S + UNDO_S - 0.01)


def test_undoing_twice_is_too_late(both_databases: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id)
    _undo(decision_id)
    with pytest.raises(UndoTooLateError):
        _undo(decision_id)
    with pytest.raises(UndoTooLateError):
        _undo("de_none")
    assert _findings() == ()


def test_what_a_machine_decided_is_reversed_not_undone(database: str, decided: Decided) -> None:
    upload_id = decided("removed", now_s=NOW_S)
    with pytest.raises(UndoTooLateError):
        _undo(_row(upload_id).decision_id)


def test_nobody_is_told_of_what_was_undone(both_databases: str, decided: Decided) -> None:
    _endpoint()
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id)
    assert _deliveries(decision_id) == [("upload.decided", "waiting", NOW_S + UNDO_S)]
    _undo(decision_id)
    assert _deliveries(decision_id) == [("upload.decided", "cancelled", NOW_S + UNDO_S)]


@pytest.mark.parametrize("how", ["cancelled already", "waiting still"])
def test_a_webhook_that_was_removed_does_not_forbid_to_undo(both_databases: str, decided: Decided, how: str) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow

    _endpoint("we_1")
    _endpoint("we_2")
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id)
    EndpointRow.objects.filter(id="we_1").delete()
    if how == "cancelled already":
        DeliveryRow.objects.filter(endpoint_id="we_1", decision_id=decision_id).update(state="cancelled")
    _undo(decision_id)
    assert [state for _, state, _ in _deliveries(decision_id)] == ["cancelled", "cancelled"]


@pytest.mark.parametrize(
    "went", [{"state": "delivered"}, {"state": "dead", "tries": 9}, {"tries": 1}, {"state": "cancelled", "tries": 1}]
)
def test_what_went_out_or_is_under_way_cannot_be_undone(
    both_databases: str, decided: Decided, went: dict[str, Any]
) -> None:
    from tidegate.server.enforcement.models import DeliveryRow

    _endpoint("we_1")
    _endpoint("we_2")
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id)
    DeliveryRow.objects.filter(endpoint_id="we_1", decision_id=decision_id).update(**went)
    with pytest.raises(UndoTooLateError, match="told already"):
        _undo(decision_id)
    assert _row(upload_id).state == "decided"
    assert DeliveryRow.objects.get(endpoint_id="we_2", decision_id=decision_id).state == "waiting"


def test_a_reversal_tells_the_platform_and_asks_a_person(both_databases: str, decided: Decided) -> None:
    from tidegate.server.enforcement.models import DeliveryRow

    _endpoint()
    upload_id = decided("removed", now_s=NOW_S)
    decision_id = _row(upload_id).decision_id
    DeliveryRow.objects.update(state="delivered", tries=1)
    _reverse(decision_id, why="the wrong video")
    row, case = _row(upload_id), _case(upload_id)
    assert (row.state, row.verdict, row.decision_id, row.clause_id) == ("in_review", "held", "", "")
    assert (case.reason, case.why) == ("undone", "the wrong video")
    assert [kind for kind, _, _ in _deliveries(decision_id)] == ["upload.decided", "decision.undone"]
    assert _last_entry(upload_id) == ("decision.undone", "person:pe_1", {"undone": decision_id})
    assert _findings() == ()


def test_a_reversal_is_of_the_decision_that_stands(both_databases: str, decided: Decided) -> None:
    held, removed = decided("held", now_s=NOW_S), decided("removed", now_s=NOW_S)
    with pytest.raises(UndoTooLateError):
        _reverse(_row(held).decision_id)
    with pytest.raises(UndoTooLateError):
        _reverse("de_none")
    decision_id = _row(removed).decision_id
    _reverse(decision_id)
    with pytest.raises(UndoTooLateError):
        _reverse(decision_id)
    with pytest.raises(RulingError):
        _reverse(decision_id, why="a\0b")
    assert _findings() == ()


def test_what_was_reversed_and_allowed_may_be_reversed_again(both_databases: str, decided: Decided) -> None:
    upload_id = decided("removed", now_s=NOW_S)
    _reverse(_row(upload_id).decision_id)
    allowed = _rule(upload_id, "allowed", now_s=NOW_S + 200)
    _reverse(allowed, now_s=NOW_S + 300)
    assert _row(upload_id).state == "in_review"
    _rule(upload_id, "removed", now_s=NOW_S + 400)
    assert _row(upload_id).verdict == "removed"
    assert _findings() == ()


def test_a_person_who_confirms_what_a_machine_found_decides_together_with_it(database: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    decision_id = _rule(upload_id, "removed")
    assert _decision(decision_id).decided_by == "both"
    assert _statement(upload_id)["automated_detection"] == "Yes"


def test_a_statement_after_an_undo_still_says_that_a_machine_found_it(both_databases: str, decided: Decided) -> None:
    upload_id = decided("held", now_s=NOW_S)
    _undo(_rule(upload_id, "allowed"))
    decision_id = _rule(upload_id, "removed", now_s=NOW_S + 2)
    assert _decision(decision_id).decided_by == "both"
    assert _decision(decision_id).screening_id != ""
    assert loads(Decision, _decision(decision_id).body).seed == 7
    statement = _statement(upload_id)
    assert statement["automated_detection"] == "Yes"
    assert statement["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"


def test_a_statement_after_a_reversal_still_says_that_a_machine_found_it(database: str, decided: Decided) -> None:
    upload_id = decided("removed", now_s=NOW_S)
    _reverse(_row(upload_id).decision_id)
    _rule(upload_id, "restricted", actions=(Action.LABEL,), now_s=NOW_S + 200)
    assert _statement(upload_id)["automated_detection"] == "Yes"


def test_what_a_machine_allowed_and_a_person_removes_was_found_by_the_person(database: str, decided: Decided) -> None:
    upload_id = decided("allowed", now_s=NOW_S)
    _reverse(_row(upload_id).decision_id)
    decision_id = _rule(upload_id, "removed", now_s=NOW_S + 200)
    assert _decision(decision_id).decided_by == "person"
    assert _statement(upload_id)["automated_detection"] == "No"


def test_what_machines_gave_up_is_found_by_the_person(database: str, claimed: Callable[..., Claimed]) -> None:
    from tidegate.server.intake.claiming import LeaseRules, fail
    from tidegate.server.intake.record import Failed

    one = claimed(now_s=NOW_S)
    failed = Failed(upload_id=one.upload.id, lease_token=one.lease_token, code="X", why="", is_permanent=True)
    fail([failed], "screen-test", rules=LeaseRules(lease_s=300.0, max_tries=3), now_s=NOW_S)
    decision_id = _rule(one.upload.id, "removed")
    assert _decision(decision_id).decided_by == "person"
    assert _findings() == ()
