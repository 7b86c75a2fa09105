"""One signed POST against receivers that are slow, lie, break off or lead astray."""

import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from standardwebhooks import Webhook, WebhookVerificationError

from tidegate.client import verify_webhook
from tidegate.errors import WebhookSignatureError
from tidegate.server.enforcement.retrying import MOST_RETRY_AFTER_S
from tidegate.server.enforcement.sending import Answer, Post, send
from tidegate.server.enforcement.targets import SendRules

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "Zm9yZ2VkZm9yZ2Vk" * 2
EVENT = {"type": "upload.decided", "timestamp": "2026-11-29T08:00:00Z", "data": {"upload_id": "up_1", "reason": "Ä 🐚"}}
BODY = json.dumps(EVENT, ensure_ascii=False)


def _post(url: str, **fields: str) -> Post:
    return Post(**{"url": url, "secret": SECRET, "event_id": "ev_d1", "body": BODY, **fields})


def test_the_official_package_and_our_client_believe_the_signature(receiver: Any, rules: SendRules) -> None:
    assert send(_post(receiver.url), rules) == Answer(status=204)
    ((headers, body),) = receiver.requests
    assert Webhook(SECRET).verify(body, headers) == EVENT
    event = verify_webhook(body, headers, SECRET)
    assert (event.id, event.upload_id, event.reason) == ("ev_d1", "up_1", "Ä 🐚")
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(body, headers)
    with pytest.raises(WebhookSignatureError):
        verify_webhook(body.replace(b"up_1", b"up_2"), headers, SECRET)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers | {"webhook-id": "ev_d2"})


def test_the_request_is_the_stored_text_under_its_key_and_says_nothing_else(receiver: Any, rules: SendRules) -> None:
    before = int(time.time())
    send(_post(f"{receiver.url}?tenant=7"), rules)
    ((headers, body),) = receiver.requests
    assert body == BODY.encode()
    assert headers[""] == "POST /events?tenant=7 HTTP/1.1"
    assert before <= int(headers["webhook-timestamp"]) <= int(time.time())
    assert set(headers) == {
        "",
        "host",
        "connection",
        "content-type",
        "content-length",
        "accept-encoding",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }


@pytest.mark.parametrize("number", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_delivery(receiver: Any, rules: SendRules, status: Any, number: int) -> None:
    receiver.always = status(number)
    assert send(_post(receiver.url), rules) == Answer(status=number)


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Any, rules: SendRules, status: Any, number: int) -> None:
    receiver.always = status(number, f"Location: {receiver.url}/elsewhere")
    answer = send(_post(receiver.url), rules)
    assert answer.why == f"TG-W011 the endpoint answered with a redirect, status {number}, which is not followed"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("number", [400, 401, 404, 409, 500, 502, 504])
def test_any_other_status_is_a_failure_that_is_tried_again(
    receiver: Any, rules: SendRules, status: Any, number: int
) -> None:
    receiver.always = status(number, "Retry-After: 60", body=b"secret words of the receiver")
    wanted = Answer(status=number, why=f"TG-W011 the endpoint answered with status {number}")
    assert send(_post(receiver.url), rules) == wanted


@pytest.mark.parametrize("number", [429, 503])
@pytest.mark.parametrize(("text", "asked_s"), [("7", 7.0), ("999999", MOST_RETRY_AFTER_S), ("soon", 0.0)])
def test_a_receiver_may_ask_for_patience(
    receiver: Any, rules: SendRules, status: Any, number: int, text: str, asked_s: float
) -> None:
    receiver.always = status(number, f"Retry-After: {text}")
    assert send(_post(receiver.url), rules).asked_s == asked_s


def test_a_receiver_may_ask_to_be_left_alone_for_good(receiver: Any, rules: SendRules, status: Any) -> None:
    receiver.always = status(410)
    answer = send(_post(receiver.url), rules)
    assert (answer.is_gone, answer.is_delivered) == (True, False)


def test_a_receiver_that_never_answers_is_left(receiver: Any, rules: SendRules) -> None:
    receiver.always = [30.0]
    answer = send(_post(receiver.url), replace(rules, total_s=0.3))
    assert answer.why.startswith("TG-W010 ")
    assert answer.status is None


def test_a_receiver_that_sends_a_byte_now_and_then_gains_nothing(receiver: Any, rules: SendRules) -> None:
    drip = [part for letter in b"HTTP/1.1 204 No Content\r\n" for part in (bytes([letter]), 0.1)]
    receiver.always = drip * 10
    assert send(_post(receiver.url), replace(rules, total_s=0.5)).why.startswith("TG-W010 ")


