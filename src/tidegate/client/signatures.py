"""Verifies webhooks by the standard-webhooks scheme, v1: HMAC-SHA256 over id, time and body."""

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Mapping

from tidegate.client.events import Event, event_of_webhook
from tidegate.errors import UsageError, WebhookSignatureError

TOLERANCE_S = 300.0
"""How far a webhook's time may lie from now, either way: five minutes, as the scheme recommends."""

_PREFIX = "whsec_"
_MOST_SIGNATURES = 32
_TIME = re.compile(r"[0-9]{1,12}")


def verify_webhook(body: bytes, headers: Mapping[str, str], secret: str, *, now_s: float | None = None) -> Event:
    """The event of a webhook, if it was signed with `secret` within the last five minutes.

    `body` is the request's bytes as they came, `headers` its headers in any case, `secret` the endpoint's `whsec_…`,
    `now_s` Unix seconds (the clock's when not given). While a secret is rotated several signatures come; one that fits
    is enough. Comparing takes the same time whatever differs. Raises WebhookSignatureError for what is not to be
    believed, UsageError for a secret that is none, UnexpectedAnswerError for a signed body that holds no event.
    """
    key = _key(secret)
    given = {name.lower(): value for name, value in headers.items()}
    event_id, at, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (event_id and at and signatures):
        raise _refused("the request lacks webhook-id, webhook-timestamp or webhook-signature")
    if not _TIME.fullmatch(at):
        raise _refused("webhook-timestamp is no number of seconds")
    now_s = time.time() if now_s is None else now_s
    if abs(int(at) - now_s) > TOLERANCE_S:
        raise _refused("the webhook was signed more than five minutes from now", "set this machine's clock")
    expected = hmac.new(key, f"{event_id}.{at}.".encode("utf-8", "surrogateescape") + body, hashlib.sha256).digest()
    # Every signature is compared, so that the time taken does not tell which one fits.
    fits = [hmac.compare_digest(expected, one) for one in _signatures(signatures)]
    if not any(fits):
        raise _refused("no signature fits", "check that this is the secret of the endpoint, and the body is untouched")
    return event_of_webhook(body, event_id)


def _key(secret: str) -> bytes:
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise UsageError(
            "the webhook secret is not `whsec_` and base64",
            where="secret",
            next_step="use the secret that creating the webhook answered with",
        )
    return key


def _signatures(header: str) -> list[bytes]:
    """The v1 signatures of a header, those that are no base64 left out."""
    found = []
    for one in header.split(" ")[:_MOST_SIGNATURES]:
        version, _, text = one.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(text, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found


def _refused(what: str, next_step: str = "answer with 401 and do nothing") -> WebhookSignatureError:
    return WebhookSignatureError(what, where="webhook", next_step=next_step)
