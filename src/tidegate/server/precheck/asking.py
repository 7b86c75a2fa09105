"""How a web process has something prechecked: few at a time, with a time-out, never twice."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tidegate.errors import PrecheckBusyError, PrecheckUnavailableError
from tidegate.server.precheck.wire import Asked, read_answer, request_frame
from tidegate.server.texts.address import reachable
from tidegate.server.texts.wire import HEAD, MAX_ANSWER_BYTES, size_of


class PrecheckDesks:
    """The desks behind one Unix socket, as seen from one event loop. `most` prechecks may be under way at once."""

    def __init__(self, path: Path, *, most: int, timeout_s: float = 120.0) -> None:
        self._path = path
        self._most = most
        self._timeout_s = timeout_s
        self._under_way = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one precheck, from before its bytes come in. Raises PrecheckBusyError."""
        if self._under_way >= self._most:
            raise PrecheckBusyError(
                f"{self._under_way} prechecks are under way", where="precheck", next_step="try again later"
            )
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def ask(self, asked: Asked) -> dict[str, Any]:
        """What would be decided, as JSON values. A desk that dies over it is not given it again.

        Raises PrecheckUnavailableError.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = read_answer(await self._exchange(request_frame(asked)))
        except TimeoutError as error:
            raise _unavailable(f"no answer within {self._timeout_s:g} s") from error
        except (asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError) as error:
            raise _unavailable("the desk ended over it") from error
        if "result" in answer:
            result: dict[str, Any] = answer["result"]
            return result
        raise _unavailable(f"{answer['error'].get('what', 'no reason')} ({answer['error'].get('code', '')})")

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
        except OSError as error:
            peer.close()
            raise _unavailable("no desk listens") from error


def _unavailable(what: str) -> PrecheckUnavailableError:
    return PrecheckUnavailableError(
        what, where="precheck", next_step="try again; if it stays so, look at the server's lanes"
    )
