"""Submitting and asking, by either client, against recorded shapes of the API."""

import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tidegate.client import Client
from tidegate.errors import (
    MissingDependencyError,
    NotDecidedInTimeError,
    ServerUnreachableError,
    TidegateApiError,
    UnexpectedAnswerError,
    UnreadableFileError,
    UsageError,
)
from tidegate.records import Context, Sound, Verdict

BRIEF = {"id": "up_1", "state": "held", "verdict": None, "status_url": "/api/v1/uploads/up_1", "is_duplicate": False}
DECIDED: dict[str, Any] = {
    "id": "up_1",
    "external_id": "v-7",
    "state": "decided",
    "lane": "standard",
    "accepted_at": "2026-01-02T03:04:05Z",
    "deadline": 1767323105.5,
    "decided_at": None,
    "acted_at": None,
    "media": {"sha256": "ab" * 32, "size_bytes": 5, "codec_of_tomorrow": "x"},
    "verdict": "allowed",
    "decision": {
        "id": "de_1",
        "number": 0,
        "verdict": "allowed",
        "actions": [{"action": "allow", "reversal": "withdraw"}],
        "clause": "",
        "reason": "nothing was found",
        "decided_by": "machine",
        "at": "2026-01-02T03:04:06Z",
        "policy": {"id": "community", "version": "1", "digest": "cd"},
        "is_final": True,
        "undo_until": None,
        "statement_of_reasons": None,
    },
    "links": {"self": "/api/v1/uploads/up_1"},
    "field_of_tomorrow": [1],
}


def _parts(request: httpx.Request, body: bytes) -> tuple[dict[str, Any], bytes]:
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    found = re.fullmatch(
        rb'--%b\r\n.*?name="metadata".*?\r\n\r\n(.*?)\r\n--%b\r\n.*?name="video".*?\r\n\r\n(.*)\r\n--%b--\r\n'
        % (boundary, boundary, boundary),
        body,
        re.DOTALL,
    )
    assert found is not None
    return json.loads(found[1]), found[2]


