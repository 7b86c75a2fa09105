"""The feed tells every event once, and a person's decision when it stands."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate.records import Verdict
from tidegate.server.api import positions
from tidegate.server.api.positions import Position

FEED = "tidegate.server.api.feed"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Say what time it is for the feed, in seconds from now."""
    began_s = time.time()

    def go_on(seconds: float) -> None:
        monkeypatch.setattr(f"{FEED}.now_s", lambda: began_s + seconds)

    go_on(0.0)
    return go_on


def _after(position: Position, most: int) -> Any:
    from tidegate.server.api.feed import items_after

    return items_after(position, most)


def _start() -> Position:
    from tidegate.server.api.feed import start

    return start()


def _undo(decision_id: str) -> None:
    from tidegate.server.casework.deciding import undo

    undo(decision_id, person_id="pe_1", now_s=time.time())


def _decide(upload_id: str, verdict: str = "allowed") -> str:
    from tidegate.server.casework.deciding import Ruling, decide_case
    from tidegate.server.casework.models import CaseRow
    from tidegate.server.project.places import current_policy

    case = CaseRow.objects.get(upload_id=upload_id, closed_at_s=None)
    clause_id = "" if verdict == "allowed" else current_policy().clauses[0].id
    ruling = Ruling(verdict=Verdict(verdict), clause_id=clause_id)
    return decide_case(case.id, ruling, person_id="pe_1", now_s=time.time())


def _told(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["type"], item["data"]["upload_id"]) for item in items]


def test_an_event_says_what_its_webhook_says(both_databases: str, database: str, decided: Callable[..., str]) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow

    EndpointRow.objects.create(id="wh_1", url="https://example.org/", secret="", created_at_s=0.0, created_by="pe_1")
    for verdict in ("allowed", "held", "removed", "restricted"):
        decided(verdict)
    bodies = [json.loads(row.body) for row in DeliveryRow.objects.order_by("created_at_s", "id")]
    items = _after(Position(seq=0), 100).items
    assert [item["data"] for item in items] == [body["data"] for body in bodies]
    assert [(item["type"], item["at"]) for item in items] == [(body["type"], body["timestamp"]) for body in bodies]


def test_a_persons_decision_is_told_when_it_stands_and_holds_nobody_else_back(
    both_databases: str, database: str, decided: Callable[..., str], clock: Callable[[float], None]
) -> None:
    first = decided("held")
    _decide(first)
    other = decided("allowed")
    now = _after(Position(seq=0), 100)
    assert _told(now.items) == [("upload.in_review", first), ("upload.decided", other)]
    assert now.next_due_s is not None
    assert len(now.position.pending) == 1
    assert _after(now.position, 100).items == []
    clock(33.0)
    later = _after(now.position, 100)
    assert _told(later.items) == [("upload.decided", first)]
    assert later.position.pending == ()
    assert _after(later.position, 100).items == []


def test_what_was_taken_back_in_its_time_is_never_told(
    database: str, decided: Callable[..., str], clock: Callable[[float], None]
) -> None:
    upload_id = decided("held")
    _undo(_decide(upload_id))
    again = _decide(upload_id, "removed")
    clock(60.0)
    items = _after(Position(seq=0), 100).items
    assert _told(items) == [("upload.in_review", upload_id), ("upload.decided", upload_id)]
    assert items[1]["data"]["decision_id"] == again


def test_the_end_of_a_decision_that_was_told_is_told(database: str, decided: Callable[..., str]) -> None:
    from tidegate.server.casework.deciding import reverse

    upload_id = decided("removed")
    decision_id = _after(Position(seq=0), 100).items[0]["data"]["decision_id"]
    reverse(decision_id, person_id="pe_1", why="an appeal", now_s=time.time())
    items = _after(Position(seq=0), 100).items
    assert _told(items) == [("upload.decided", upload_id), ("decision.undone", upload_id)]
    assert items[1]["data"]["decision_id"] == decision_id
    assert items[1]["data"]["statement_of_reasons"] is None


def test_whoever_kept_a_number_alone_hears_of_what_was_held_back_below_it(
    both_databases: str, database: str, decided: Callable[..., str], clock: Callable[[float], None]
) -> None:
    held = decided("held")
    _decide(held)
    decided("allowed")
    last = _after(Position(seq=0), 100).items[-1]["seq"]
    clock(60.0)
    after = _after(Position(seq=last, is_plain=True), 100)
    assert _told(after.items) == [("upload.decided", held)]


def test_whoever_begins_now_hears_of_what_is_held_back_now(
    database: str, decided: Callable[..., str], clock: Callable[[float], None]
) -> None:
    decided("allowed")
    held = decided("held")
    _decide(held)
    position = _start()
    assert _after(position, 100).items == []
    clock(60.0)
    assert _told(_after(position, 100).items) == [("upload.decided", held)]


def test_with_very_many_held_back_the_feed_waits_and_loses_none(
    database: str, decided: Callable[..., str], clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{FEED}.MOST_PENDING", 2)
    uploads = [decided("held") for _ in range(4)]
    for upload_id in uploads:
        _decide(upload_id)
    now = _after(Position(seq=0), 100)
    assert _told(now.items) == [("upload.in_review", upload_id) for upload_id in uploads]
    assert (len(now.position.pending), now.is_all) == (2, True)
    clock(60.0)
    later = _after(now.position, 100)
    assert _told(later.items) == [("upload.decided", upload_id) for upload_id in uploads]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 5), st.integers(0, 3))
def test_every_event_is_told_once_whatever_the_pages_and_wherever_one_goes_on(
    mixed: list[str], clock: Callable[[float], None], limit: int, cut: int
) -> None:
    position, seen = Position(seq=0), list[int]()
    for round_s in (0.0, 60.0):
        clock(round_s)
        while True:
            some = _after(position, limit)
            items = some.items[: max(1, len(some.items) - cut)]
            seen += [item["seq"] for item in items]
            position = some.position
            if len(items) < len(some.items):
                position = positions.read(items[-1]["cursor"])
            elif some.is_all:
                break
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == len(mixed)


@pytest.fixture
def mixed(database: str, decided: Callable[..., str]) -> list[str]:
    """Decisions of machines and people, some taken back; the kinds that are told in the end."""
    kinds = []
    for number in range(9):
        upload_id = decided("held" if number % 3 else "allowed")
        kinds.append("first")
        if number % 3 == 1:
            _decide(upload_id)
            kinds.append("upload.decided")
        if number % 3 == 2:
            _undo(_decide(upload_id))
    return kinds


def test_a_page_costs_the_same_queries_however_long_it_is(database: str, decided: Callable[..., str]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        decided("removed")
    with CaptureQueriesContext(connection) as few:
        assert len(_after(Position(seq=0), 3).items) == 3
    for _ in range(12):
        decided("removed")
    with CaptureQueriesContext(connection) as many:
        assert len(_after(Position(seq=0), 100).items) == 15
    assert len(many) == len(few) <= 5
