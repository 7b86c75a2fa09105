"""How a web process has texts scored: bounded, with a time-out, and once again when a desk died over it."""

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from tidegate.errors import (
    TextRequestError,
    TextsBusyError,
    TextsUnavailableError,
)
from tidegate.server.texts.address import reachable
from tidegate.server.texts.record import TextRequest, TextResult
from tidegate.server.texts.wire import (
    HEAD,
    MAX_ANSWER_BYTES,
    MAX_TEXTS_A_FRAME,
    read_answer,
    request_frame,
    size_of,
)

TRIES = 2
MOST_RETRY_AFTER_S = 30.0
_SMOOTHING = 0.1


class TextDesks:
    """The desks behind one Unix socket, as seen from one event loop.

    At most `max_texts` are in flight; a request that does not fit is refused whole, and one that is larger than the
    bound fits only when nothing else is in flight. `timeout_s` bounds a whole request. Each request goes out in frames
    of a few texts, `frames_a_request` at once: enough that every desk has work, so few that a short request that comes
    later waits for them and not for all of a long one.
    """

    def __init__(self, path: Path, *, max_texts: int = 200, frames_a_request: int = 2, timeout_s: float = 15.0) -> None:
        self._path = path
        self._max_texts = max_texts
        self._frames_a_request = frames_a_request
        self._timeout_s = timeout_s
        self._in_flight = 0
        self._text_s = 0.02
        self._answered_s = 0.0

    @property
    def in_flight(self) -> int:
        """Texts that are being scored or wait for it."""
        return self._in_flight

    async def score(self, requests: Sequence[TextRequest]) -> list[TextResult]:
        """One result for each text, in order.

        Raises TextsBusyError when too many are in flight, TextsUnavailableError when no desk answers in time or twice
        died over the same texts.
        """
        if self._in_flight and self._in_flight + len(requests) > self._max_texts:
            raise self._busy()
        self._in_flight += len(requests)
        turn = asyncio.Semaphore(self._frames_a_request)
        try:
            async with asyncio.timeout(self._timeout_s):
                answers = await self._all([self._chunk(part, turn) for part in _parts(requests)])
        except TimeoutError as error:
            raise _unavailable(f"no answer within {self._timeout_s:g} s") from error
        finally:
            self._in_flight -= len(requests)
        return [result for answer in answers for result in answer]

    async def _all(self, chunks: list[Coroutine[Any, Any, tuple[TextResult, ...]]]) -> list[tuple[TextResult, ...]]:
        """All of them, and none goes on when one has failed."""
        tasks = [asyncio.ensure_future(chunk) for chunk in chunks]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _chunk(self, requests: Sequence[TextRequest], turn: asyncio.Semaphore) -> tuple[TextResult, ...]:
        frame = request_frame(requests)
        async with turn:
            asked_s = time.monotonic()
            for attempt in range(1, TRIES + 1):
                try:
                    payload = await self._exchange(frame)
                except (asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError) as error:
                    if attempt == TRIES:
                        raise _unavailable(f"a desk ended {TRIES} times over the same texts") from error
                    continue
                self._learn(asked_s, len(requests))
                return _results(payload, len(requests))
        raise AssertionError("every attempt returns or raises")

    async def _exchange(self, frame: bytes) -> bytes:
        reader, writer = await self._connected()
        try:
            writer.write(frame)
            await writer.drain()
            size_bytes = size_of(await reader.readexactly(HEAD.size), MAX_ANSWER_BYTES)
            return await reader.readexactly(size_bytes)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # Event loops take a full queue for a connection that is still being made; so it is made here, which is instant.
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        try:
            with reachable(self._path) as address:
                peer.connect(address)
            return await asyncio.open_unix_connection(sock=peer)
        except BlockingIOError as error:
            peer.close()
            raise self._busy() from error
        except OSError as error:
            peer.close()
            raise _unavailable("no desk listens") from error

    def _busy(self) -> TextsBusyError:
        error = TextsBusyError(f"{self._in_flight} texts are being scored", where="texts", next_step="try again later")
        wait_s = math.ceil(self._in_flight * self._text_s)
        error.retry_after_s = float(min(max(1, wait_s), MOST_RETRY_AFTER_S))
        return error

    def _learn(self, asked_s: float, count: int) -> None:
        """How long the desks take for a text, from one answer to the next: waiting for others is no part of it."""
        now_s = time.monotonic()
        text_s = (now_s - max(asked_s, self._answered_s)) / count
        self._answered_s = now_s
        self._text_s += _SMOOTHING * (text_s - self._text_s)


def _parts(requests: Sequence[TextRequest]) -> list[Sequence[TextRequest]]:
    return [requests[at : at + MAX_TEXTS_A_FRAME] for at in range(0, len(requests), MAX_TEXTS_A_FRAME)]


def _results(payload: bytes, count: int) -> tuple[TextResult, ...]:
    answer = read_answer(payload, count)
    if isinstance(answer, tuple):
        return answer
    if answer.get("code") == TextRequestError.code:
        raise TextRequestError(answer["what"], where=answer.get("where", ""), next_step=answer.get("next_step", ""))
    raise _unavailable(f"{answer.get('what', 'no reason')} ({answer.get('code', '')})")


def _unavailable(what: str) -> TextsUnavailableError:
    return TextsUnavailableError(what, where="texts", next_step="try again; if it stays so, look at the server's lanes")