def test_a_file_goes_with_its_fields_as_multipart_of_known_length(both: Any, script: Any, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes of a clip")
    script.add(202, BRIEF)
    sent = {"caption": "tide", "hashtags": ("a",), "sound": Sound(id="s1"), "context": Context(follower_count=3)}
    status = both.call("submit", tmp_path / "clip.mp4", external_id="v-7", wait_s=2.5, **sent)
    assert (status.id, status.state, status.verdict, status.is_duplicate) == ("up_1", "held", "", False)
    request, body = script.requests[0], script.bodies[0]
    metadata, video = _parts(request, body)
    assert video == b"bytes of a clip"
    assert metadata == {
        "external_id": "v-7",
        "caption": "tide",
        "hashtags": ["a"],
        "sound": {"id": "s1", "title": "", "is_original": True},
        "context": {"as_of_s": 0.0, "follower_count": 3},
    }
    assert request.url.params["wait"] == "2.5"
    assert request.headers["content-length"] == str(len(body))
    assert request.headers["authorization"] == "Bearer tg_test"
    assert re.fullmatch(r"tgc-[0-9a-f]{32}", request.headers["idempotency-key"])


def test_a_video_without_fields_goes_as_it_is(both: Any, script: Any) -> None:
    script.add(202, BRIEF)
    file = io.BytesIO(b"skip" + b"video")
    file.seek(4)
    both.call("submit", file, idempotency_key="mine")
    assert script.bodies == [b"video"]
    assert script.requests[0].headers["content-type"] == "application/octet-stream"
    assert script.requests[0].headers["idempotency-key"] == "mine"


def test_an_iterator_goes_chunked(both: Any, script: Any) -> None:
    script.add(202, BRIEF)
    both.call("submit", iter([b"vi", b"deo"]))
    assert script.bodies == [b"video"]
    assert script.requests[0].headers["transfer-encoding"] == "chunked"


async def _arriving() -> AsyncIterator[bytes]:
    yield b"vi"
    yield b"deo"


def test_an_asynchronous_iterator_needs_the_asynchronous_client(both: Any, script: Any) -> None:
    if both.kind == "blocking":
        with pytest.raises(UsageError, match="AsyncClient"):
            both.call("submit", _arriving())
        return
    script.add(202, BRIEF)
    both.call("submit", _arriving(), caption="tide")
    assert _parts(script.requests[0], script.bodies[0])[1] == b"video"


def test_what_the_server_tells_is_read_and_what_it_adds_tomorrow_is_passed_over(both: Any, script: Any) -> None:
    script.add(200, DECIDED)
    status = both.call("get", "up/1")
    assert script.requests[0].url.raw_path == b"/api/v1/uploads/up%2F1"
    assert status.verdict == Verdict.ALLOWED
    assert (status.accepted_at_s, status.deadline_s, status.decided_at_s) == (1767323045.0, 1767323105.5, None)
    assert status.decision.at_s == 1767323046.0
    assert [(one.action, one.reversal) for one in status.decision.actions] == [("allow", "withdraw")]
    assert status.is_decided


def test_a_busy_server_is_asked_again_with_the_same_key_and_body(both: Any, script: Any) -> None:
    script.add(503, {"title": "busy"}, retry_after="7")
    script.answers.append(httpx.ReadError("gone"))
    script.answers.append(httpx.ConnectError("refused"))
    script.add(202, BRIEF)
    assert both.call("submit", b"video", caption="tide").id == "up_1"
    assert len({request.headers["idempotency-key"] for request in script.requests}) == 1
    assert [_parts(*pair)[1] for pair in zip(script.requests, script.bodies, strict=True)] == [b"video"] * 4
    assert 7 <= both.waits[0] < 8
    assert all(wait < 1 for wait in both.waits[1:])


def test_a_problem_is_raised_in_the_servers_words(both: Any, script: Any) -> None:
    problem = {"title": "Clash", "status": 409, "detail": "the key was used", "code": "TG-H212", "next_step": "another"}
    script.add(409, problem | {"where": "upload up_0"})
    with pytest.raises(TidegateApiError) as caught:
        both.call("submit", b"video")
    error = caught.value
    assert (error.code, error.what, error.where) == ("TG-H212", "the key was used", "upload up_0")
    assert (error.next_step, error.status, error.retry_after_s) == ("another", 409, None)
    assert str(error) == "TG-H212 upload up_0: the key was used\n  next: another"


def test_trying_again_ends(both: Any, script: Any) -> None:
    for _ in range(4):
        script.add(429, {"detail": "slower"}, retry_after="1")
    with pytest.raises(TidegateApiError) as caught:
        both.call("get", "up_1")
    assert (caught.value.status, caught.value.retry_after_s) == (429, 1.0)
    assert len(both.waits) == 3


def test_a_wait_that_is_too_long_is_left_to_the_caller(both: Any, script: Any) -> None:
    script.add(503, {"detail": "full"}, retry_after="3600")
    with pytest.raises(TidegateApiError) as caught:
        both.call("get", "up_1")
    assert caught.value.retry_after_s == 3600
    assert both.waits == []


def test_an_iterator_that_was_begun_is_not_sent_again(both: Any, script: Any) -> None:
    script.add(503, {"detail": "busy"})
    with pytest.raises(TidegateApiError, match="busy"):
        both.call("submit", iter([b"video"]))
    assert both.waits == []


def test_a_ruling_is_not_repeated_when_nobody_knows_whether_it_arrived(both: Any, script: Any) -> None:
    script.answers.append(httpx.ReadTimeout("late"))
    with pytest.raises(ServerUnreachableError, match="did not answer in time"):
        both.call("decide", "ca_1", "allowed")
    script.answers.append(httpx.ConnectError("refused"))
    script.add(200, {"id": "de_2"})
    assert both.call("decide", "ca_1", "removed", clause="spam") == {"id": "de_2"}
    assert json.loads(script.bodies[-1]) == {"verdict": "removed", "actions": [], "clause": "spam", "note": ""}


@pytest.mark.parametrize("status", [200, 302, 502])
def test_something_that_is_not_tidegate_is_said_to_be_so(both: Any, script: Any, status: int) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text="<html>welcome</html>")

    script.answers += [page] * (4 if status == 502 else 1)
    with pytest.raises((UnexpectedAnswerError, TidegateApiError)) as caught:
        both.call("get", "up_1")
    assert "welcome" not in str(caught.value)
    assert str(status) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"id": 5}, "$.id"),
        ({"media": []}, "$.media"),
        ({"decided_at": "soon"}, "$.decided_at_s"),
        ({"id": None}, "$.id"),
    ],
)
def test_a_field_of_another_type_is_named(both: Any, script: Any, change: dict[str, Any], where: str) -> None:
    script.add(200, DECIDED | change)
    with pytest.raises(UnexpectedAnswerError) as caught:
        both.call("get", "up_1")
    assert caught.value.where == where


