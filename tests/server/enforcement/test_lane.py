"""The outbox lane itself: it claims, sends in threads, writes down, and ends with nothing left under way."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.server.lanes.config import read, written
from tidegate.server.lanes.outbox import OutboxLane
from tidegate.settings import resolve

WITHIN_S = 30.0


@pytest.fixture
def lane(both_databases: str, server_home: Path) -> Iterator[Callable[..., OutboxLane]]:
    """Open an outbox lane: `lane(most_each=2)`; it is closed at the end."""
    opened: list[OutboxLane] = []

    def make(**extra: int) -> OutboxLane:
        resolved = resolve([f"home={server_home}", "server.webhook_networks=127.0.0.0/8"], environ={})
        one = OutboxLane(read(written(resolved, **extra)))
        one.open()
        opened.append(one)
        return one

    yield make
    for one in opened:
        one.close()


def _states() -> list[str]:
    from tidegate.server.enforcement.models import DeliveryRow

    return sorted(DeliveryRow.objects.values_list("state", flat=True))


def _run(lane: OutboxLane, is_so: Callable[[], bool]) -> int:
    count, ends_s = 0, time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < ends_s, _states()
        count += lane.step(0.05)
    return count


def test_what_is_due_is_told_and_counted(
    lane: Callable[..., OutboxLane], endpoint: Callable[..., Any], decided: Callable[..., str], receiver: Any
) -> None:
    from tidegate.server.intake.models import UploadRow

    endpoint()
    upload_ids = {decided() for _ in range(12)}
    assert _run(lane(), lambda: _states() == ["delivered"] * 12) == 12
    assert len(receiver.requests) == 12
    assert {row.id: row.state for row in UploadRow.objects.all()} == dict.fromkeys(upload_ids, "acted")


def test_no_webhook_has_more_under_way_than_its_share(
    lane: Callable[..., OutboxLane],
    endpoint: Callable[..., Any],
    decided: Callable[..., str],
    receiver: Any,
    status: Any,
) -> None:
    endpoint()
    for _ in range(8):
        decided()
    receiver.always = [0.1, *status(204)]
    most = 0
    one = lane(most_each=2)
    ends_s = time.monotonic() + WITHIN_S
    while _states() != ["delivered"] * 8:
        assert time.monotonic() < ends_s
        one.step(0.05)
        most = max(most, len(one._running))
    assert most == 2


def test_a_lane_that_is_drained_writes_down_what_was_under_way(
    lane: Callable[..., OutboxLane],
    endpoint: Callable[..., Any],
    decided: Callable[..., str],
    receiver: Any,
    status: Any,
) -> None:
    endpoint()
    decided()
    receiver.always = [0.3, *status(204)]
    one = lane()
    one.step(0.0)
    assert _states() == ["waiting"]
    one.close()
    assert _states() == ["delivered"]


def test_a_secret_that_does_not_open_fails_its_own_webhook_alone(
    lane: Callable[..., OutboxLane], endpoint: Callable[..., Any], decided: Callable[..., str]
) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow

    broken, whole = endpoint()[0], endpoint()[0]
    EndpointRow.objects.filter(id=broken).update(secret=EndpointRow.objects.get(id=whole).secret)
    decided()
    _run(lane(), lambda: not DeliveryRow.objects.filter(last_error="", state="waiting").exists())
    failed = DeliveryRow.objects.get(endpoint_id=broken)
    assert (failed.state, failed.last_error.partition(" ")[0]) == ("waiting", "TG-H005")
    assert DeliveryRow.objects.get(endpoint_id=whole).state == "delivered"


def test_what_waits_for_a_removed_webhook_is_swept_away(
    lane: Callable[..., OutboxLane], endpoint: Callable[..., Any], decided: Callable[..., str]
) -> None:
    from tidegate.server.enforcement.endpoints import remove_endpoint

    identity, _ = endpoint()
    decided()
    remove_endpoint(identity, actor="person:pe_1", now_s=time.time())
    _run(lane(), lambda: _states() == ["cancelled"])


def test_two_lanes_never_send_the_same_delivery_at_once(
    lane: Callable[..., OutboxLane], endpoint: Callable[..., Any], decided: Callable[..., str], receiver: Any
) -> None:
    endpoint()
    for _ in range(20):
        decided()
    first, second = lane(), lane()
    ends_s = time.monotonic() + WITHIN_S
    while _states() != ["delivered"] * 20:
        assert time.monotonic() < ends_s
        first.step(0.0)
        second.step(0.0)
    assert len(receiver.requests) == len({headers["webhook-id"] for headers, _ in receiver.requests}) == 20
