"""The outbox on both databases: order, retries, breaker, leases, the undo window, decided to acted."""

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.server.enforcement.retrying import BREAKER_FAILURES, FIRST_BLOCK_S, MOST_TRIES, RETRY_WAITS_S
from tidegate.server.enforcement.sending import Answer

NOW_S = 1_800_000_000.0
DELIVERED = Answer(status=204)
FAILED = Answer(status=500, why="TG-W011 the endpoint answered with status 500")


@pytest.fixture(autouse=True)
def _on_both(both_databases: str) -> None:
    """Everything here holds on SQLite and on PostgreSQL."""


def _states(**filters: Any) -> list[str]:
    from tidegate.server.enforcement.models import DeliveryRow

    rows = DeliveryRow.objects.filter(**filters).order_by("upload_id", "number", "endpoint_id")
    return list(rows.values_list("state", flat=True))


def _delivery(**filters: Any) -> Any:
    from tidegate.server.enforcement.models import DeliveryRow

    return DeliveryRow.objects.get(**filters)


def _endpoint(identity: str) -> Any:
    from tidegate.server.enforcement.models import EndpointRow

    return EndpointRow.objects.get(id=identity)


def _state_of(upload_id: str) -> str:
    from tidegate.server.intake.models import UploadRow

    return str(UploadRow.objects.get(id=upload_id).state)


def test_a_decision_is_told_to_every_webhook_that_wants_it_and_then_it_is_acted(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, receiver: Any, journal: Any
) -> None:
    first, _ = endpoint()
    second, _ = endpoint("", "upload.decided")
    endpoint("", "decision.undone")
    upload_id = decided("removed", now_s=NOW_S)
    assert _state_of(upload_id) == "decided"
    assert [one.is_delivered for one in outbox.empty(NOW_S)] == [True, True]
    assert _state_of(upload_id) == "acted"
    assert {one.endpoint_id for one in _all()} == {first, second}
    assert journal("action.delivered", "upload.acted") == [
        ("action.delivered", upload_id),
        ("action.delivered", upload_id),
        ("upload.acted", upload_id),
    ]
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1
    _verifies()


def _all() -> Any:
    from tidegate.server.enforcement.models import DeliveryRow

    return DeliveryRow.objects.all()


def _verifies() -> None:
    from tidegate.server.ledger.verify import verify

    assert verify().findings == ()