def test_a_batch_of_any_size_is_cut_and_answered_one_by_one(both: Any, script: Any) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["uploads"]
        results = [BRIEF | {"id": one["media_url"]} for one in asked]
        results[0] = {"error": {"code": "TG-I022", "detail": "private address", "status": 422}}
        return httpx.Response(200, json={"results": results})

    script.answers += [answer, answer]
    entries = ({"media_url": f"https://cdn.test/{number}"} for number in range(501))
    results = both.call("submit_batch", entries, idempotency_key="b")
    assert [json.loads(body)["uploads"][0]["media_url"] for body in script.bodies] == [
        "https://cdn.test/0",
        "https://cdn.test/500",
    ]
    assert [request.headers["idempotency-key"] for request in script.requests] == ["b-0", "b-1"]
    assert len(results) == 501
    assert results[1].status.id == "https://cdn.test/1"
    assert (results[500].error.code, results[500].error.status) == ("TG-I022", 422)


def test_waiting_looks_until_a_verdict_is_there(both: Any, script: Any) -> None:
    script.add(200, DECIDED | {"state": "screening", "verdict": None, "decision": None})
    script.add(200, DECIDED | {"state": "in_review", "verdict": "held"})
    assert both.call("wait", "up_1", 30.0).verdict == "held"
    script.add(200, DECIDED | {"state": "in_review", "verdict": "held"})
    script.add(200, DECIDED)
    assert both.call("wait", "up_1", 30.0, is_final=True).is_decided


def test_waiting_ends_in_its_time(both: Any, script: Any) -> None:
    script.add(200, DECIDED | {"state": "screening"})
    with pytest.raises(NotDecidedInTimeError, match="screening"):
        both.call("wait", "up_1", 0.0)


def test_lists_follow_their_cursor(both: Any, script: Any) -> None:
    script.add(200, {"items": [DECIDED], "next": "c1"})
    script.add(200, {"items": [DECIDED | {"id": "up_2"}], "next": None})
    assert [one.id for one in both.call("list", verdict="allowed", limit=1)] == ["up_1", "up_2"]
    assert dict(script.requests[0].url.params) == {"verdict": "allowed", "limit": "1"}
    assert script.requests[1].url.params["after"] == "c1"


def test_a_precheck_takes_one_of_video_and_address(both: Any, script: Any) -> None:
    with pytest.raises(UsageError):
        both.call("precheck")
    script.add(200, {"verdict": "held", "clauses": [{"clause_id": "spam", "outcome": "review", "probability": 0.5}]})
    found = both.call("precheck", url="https://cdn.test/a.mp4", caption="tide")
    assert (found.verdict, found.clauses[0].clause_id) == ("held", "spam")
    assert json.loads(script.bodies[0]) == {"media_url": "https://cdn.test/a.mp4", "caption": "tide"}


def test_evidence_comes_as_records_and_words_of_tomorrow_stay_words(both: Any, script: Any) -> None:
    signal = {
        "label": "pattern.scam_offer",
        "score": 0.7,
        "evidence": {"span": {"start_s": 0.5, "end_s": 2.5}, "shape_of_tomorrow": 1},
        "detector_id": "wording.patterns@1",
    }
    abstention = {"detector_id": "wording.moon@1", "reason": "moonlight", "labels": ["a.b"], "detail": ""}
    script.add(200, {"signals": [signal], "abstentions": [abstention]})
    found = both.call("evidence", "up_1")
    assert found.signals[0].evidence.span.end_s == 2.5
    assert found.abstentions[0].reason == "moonlight"


def test_a_path_that_is_no_file_is_said_before_anything_is_sent(both: Any, script: Any, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.mp4", tmp_path):
        with pytest.raises(UnreadableFileError):
            both.call("submit", path)
    assert script.requests == []


@pytest.mark.parametrize("video", [7, io.StringIO("text")])
def test_what_is_no_video_is_refused(both: Any, script: Any, video: Any) -> None:
    with pytest.raises(UsageError):
        both.call("submit", video)


@pytest.mark.parametrize(
    ("url", "key"), [("ftp://a", "k"), ("tidegate.test", "k"), ("http://a", "a b"), ("http://a", "")]
)
def test_an_address_or_key_that_is_none_is_refused(url: str, key: str) -> None:
    with pytest.raises(UsageError):
        Client(url, key)


def test_a_client_never_shows_its_key() -> None:
    with Client("http://a", "tg_secret") as client:
        assert "tg_secret" not in f"{client!r} {vars(client)}"


def test_without_httpx_the_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    with pytest.raises(MissingDependencyError, match=r"tidegate\[client\]"):
        Client("http://a", "k")
