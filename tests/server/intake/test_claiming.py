"""`claim`, `fail` and `fetched`: leases, and what becomes of an upload that machines cannot finish."""

from collections.abc import Callable
from typing import Any

from tidegate.records import Decision, loads
from tidegate.server.intake.record import Claimed, Failed, Finished

Accept = Callable[..., str]
Found = Callable[..., Finished]
NOW_S = 1_800_000_000.0


def _rules(lease_s: float = 300.0, max_tries: int = 3) -> Any:
    from tidegate.server.intake.claiming import LeaseRules

    return LeaseRules(lease_s=lease_s, max_tries=max_tries)


def _claim(most: int = 10, *, now_s: float = NOW_S, stage: str = "screen", **rules: Any) -> list[Claimed]:
    from tidegate.server.intake.claiming import claim
    from tidegate.server.intake.models import Stage

    return claim(Stage(stage), most, "screen-test", rules=_rules(**rules), now_s=now_s)


def _ids(claimed: list[Claimed]) -> list[str]:
    return [one.upload.id for one in claimed]


def _fail(one: Claimed, *, now_s: float = NOW_S, is_permanent: bool = False, why: str = "it broke") -> int:
    from tidegate.server.intake.claiming import fail

    failed = Failed(
        upload_id=one.upload.id, lease_token=one.lease_token, code="TG-H102", why=why, is_permanent=is_permanent
    )
    return fail([failed], "screen-test", rules=_rules(), now_s=now_s)


def _row(upload_id: str) -> Any:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id)


def _decision(upload_id: str) -> Decision:
    from tidegate.server.history.models import DecisionRow

    return loads(Decision, DecisionRow.objects.get(upload_id=upload_id).body)


def _findings() -> tuple[Any, ...]:
    from tidegate.server.ledger.verify import verify

    return verify().findings


def test_the_earliest_deadline_goes_first_whatever_came_first(both_databases: str, accepted: Accept) -> None:
    bulk = accepted(lane="bulk", target_s=3600.0, now_s=NOW_S)
    standard = accepted(lane="standard", target_s=60.0, now_s=NOW_S + 1)
    express = accepted(lane="express", target_s=15.0, now_s=NOW_S + 2)
    assert _ids(_claim(2, now_s=NOW_S + 3)) == [express, standard]
    assert _ids(_claim(2, now_s=NOW_S + 3)) == [bulk]