def test_a_dripping_body_behind_a_good_status_does_not_hold_the_lane(receiver: Any, rules: SendRules) -> None:
    receiver.always = [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", *([0.1, b"."] * 300)]
    assert send(_post(receiver.url), replace(rules, total_s=0.5)).why.startswith("TG-W010 ")


@pytest.mark.parametrize(
    "reply",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Le"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
        [b"SSH-2.0-OpenSSH_9.2\r\n"],
        [b"HTTP/1.1 abc OK\r\n\r\n"],
        [b"\x00" * 200_000],
        [b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 300_000 + b"\r\n\r\n"],
    ],
    ids=[
        "closed",
        "head-cut",
        "short",
        "chunk-cut",
        "negative",
        "two-lengths",
        "ssh",
        "no-status",
        "zeros",
        "huge-head",
    ],
)
def test_an_answer_that_is_none_is_no_delivery(receiver: Any, rules: SendRules, reply: Sequence[bytes]) -> None:
    receiver.always = reply
    answer = send(_post(receiver.url), rules)
    assert answer.why.startswith("TG-W010 ")
    assert (answer.status, answer.is_delivered) == (None, False)


def test_a_huge_answer_is_cut_off_and_counts(receiver: Any, rules: SendRules) -> None:
    piece = b"x" * 65536
    receiver.always = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", *([piece] * 400)]
    assert send(_post(receiver.url), rules) == Answer(status=200)


def test_nobody_there_is_said_so(nobody: str, rules: SendRules) -> None:
    assert send(_post(nobody), rules) == Answer(why="TG-W010 no connection was made")


def test_a_name_that_leads_elsewhere_later_is_not_followed(receiver: Any, rules: SendRules) -> None:
    """DNS rebinding: allowed when the webhook was made, private when it is used."""
    answers = iter([("127.0.0.1",), ("10.1.2.3",), ("169.254.169.254",)])
    asked: list[str] = []

    def resolver(host: str, *, timeout_s: float) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    rebinding = replace(rules, resolver=resolver)
    url = receiver.url.replace("127.0.0.1", "hooks.example")
    assert send(_post(url), rebinding).is_delivered
    assert [send(_post(url), rebinding).why for _ in range(2)] == [
        "TG-W012 the address leads to a private network",
        "TG-W012 the address leads to a cloud's metadata service",
    ]
    assert len(receiver.requests) == 1
    assert asked == ["hooks.example"] * 3, "once for each delivery: the checked address is the one connected to"
    assert receiver.requests[0][0]["host"].startswith("hooks.example:")


def test_a_name_that_mixes_public_and_private_is_refused_whole(rules: SendRules) -> None:
    mixed = replace(rules, resolver=lambda host, *, timeout_s: ("93.184.216.34", "10.0.0.1"))
    assert send(_post("https://hooks.example/"), mixed).why == "TG-W012 the address leads to a private network"


def test_plain_http_goes_to_listed_networks_only(rules: SendRules) -> None:
    public = replace(rules, resolver=lambda host, *, timeout_s: ("93.184.216.34",))
    assert send(_post("http://hooks.example/"), public).why.startswith("TG-W012 http is sent to networks")


def test_a_name_without_an_address_is_tried_again(rules: SendRules) -> None:
    def resolver(host: str, *, timeout_s: float) -> Sequence[str]:
        raise OSError(host)

    assert send(_post("https://hooks.example/"), replace(rules, resolver=resolver)).why == (
        "TG-W010 the host's name was not resolved"
    )


def test_a_secret_that_is_none_is_a_failure_and_no_crash(receiver: Any, rules: SendRules) -> None:
    answer = send(_post(receiver.url, secret="whsec_" + "é"), rules)
    assert answer.why.startswith("TG-W010 sending raised ")
    assert receiver.requests == []


def test_proxies_of_the_environment_are_not_used(
    receiver: Any, rules: SendRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(_post(receiver.url), rules).is_delivered


@pytest.mark.parametrize(("name", "why"), [("hooks.example", ""), ("other.example", "certificate is not trusted")])
def test_the_certificate_is_verified_for_the_name(
    receiver: Any, rules: SendRules, tmp_path: Path, name: str, why: str
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusting = replace(rules, ca_file=tmp_path / "ca.pem", resolver=lambda host, *, timeout_s: ("127.0.0.1",))
    answer = send(_post(f"https://hooks.example:{receiver.server_address[1]}/events"), trusting)
    assert answer.is_delivered is (why == "")
    assert why in answer.why
