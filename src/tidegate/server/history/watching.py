"""Tells waiting requests and listeners what was decided, from the journal: one reader a process, whoever listens."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from tidegate.errors import DatabaseDownError
from tidegate.server.ledger.heads import head

T = TypeVar("T")

KINDS = ("upload.decided", "upload.in_review", "decision.undone")
LOOK_EVERY_S = 0.1
AGAIN_AFTER_S = 1.0
MOST_LISTENERS = 200
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of the journal that somebody may wait for."""

    seq: int
    at_s: float
    kind: str
    upload_id: str
    body: dict[str, Any]


def told_after(seq: int, most: int = MOST_AT_ONCE) -> list[Told]:
    """Entries of these kinds behind `seq`, in order. Blocks on the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, at_s, kind, subject, body FROM journal WHERE seq > %s AND kind IN (%s, %s, %s) "
            "ORDER BY seq LIMIT %s",
            [seq, *KINDS, most],
        )
        rows = cursor.fetchall()
    return [Told(seq=row[0], at_s=row[1], kind=row[2], upload_id=row[3], body=json.loads(row[4])) for row in rows]


class Watch:
    """Reads the journal only while somebody waits. All methods are called in one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watch")
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._listeners: set[asyncio.Queue[Told | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._seq = -1

    @contextlib.asynccontextmanager
    async def waiting(self, upload_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when something is decided about the upload from now on.

        Look at the upload once it began, then wait: nothing falls between the two. Raises DatabaseDownError.
        """
        event = asyncio.Event()
        self._waiting.setdefault(upload_id, set()).add(event)
        try:
            await self._start()
            yield event
        finally:
            events = self._waiting.get(upload_id, set())
            events.discard(event)
            if not events:
                self._waiting.pop(upload_id, None)

    @property
    def is_full(self) -> bool:
        """Whether no further listener is let in."""
        return len(self._listeners) >= MOST_LISTENERS

    async def feed(self, after: int | None) -> AsyncGenerator[Told | None, None]:
        """Everything behind `after`, then what comes; from now on without it. `None` about every 15 s of silence."""
        queue: asyncio.Queue[Told | None] = asyncio.Queue(MOST_AT_ONCE)
        loop = asyncio.get_running_loop()
        await self._start()
        self._listeners.add(queue)
        try:
            last = after if after is not None else (await loop.run_in_executor(self._thread, _asked, _head_seq))
            while some := await loop.run_in_executor(self._thread, _asked, told_after, last):
                for one in some:
                    last = one.seq
                    yield one
            while True:
                try:
                    coming = await asyncio.wait_for(queue.get(), 15.0)
                except TimeoutError:
                    yield None
                    continue
                if coming is None:
                    return
                if coming.seq > last:
                    last = coming.seq
                    yield coming
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """End every listener."""
        for queue in self._listeners:
            _put(queue, None)
        if self._task is not None:
            self._task.cancel()
        self._thread.submit(_let_go)
        self._thread.shutdown(wait=False)

    async def _start(self) -> None:
        if self._task is None or self._task.done():
            loop = asyncio.get_running_loop()
            seq = await loop.run_in_executor(self._thread, _asked, _head_seq)
            # Another one may have begun to read meanwhile; what lies between the two heads is its to tell.
            if self._task is None or self._task.done():
                self._seq = seq
                self._task = loop.create_task(self._read())

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or self._listeners:
            try:
                some = await loop.run_in_executor(self._thread, _asked, told_after, self._seq)
            except DatabaseDownError:
                some = []
                await asyncio.sleep(AGAIN_AFTER_S)
            for one in some:
                self._seq = one.seq
                for event in self._waiting.get(one.upload_id, ()):
                    event.set()
                for queue in list(self._listeners):
                    _put(queue, one)
            await asyncio.sleep(LOOK_EVERY_S)


def _asked(work: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - whatever the work takes
    """Ask the database; a connection that broke is thrown away, so that the next time opens another."""
    from django.db import Error, connection

    try:
        return work(*arguments)
    except Error as error:
        connection.close()
        raise DatabaseDownError(
            f"the database does not answer: {type(error).__name__}", next_step="try again in a moment"
        ) from error


def _let_go() -> None:
    from django.db import connections

    connections.close_all()


def _head_seq() -> int:
    return head()[0]


def _put(queue: "asyncio.Queue[Told | None]", told: Told | None) -> None:
    """A listener that does not read is ended; it comes back with its last number and misses nothing."""
    try:
        queue.put_nowait(told)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
