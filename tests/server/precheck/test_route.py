"""Prechecks from the request to the desk and back: answered, bounded, and nothing of them kept."""

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.records import Action, Context, DecidedBy, Decision, Upload, Verdict
from tidegate.settings import Resolved

Answered = tuple[int, dict[str, Any], dict[str, str]]
VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40


class SeenScreener:
    """Stands in for the screener: remembers what it was given, and whether the file was there."""

    def __init__(self) -> None:
        from tidegate.policy.bundled import bundled

        self.policy = bundled()
        self.seen: list[tuple[Upload, bytes | None, Context | None]] = []
        self.error: Exception | None = None

    def screen(self, upload: Upload, path: Path | None, *, now_s: float, context: Context | None = None) -> Any:
        from tidegate.records import MediaCoverage, Screening
        from tidegate.screening import Screened

        self.seen.append((upload, None if path is None else path.read_bytes(), context))
        if self.error is not None:
            raise self.error
        decision = Decision(
            upload_id=upload.id,
            policy_id=self.policy.id,
            policy_version=self.policy.version,
            policy_digest=self.policy.digest,
            verdict=Verdict.REMOVED,
            actions=(Action.REMOVE,),
            leading_clause_id=self.policy.clauses[0].id,
            clauses=(),
            decided_by=DecidedBy.MACHINE,
            decided_at_s=now_s,
            seed=0,
            reason="seen",
        )
        screening = Screening(upload_id=upload.id, media=None, coverage=MediaCoverage())
        return Screened(upload=upload, path=path, screening=screening, decision=decision, clip=None)


@contextlib.contextmanager
def at_the_desk(resolved: Resolved, screener: Any) -> Iterator[None]:
    """A desk that answers meanwhile."""
    from tidegate.server.lanes.config import read, written
    from tidegate.server.lanes.precheck import PrecheckDesk
    from tidegate.server.precheck.wire import socket_path
    from tidegate.server.texts.address import listen

    with contextlib.closing(listen(socket_path(resolved.settings.home))) as listener:
        desk = PrecheckDesk(read(written(resolved, fd=os.dup(listener.fileno()))), screener)
        desk.open()
        is_over = threading.Event()
        thread = threading.Thread(target=lambda: [desk.step(0.05) for _ in iter(is_over.is_set, True)])
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
            desk.close()


class Route:
    """The route, asked as an ASGI server asks it."""

    def __init__(self, resolved: Resolved, authorization: str) -> None:
        from tidegate.server.precheck.route import PrecheckRoute

        self.route = PrecheckRoute(resolved)
        self.folder = resolved.settings.home / "work" / "precheck"
        self._authorization = authorization

    def post(self, body: bytes, content_type: str, **headers: str) -> Answered:
        return asyncio.run(self._post(body, content_type, headers))

    async def _post(
        self, body: bytes, kind: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        told = {"content-type": kind, "authorization": self._authorization, **headers}
        scope = {
            "type": "http",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items() if value],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.route(scope, receive, send)
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], json.loads(sent[1]["body"]), answered

    @property
    def is_nothing_left(self) -> bool:
        return list(self.folder.iterdir()) == []


@pytest.fixture
def route(django_ready: Resolved, key_for: Callable[..., str]) -> Iterator[Route]:
    made = Route(django_ready, key_for("uploads:write"))
    yield made
    made.route.close()


@pytest.fixture
def screener() -> SeenScreener:
    return SeenScreener()


def test_a_raw_video_is_prechecked_and_gone(route: Route, django_ready: Resolved, screener: SeenScreener) -> None:
    told = json.dumps({"caption": "low tide", "context": {"follower_count": 7}})
    with at_the_desk(django_ready, screener):
        status, body, _ = route.post(VIDEO, "video/mp4", x_tidegate_metadata=told)
    assert (status, body["verdict"], body["reason"]) == (200, "removed", "seen")
    assert body["actions"] == [{"action": "remove", "reversal": "restore"}]
    ((upload, content, context),) = screener.seen
    assert (upload.caption, content, context) == ("low tide", VIDEO, Context(follower_count=7))
    assert route.is_nothing_left


