"""Our own endpoint and the errors of all three, over HTTP against a whole server."""

import json
from typing import Any

import httpx
import pytest

from tidegate.records import Verdict
from tidegate.server.texts.record import MAX_REQUEST_CHARS, MAX_TEXT_CHARS
from tidegate.server.texts.views import MAX_BODY_BYTES

pytestmark = pytest.mark.slow

OFFER = "Guaranteed returns. Send $100 today, and get $1000 back"
PLAIN = "The tide was low this morning, so we walked along the harbour."
OURS, OPENAI, PERSPECTIVE = ADDRESSES = ("/api/v1/texts", "/v1/moderations", "/v1alpha1/comments:analyze")


def _body(path: str, text: str) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        OURS: {"text": text},
        OPENAI: {"input": text},
        PERSPECTIVE: {"comment": {"text": text}, "requestedAttributes": {"PROFANITY": {}}},
    }
    return bodies[path]


def _post(server: Any, path: str, body: object, **more: Any) -> httpx.Response:
    # Written here: httpx would refuse half a sign, which clients in other languages send.
    headers = {"Content-Type": "application/json", **server.bearer}
    return httpx.post(f"{server.address}{path}", content=json.dumps(body), headers=headers, timeout=60, **more)


def _is_shaped(path: str, reply: httpx.Response) -> bool:
    """Whether an error is in the form of its address."""
    told = reply.json()
    if path == OURS:
        return reply.headers["Content-Type"] == "application/problem+json" and told["status"] == reply.status_code
    error = told["error"]
    if path == OPENAI:
        return set(error) == {"message", "type", "param", "code"}
    return bool(error["code"] == reply.status_code and error["status"].isupper() and error["message"])


def test_texts_are_scored_by_our_own_endpoint(server: Any) -> None:
    texts = [{"id": "c1", "text": PLAIN}, {"id": "c2", "text": OFFER, "kind": "message", "region": "KR"}]
    reply = _post(server, OURS, {"texts": texts})
    assert reply.status_code == 200
    plain, offer = reply.json()["results"]
    assert (plain["id"], plain["verdict"], plain["signals"]) == ("c1", Verdict.ALLOWED, [])
    assert (offer["id"], offer["verdict"], offer["leading_clause_id"]) == ("c2", Verdict.HELD, "scams_fraud")
    quote = offer["signals"][0]["evidence"]["quote"]
    assert OFFER[quote["start_char"] : quote["end_char"]] == quote["text"]


def test_one_text_alone_gets_what_it_gets_among_others(server: Any) -> None:
    (alone,) = _post(server, OURS, {"text": OFFER}).json()["results"]
    among = _post(server, OURS, {"texts": [{"text": PLAIN}, {"text": OFFER}]}).json()["results"]
    assert alone == among[1]
    assert alone["verdict"] == Verdict.HELD


def test_a_hundred_texts_come_back_in_order(server: Any) -> None:
    texts = [{"id": f"c{index}", "text": f"low tide {index}"} for index in range(100)]
    reply = _post(server, OURS, {"texts": texts})
    assert [row["id"] for row in reply.json()["results"]] == [text["id"] for text in texts]


def test_as_many_characters_as_may_be_are_scored_and_one_more_is_refused(server: Any) -> None:
    texts = [{"text": ("We walked along the shore. " * 800)[:MAX_TEXT_CHARS]}] * (MAX_REQUEST_CHARS // MAX_TEXT_CHARS)
    assert len(_post(server, OURS, {"texts": texts}).json()["results"]) == len(texts)
    refused = _post(server, OURS, {"texts": [*texts, {"text": "a"}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "TG-T001")


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_text_of_two_hundred_thousand_characters_is_refused_and_says_how_many_are_taken(
    server: Any, path: str
) -> None:
    reply = _post(server, path, _body(path, "a " * 100_000))
    assert reply.status_code == (422 if path == OURS else 400)
    assert _is_shaped(path, reply)
    assert f"{MAX_TEXT_CHARS} at most" in reply.text


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    "text",
    ["low\x00tide", "\ud83d half a sign", "\udc00\ud800", "\u202e", "\x1b[2J", "a\u0301" * 9000, "\x00" * 20_000],
)
def test_any_characters_are_scored(server: Any, path: str, text: str) -> None:
    assert _post(server, path, _body(path, text)).status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"input":' * 100_000, 400),
        (b"7", 400),
        (b'{"texts": NaN}', 400),
        (b'{"\\ud83d": 1}', 400),
        (b"9" * 10_000, 400),
        (b" " * (MAX_BODY_BYTES + 1), 413),
    ],
    ids=["empty", "cut", "no UTF-8", "deep list", "deep object", "number", "not a number", "half", "digits", "large"],
)
def test_a_body_that_cannot_be_read_is_refused_in_the_form_of_its_address(
    server: Any, path: str, content: bytes, status: int
) -> None:
    reply = httpx.post(f"{server.address}{path}", content=content, headers=server.bearer)
    assert reply.status_code == (422 if path == OURS and status == 400 else status)
    assert _is_shaped(path, reply)


@pytest.mark.parametrize("path", ADDRESSES)
def test_only_post_is_taken(server: Any, path: str) -> None:
    reply = httpx.get(f"{server.address}{path}", headers=server.bearer)
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(("name", "status"), [("none", 401), ("wrong", 401), ("late", 401), ("reads", 403)], ids=str)
def test_a_key_that_may_not_score_is_refused_in_the_form_of_its_address(
    server: Any, path: str, name: str, status: int
) -> None:
    secret = server.keys.get(name, "tg_wrong")
    headers = {} if name == "none" else {"Authorization": f"Bearer {secret}"}
    reply = httpx.post(f"{server.address}{path}", json=_body(path, PLAIN), headers=headers)
    assert reply.status_code == status
    assert _is_shaped(path, reply)
    assert secret not in reply.text


def test_a_key_in_the_address_opens_the_perspective_form_alone(server: Any) -> None:
    replies = {
        path: httpx.post(f"{server.address}{path}?key={server.keys['scores']}", json=_body(path, PLAIN)).status_code
        for path in ADDRESSES
    }
    assert replies == {OURS: 401, OPENAI: 401, PERSPECTIVE: 200}


def test_the_discovery_document_is_public_and_names_the_address_it_was_read_from(server: Any) -> None:
    document = httpx.get(f"{server.address}/$discovery/rest?version=v1alpha1").json()
    assert document["rootUrl"] == f"{server.address}/"
    assert "comments" in document["resources"]
