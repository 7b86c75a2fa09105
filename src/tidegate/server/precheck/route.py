"""`POST /api/v1/precheck` outside Django: the video streams into a plain file of its own, which is gone afterwards."""

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from tidegate.errors import PrecheckUnavailableError, UploadFieldError
from tidegate.server.ids import new_id
from tidegate.server.intake.bodies.limits import BodyLimits
from tidegate.server.intake.bodies.read import read_body
from tidegate.server.intake.bodies.record import Body
from tidegate.server.intake.fetch_rules import fetch_rules
from tidegate.server.intake.fetching import fetch
from tidegate.server.intake.fields import ParsedUpload, lanes_of, parse_fields
from tidegate.server.intake.route import Receive, Scope, Send
from tidegate.server.precheck.asking import PrecheckDesks
from tidegate.server.precheck.wire import Asked, socket_path
from tidegate.server.problems import problem_bytes
from tidegate.settings import Resolved

PATH = "/api/v1/precheck"
MOST_BYTES = 512 << 20
"""The largest video of a precheck; the server's own limit counts too."""
MOST_JSON_BYTES = 512 << 10
MOST_A_DESK = 4
"""Prechecks that may be under way for each desk, the waiting ones among them."""
FETCH_S = 60.0


class _PlainFile:
    """A file of ours as the sink of a body or a fetch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")

    def write(self, data: bytes, /) -> object:
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()

    def abort(self) -> object:
        self._file.close()
        self.path.unlink(missing_ok=True)
        return None


class PrecheckRoute:
    """Answers prechecks. One of it a process. The screening itself happens in a lane, never here."""

    def __init__(self, resolved: Resolved) -> None:
        from tidegate.server.project.places import work_folder

        server = resolved.settings.server
        self._server = server
        self._lanes = lanes_of(server.lanes)
        most_bytes = min(server.max_body_bytes, MOST_BYTES)
        self._limits = BodyLimits(max_bytes=most_bytes, max_json_bytes=MOST_JSON_BYTES)
        self._fetch_rules = replace(fetch_rules(server), max_bytes=most_bytes, total_s=FETCH_S)
        self._folder = work_folder("precheck")
        most = MOST_A_DESK * server.precheck_processes
        self._desks = PrecheckDesks(socket_path(resolved.settings.home), most=most)
        self._threads = ThreadPoolExecutor(max(most, 1), thread_name_prefix="precheck")

    def close(self) -> None:
        """Finish what was begun."""
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every fault is a problem document."""
        try:
            body = json.dumps(await self._answer(scope, receive)).encode("ascii")
            status, headers = 200, [(b"content-type", b"application/json")]
        except Exception as error:  # noqa: BLE001 - the caller hears a coded problem, whatever it was
            status, headers, body = problem_bytes(error)
        headers = [*headers, (b"content-length", str(len(body)).encode()), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in scope["headers"]}
        await self._in_thread(_admit, headers.get(b"authorization", b"").decode("latin-1"))
        if not self._server.precheck_processes:
            raise PrecheckUnavailableError(
                "this server prechecks nothing", where="server.precheck_processes", next_step="set it to 1 or more"
            )
        with self._desks.place():
            sink = self._folder / new_id("pc")
            try:
                body = await read_body(
                    receive, scope["headers"], lambda: _PlainFile(sink), self._limits, executor=self._threads
                )
                return await self._desks.ask(await self._asked(body, sink))
            finally:
                await self._in_thread(_forget, sink)

    async def _asked(self, body: Body, path: Path) -> Asked:
        if body.video is not None:
            assert isinstance(body.video.sink, _PlainFile)  # noqa: S101 - the factory above makes no other
            await self._in_thread(body.video.sink.close)
        parsed: ParsedUpload = parse_fields(
            body.facts, upload_id=path.name, lanes=self._lanes, default_lane=self._server.default_lane
        )
        if body.video is not None and parsed.media_url:
            raise UploadFieldError("a video came with the request already", where="$.media_url")
        if parsed.media_url:
            await self._in_thread(self._fetch, parsed.media_url, path)
        has_file = body.video is not None or bool(parsed.media_url)
        return Asked(upload=parsed.upload, context=parsed.context, file_name=path.name if has_file else "")

    def _fetch(self, reference: str, path: Path) -> None:
        sink = _PlainFile(path)
        try:
            fetch(reference, sink, self._fetch_rules)
        finally:
            sink.close()

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - what the work returns
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def _admit(authorization: str) -> None:
    """Who asks. Raises the errors of keys."""
    from django.db import InterfaceError, OperationalError, close_old_connections

    from tidegate.errors import DatabaseDownError
    from tidegate.server.accounts.keys import authenticate, require_scope
    from tidegate.server.accounts.principal import bearer

    close_old_connections()
    try:
        require_scope(authenticate(bearer(authorization), now_s=time.time()), frozenset({"uploads:write"}))
    except (OperationalError, InterfaceError) as error:
        raise DatabaseDownError(
            f"the database does not answer: {type(error).__name__}", next_step="try again in a moment"
        ) from error
    finally:
        close_old_connections()