def test_a_form_and_words_alone_are_prechecked(route: Route, django_ready: Resolved, screener: SeenScreener) -> None:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'
        b'{"hashtags": ["sea"]}\r\n--b\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\n'
    ) + VIDEO
    with at_the_desk(django_ready, screener):
        assert route.post(form + b"\r\n--b--\r\n", "multipart/form-data; boundary=b")[0] == 200
        assert route.post(b'{"caption": "only words"}', "application/json")[0] == 200
    (first, second) = screener.seen
    assert (first[0].hashtags, first[1]) == (("sea",), VIDEO)
    assert (second[0].caption, second[1]) == ("only words", None)
    assert route.is_nothing_left


def test_nothing_of_a_precheck_is_in_the_database(route: Route, django_ready: Resolved, screener: SeenScreener) -> None:
    from tidegate.server.intake.models import UploadRow
    from tidegate.server.ledger.heads import head

    before = head()
    with at_the_desk(django_ready, screener):
        route.post(VIDEO, "video/mp4")
    assert head() == before
    assert not UploadRow.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "video/mp4", 422, "TG-I027"),
        (b"{", "application/json", 400, "TG-I029"),
        (b'{"colour": "red"}', "application/json", 422, "TG-H211"),
        (b'{"media_url": "ftp://example.org/a.mp4"}', "application/json", 422, "TG-I021"),
        (b'{"media_url": "https://127.0.0.1/a.mp4"}', "application/json", 422, "TG-I022"),
        (b"hello", "text/plain", 415, "TG-I028"),
        (b'{"caption": "' + b"x" * 600_000 + b'"}', "application/json", 413, "TG-I026"),
    ],
)
def test_what_is_no_precheck_is_refused_and_gone(route: Route, body: bytes, kind: str, status: int, code: str) -> None:
    answer = route.post(body, kind)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert route.is_nothing_left


def test_a_video_that_is_too_large_is_refused_and_gone(route: Route) -> None:
    from dataclasses import replace

    route.route._limits = replace(route.route._limits, max_bytes=1000)
    status, body, _ = route.post(VIDEO, "video/mp4")
    assert (status, body["code"]) == (413, "TG-I026")
    assert route.is_nothing_left


def test_a_detector_that_raises_is_a_503_and_the_desk_goes_on(
    route: Route, django_ready: Resolved, screener: SeenScreener
) -> None:
    with at_the_desk(django_ready, screener):
        screener.error = RuntimeError("boom")
        status, body, headers = route.post(VIDEO, "video/mp4")
        assert (status, body["code"]) == (503, "TG-H312")
        assert "RuntimeError" in body["detail"]
        assert int(headers["retry-after"]) > 0
        screener.error = None
        assert route.post(VIDEO, "video/mp4")[0] == 200
    assert route.is_nothing_left


def test_without_a_desk_it_is_a_503_and_nothing_is_left(route: Route) -> None:
    status, body, _ = route.post(VIDEO, "video/mp4")
    assert (status, body["code"]) == (503, "TG-H312")
    assert route.is_nothing_left


def test_more_than_fit_are_refused_before_their_bytes_are_read(route: Route) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(route.route._desks.place())
        status, body, headers = route.post(VIDEO, "video/mp4")
    assert (status, body["code"], headers["retry-after"]) == (429, "TG-H311", "5")


@pytest.mark.parametrize(("scopes", "status"), [(("uploads:read",), 403), ((), 401)])
def test_a_key_that_may_not_upload_may_not_precheck(
    django_ready: Resolved, database: str, key_for: Callable[..., str], scopes: tuple[str, ...], status: int
) -> None:
    route = Route(django_ready, key_for(*scopes) if scopes else "")
    try:
        assert route.post(VIDEO, "video/mp4")[0] == status
    finally:
        route.route.close()
    assert route.is_nothing_left


def test_a_real_screener_says_of_a_clip_what_the_policy_says(
    route: Route, django_ready: Resolved, clip: Callable[..., Any], tmp_path: Path
) -> None:
    from tidegate.assembly import open_screener
    from tidegate.signals.registry import available

    only = [one.id for one in available() if one.id.startswith("wording.")]
    video = clip().path.read_bytes()
    with open_screener(django_ready, only=only, jobs=1) as (screener, _), at_the_desk(django_ready, screener):
        status, body, _ = route.post(video, "video/mp4", x_tidegate_metadata='{"caption": "a walk on the beach"}')
    assert status == 200
    assert body["verdict"] in ("allowed", "held")
    assert {one["clause_id"] for one in body["clauses"]} == {one.id for one in screener.policy.clauses}
    assert all(one["title"] for one in body["clauses"])
    assert route.is_nothing_left
