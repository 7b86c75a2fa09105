"""The ASGI application: the intake route goes past Django, everything else through it, in bounded memory and disk."""

import asyncio
from typing import Any

from tidegate.errors import BodyTooSlowError, UploadTooLargeError
from tidegate.server.history.watching import Watch
from tidegate.server.intake.route import IntakeRoute, Receive, Scope, Send
from tidegate.server.precheck.route import PATH as PRECHECK_PATH
from tidegate.server.precheck.route import PrecheckRoute
from tidegate.server.problems import problem_bytes
from tidegate.settings import Resolved

WATCH: dict[str, Watch] = {}
"""The watch of this process, for views that stream."""
MAX_BODY_BYTES = 4 << 20
"""The largest body of a request that Django answers; it would put any size on disk before a view sees it."""
SILENT_S = 20.0
"""Seconds without a byte of a body after which a request is ended."""


class Application:
    """Made after `prepare`. Lifespan begins and ends what runs beside the requests."""

    def __init__(self, resolved: Resolved) -> None:
        from django.core.asgi import get_asgi_application
        from django.urls import get_resolver

        # Routes load at the first request otherwise: a fault in one is better told at the start.
        get_resolver().url_patterns  # noqa: B018 - reading it loads them
        self._resolved = resolved
        self._django: Any = get_asgi_application()
        self._intake: IntakeRoute | None = None
        self._precheck: PrecheckRoute | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/api/v1/uploads":
            assert self._intake is not None  # noqa: S101 - lifespan came first
            await self._intake(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == PRECHECK_PATH:
            assert self._precheck is not None  # noqa: S101 - as above
            await self._precheck(scope, receive, send)
        elif scope["type"] == "http":
            await self._through_django(scope, receive, send)

    async def _through_django(self, scope: Scope, receive: Receive, send: Send) -> None:
        bounded = _Bounded(receive, send, MAX_BODY_BYTES)
        await self._django(scope, bounded.receive, bounded.send)
        if bounded.error is not None and not bounded.has_answered:
            status, headers, body = problem_bytes(bounded.error)
            headers = [*headers, (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                WATCH["watch"] = Watch()
                self._intake = IntakeRoute(self._resolved, WATCH["watch"])
                self._precheck = PrecheckRoute(self._resolved)
                await send({"type": "lifespan.startup.complete"})
            else:
                WATCH.pop("watch").close()
                if self._intake is not None:
                    self._intake.close()
                if self._precheck is not None:
                    self._precheck.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _Bounded:
    """A request's body, counted and timed. What breaks a bound looks to Django like a client that went away."""

    def __init__(self, receive: Receive, send: Send, max_bytes: int) -> None:
        self._receive, self._send, self._max_bytes = receive, send, max_bytes
        self._size_bytes = 0
        self._is_whole = False
        self.error: Exception | None = None
        self.has_answered = False

    async def receive(self) -> Any:  # noqa: ANN401 - a message of ASGI
        if self._is_whole or self.error is not None:
            return await self._receive() if self.error is None else {"type": "http.disconnect"}
        try:
            message = await asyncio.wait_for(self._receive(), SILENT_S)
        except TimeoutError:
            self.error = BodyTooSlowError(
                f"nothing came for {SILENT_S:.0f} s", where="body", next_step="send the body without pauses"
            )
            return {"type": "http.disconnect"}
        self._size_bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._size_bytes > self._max_bytes:
            self.error = UploadTooLargeError(
                f"the body is larger than {self._max_bytes} bytes", where="body", next_step="send less at a time"
            )
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: dict[str, Any]) -> None:
        self.has_answered = True
        await self._send(message)
