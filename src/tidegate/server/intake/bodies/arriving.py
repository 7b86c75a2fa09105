"""The bytes of a request as they arrive: counted, timed, hashed, and ended only by their real end."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tidegate.errors import BodyCutShortError, BodyTooSlowError, UploadTooLargeError
from tidegate.server.intake.bodies.digests import Digests
from tidegate.server.intake.bodies.limits import BodyLimits

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Arrival:
    """Reads an ASGI `receive` to its end. `next_chunk` gives None after the last byte."""

    def __init__(
        self, receive: Receive, limits: BodyLimits, *, max_bytes: int, declared_bytes: int | None, digests: Digests
    ) -> None:
        self._receive = receive
        self._limits = limits
        self._max_bytes = max_bytes
        self._declared_bytes = declared_bytes
        self._digests = digests
        self._is_over = False
        self._waited_s = 0.0
        self._window_bytes = 0
        self.size_bytes = 0
        if declared_bytes is not None and declared_bytes > max_bytes:
            raise self._too_large()

    async def next_chunk(self) -> bytes | None:
        """The next bytes, never empty, or None at the end of a whole body with the right digests.

        Raises BodyTooSlowError, BodyCutShortError, UploadTooLargeError, DigestMismatchError.
        """
        while not self._is_over:
            message = await self._wait()
            if message["type"] == "http.disconnect":
                raise self._cut_short()
            data: bytes = message.get("body", b"")
            self._is_over = not message.get("more_body", False)
            self._count(data)
            if data:
                self._digests.update(data)
                return data
        if self._declared_bytes is not None and self.size_bytes != self._declared_bytes:
            raise self._cut_short()
        self._digests.check()
        return None

    async def _wait(self) -> MutableMapping[str, Any]:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        try:
            async with asyncio.timeout(self._limits.idle_s):
                message = await self._receive()
        except TimeoutError:
            raise self._too_slow(f"no byte of the body came for {self._limits.idle_s:g} s") from None
        self._waited_s += clock() - began_s
        return message

    def _count(self, data: bytes) -> None:
        """Size so far, and the rate since the last look; the rate counts the sender's time only."""
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise self._too_large()
        self._window_bytes += len(data)
        if self._waited_s >= self._limits.grace_s:
            if self._window_bytes < self._limits.min_bytes_per_s * self._waited_s and not self._is_over:
                rate = self._limits.min_bytes_per_s
                raise self._too_slow(f"the body came slower than {rate} bytes per second")
            self._waited_s, self._window_bytes = 0.0, 0

    def _too_large(self) -> UploadTooLargeError:
        return UploadTooLargeError(
            f"the body is larger than {self._max_bytes} bytes", where="body", next_step="send a smaller file"
        )

    def _cut_short(self) -> BodyCutShortError:
        return BodyCutShortError("the body ended before it was whole", where="body", next_step="send it again")

    def _too_slow(self, what: str) -> BodyTooSlowError:
        return BodyTooSlowError(what, where="body", next_step="send it again over a faster connection")
