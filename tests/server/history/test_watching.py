"""Who waits for a decision hears of it, whoever made it; who listens misses nothing."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.errors import DatabaseDownError
from tidegate.server.intake.record import Claimed, Finished

if TYPE_CHECKING:
    from tidegate.server.history.watching import Watch

NOW_S = 1_800_000_000.0


@pytest.fixture
def watch(database: str) -> "Iterator[Watch]":
    from tidegate.server.history.watching import Watch

    made = Watch()
    yield made
    made.close()
    made._thread.shutdown(wait=True)


def _in_a_thread(work: Callable[[], object]) -> threading.Thread:
    """Another process, as it were: a connection of its own."""
    from django.db import connections

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _finish(one: Finished) -> object:
    from tidegate.server.history.finishing import finish

    return finish([one], "screen-test", now_s=NOW_S)


@pytest.mark.parametrize("verdict", ["allowed", "held"])
def test_who_waits_hears_of_the_decision(
    both_databases: str,
    watch: "Watch",
    claimed: Callable[..., Claimed],
    found: Callable[..., Finished],
    verdict: str,
) -> None:
    mine, other = found(claimed(now_s=NOW_S), verdict), found(claimed(now_s=NOW_S))

    async def wait() -> bool:
        async with watch.waiting(mine.upload_id) as event, watch.waiting(other.upload_id) as of_other:
            thread = _in_a_thread(lambda: _finish(mine))
            await asyncio.wait_for(event.wait(), 30)
            thread.join()
            return of_other.is_set()

    assert asyncio.run(wait()) is False
    assert watch._waiting == {}


def test_many_who_begin_to_wait_at_once_all_hear(
    database: str, watch: "Watch", claimed: Callable[..., Claimed], found: Callable[..., Finished]
) -> None:
    results = [found(claimed(now_s=NOW_S)) for _ in range(10)]

    async def one(result: Finished) -> None:
        async with watch.waiting(result.upload_id) as event:
            thread = _in_a_thread(lambda: _finish(result))
            await asyncio.wait_for(event.wait(), 30)
            thread.join()

    async def run() -> None:
        await asyncio.gather(*(one(result) for result in results))

    asyncio.run(run())


def test_a_listener_hears_everything_from_where_it_left_off_once_and_in_order(
    both_databases: str,
    watch: "Watch",
    decided: Callable[..., str],
    claimed: Callable[..., Claimed],
    found: Callable[..., Finished],
) -> None:
    before = [decided("allowed", now_s=NOW_S), decided("held", now_s=NOW_S)]
    coming = [found(claimed(now_s=NOW_S), "removed") for _ in range(3)]
    told: list[Any] = []

    async def listen() -> None:
        feed = watch.feed(0)
        async for one in feed:
            if one is None:
                continue
            told.append(one)
            if len(told) == len(before):
                for result in coming:
                    _in_a_thread(lambda result=result: _finish(result)).join()  # type: ignore[misc]
            if len(told) == len(before) + len(coming):
                break
        await feed.aclose()

    asyncio.run(asyncio.wait_for(listen(), 60))
    assert [one.upload_id for one in told] == [*before, *(one.upload_id for one in coming)]
    assert [one.kind for one in told[:2]] == ["upload.decided", "upload.in_review"]
    assert [one.seq for one in told] == sorted({one.seq for one in told})
    assert told[0].body["verdict"] == "allowed"


def test_a_listener_without_a_number_hears_from_now_on(
    database: str,
    watch: "Watch",
    decided: Callable[..., str],
    claimed: Callable[..., Claimed],
    found: Callable[..., Finished],
) -> None:
    decided("allowed", now_s=NOW_S)
    coming = found(claimed(now_s=NOW_S))

    async def listen() -> Any:
        feed = watch.feed(None)
        first = asyncio.ensure_future(anext(feed))
        while not watch._listeners:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        thread = _in_a_thread(lambda: _finish(coming))
        told = await asyncio.wait_for(first, 30)
        thread.join()
        await feed.aclose()
        return told

    assert asyncio.run(listen()).upload_id == coming.upload_id


def test_a_listener_that_does_not_read_is_ended_and_holds_nobody_up(database: str, watch: "Watch") -> None:
    from tidegate.server.history.watching import Told, _put

    async def run() -> list[Any]:
        queue: asyncio.Queue[Told | None] = asyncio.Queue(2)
        for number in range(4):
            _put(queue, Told(seq=number, at_s=0.0, kind="upload.decided", upload_id="up_1", body={}))
        return [queue.get_nowait() for _ in range(queue.qsize())]

    left = asyncio.run(run())
    assert left[0] is None


def test_a_database_that_is_down_is_told_to_who_begins_to_wait_and_read_again_when_it_is_back(
    database: str,
    watch: "Watch",
    claimed: Callable[..., Claimed],
    found: Callable[..., Finished],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db import OperationalError

    from tidegate.server.history import watching

    result = found(claimed(now_s=NOW_S))
    monkeypatch.setattr(watching, "AGAIN_AFTER_S", 0.01)
    read, is_down = watching.told_after, [True]

    def down(*arguments: Any) -> Any:
        if is_down:
            is_down.clear()
            raise OperationalError("gone")
        return read(*arguments)

    async def run() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(watching, "head", lambda: down(0))
            with pytest.raises(DatabaseDownError):
                async with watch.waiting(result.upload_id):
                    raise AssertionError("it must not begin")
        assert watch._waiting == {}
        is_down.append(True)
        monkeypatch.setattr(watching, "told_after", down)
        async with watch.waiting(result.upload_id) as event:
            thread = _in_a_thread(lambda: _finish(result))
            await asyncio.wait_for(event.wait(), 30)
            thread.join()

    asyncio.run(run())
    assert is_down == []
