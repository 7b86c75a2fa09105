"""`POST /api/v1/uploads` outside Django: bodies stream to the blob store, and accepted uploads share their commits."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

from tidegate.errors import (
    BodyPartsError,
    DatabaseDownError,
    IdempotencyClashError,
    TidegateError,
    UploadFieldError,
)
from tidegate.server.accounts.access import ACCESS
from tidegate.server.accounts.keys import authenticate, remembered, require_scope
from tidegate.server.accounts.principal import bearer
from tidegate.server.blobs.writer import BlobWriter
from tidegate.server.history.watching import Watch
from tidegate.server.ids import new_id
from tidegate.server.intake.acceptor import Acceptor
from tidegate.server.intake.backlog import Gate
from tidegate.server.intake.bodies.limits import BodyLimits
from tidegate.server.intake.bodies.read import read_body
from tidegate.server.intake.bodies.record import Body
from tidegate.server.intake.fields import ParsedUpload, lanes_of, parse_fields
from tidegate.server.intake.record import Accepted, NewUpload
from tidegate.server.ledger.journal import canonical, digest
from tidegate.settings import Resolved

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
SETTLED = ("in_review", "decided", "acted")
IO_THREADS = 8
MOST_KEY_CHARS = 200


class _BlobSink:
    """A writer of the blob store as a sink of a body."""

    def __init__(self, writer: BlobWriter) -> None:
        self.writer = writer.__enter__()

    def write(self, data: bytes, /) -> None:
        self.writer.write(data)

    def abort(self) -> None:
        self.writer.__exit__(None, None, None)


class IntakeRoute:
    """Takes uploads in. One of it a process; made inside the event loop's process before the first request."""

    def __init__(self, resolved: Resolved, watch: Watch) -> None:
        from tidegate.server.project.places import blob_store

        self._server = resolved.settings.server
        self._lanes = lanes_of(self._server.lanes)
        self._limits = BodyLimits(max_bytes=self._server.max_body_bytes)
        self._blobs = blob_store()
        self._watch = watch
        self._gate = Gate(self._server)
        self._acceptor = Acceptor()
        self._threads = ThreadPoolExecutor(IO_THREADS, thread_name_prefix="intake")

    def close(self) -> None:
        """Finish what was begun."""
        self._acceptor.close()
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every fault is a problem document."""
        from tidegate.server.problems import problem_bytes

        try:
            status, answer, headers = await self._answer(scope, receive)
            body = json.dumps(answer).encode()
            headers = [(b"content-type", b"application/json"), *headers]
        except TidegateError as error:
            status, headers, body = problem_bytes(error)
        except Exception as error:  # noqa: BLE001 - the caller hears a coded problem, whatever it was
            status, headers, body = problem_bytes(error)
        headers = [*headers, (b"content-length", str(len(body)).encode()), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
        headers = {name.lower(): value for name, value in scope["headers"]}
        wait_s = self._wait_s(scope)
        key_id = self._known(headers) or await self._in_thread(self._admit, headers)
        body = await read_body(receive, scope["headers"], self._sink, self._limits, executor=self._threads)
        new = await self._new(body, key_id, headers)
        accepted = await self._acceptor.accept(new)
        if accepted.is_clash:
            raise IdempotencyClashError(
                "this idempotency key was used for another upload",
                where=f"upload {accepted.upload_id}",
                next_step="use a key of its own for each upload",
            )
        return await self._told(accepted, wait_s)

    def _admit(self, headers: Mapping[bytes, bytes]) -> str:
        """Who asks, and whether there is room. Raises the errors of keys, and BusyError."""
        with _fresh_connection():
            holder = authenticate(_secret(headers), now_s=time.time())
            require_scope(holder, ACCESS[("POST", "api-uploads")].scopes)
            self._gate.check()
        return holder.key_id

    def _known(self, headers: Mapping[bytes, bytes]) -> str:
        """The key's id where neither it nor the backlog needs the database, else empty. Raises ScopeMissingError."""
        if not self._gate.is_known_open or (holder := remembered(_secret(headers), now_s=time.time())) is None:
            return ""
        require_scope(holder, ACCESS[("POST", "api-uploads")].scopes)
        return holder.key_id

    def _wait_s(self, scope: Scope) -> float:
        values = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("wait", ["0"])
        try:
            wait_s = float(values[-1])
            if not 0.0 <= wait_s < float("inf"):
                raise ValueError
        except ValueError:
            raise UploadFieldError("wanted seconds", where="?wait", next_step="write ?wait=10") from None
        return min(wait_s, self._server.max_wait_s)

    def _sink(self) -> _BlobSink:
        return _BlobSink(self._blobs.writer())

    async def _new(self, body: Body, key_id: str, headers: Mapping[bytes, bytes]) -> NewUpload:
        try:
            parsed = parse_fields(
                body.facts, upload_id=new_id("up"), lanes=self._lanes, default_lane=self._server.default_lane
            )
            if body.video is None and not parsed.media_url:
                raise BodyPartsError(
                    "there is neither a video nor a media_url", where="body", next_step="send one of the two"
                )
            if body.video is not None and parsed.media_url:
                raise UploadFieldError("a video came with the request already", where="$.media_url")
            key = checked_key(parsed.idempotency_key or headers.get(b"idempotency-key", b"").decode("latin-1"))
        except BaseException:
            if body.video is not None:
                await self._in_thread(body.video.sink.abort)
            raise
        sha256, size_bytes = "", 0
        if body.video is not None:
            sink = body.video.sink
            assert isinstance(sink, _BlobSink)  # noqa: S101 - the factory above makes no other
            ref = await self._in_thread(sink.writer.commit)
            sha256, size_bytes = ref.sha256, ref.size_bytes
        return new_upload(
            parsed, key_id, key, target_s=self._lanes[parsed.lane], media_sha256=sha256, size_bytes=size_bytes
        )

    async def _told(self, accepted: Accepted, wait_s: float) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
        state = accepted.state
        if wait_s > 0 and state not in SETTLED:
            async with self._watch.waiting(accepted.upload_id) as event:
                state, _ = await self._in_thread(_state_of, accepted.upload_id)
                if state not in SETTLED:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(event.wait(), wait_s)
        location = [(b"location", f"/api/v1/uploads/{accepted.upload_id}".encode())]
        if wait_s > 0 or not accepted.is_new:
            answer = await self._in_thread(_upload_json, accepted.upload_id)
            answer["is_duplicate"] = not accepted.is_new
            return (200 if answer["state"] in SETTLED else 202), answer, location
        return 202, taken_json(accepted), location

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - what the work returns
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def new_upload(
    parsed: ParsedUpload, key_id: str, key: str, *, target_s: float, media_sha256: str = "", size_bytes: int = 0
) -> NewUpload:
    """The upload as `accept` takes it. Without a key, the content is the key: the same again is the same upload.

    Raises UploadFieldError for a key that cannot be kept.
    """
    told = {name: value for name, value in parsed.told.items() if name != "idempotency_key"}
    request_sha256 = digest(canonical([told, media_sha256]))
    checked_key(key)
    return NewUpload(
        upload=parsed.upload,
        context=parsed.context,
        submitted_by=key_id,
        idempotency_key=f"k:{key}" if key else f"c:{request_sha256}",
        request_sha256=request_sha256,
        external_id=parsed.external_id,
        lane=parsed.lane,
        target_s=target_s,
        reference=parsed.media_url,
        media_sha256=media_sha256,
        media_size_bytes=size_bytes,
    )


