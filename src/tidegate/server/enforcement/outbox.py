"""Puts events for the platform into the outbox, within the transaction of what they tell."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from tidegate.records import Decision
from tidegate.server.enforcement.models import DeliveryRow, DeliveryState, EndpointRow
from tidegate.server.enforcement.reversals import REVERSALS
from tidegate.server.history.models import DecisionRow
from tidegate.server.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something the platform has to know: `upload.in_review`, `upload.decided` or `decision.undone`."""

    kind: str
    row: DecisionRow
    decision: Decision
    statement_id: str = ""


def event_id_of(kind: str, decision_id: str) -> str:
    """The event's key, the same however often it is delivered: `ev_` and the decision's own characters."""
    short = {"upload.decided": "d", "upload.in_review": "r", "decision.undone": "u"}[kind]
    return f"ev_{short}{decision_id.partition('_')[2]}"


def enqueue(event: Event, *, due_s: float, now_s: float) -> int:
    """One delivery for each endpoint that wants this kind; how many. Call it inside the decision's transaction.

    Paused endpoints collect theirs too: they are sent when the endpoint is resumed. Where a decision was never tried to
    be told, it is not told any more when it is undone, and neither is that it was undone.
    """
    never_told = _untold(event.row.id) if event.kind == "decision.undone" else frozenset()
    endpoints = [one for one in EndpointRow.objects.all() if _wants(one, event.kind) and one.id not in never_told]
    if not endpoints:
        return 0
    body = json.dumps(event_body(event, now_s), separators=(",", ":"), ensure_ascii=False)
    number = _next_number(event.row.upload_id)
    DeliveryRow.objects.bulk_create(
        DeliveryRow(
            id=new_id("dl"),
            endpoint_id=endpoint.id,
            upload_id=event.row.upload_id,
            decision_id=event.row.id,
            event_id=event_id_of(event.kind, event.row.id),
            kind=event.kind,
            number=number,
            body=body,
            created_at_s=now_s,
            due_s=due_s,
            state=DeliveryState.WAITING,
        )
        for endpoint in endpoints
    )
    return len(endpoints)


def _wants(endpoint: EndpointRow, kind: str) -> bool:
    return not endpoint.kinds or kind in endpoint.kinds.split()


def _untold(decision_id: str) -> frozenset[str]:
    """Cancel what was never sent of a decision; the endpoints for which it waited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET state = 'cancelled' WHERE decision_id = %s AND kind = 'upload.decided' "
            "AND state = 'waiting' AND tries = 0 RETURNING endpoint_id",
            [decision_id],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def _next_number(upload_id: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(number) + 1, 0) FROM delivery WHERE upload_id = %s", [upload_id])
        return int(cursor.fetchone()[0])


def event_body(event: Event, now_s: float) -> dict[str, object]:
    """The event as the platform receives it; facts and reasons, never words of the upload."""
    from tidegate.server.intake.models import UploadRow

    external_id = UploadRow.objects.values_list("external_id", flat=True).get(id=event.row.upload_id)
    return {"type": event.kind, "timestamp": moment(now_s), "data": event_data(event, external_id)}


def event_data(event: Event, external_id: str) -> dict[str, object]:
    """What an event says, the same by webhook, feed and stream. Pure.

    None tells a person's decision before `undo_until`; `undone_at` is there when one that was told was reversed since.
    """
    return {
        "upload_id": event.row.upload_id,
        "external_id": external_id,
        "decision_id": event.row.id,
        "decision_number": event.row.number,
        "verdict": event.row.verdict,
        "actions": [{"action": one.value, "reversal": REVERSALS[one]} for one in event.decision.actions],
        "clause": event.row.leading_clause_id,
        "reason": event.decision.reason,
        "decided_by": event.row.decided_by,
        "policy": {"id": event.decision.policy_id, "version": event.decision.policy_version},
        "statement_of_reasons": event.statement_id or None,
        "undo_until": _moment_or_none(event.row.undo_until_s),
        "undone_at": _moment_or_none(event.row.undone_at_s),
    }


def _moment_or_none(at_s: float | None) -> str | None:
    return None if at_s is None else moment(at_s)


def moment(at_s: float) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")
