"""Several outbox lanes at once, as on two servers with one database: nothing is leased twice, nothing is told wrong."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from tidegate.server.enforcement.sending import Answer

NOW_S = 1_800_000_000.0
THREADS = 4
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _on_both(both_databases: str) -> None:
    """Everything here holds on SQLite and on PostgreSQL."""


def _together(work: Callable[[int], T]) -> list[T]:
    """The results of threads that begin at the same moment; their connections are closed."""
    from django.db import connections

    gate = threading.Barrier(THREADS)

    def one(number: int) -> T:
        gate.wait(10)
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(THREADS)))


def test_what_one_lane_leases_no_other_does(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any
) -> None:
    endpoint()
    endpoint()
    for _ in range(20):
        decided(now_s=NOW_S)
    claims = _together(lambda _: outbox.claim(NOW_S, free=10) + outbox.claim(NOW_S, free=10))
    ids = [leased.id for some in claims for leased in some]
    ids += [leased.id for leased in outbox.claim(NOW_S)]
    assert len(ids) == len(set(ids)) == 40


def test_lanes_that_finish_the_same_uploads_at_once_move_each_on_exactly_once(
    endpoint: Callable[..., Any], decided: Callable[..., str], outbox: Any, journal: Any
) -> None:
    from tidegate.server.enforcement.delivering import Sent, finish_deliveries
    from tidegate.server.ledger.verify import verify

    for _ in range(THREADS):
        endpoint()
    upload_ids = {decided(now_s=NOW_S) for _ in range(6)}
    leased = outbox.claim(NOW_S)
    names = sorted({one.endpoint_id for one in leased})

    def finish(number: int) -> int:
        # Each lane has the deliveries of one webhook, in an order of its own.
        mine = sorted((one for one in leased if one.endpoint_id == names[number]), key=lambda one: hash(one.id))
        return finish_deliveries([Sent(delivery=one, answer=Answer(status=204)) for one in mine], "test", now_s=NOW_S)

    assert _together(finish) == [6] * THREADS
    assert sorted(journal("upload.acted")) == sorted(("upload.acted", upload_id) for upload_id in upload_ids)
    assert verify().findings == ()


def test_an_undo_and_a_lane_that_claims_at_once_never_both_win(
    endpoint: Callable[..., Any], ruled: Callable[..., tuple[str, str]], outbox: Any, person: Any
) -> None:
    from tidegate.errors import UndoTooLateError
    from tidegate.server.casework.deciding import undo

    endpoint("", "upload.decided")
    somebody = person().id
    for _ in range(5):
        _, decision_id = ruled("removed", now_s=NOW_S)

        def work(number: int, decision_id: str = decision_id) -> str:
            if number:
                return "told" if outbox.claim(NOW_S + 30) else ""
            try:
                # The clocks of two machines differ: this one still is within the window.
                undo(decision_id, person_id=somebody, now_s=NOW_S + 29)
            except UndoTooLateError:
                return ""
            return "undone"

        assert sorted(filter(None, _together(work))) in (["told"], ["undone"])