def test_what_is_leased_is_screening_and_nobody_else_gets_it(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    (one,) = _claim()
    row = _row(upload_id)
    assert (row.state, row.lease_token, row.tries, one.tries) == ("screening", one.lease_token, 1, 1)
    assert _claim() == []


def test_nothing_due_costs_one_read(both_databases: str, accepted: Accept) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    accepted(now_s=NOW_S)
    _claim()
    with CaptureQueriesContext(connection) as queries:
        assert _claim() == []
    assert len(queries) == 1


def test_one_that_failed_before_comes_alone(both_databases: str, accepted: Accept) -> None:
    first = accepted(now_s=NOW_S)
    (one,) = _claim()
    _fail(one)
    others = [accepted(now_s=NOW_S + 1), accepted(now_s=NOW_S + 2)]
    later_s = NOW_S + 100
    assert _ids(_claim(now_s=later_s)) == [first]
    assert _ids(_claim(now_s=later_s)) == others


def test_a_failed_one_with_a_later_deadline_does_not_join_those_before_it(
    both_databases: str, accepted: Accept
) -> None:
    failed = accepted(now_s=NOW_S, target_s=900.0)
    (one,) = _claim()
    _fail(one)
    fresh = accepted(now_s=NOW_S)
    later_s = NOW_S + 100
    assert _ids(_claim(now_s=later_s)) == [fresh]
    assert _ids(_claim(now_s=later_s)) == [failed]


def test_a_lease_that_ran_out_is_due_again_under_another_token(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    (first,) = _claim(lease_s=30.0)
    assert _claim(lease_s=30.0, now_s=NOW_S + 29) == []
    (second,) = _claim(lease_s=30.0, now_s=NOW_S + 30)
    assert (second.upload.id, second.tries) == (upload_id, 2)
    assert second.lease_token != first.lease_token


def test_a_worker_that_dies_three_times_leaves_the_upload_to_a_person_with_the_reason(
    both_databases: str, accepted: Accept
) -> None:
    from tidegate.server.casework.models import CaseRow

    upload_id = accepted(now_s=NOW_S)
    for number in range(3):
        assert len(_claim(now_s=NOW_S + 300 * number)) == 1
    assert _claim(now_s=NOW_S + 900) == []
    row, case = _row(upload_id), CaseRow.objects.get(upload_id=upload_id)
    assert (row.state, row.stage, row.verdict, row.decided_at_s) == ("in_review", "", "held", None)
    assert (case.reason, case.closed_at_s) == ("failed", None)
    assert "TG-H101" in case.why and "3 times" in case.why
    assert _findings() == ()


def test_three_failures_are_a_persons_and_never_an_allow(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    at_s = NOW_S
    for _ in range(3):
        (one,) = _claim(now_s=at_s)
        assert _fail(one, now_s=at_s) == 1
        at_s += 1000
    assert _claim(now_s=at_s) == []
    decision = _decision(upload_id)
    assert decision.verdict.value == "held"
    assert [action.value for action in decision.actions] == ["hold"]
    assert "TG-H102 it broke" in decision.reason
    assert _row(upload_id).state == "in_review"
    assert _findings() == ()


def test_the_wait_after_a_failure_grows(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    waits: list[float] = []
    at_s = NOW_S
    for _ in range(2):
        (one,) = _claim(now_s=at_s)
        _fail(one, now_s=at_s)
        row = _row(upload_id)
        assert (row.state, row.lease_token) == ("held", "")
        assert _claim(now_s=row.due_s - 0.01) == []
        waits.append(row.due_s - at_s)
        at_s = row.due_s
    assert waits == [2.0, 10.0]


def test_what_fails_for_good_is_a_persons_at_once(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    (one,) = _claim()
    _fail(one, is_permanent=True, why="the object is gone")
    assert _row(upload_id).state == "in_review"
    assert _decision(upload_id).reason.endswith(
        "tried once without an end, a person decides: TG-H102 the object is gone"
    )


def test_a_reason_that_no_database_holds_is_made_one(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    (one,) = _claim()
    assert _fail(one, why="cannot open a\0b\ud800c" + "x" * 2000) == 1
    kept = _row(upload_id).last_failure
    assert kept.startswith("TG-H102 cannot open a?b?c") and len(kept) == 500


def test_who_lost_the_lease_can_neither_fail_nor_finish(both_databases: str, accepted: Accept, found: Found) -> None:
    from tidegate.server.history.finishing import finish

    accepted(now_s=NOW_S)
    (lost,) = _claim()
    (held,) = _claim(now_s=NOW_S + 300)
    assert _fail(lost, now_s=NOW_S + 301) == 0
    assert finish([found(lost, "allowed")], "screen-test", now_s=NOW_S + 302) == []
    assert _row(held.upload.id).lease_token == held.lease_token
    assert finish([found(held, "removed")], "screen-test", now_s=NOW_S + 303) == [held.upload.id]
    assert _row(held.upload.id).verdict == "removed"


def test_failing_twice_counts_once(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(now_s=NOW_S)
    (one,) = _claim()
    assert [_fail(one), _fail(one)] == [1, 0]
    assert _row(upload_id).tries == 1


def test_a_clock_that_was_set_back_keeps_nobody_waiting(both_databases: str, accepted: Accept) -> None:
    leased, failed = accepted(now_s=NOW_S), accepted(now_s=NOW_S + 1)
    claimed = _claim()
    _fail(claimed[1])
    hour_back_s = NOW_S - 3600
    fresh = accepted(now_s=hour_back_s)
    seen = [*_ids(_claim(now_s=hour_back_s)), *_ids(_claim(now_s=hour_back_s)), *_ids(_claim(now_s=hour_back_s))]
    assert sorted(seen) == sorted([leased, failed, fresh])


def test_a_clock_set_back_by_less_than_a_lease_takes_nothing_from_a_worker(
    both_databases: str, accepted: Accept
) -> None:
    accepted(now_s=NOW_S)
    assert len(_claim(lease_s=300.0)) == 1
    assert _claim(lease_s=600.0, now_s=NOW_S - 200) == []


def test_a_clock_set_forward_ends_leases_but_decides_nothing(
    both_databases: str, accepted: Accept, found: Found
) -> None:
    from tidegate.server.history.finishing import finish

    upload_id = accepted(now_s=NOW_S)
    (lost,) = _claim()
    (one,) = _claim(now_s=NOW_S + 1e7)
    assert finish([found(lost)], "screen-test", now_s=NOW_S + 1e7) == []
    assert _row(upload_id).state == "screening"
    assert finish([found(one)], "screen-test", now_s=NOW_S) == [upload_id]
    assert _findings() == ()


def test_fetched_media_are_held_and_screened_next_with_all_their_tries(both_databases: str, accepted: Accept) -> None:
    from tidegate.server.intake.claiming import fetched

    upload_id = accepted(reference="https://cdn.example.org/a.mp4", now_s=NOW_S)
    assert _claim() == []
    (one,) = _claim(stage="fetch")
    assert (one.reference, _row(upload_id).state) == ("https://cdn.example.org/a.mp4", "accepted")
    told = {"media_sha256": "ab" * 32, "size_bytes": 9, "now_s": NOW_S + 1}
    assert fetched(upload_id, one.lease_token, "fetch-test", **told) is True
    assert fetched(upload_id, one.lease_token, "fetch-test", **told) is False
    row = _row(upload_id)
    assert (row.state, row.stage, row.tries, row.media_sha256, row.media_size_bytes) == (
        *("held", "screen", 0),
        *("ab" * 32, 9),
    )
    assert _ids(_claim(now_s=NOW_S + 1)) == [upload_id]
    assert _findings() == ()


def test_a_lease_to_screen_brings_no_media(both_databases: str, accepted: Accept) -> None:
    from tidegate.server.intake.claiming import fetched

    upload_id = accepted(now_s=NOW_S)
    (one,) = _claim()
    assert not fetched(upload_id, one.lease_token, "x", media_sha256="ab" * 32, size_bytes=1, now_s=NOW_S)
    assert (_row(upload_id).media_sha256, _row(upload_id).lease_token) == ("", one.lease_token)


def test_a_lease_to_fetch_decides_nothing(both_databases: str, accepted: Accept, found: Found) -> None:
    from tidegate.server.history.finishing import finish

    upload_id = accepted(now_s=NOW_S, reference="https://cdn.example.org/a")
    (one,) = _claim(stage="fetch")
    assert finish([found(one, "allowed")], "x", now_s=NOW_S) == []
    assert (_row(upload_id).state, _row(upload_id).verdict) == ("accepted", "")


def test_an_upload_whose_media_never_came_is_a_persons(both_databases: str, accepted: Accept) -> None:
    upload_id = accepted(reference="https://cdn.example.org/a.mp4", now_s=NOW_S)
    at_s = NOW_S
    for _ in range(3):
        (one,) = _claim(stage="fetch", now_s=at_s)
        _fail(one, now_s=at_s, why="no connection")
        at_s += 1000
    row = _row(upload_id)
    assert (row.state, row.stage, row.verdict) == ("in_review", "", "held")
    assert _findings() == ()
