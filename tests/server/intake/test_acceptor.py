"""Group commit: callers that arrive together share one, and a bad one among them harms nobody."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.errors import BusyError, DatabaseDownError
from tidegate.server.intake.record import Accepted, NewUpload

if TYPE_CHECKING:
    from tidegate.server.intake.acceptor import Acceptor

New = Callable[..., NewUpload]


@pytest.fixture
def acceptor(database: str) -> "Iterator[Acceptor]":
    from tidegate.server.intake.acceptor import Acceptor

    made = Acceptor()
    yield made
    made.close()


def _all(acceptor: "Acceptor", batch: list[NewUpload]) -> list[Any]:
    async def accept() -> list[Any]:
        return await asyncio.gather(*(acceptor.accept(one) for one in batch), return_exceptions=True)

    return asyncio.run(accept())


def _uploads() -> set[str]:
    from tidegate.server.intake.models import UploadRow

    return set(UploadRow.objects.values_list("id", flat=True))


def test_each_caller_hears_of_its_own(both_databases: str, acceptor: "Acceptor", new_upload: New) -> None:
    batch = [new_upload() for _ in range(40)]
    answers = _all(acceptor, batch)
    assert [answer.upload_id for answer in answers] == [one.upload.id for one in batch]
    assert _uploads() == {one.upload.id for one in batch}


def test_those_that_wait_together_share_a_commit(
    database: str, acceptor: "Acceptor", new_upload: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.intake import acceptor as room
    from tidegate.server.intake.accepting import accept

    sizes: list[int] = []
    may_go = threading.Event()

    def counted(batch: list[NewUpload], *, now_s: float) -> list[Accepted]:
        sizes.append(len(batch))
        may_go.wait(30)
        return accept(batch, now_s=now_s)

    monkeypatch.setattr(room, "accept", counted)

    async def run() -> None:
        first = asyncio.ensure_future(acceptor.accept(new_upload()))
        while not sizes:
            await asyncio.sleep(0.001)
        others = [asyncio.ensure_future(acceptor.accept(new_upload())) for _ in range(30)]
        await asyncio.sleep(0)
        may_go.set()
        await asyncio.gather(first, *others)

    asyncio.run(run())
    assert sizes == [1, 30]


def test_one_that_cannot_be_stored_fails_alone(both_databases: str, acceptor: "Acceptor", new_upload: New) -> None:
    batch = [new_upload() for _ in range(9)]
    batch[4] = new_upload(external_id="half \ud83d")
    batch[6] = new_upload(lane=None)
    answers = _all(acceptor, batch)
    assert [isinstance(answer, Accepted) for answer in answers] == [number not in (4, 6) for number in range(9)]
    assert _uploads() == {one.upload.id for number, one in enumerate(batch) if number not in (4, 6)}


def test_a_nul_fails_alone_even_where_only_postgresql_minds(
    both_databases: str, acceptor: "Acceptor", new_upload: New
) -> None:
    batch = [new_upload(), new_upload(external_id="a\0b"), new_upload()]
    answers = _all(acceptor, batch)
    assert isinstance(answers[0], Accepted) and isinstance(answers[2], Accepted)
    assert isinstance(answers[1], Accepted) == (both_databases == "sqlite")


def test_a_database_that_is_down_is_told_and_mended_by_itself(
    database: str, acceptor: "Acceptor", new_upload: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from tidegate.server.intake import acceptor as room

    def down(*_: Any, **__: Any) -> list[Accepted]:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(room, "accept", down)
        answers = _all(acceptor, [new_upload(), new_upload()])
    assert all(isinstance(answer, DatabaseDownError) for answer in answers)
    assert _uploads() == set()
    assert isinstance(_all(acceptor, [new_upload()])[0], Accepted)


def test_a_full_queue_is_busy_and_takes_nothing(
    database: str, new_upload: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.intake import acceptor as room

    may_go, started = threading.Event(), threading.Event()

    def slow(batch: list[NewUpload], *, now_s: float) -> list[Accepted]:
        started.set()
        may_go.wait(30)
        return [Accepted(upload_id=one.upload.id, is_new=True, state="held") for one in batch]

    monkeypatch.setattr(room, "accept", slow)
    full = room.Acceptor(most_waiting=1)

    async def run() -> None:
        first = asyncio.ensure_future(full.accept(new_upload()))
        while not started.is_set():
            await asyncio.sleep(0.001)
        second = asyncio.ensure_future(full.accept(new_upload()))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await full.accept(new_upload())
        may_go.set()
        await asyncio.gather(first, second)

    asyncio.run(run())
    full.close()
