"""Webhooks of the platform: added with a secret of their own, paused, resumed, tested, removed; all journalled."""

import base64
import json
import secrets
from collections.abc import Sequence

from django.db import connection, transaction

from tidegate.errors import EndpointKindsError, EndpointPausedError, EndpointUnknownError
from tidegate.server.enforcement.models import DeliveryRow, DeliveryState, EndpointRow
from tidegate.server.enforcement.outbox import moment
from tidegate.server.enforcement.targets import SendRules, checked_url
from tidegate.server.ids import new_id
from tidegate.server.keys.ring import KeyRing
from tidegate.server.ledger.journal import Entry, append

KINDS = ("upload.in_review", "upload.decided", "decision.undone")
"""Kinds of events that an endpoint may choose from."""
TEST_KIND = "endpoint.test"
_SECRET_BYTES = 32


def add_endpoint(
    url: str, kinds: Sequence[str], *, ring: KeyRing, rules: SendRules, actor: str, now_s: float
) -> tuple[EndpointRow, str]:
    """Store a webhook; its row, and its secret in the plain, which is never shown again. No kinds means all of them.

    `actor` is `person:...` or `key:...`. Raises EndpointUrlError, EndpointKindsError. May ask for a name's addresses.
    """
    target = checked_url(url, rules)
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise EndpointKindsError(
            f"`{unknown[0][:48]}` is no kind of event", where="kinds", next_step=f"choose of {', '.join(KINDS)}"
        )
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode('ascii')}"
    row = EndpointRow(
        id=new_id("wh"),
        url=target.text,
        kinds=" ".join(kind for kind in KINDS if kind in kinds),
        created_at_s=now_s,
        created_by=actor.partition(":")[2][:32],
    )
    row.secret = ring.seal(secret, secret_purpose(row.id))
    with transaction.atomic():
        row.save(force_insert=True)
        _note("endpoint.added", row.id, actor, now_s, kinds=row.kinds.split())
    return row, secret


def secret_purpose(endpoint_id: str) -> str:
    """What an endpoint's secret is sealed for: another endpoint's does not open in its place."""
    return f"webhook {endpoint_id}"


def pause_endpoint(endpoint_id: str, *, actor: str, now_s: float, why: str = "by hand") -> None:
    """Send nothing more for now. Events are still collected, and sent after `resume_endpoint`, so none is lost.

    `why` is a coded or fixed reason. Pausing twice is harmless. Raises EndpointUnknownError.
    """
    with transaction.atomic():
        row = locked_endpoint(endpoint_id)
        if row.is_active:
            EndpointRow.objects.filter(id=endpoint_id).update(is_active=False, paused_why=why[:100])
            _note("endpoint.paused", endpoint_id, actor, now_s, why=why[:100])


def resume_endpoint(endpoint_id: str, *, actor: str, now_s: float) -> None:
    """Send again, at once, whatever was collected; its breaker is closed. Raises EndpointUnknownError."""
    with transaction.atomic():
        row = locked_endpoint(endpoint_id)
        EndpointRow.objects.filter(id=endpoint_id).update(
            is_active=True, paused_why="", failures_in_a_row=0, blocked_until_s=0.0
        )
        if not row.is_active:
            _note("endpoint.resumed", endpoint_id, actor, now_s)


def remove_endpoint(endpoint_id: str, *, actor: str, now_s: float) -> None:
    """Forget an endpoint and its secret; the outbox cancels what waits for it. Raises EndpointUnknownError."""
    with transaction.atomic():
        locked_endpoint(endpoint_id)
        EndpointRow.objects.filter(id=endpoint_id).delete()
        _note("endpoint.removed", endpoint_id, actor, now_s)


def test_event(endpoint_id: str, *, now_s: float) -> str:
    """Put a test event into the outbox, tried once and at once, also when the breaker is open; the delivery's id.

    Its row tells how it went. Raises EndpointUnknownError, EndpointPausedError.
    """
    with transaction.atomic():
        row = locked_endpoint(endpoint_id)
        if not row.is_active:
            raise EndpointPausedError("the webhook is paused", where=f"webhook {endpoint_id}", next_step="resume it")
        EndpointRow.objects.filter(id=endpoint_id).update(blocked_until_s=0.0)
        body = {"type": TEST_KIND, "timestamp": moment(now_s), "data": {"endpoint_id": endpoint_id}}
        delivery = DeliveryRow(
            id=new_id("dl"),
            endpoint_id=endpoint_id,
            upload_id="",
            event_id=new_id("ev"),
            kind=TEST_KIND,
            number=0,
            body=json.dumps(body, separators=(",", ":")),
            created_at_s=now_s,
            due_s=0.0,
            state=DeliveryState.WAITING,
        )
        delivery.save(force_insert=True)
    return delivery.id


def reseal_secrets(ring: KeyRing) -> int:
    """Seal every secret anew that an older master key protects, as after a rotation; how many. Raises SealError."""
    count = 0
    for row in EndpointRow.objects.all():
        if ring.sealed_by(row.secret) != ring.active_id:
            plain = ring.unseal(row.secret, secret_purpose(row.id))
            sealed = ring.seal(plain, secret_purpose(row.id))
            count += EndpointRow.objects.filter(id=row.id, secret=row.secret).update(secret=sealed)
    return count


def locked_endpoint(endpoint_id: str) -> EndpointRow:
    """The endpoint, locked until the transaction's end. Raises EndpointUnknownError."""
    rows = EndpointRow.objects.filter(id=endpoint_id)
    row = (rows.select_for_update() if connection.vendor == "postgresql" else rows).first()
    if row is None:
        raise EndpointUnknownError(
            "there is no such webhook", where=f"webhook {endpoint_id[:40]}", next_step="list the webhooks there are"
        )
    return row


def _note(kind: str, endpoint_id: str, actor: str, now_s: float, **facts: object) -> None:
    append([Entry(kind=kind, subject=endpoint_id, actor=actor, body=facts)], now_s=now_s)
