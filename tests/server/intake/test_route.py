"""`POST /api/v1/uploads` as a platform meets it: bodies, keys, repetitions, and every refusal with a code."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.errors import UploadFieldError
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from tidegate.server.intake.route import IntakeRoute

VIDEO = b"\0\0\0\x18ftypmp42" + b"low tide " * 100


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@pytest.fixture
def route(database: str, django_ready: Resolved) -> "Iterator[IntakeRoute]":
    """The route, with a server that waits two seconds at most."""
    from tidegate.server.history.watching import Watch
    from tidegate.server.intake.route import IntakeRoute

    server = replace(django_ready.settings.server, max_wait_s=2.0)
    watch = Watch()
    made = IntakeRoute(replace(django_ready, settings=replace(django_ready.settings, server=server)), watch)
    yield made
    watch.close()
    watch._thread.shutdown(wait=True)
    made.close()


@pytest.fixture
def key(key_for: Callable[..., str]) -> str:
    return key_for("uploads:write")


def _post(
    route: "IntakeRoute",
    body: bytes | dict[str, Any],
    *,
    key: str = "",
    kind: str = "application/json",
    query: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": kind, "content-length": str(len(data)), **(headers or {})}
    if key:
        sent["authorization"] = key
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/uploads",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
    }
    asyncio.run(route(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return Answer(told[0]["status"], names, json.loads(told[1]["body"]))


def _rows() -> list[Any]:
    from tidegate.server.intake.models import UploadRow

    return list(UploadRow.objects.order_by("id"))


def test_a_video_is_held_under_its_digest_before_the_answer(route: "IntakeRoute", key: str) -> None:
    import hashlib

    from tidegate.server.project.places import blob_store

    metadata = json.dumps({"caption": "low tide", "external_id": "clip-1"})
    answer = _post(route, VIDEO, key=key, kind="video/mp4", headers={"x-tidegate-metadata": metadata})
    (row,) = _rows()
    assert answer.status == 202
    assert answer.headers["location"] == f"/api/v1/uploads/{row.id}"
    assert (answer.body["id"], answer.body["state"], answer.body["verdict"]) == (row.id, "held", None)
    assert answer.body["is_duplicate"] is False
    assert (row.external_id, row.media_size_bytes) == ("clip-1", len(VIDEO))
    assert row.media_sha256 == hashlib.sha256(VIDEO).hexdigest()
    with blob_store().open(row.media_sha256) as reader:
        assert reader.read() == VIDEO


def test_a_reference_is_accepted_without_fetching_it(route: "IntakeRoute", key: str) -> None:
    answer = _post(route, {"media_url": "https://cdn.example.org/a.mp4", "lane": "bulk"}, key=key)
    (row,) = _rows()
    assert (answer.status, answer.body["state"]) == (202, "accepted")
    assert (row.reference, row.stage, row.lane) == ("https://cdn.example.org/a.mp4", "fetch", "bulk")


def test_the_same_again_is_the_same_upload(route: "IntakeRoute", key: str) -> None:
    first = _post(route, {"media_url": "https://cdn.example.org/a"}, key=key)
    again = _post(route, {"media_url": "https://cdn.example.org/a"}, key=key)
    assert again.body["id"] == first.body["id"]
    assert (again.status, again.body["is_duplicate"], len(_rows())) == (202, True, 1)


def test_a_key_makes_the_same_content_another_upload_and_the_same_key_does_not(route: "IntakeRoute", key: str) -> None:
    body = {"media_url": "https://cdn.example.org/a"}
    ids = [_post(route, body, key=key, headers={"idempotency-key": name}).body["id"] for name in ("one", "two", "one")]
    assert ids[0] == ids[2] != ids[1]
    told = _post(route, {**body, "idempotency_key": "two"}, key=key)
    assert told.body["id"] == ids[1]


def test_a_key_that_was_used_for_something_else_is_a_clash(route: "IntakeRoute", key: str) -> None:
    first = _post(route, {"media_url": "https://cdn.example.org/a"}, key=key, headers={"idempotency-key": "one"})
    clash = _post(route, {"media_url": "https://cdn.example.org/b"}, key=key, headers={"idempotency-key": "one"})
    assert (clash.status, clash.body["code"]) == (409, "TG-H212")
    assert first.body["id"] in clash.body["where"]
    assert len(_rows()) == 1


def test_who_waits_is_told_the_decision(
    route: "IntakeRoute", key: str, found: Callable[..., Any], django_ready: Resolved
) -> None:
    import threading

    from tidegate.server.history.finishing import finish
    from tidegate.server.intake.claiming import LeaseRules, claim
    from tidegate.server.intake.models import Stage

    def work() -> None:
        from django.db import connections

        some: list[Any] = []
        while not some:
            rules = LeaseRules(lease_s=300.0, max_tries=3)
            some = claim(Stage.SCREEN, 1, "screen-test", rules=rules, now_s=2e9)
        finish([found(some[0], "removed")], "screen-test", now_s=2e9)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    answer = _post(route, VIDEO, key=key, kind="video/mp4", query="wait=30")
    thread.join()
    assert answer.body["id"] == _rows()[0].id
    assert answer.status in (200, 202)
    if answer.status == 200:
        assert (answer.body["state"], answer.body["verdict"]) == ("decided", "removed")


def test_waiting_has_an_end(route: "IntakeRoute", key: str) -> None:
    answer = _post(route, VIDEO, key=key, kind="video/mp4", query="wait=0.05")
    assert (answer.status, answer.body["state"]) == (202, "held")


@pytest.mark.parametrize("wait", ["soon", "-1", "nan", "inf", ""])
def test_waiting_is_said_in_seconds(route: "IntakeRoute", key: str, wait: str) -> None:
    answer = _post(route, VIDEO, key=key, kind="video/mp4", query=f"wait={wait}&x=")
    if wait:
        assert (answer.status, answer.body["where"]) == (422, "?wait")
    assert len(_rows()) == (0 if wait else 1)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer tg_x", "Basic tg_x", "Bearer tg_\xff", "tg_x"])
def test_nobody_without_a_key_is_let_in(route: "IntakeRoute", header: str) -> None:
    answer = _post(route, {"media_url": "https://cdn.example.org/a"}, key=header)
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["code"].startswith("TG-A")
    assert _rows() == []


def test_a_key_for_something_else_is_not_let_in(route: "IntakeRoute", key_for: Callable[..., str]) -> None:
    answer = _post(route, {"media_url": "https://cdn.example.org/a"}, key=key_for("uploads:read", "texts:score"))
    assert (answer.status, _rows()) == (403, [])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({}, "application/json", 422),
        ({"captoin": "x", "media_url": "https://cdn.example.org/a"}, "application/json", 422),
        ({"caption": "a\0b", "media_url": "https://cdn.example.org/a"}, "application/json", 400),
        ({"lane": "slow", "media_url": "https://cdn.example.org/a"}, "application/json", 422),
        (b"{", "application/json", 400),
        (b"x", "text/html", 415),
        (b"", "video/mp4", 400),
    ],
)
def test_what_is_wrong_is_refused_with_a_problem_and_nothing_is_taken(
    route: "IntakeRoute", key: str, body: Any, kind: str, status: int
) -> None:
    answer = _post(route, body, key=key, kind=kind)
    assert answer.status // 100 == 4
    assert answer.body["status"] == answer.status
    assert answer.body["code"].startswith("TG-")
    assert answer.body["detail"]
    assert _rows() == []


def test_a_video_whose_fields_are_wrong_leaves_nothing_in_the_store(route: "IntakeRoute", key: str) -> None:
    import hashlib

    from tidegate.server.project.places import blob_store

    video = VIDEO + b" of somebody who cannot spell"
    for headers in ({"x-tidegate-metadata": '{"captoin": "x"}'}, {"idempotency-key": "x" * 201}):
        assert _post(route, video, key=key, kind="video/mp4", headers=headers).status == 422
    assert not blob_store().exists(hashlib.sha256(video).hexdigest())
    assert _rows() == []


def test_too_much_waiting_is_429_with_a_time_to_come_again(
    route: "IntakeRoute", key: str, accepted: Callable[..., str], django_ready: Resolved
) -> None:
    from tidegate.server.intake.backlog import Gate

    accepted()
    accepted()
    route._gate = Gate(replace(django_ready.settings.server, max_backlog=1))
    answer = _post(route, {"media_url": "https://cdn.example.org/a"}, key=key)
    assert answer.status in (429, 503)
    assert float(answer.headers["retry-after"]) >= 1
    assert len(_rows()) == 2


def test_without_a_key_the_content_is_the_key() -> None:
    from tidegate.server.intake.fields import parse_fields
    from tidegate.server.intake.route import new_upload

    def made(key: str, **data: Any) -> Any:
        parsed = parse_fields(data, upload_id="up_1", lanes={"standard": 60.0}, default_lane="standard")
        return new_upload(parsed, "ak_1", key, target_s=60.0)

    assert made("", caption="a").idempotency_key == made("", caption="a").idempotency_key
    assert made("", caption="a").idempotency_key != made("", caption="b").idempotency_key
    assert made("k", caption="a").idempotency_key == made("k", caption="b").idempotency_key == "k:k"
    # Nobody's key can be taken for the content of another.
    assert made("c:x", caption="a").idempotency_key == "k:c:x"
    for key in ("x" * 201, "a\nb", "a\0b"):
        with pytest.raises(UploadFieldError):
            made(key, caption="a")