def test_an_upload_is_acted_only_when_every_webhook_was_told(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    endpoint()
    endpoint()
    upload_id = decided(now_s=NOW_S)
    one, other = outbox.claim(NOW_S)
    outbox.finish(one, DELIVERED, NOW_S)
    outbox.finish(other, FAILED, NOW_S)
    assert _state_of(upload_id) == "decided"
    (again,) = outbox.claim(NOW_S + 3600)
    outbox.finish(again, DELIVERED, NOW_S + 3600)
    assert _state_of(upload_id) == "acted"


def test_a_hold_for_a_person_is_told_and_acts_on_nothing(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    endpoint()
    upload_id = decided("held", now_s=NOW_S)
    assert len(outbox.empty(NOW_S)) == 1
    assert _state_of(upload_id) == "in_review"


def test_a_failure_is_tried_again_under_the_same_key_as_the_schedule_says(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, even: None
) -> None:
    identity, _ = endpoint()
    decided(now_s=NOW_S)
    at_s, keys = NOW_S, set()
    for tries in range(1, MOST_TRIES + 1):
        (leased,) = outbox.claim(at_s)
        assert (leased.tries, outbox.claim(at_s)) == (tries, [])
        keys.add((leased.id, leased.event_id, leased.body))
        outbox.finish(leased, FAILED, at_s)
        row = _delivery()
        if tries < MOST_TRIES:
            assert (row.state, row.due_s) == ("waiting", at_s + RETRY_WAITS_S[tries - 1])
            assert outbox.claim(row.due_s - 0.01) == []
            at_s = max(row.due_s, _endpoint(identity).blocked_until_s)
    assert (row.state, row.tries, row.last_status) == ("dead", MOST_TRIES, 500)
    assert row.last_error == FAILED.why
    assert len(keys) == 1
    assert outbox.claim(at_s + 1e7) == []


def test_a_dead_letter_stands_in_the_journal_with_its_code_and_keeps_the_upload_from_acted(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    from tidegate.server.ledger.models import EntryRow

    endpoint()
    upload_id = decided(now_s=NOW_S)
    _all().update(tries=MOST_TRIES - 1)
    (leased,) = outbox.claim(NOW_S)
    outbox.finish(leased, FAILED, NOW_S)
    entry = EntryRow.objects.get(kind="delivery.dead")
    assert (entry.subject, '"code":"TG-W011"' in entry.body) == (upload_id, True)
    assert _state_of(upload_id) == "decided"
    _verifies()


def test_what_a_receiver_asks_for_is_waited_for_by_all_of_its_webhook(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, receiver: Any, status: Any, even: None
) -> None:
    endpoint()
    decided(now_s=NOW_S)
    receiver.replies.append(status(429, "Retry-After: 120"))
    outbox.once(NOW_S)
    assert _delivery().due_s == NOW_S + 120 + RETRY_WAITS_S[0]
    decided(now_s=NOW_S + 1)
    assert outbox.claim(NOW_S + 119) == []
    assert len(outbox.claim(NOW_S + 121)) == 1


def test_events_of_an_upload_are_sent_one_after_the_other_to_each_webhook(
    endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]], outbox: Any
) -> None:
    slow, _ = endpoint()
    quick, _ = endpoint()
    ruled(now_s=NOW_S)
    later_s = NOW_S + 1000
    first = {one.endpoint_id: one for one in outbox.claim(later_s)}
    assert {one.kind for one in first.values()} == {"upload.in_review"}
    assert outbox.claim(later_s) == []
    outbox.finish(first[quick], DELIVERED, later_s)
    outbox.finish(first[slow], FAILED, later_s)
    (second,) = outbox.claim(later_s)
    assert (second.endpoint_id, second.kind) == (quick, "upload.decided")
    outbox.finish(second, DELIVERED, later_s)
    (again,) = outbox.claim(later_s + 1000)
    assert (again.endpoint_id, again.kind) == (slow, "upload.in_review")


def test_a_failing_upload_does_not_hold_up_the_others(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    endpoint()
    first, second = decided(now_s=NOW_S), decided(now_s=NOW_S)
    leased = {one.upload_id: one for one in outbox.claim(NOW_S)}
    outbox.finish(leased[first], FAILED, NOW_S)
    outbox.finish(leased[second], DELIVERED, NOW_S)
    assert [_state_of(first), _state_of(second)] == ["decided", "acted"]


def test_after_a_dead_letter_the_later_events_of_its_upload_go_on(
    endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]], outbox: Any
) -> None:
    endpoint()
    upload_id, _ = ruled(now_s=NOW_S)
    _all().filter(kind="upload.in_review").update(tries=MOST_TRIES - 1)
    (first,) = outbox.claim(NOW_S + 1000)
    outbox.finish(first, FAILED, NOW_S + 1000)
    assert _states() == ["dead", "waiting"]
    (second,) = outbox.claim(NOW_S + 1000)
    outbox.finish(second, DELIVERED, NOW_S + 1000)
    assert _state_of(upload_id) == "acted"


