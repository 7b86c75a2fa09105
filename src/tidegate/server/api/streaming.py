"""The feed as it happens: server-sent events, from the same rows and in the same words as the feed."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from tidegate.server.api.explaining import Json
from tidegate.server.api.feed import MOST_AT_ONCE, items_after, start
from tidegate.server.api.positions import Position
from tidegate.server.history.watching import Told, Watch
from tidegate.server.project.clock import now_s

T = TypeVar("T")
HEARTBEAT_S = 15.0
"""Seconds of silence after which a comment says that the stream lives; some give up on a longer one."""
RECONNECT_MS = 2000
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="stream")


async def events(watch: Watch, after: Position | None) -> AsyncGenerator[bytes, None]:
    """The stream behind a position, or from now on without one, until the watch ends or the listener goes.

    One reading of the database for whatever has gathered since the last; a listener that reads slowly is waited for.
    """
    yield f"retry: {RECONNECT_MS}\n\n".encode()
    position = after if after is not None else await _read(start)
    ear = _Ear(watch)
    try:
        while not ear.is_over:
            some = await _read(partial(items_after, position, MOST_AT_ONCE))
            for item in some.items:
                yield message(item)
            position = some.position
            while some.is_all and not ear.is_over and not await ear.heard(position, some.next_due_s):
                yield b": still here\n\n"
    finally:
        await ear.close()


class _Ear:
    """Listens to the watch for one listener, from where the reading of the database ended."""

    def __init__(self, watch: Watch) -> None:
        self.is_over = False
        self._watch = watch
        self._feed: AsyncGenerator[Told | None, None] | None = None
        self._coming: asyncio.Task[Told | None] | None = None

    async def heard(self, position: Position, due_s: float | None) -> bool:
        """Whether there is something behind `position` or held back until now; false after a time of silence."""
        # Opened behind what was read already, the feed misses nothing that comes from here on.
        feed = self._feed = self._feed or self._watch.feed(position.seq)
        ends_s = time.monotonic() + HEARTBEAT_S
        while not self.is_over and (left_s := ends_s - time.monotonic()) > 0:
            self._coming = self._coming or asyncio.ensure_future(anext(feed))
            wait_s = left_s if due_s is None else min(left_s, max(due_s - now_s(), 0.0))
            await asyncio.wait({self._coming}, timeout=wait_s)
            if self._coming.done() and self._is_news(self._coming, position):
                return True
            if due_s is not None and now_s() >= due_s:
                return True
        return False

    def _is_news(self, coming: "asyncio.Task[Told | None]", position: Position) -> bool:
        self._coming = None
        try:
            told = coming.result()
        except StopAsyncIteration:
            self.is_over = True
            return True
        return told is not None and told.seq > position.seq

    async def close(self) -> None:
        """Stop listening."""
        if self._coming is not None:
            self._coming.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await self._coming
        if self._feed is not None:
            await self._feed.aclose()


def message(item: Json) -> bytes:
    """One event as the stream carries it; its id is where to go on behind it."""
    data = json.dumps(item, separators=(",", ":"))
    return f"id: {item['cursor']}\nevent: {item['type']}\ndata: {data}\n\n".encode("ascii")


async def _read(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _with_connection, work)


def _with_connection(work: Callable[[], T]) -> T:
    """In a thread of few, with a connection of its own that is not kept: listeners are many and mostly silent."""
    from django.db import connections

    try:
        return work()
    finally:
        connections.close_all()
