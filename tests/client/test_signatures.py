"""Webhooks are believed if, and only if, the reference implementation of the scheme would sign them so."""

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from tidegate.client import verify_webhook
from tidegate.errors import UnexpectedAnswerError, UsageError, WebhookSignatureError

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
OTHER = f"whsec_{base64.b64encode(bytes(32)).decode()}"
NOW_S = 1_767_323_045
DATA = {
    "upload_id": "up_1",
    "external_id": "v-7",
    "decision_id": "de_1",
    "decision_number": 2,
    "verdict": "restricted",
    "actions": [{"action": "age-restrict", "reversal": "lift-age-restriction"}],
    "clause": "dangerous-acts",
    "reason": "für Erwachsene",
    "decided_by": "person",
    "policy": {"id": "community", "version": "1"},
    "statement_of_reasons": "so_1",
}
BODY = json.dumps({"type": "upload.decided", "timestamp": "2026-01-02T03:04:05Z", "data": DATA}).encode()


def _headers(body: bytes = BODY, secret: str = SECRET, at_s: int = NOW_S, event_id: str = "ev_d1") -> dict[str, str]:
    signature = Webhook(secret).sign(event_id, datetime.fromtimestamp(at_s, UTC), body.decode())
    return {"webhook-id": event_id, "webhook-timestamp": str(at_s), "webhook-signature": signature}


def test_a_signed_webhook_is_its_event() -> None:
    event = verify_webhook(BODY, _headers(), SECRET, now_s=NOW_S)
    assert (event.id, event.kind, event.at_s) == ("ev_d1", "upload.decided", NOW_S)
    assert (event.external_id, event.decision_number, event.actions[0].action) == ("v-7", 2, "age-restrict")
    assert (event.reason, event.statement_of_reasons, event.policy and event.policy.id) == (
        "für Erwachsene",
        "so_1",
        "community",
    )


@given(
    st.binary(min_size=1, max_size=64),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
    st.from_regex(r"[a-z0-9_.-]{1,20}", fullmatch=True),
)
def test_what_the_reference_implementation_signs_is_believed(key: bytes, reason: str, event_id: str) -> None:
    secret, now_s = f"whsec_{base64.b64encode(key).decode()}", int(time.time())
    body = json.dumps(
        {"type": "upload.decided", "timestamp": now_s, "data": {"reason": reason}}, ensure_ascii=False
    ).encode()
    headers = _headers(body, secret, now_s, event_id)
    assert Webhook(secret).verify(body, headers)["data"]["reason"] == reason
    assert verify_webhook(body, headers, secret).reason == reason


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_one_changed_byte_is_not_believed(at: int, change: int) -> None:
    body = BODY[:at] + bytes([BODY[at] ^ change]) + BODY[at + 1 :]
    with pytest.raises(WebhookSignatureError):
        verify_webhook(body, _headers(), SECRET, now_s=NOW_S)


def test_names_of_headers_may_have_any_case() -> None:
    headers = {name.title(): value for name, value in _headers().items()}
    assert verify_webhook(BODY, headers, SECRET, now_s=NOW_S).decision_id == "de_1"


def test_one_of_several_signatures_is_enough() -> None:
    good = _headers()["webhook-signature"]
    bad = _headers(secret=OTHER)["webhook-signature"]
    several = _headers() | {"webhook-signature": f"v1a,AAAA v1,%%% nonsense {bad} {good}"}
    assert verify_webhook(BODY, several, SECRET, now_s=NOW_S).id == "ev_d1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "ev_d2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(NOW_S + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "١٧٦٧"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": _headers(secret=OTHER)["webhook-signature"]},
        {"webhook-signature": _headers()["webhook-signature"].replace("v1,", "v0,")},
    ],
)
def test_headers_that_do_not_fit_are_not_believed(change: dict[str, str]) -> None:
    with pytest.raises(WebhookSignatureError):
        verify_webhook(BODY, _headers() | change, SECRET, now_s=NOW_S)


@pytest.mark.parametrize(("drift_s", "is_believed"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_a_webhook_from_another_time_is_not_believed(drift_s: int, is_believed: bool) -> None:
    headers = _headers(at_s=NOW_S + drift_s)
    if is_believed:
        assert verify_webhook(BODY, headers, SECRET, now_s=NOW_S).id == "ev_d1"
        return
    with pytest.raises(WebhookSignatureError, match="five minutes"):
        verify_webhook(BODY, headers, SECRET, now_s=NOW_S)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_é"])
def test_a_secret_that_is_none_is_a_mistake_of_ours(secret: str) -> None:
    with pytest.raises(UsageError):
        verify_webhook(BODY, _headers(), secret, now_s=NOW_S)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"type": 1}', b'{"type": "upload.decided", "data": {}}'])
def test_a_signed_body_without_an_event_is_unexpected(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswerError):
        verify_webhook(body, _headers(body), SECRET, now_s=NOW_S)


def test_an_event_of_tomorrow_is_still_an_event() -> None:
    body = b'{"type": "moon.full", "timestamp": "2026-01-02T03:04:05Z", "data": {"phase": 1}}'
    event = verify_webhook(body, _headers(body), SECRET, now_s=NOW_S)
    assert (event.kind, event.decision_id, dict(event.data)) == ("moon.full", "", {"phase": 1})