def test_a_lane_that_died_is_a_lease_that_runs_out(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    from tidegate.server.enforcement.delivering import LEASE_S

    endpoint()
    upload_id = decided(now_s=NOW_S)
    (lost,) = outbox.claim(NOW_S)
    assert outbox.claim(NOW_S + LEASE_S - 0.1) == []
    (taken,) = outbox.claim(NOW_S + LEASE_S)
    assert (taken.id, taken.event_id, taken.body, taken.tries) == (lost.id, lost.event_id, lost.body, 2)
    assert taken.lease_token != lost.lease_token
    assert outbox.finish(lost, FAILED, NOW_S + LEASE_S + 1) == 0, "the late lane is fenced"
    assert outbox.finish(taken, DELIVERED, NOW_S + LEASE_S + 2) == 1
    assert outbox.finish(taken, DELIVERED, NOW_S + LEASE_S + 3) == 0, "finishing twice is harmless"
    assert _state_of(upload_id) == "acted"
    _verifies()


def test_a_breaker_trips_after_failures_in_a_row_and_closes_after_one_success(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, even: None
) -> None:
    identity, _ = endpoint()
    for _ in range(BREAKER_FAILURES + 3):
        decided(now_s=NOW_S)
    for leased in outbox.claim(NOW_S, free=BREAKER_FAILURES):
        outbox.finish(leased, FAILED, NOW_S)
    row = _endpoint(identity)
    assert (row.failures_in_a_row, row.blocked_until_s) == (BREAKER_FAILURES, NOW_S + FIRST_BLOCK_S)
    assert outbox.claim(NOW_S + FIRST_BLOCK_S - 0.1) == []
    (probe,) = outbox.claim(NOW_S + FIRST_BLOCK_S)
    outbox.finish(probe, FAILED, NOW_S + FIRST_BLOCK_S)
    until_s = _endpoint(identity).blocked_until_s
    assert until_s == NOW_S + 3 * FIRST_BLOCK_S
    (probe,) = outbox.claim(until_s)
    outbox.finish(probe, DELIVERED, until_s)
    row = _endpoint(identity)
    assert (row.failures_in_a_row, row.blocked_until_s) == (0, 0.0)
    assert len(outbox.claim(until_s)) > 1


def test_a_webhook_in_trouble_does_not_hold_up_the_others(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, receiver: Any, nobody: str
) -> None:
    endpoint(nobody)
    endpoint()
    for _ in range(12):
        decided(now_s=NOW_S)
    assert len(outbox.empty(NOW_S)) <= 24
    assert len(receiver.requests) == 12
    assert sorted(_states()) == ["delivered"] * 12 + ["waiting"] * 12


def test_a_webhook_that_is_gone_is_paused_collects_and_is_told_when_it_is_resumed(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, receiver: Any, status: Any, journal: Any
) -> None:
    from tidegate.server.enforcement.endpoints import resume_endpoint

    identity, _ = endpoint()
    decided(now_s=NOW_S)
    receiver.replies.append(status(410))
    outbox.once(NOW_S)
    decided(now_s=NOW_S)
    assert (_endpoint(identity).is_active, _states()) == (False, ["waiting"] * 2)
    assert outbox.claim(NOW_S + 1e6) == []
    resume_endpoint(identity, actor="person:pe_1", now_s=NOW_S + 1e6)
    outbox.empty(NOW_S + 1e6)
    assert _states() == ["delivered"] * 2
    assert journal("endpoint.paused") == [("endpoint.paused", identity)]


def test_a_decision_of_a_person_is_held_back_until_its_window_has_passed(
    endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]], outbox: Any, receiver: Any
) -> None:
    endpoint("", "upload.decided")
    upload_id, decision_id = ruled(now_s=NOW_S)
    assert outbox.claim(NOW_S + 29.9) == []
    outbox.empty(NOW_S + 30)
    assert len(receiver.requests) == 1
    assert decision_id.encode() in receiver.requests[0][1]
    assert _state_of(upload_id) == "acted"


