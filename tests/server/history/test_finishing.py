"""`finish`: decision, screening, case, statement and journal in one step, by whoever holds the lease, once."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tidegate.records import Decision, Screening, loads
from tidegate.server.intake.record import Claimed, Finished

Claim = Callable[..., Claimed]
Found = Callable[..., Finished]
NOW_S = 1_800_000_000.0


def _finish(*results: Finished, now_s: float = NOW_S) -> list[str]:
    from tidegate.server.history.finishing import finish

    return finish(results, "screen-test", now_s=now_s)


def _row(upload_id: str) -> Any:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id)


def _kinds(subject: str) -> list[str]:
    from tidegate.server.ledger.models import EntryRow

    return list(EntryRow.objects.filter(subject=subject).order_by("seq").values_list("kind", flat=True))


def _findings() -> tuple[Any, ...]:
    from tidegate.server.ledger.verify import verify

    return verify().findings


@pytest.mark.parametrize("verdict", ["allowed", "restricted", "removed"])
def test_a_final_decision_lets_the_upload_out_of_its_hold(
    both_databases: str, claimed: Claim, found: Found, verdict: str
) -> None:
    from tidegate.server.casework.models import CaseRow
    from tidegate.server.enforcement.models import StatementRow
    from tidegate.server.history.models import DecisionRow

    result = found(claimed(now_s=NOW_S), verdict, screening_key="aa" * 32)
    assert _finish(result) == [result.upload_id]
    row, decision = _row(result.upload_id), DecisionRow.objects.get()
    assert (row.state, row.stage, row.lease_token, row.leased_by) == ("decided", "", "", "")
    assert (row.verdict, row.decision_id, row.decided_at_s) == (verdict, decision.id, NOW_S)
    assert (row.clause_id, row.screening_key) == (result.decision.leading_clause_id, "aa" * 32)
    assert (decision.number, decision.is_final, decision.verdict, decision.decided_by) == (0, True, verdict, "machine")
    assert loads(Decision, decision.body) == result.decision
    assert not CaseRow.objects.exists()
    assert StatementRow.objects.count() == (0 if verdict == "allowed" else 1)
    kinds = ["upload.accepted", "upload.held", "upload.screening", "upload.screened", "upload.decided"]
    assert _kinds(row.id) == kinds
    assert _findings() == ()


def test_a_held_decision_opens_a_case_and_lets_nothing_out(both_databases: str, claimed: Claim, found: Found) -> None:
    from tidegate.server.casework.models import CaseRow

    result = found(claimed(now_s=NOW_S), "held")
    _finish(result)
    row, case = _row(result.upload_id), CaseRow.objects.get()
    assert (row.state, row.stage, row.verdict, row.decided_at_s) == ("in_review", "", "held", None)
    assert (case.upload_id, case.reason, case.closed_at_s) == (row.id, "policy", None)
    assert (case.why, case.clause_id) == (result.decision.reason, result.decision.leading_clause_id)
    assert _kinds(row.id)[-1] == "upload.in_review"
    assert _findings() == ()


def test_what_was_found_is_stored_as_it_was_found(both_databases: str, claimed: Claim, found: Found) -> None:
    from tidegate.server.history.models import DecisionRow, ScreeningRow

    result = found(claimed(now_s=NOW_S))
    _finish(result)
    stored = ScreeningRow.objects.get()
    assert loads(Screening, zlib.decompress(bytes(stored.body)).decode()) == result.screening
    assert (stored.cpu_s, stored.wall_s, stored.at_s) == (0.25, 0.5, NOW_S)
    assert DecisionRow.objects.get().screening_id == stored.id


def test_finishing_twice_is_harmless(both_databases: str, claimed: Claim, found: Found) -> None:
    from tidegate.server.history.models import DecisionRow, ScreeningRow

    result = found(claimed(now_s=NOW_S))
    assert [_finish(result), _finish(result)] == [[result.upload_id], []]
    assert _finish(result, result) == []
    assert (DecisionRow.objects.count(), ScreeningRow.objects.count()) == (1, 1)
    assert _findings() == ()


def test_the_same_result_twice_in_one_call_counts_once(both_databases: str, claimed: Claim, found: Found) -> None:
    from tidegate.server.history.models import DecisionRow

    result = found(claimed(now_s=NOW_S))
    assert _finish(result, result) == [result.upload_id]
    assert DecisionRow.objects.count() == 1
    assert _findings() == ()


def test_only_the_token_of_the_lease_finishes(both_databases: str, claimed: Claim, found: Found) -> None:
    result = found(claimed(now_s=NOW_S), "allowed")
    for token in ("", "ls_other", result.lease_token.upper()):
        assert _finish(replace(result, lease_token=token)) == []
    assert (_row(result.upload_id).state, _row(result.upload_id).verdict) == ("screening", "")


def test_a_lease_that_ran_out_finishes_as_long_as_nobody_took_the_upload_over(
    both_databases: str, claimed: Claim, found: Found
) -> None:
    result = found(claimed(now_s=NOW_S))
    assert _finish(result, now_s=NOW_S + 10_000) == [result.upload_id]


def test_those_that_are_ours_finish_beside_those_that_are_not(
    both_databases: str, claimed: Claim, found: Found
) -> None:
    ours = [found(claimed(now_s=NOW_S)) for _ in range(3)]
    lost = replace(found(claimed(now_s=NOW_S)), lease_token="ls_lost")  # noqa: S106 - no secret
    assert sorted(_finish(ours[2], lost, ours[0], ours[1])) == sorted(one.upload_id for one in ours)
    assert _row(lost.upload_id).state == "screening"
    assert _findings() == ()


def test_nothing_is_kept_of_a_batch_that_breaks(
    both_databases: str, claimed: Claim, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.history import finishing
    from tidegate.server.history.models import DecisionRow, ScreeningRow

    results = [found(claimed(now_s=NOW_S)), found(claimed(now_s=NOW_S))]

    def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "append", broken)
        with pytest.raises(RuntimeError):
            _finish(*results)
    assert (DecisionRow.objects.count(), ScreeningRow.objects.count()) == (0, 0)
    assert {_row(one.upload_id).state for one in results} == {"screening"}
    assert len(_finish(*results)) == 2
    assert _findings() == ()


def test_no_words_of_the_upload_or_its_evidence_stand_in_the_journal(
    both_databases: str, claimed: Claim, found: Found
) -> None:
    from tidegate.server.ledger.models import EntryRow

    result = found(claimed(now_s=NOW_S, caption="a caption nobody may find here"), "removed")
    _finish(result)
    bodies = "\n".join(EntryRow.objects.values_list("body", flat=True))
    assert "nobody may find" not in bodies
    assert result.decision.reason not in bodies


def test_the_database_itself_lets_nothing_out_without_a_decision(both_databases: str, claimed: Claim) -> None:
    from django.db import IntegrityError, transaction

    from tidegate.server.intake.models import UploadRow

    rows = UploadRow.objects.filter(id=claimed(now_s=NOW_S).upload.id)
    for values in ({"verdict": "allowed"}, {"decision_id": "de_1"}, {"decision_id": "de_1", "verdict": "held"}):
        for state in ("decided", "acted"):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(state=state, **values)


def test_the_database_itself_keeps_one_final_decision(
    both_databases: str, decided: Callable[..., str], claimed: Claim
) -> None:
    from django.db import IntegrityError, transaction

    from tidegate.server.history.models import DecisionRow

    decided("allowed")
    row = DecisionRow.objects.get()
    row.id, row.number = "de_other", 1
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
