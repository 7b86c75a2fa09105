"""Sending again what has ended, and putting away what nobody is there to receive."""

from django.db import connection, transaction

from tidegate.errors import DeliveryUnknownError, ReplayError
from tidegate.server.enforcement.acting import lock_uploads, settle
from tidegate.server.enforcement.models import DeliveryRow, DeliveryState, EndpointRow
from tidegate.server.history.models import DecisionRow
from tidegate.server.ledger.journal import Entry, append


def replay(delivery_id: str, *, actor: str, now_s: float) -> None:
    """Put a dead or delivered delivery back into the outbox, due at once, under the same key and with all its tries.

    Raises DeliveryUnknownError, and ReplayError for one that waits or was cancelled, whose webhook was removed, or that
    tells of a decision that was taken back.
    """
    with transaction.atomic():
        found = DeliveryRow.objects.filter(id=delivery_id).first()
        if found is None:
            raise DeliveryUnknownError("there is no such delivery", where=f"delivery {delivery_id[:40]}")
        lock_uploads([found.upload_id])
        _check(delivery_id)
        count = DeliveryRow.objects.filter(
            id=delivery_id, state__in=(DeliveryState.DEAD, DeliveryState.DELIVERED)
        ).update(state=DeliveryState.WAITING, tries=0, due_s=0.0, lease_token="", last_error="", last_status=None)
        if not count:
            raise _refused(delivery_id, "it has not ended or was cancelled")
        facts = {"delivery": delivery_id, "endpoint": found.endpoint_id, "event": found.event_id}
        subject = found.upload_id or found.endpoint_id
        append([Entry(kind="delivery.replayed", subject=subject, actor=actor, body=facts)], now_s=now_s)


def _check(delivery_id: str) -> None:
    row = DeliveryRow.objects.get(id=delivery_id)
    if not EndpointRow.objects.filter(id=row.endpoint_id).exists():
        raise _refused(delivery_id, "its webhook was removed")
    is_taken_back = DecisionRow.objects.filter(id=row.decision_id, undone_at_s__isnull=False).exists()
    if is_taken_back and row.kind != "decision.undone":
        raise _refused(delivery_id, "its decision was taken back")


def _refused(delivery_id: str, why: str) -> ReplayError:
    return ReplayError(
        f"the delivery cannot be sent again: {why}",
        where=f"delivery {delivery_id}",
        next_step="replay deliveries that are dead or delivered and whose decision stands",
    )


def cancel_orphans(most: int, who: str, *, now_s: float) -> int:
    """Cancel waiting deliveries whose endpoint was removed, and move on the uploads that waited for them only.

    At most `most` at a time; how many. Costs one read of the waiting deliveries when there are none.
    """
    orphans = _orphans(most)
    if not orphans:
        return 0
    actor = f"lane:{who}"
    with transaction.atomic():
        upload_ids = [upload_id for _, upload_id in orphans if upload_id]
        lock_uploads(upload_ids)
        ids = [delivery_id for delivery_id, _ in orphans]
        count = DeliveryRow.objects.filter(id__in=ids, state=DeliveryState.WAITING).update(
            state=DeliveryState.CANCELLED, lease_token=""
        )
        append(settle(upload_ids, actor, now_s=now_s), now_s=now_s)
    return count


def _orphans(most: int) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id, d.upload_id FROM delivery d LEFT JOIN endpoint e ON e.id = d.endpoint_id "
            "WHERE d.state = 'waiting' AND e.id IS NULL LIMIT %s",
            [most],
        )
        return list(cursor.fetchall())