def test_a_decision_taken_back_in_its_window_is_never_told(
    endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]], outbox: Any, receiver: Any, person: Any
) -> None:
    from tidegate.server.casework.deciding import undo

    endpoint("", "upload.decided", "decision.undone")
    upload_id, decision_id = ruled("removed", now_s=NOW_S)
    undo(decision_id, person_id=person().id, now_s=NOW_S + 10)
    assert outbox.empty(NOW_S + 1e6) == []
    assert (receiver.requests, _states(), _state_of(upload_id)) == ([], ["cancelled"], "in_review")
    _verifies()


def test_a_decision_already_told_is_reversed_by_an_event_that_names_the_reversals(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, receiver: Any, person: Any
) -> None:
    import json

    from tidegate.server.casework.deciding import reverse
    from tidegate.server.history.models import DecisionRow

    endpoint()
    upload_id = decided("restricted", now_s=NOW_S)
    outbox.empty(NOW_S)
    row = DecisionRow.objects.get(upload_id=upload_id)
    reverse(row.id, person_id=person().id, why="a mistake", now_s=NOW_S + 100)
    outbox.empty(NOW_S + 100)
    said = [json.loads(body) for _, body in receiver.requests]
    assert [one["type"] for one in said] == ["upload.decided", "decision.undone"]
    assert said[1]["data"]["actions"] == [{"action": "age-restrict", "reversal": "lift-age-restriction"}]
    assert said[1]["data"]["undone_at"] == "2027-01-15T08:01:40Z"
    assert _state_of(upload_id) == "in_review"


def test_free_places_are_shared_out_among_webhooks_and_each_keeps_to_its_own(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    one, other = endpoint()[0], endpoint()[0]
    for _ in range(8):
        decided(now_s=NOW_S)
    first = outbox.claim(NOW_S, free=6, most_each=4)
    assert sorted(sum(each.endpoint_id == name for each in first) for name in (one, other)) == [3, 3]
    more = outbox.claim(NOW_S, free=26, most_each=4, busy={one: 3, other: 4})
    assert [each.endpoint_id for each in more] == [one]
    assert outbox.claim(NOW_S, free=0) == []


def test_what_failed_before_and_what_is_new_do_not_starve_each_other(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    endpoint()
    for _ in range(6):
        decided(now_s=NOW_S)
    failed = outbox.claim(NOW_S, free=4)
    for leased in failed:
        outbox.finish(leased, FAILED, NOW_S)
    for _ in range(4):
        decided(now_s=NOW_S)
    mixed = outbox.claim(NOW_S + 100, most_each=4)
    assert sum(one.tries > 1 for one in mixed) == 2


def test_a_decision_that_was_never_told_is_not_told_after_it_was_reversed(
    endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]], outbox: Any, receiver: Any, person: Any
) -> None:
    from tidegate.server.casework.deciding import reverse

    endpoint("", "upload.decided", "decision.undone")
    _, decision_id = ruled("removed", now_s=NOW_S)
    reverse(decision_id, person_id=person().id, why="a mistake", now_s=NOW_S + 5)
    assert outbox.empty(NOW_S + 1e6) == []
    assert (receiver.requests, _states()) == ([], ["cancelled"])


def test_a_decision_under_way_when_it_is_reversed_is_told_and_then_reversed(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, person: Any
) -> None:
    from tidegate.server.casework.deciding import reverse
    from tidegate.server.history.models import DecisionRow

    endpoint()
    upload_id = decided("removed", now_s=NOW_S)
    (leased,) = outbox.claim(NOW_S)
    decision_id = DecisionRow.objects.get(upload_id=upload_id).id
    reverse(decision_id, person_id=person().id, why="a mistake", now_s=NOW_S + 5)
    assert outbox.claim(NOW_S + 6) == [], "first the one, then the other"
    outbox.finish(leased, DELIVERED, NOW_S + 7)
    (undone,) = outbox.claim(NOW_S + 8)
    assert undone.kind == "decision.undone"
    outbox.finish(undone, DELIVERED, NOW_S + 8)
    assert _state_of(upload_id) == "in_review", "what was undone meanwhile is not acted on"
    _verifies()
