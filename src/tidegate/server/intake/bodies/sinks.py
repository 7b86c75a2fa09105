"""Bytes from the event loop to a sink that blocks: in pieces, by a thread, never more than two pieces held."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

PIECE_BYTES = 256 * 1024


class Sink(Protocol):
    """Where the bytes of a video go. Both calls may block; they come from threads, one at a time."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""
        ...

    def abort(self) -> object:
        """Forget everything taken; the body did not come in whole."""
        ...


SinkFactory = Callable[[], Sink]


class SinkPump:
    """Feeds one sink. While a piece is being written the next one gathers; then the reader waits for the sink."""

    def __init__(self, sink: Sink, executor: Executor | None) -> None:
        self.sink = sink
        self.size_bytes = 0
        self._executor = executor
        self._pending: list[bytes | memoryview] = []
        self._pending_bytes = 0
        self._writing: asyncio.Future[object] | None = None

    @classmethod
    async def open(cls, factory: SinkFactory, executor: Executor | None) -> "SinkPump":
        """A pump on a new sink, which is made in a thread as well."""
        return cls(await asyncio.get_running_loop().run_in_executor(executor, factory), executor)

    async def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes; waits only if the sink is a whole piece behind. Raises what the sink raised."""
        self._pending.append(data)
        self._pending_bytes += len(data)
        self.size_bytes += len(data)
        if self._pending_bytes >= PIECE_BYTES:
            await self._start_writing()

    async def finish(self) -> None:
        """Wait until the sink has everything."""
        await self._start_writing()
        await self._settle()

    async def abort(self) -> None:
        """Abort the sink after the write that may be under way; the first error is the one that counts."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
            if not self._writing.cancelled():
                self._writing.exception()
            self._writing = None
        self._pending = []
        await asyncio.get_running_loop().run_in_executor(self._executor, self.sink.abort)

    async def _start_writing(self) -> None:
        await self._settle()
        if self._pending:
            only = self._pending[0] if len(self._pending) == 1 else None
            piece = only if isinstance(only, bytes) else b"".join(self._pending)
            self._pending, self._pending_bytes = [], 0
            self._writing = asyncio.get_running_loop().run_in_executor(self._executor, self.sink.write, piece)

    async def _settle(self) -> None:
        if self._writing is not None:
            # A cancelled reader must not cancel the write: abort waits for it, because a sink takes one call at a time.
            await asyncio.shield(self._writing)
            self._writing = None
