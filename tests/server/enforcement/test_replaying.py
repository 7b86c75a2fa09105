"""Dead letters sent again, and what waits for a webhook that was removed."""

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.errors import DeliveryUnknownError, ReplayError
from tidegate.server.enforcement.retrying import MOST_TRIES
from tidegate.server.enforcement.sending import Answer

NOW_S = 1_800_000_000.0
FAILED = Answer(status=500, why="TG-W011 the endpoint answered with status 500")


@pytest.fixture(autouse=True)
def _on_both(both_databases: str) -> None:
    """Everything here holds on SQLite and on PostgreSQL."""


def _rows() -> Any:
    from tidegate.server.enforcement.models import DeliveryRow

    return DeliveryRow.objects.order_by("number", "id")


def _state_of(upload_id: str) -> str:
    from tidegate.server.intake.models import UploadRow

    return str(UploadRow.objects.get(id=upload_id).state)


def _replay(delivery_id: str) -> None:
    from tidegate.server.enforcement.replaying import replay

    replay(delivery_id, actor="person:pe_1", now_s=NOW_S)


@pytest.fixture
def dead(endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any) -> Any:
    """The dead letter of an upload that was allowed."""
    endpoint()
    decided(now_s=NOW_S)
    _rows().update(tries=MOST_TRIES - 1)
    (leased,) = outbox.claim(NOW_S)
    outbox.finish(leased, FAILED, NOW_S)
    return _rows().get()


def test_a_dead_letter_is_sent_again_under_its_key_with_all_its_tries(
    dead: Any, outbox: Any, receiver: Any, journal: Any
) -> None:
    assert dead.state == "dead"
    _replay(dead.id)
    (leased,) = outbox.claim(NOW_S)
    assert (leased.event_id, leased.body, leased.tries) == (dead.event_id, dead.body, 1)
    outbox.finish(leased, outbox.send(leased), NOW_S)
    assert _rows().get().state == "delivered"
    assert _state_of(dead.upload_id) == "acted"
    assert journal("delivery.replayed", "upload.acted") == [
        ("delivery.replayed", dead.upload_id),
        ("upload.acted", dead.upload_id),
    ]
    assert receiver.requests[0][0]["webhook-id"] == dead.event_id


def test_what_was_delivered_is_sent_again_and_acted_on_once(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, receiver: Any, journal: Any
) -> None:
    endpoint()
    upload_id = decided(now_s=NOW_S)
    outbox.empty(NOW_S)
    _replay(_rows().get().id)
    outbox.empty(NOW_S)
    assert len(receiver.requests) == 2
    assert receiver.requests[0][1] == receiver.requests[1][1]
    assert journal("upload.acted") == [("upload.acted", upload_id)]


def test_what_waits_is_not_sent_again(endpoint: Callable[..., Any], decided: Callable[..., str]) -> None:
    endpoint()
    decided(now_s=NOW_S)
    with pytest.raises(ReplayError, match="not ended"):
        _replay(_rows().get().id)
    with pytest.raises(DeliveryUnknownError):
        _replay("dl_none")


def test_a_decision_taken_back_is_not_told_again_but_that_it_was_is(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, person: Any, receiver: Any
) -> None:
    from tidegate.server.casework.deciding import reverse

    endpoint()
    decided("removed", now_s=NOW_S)
    outbox.empty(NOW_S)
    reverse(_rows().get().decision_id, person_id=person().id, why="a mistake", now_s=NOW_S)
    outbox.empty(NOW_S)
    told, undone = _rows()
    with pytest.raises(ReplayError, match="taken back"):
        _replay(told.id)
    _replay(undone.id)
    outbox.empty(NOW_S)
    assert len(receiver.requests) == 3


def test_nothing_is_sent_again_to_a_webhook_that_was_removed(dead: Any) -> None:
    from tidegate.server.enforcement.endpoints import remove_endpoint

    remove_endpoint(dead.endpoint_id, actor="person:pe_1", now_s=NOW_S)
    with pytest.raises(ReplayError, match="removed"):
        _replay(dead.id)


def test_what_waits_for_a_removed_webhook_is_cancelled_and_its_upload_goes_on(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    from tidegate.server.enforcement.endpoints import remove_endpoint
    from tidegate.server.enforcement.replaying import cancel_orphans

    kept, removed = endpoint()[0], endpoint()[0]
    upload_id = decided(now_s=NOW_S)
    for leased in outbox.claim(NOW_S):
        outbox.finish(leased, Answer(status=204) if leased.endpoint_id == kept else FAILED, NOW_S)
    remove_endpoint(removed, actor="person:pe_1", now_s=NOW_S)
    assert _state_of(upload_id) == "decided"
    assert cancel_orphans(10, "outbox-test", now_s=NOW_S) == 1
    assert cancel_orphans(10, "outbox-test", now_s=NOW_S) == 0
    assert sorted(_rows().values_list("state", flat=True)) == ["cancelled", "delivered"]
    assert _state_of(upload_id) == "acted"


def test_an_upload_that_nobody_was_told_about_is_not_acted(
    endpoint: Callable[..., Any], decided: Callable[..., str]
) -> None:
    from tidegate.server.enforcement.endpoints import remove_endpoint
    from tidegate.server.enforcement.replaying import cancel_orphans

    identity, _ = endpoint()
    upload_id = decided(now_s=NOW_S)
    remove_endpoint(identity, actor="person:pe_1", now_s=NOW_S)
    assert cancel_orphans(10, "outbox-test", now_s=NOW_S) == 1
    assert _state_of(upload_id) == "decided"


def test_orphans_are_cancelled_some_at_a_time(endpoint: Callable[..., Any], decided: Callable[..., str]) -> None:
    from tidegate.server.enforcement.endpoints import remove_endpoint
    from tidegate.server.enforcement.replaying import cancel_orphans

    identity, _ = endpoint()
    for _ in range(3):
        decided(now_s=NOW_S)
    remove_endpoint(identity, actor="person:pe_1", now_s=NOW_S)
    assert [cancel_orphans(2, "outbox-test", now_s=NOW_S) for _ in range(3)] == [2, 1, 0]