def checked_key(key: str) -> str:
    """The idempotency key, as it came. Raises UploadFieldError for one that cannot be kept."""
    if len(key) > MOST_KEY_CHARS or not key.isprintable():
        raise UploadFieldError(
            f"more than {MOST_KEY_CHARS} characters, or one that cannot be printed",
            where="Idempotency-Key",
            next_step="use letters, digits and dashes, such as a UUID",
        )
    return key


def _secret(headers: Mapping[bytes, bytes]) -> str:
    return bearer(headers.get(b"authorization", b"").decode("latin-1"))


@contextlib.contextmanager
def _fresh_connection() -> Iterator[None]:
    """The thread's connection, thrown away where it is broken or too old. Raises DatabaseDownError."""
    from django.db import InterfaceError, OperationalError, close_old_connections

    close_old_connections()
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseDownError(
            f"the database does not answer: {type(error).__name__}", next_step="try again with the same key"
        ) from error
    finally:
        close_old_connections()


def taken_json(accepted: Accepted) -> dict[str, Any]:
    """What is said of an upload that was just taken, without asking the database again."""
    return {
        "id": accepted.upload_id,
        "state": accepted.state,
        "verdict": accepted.verdict or None,
        "status_url": f"/api/v1/uploads/{accepted.upload_id}",
        "is_duplicate": not accepted.is_new,
    }


def _state_of(upload_id: str) -> tuple[str, str]:
    from tidegate.server.intake.models import UploadRow

    with _fresh_connection():
        state, verdict = UploadRow.objects.values_list("state", "verdict").get(id=upload_id)
    return state, verdict


def _upload_json(upload_id: str) -> dict[str, Any]:
    from tidegate.server.api.stored import told_upload

    with _fresh_connection():
        return told_upload(upload_id)
