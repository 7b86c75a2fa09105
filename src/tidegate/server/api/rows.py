"""Stored rows as the API's JSON objects. Pure: no query is made here, so a list costs what its rows cost."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.records import Action
from tidegate.server.api.explaining import Json, actions_json
from tidegate.server.casework.models import CaseRow
from tidegate.server.enforcement.models import DeliveryRow, EndpointRow, StatementRow
from tidegate.server.history.models import DecisionRow
from tidegate.server.intake.models import UploadRow
from tidegate.server.ledger.models import EntryRow

PREFIX = "/api/v1"


def moment(at_s: float) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")


def moment_or_none(at_s: float | None) -> str | None:
    """The same for a time that may not have come."""
    return None if at_s is None else moment(at_s)


def is_held_back(row: DecisionRow, now_s: float) -> bool:
    """Whether a person may still take the decision back, so that nobody acts on it yet."""
    return row.undone_at_s is None and (row.undo_until_s or 0.0) > now_s


def upload_json(row: UploadRow, decision: DecisionRow | None, statement_id: str | None, now_s: float) -> Json:
    """One upload as it stands, with the decision that stands."""
    address = f"{PREFIX}/uploads/{row.id}"
    links = {"self": address} | {name: f"{address}/{name}" for name in ("evidence", "explanation", "journal")}
    if statement_id:
        links["statement"] = f"{address}/statement"
    return {
        "id": row.id,
        "external_id": row.external_id,
        "creator_id": row.creator_id,
        "surface": row.surface,
        "region": row.region,
        "state": row.state,
        "lane": row.lane,
        "accepted_at": moment(row.accepted_at_s),
        "deadline": moment(row.deadline_s),
        "decided_at": moment_or_none(row.decided_at_s),
        "acted_at": moment_or_none(row.acted_at_s),
        "media": _media_json(row),
        "verdict": row.verdict or None,
        "decision": None if decision is None else decision_json(decision, statement_id, now_s),
        "status_url": address,
        "links": links,
    }


def _media_json(row: UploadRow) -> Json | None:
    if not row.media_sha256:
        return None
    is_deleted = row.media_deleted_at_s is not None
    return {"sha256": row.media_sha256, "size_bytes": row.media_size_bytes, "is_deleted": is_deleted}


def decision_json(row: DecisionRow, statement_id: str | None, now_s: float) -> Json:
    """One decision in short; its clauses and their reasons are the explanation's."""
    # The records' codec checks every field of every clause; the few that are wanted here are read for a tenth of it.
    body: Mapping[str, Any] = json.loads(row.body)
    return {
        "id": row.id,
        "number": row.number,
        "verdict": row.verdict,
        "actions": actions_json([Action(one) for one in body["actions"]]),
        "clause": row.leading_clause_id,
        "reason": body["reason"],
        "decided_by": row.decided_by,
        "at": moment(row.at_s),
        "policy": {"id": body["policy_id"], "version": body["policy_version"], "digest": row.policy_digest},
        "is_final": row.is_final,
        "is_held_back": is_held_back(row, now_s),
        "undo_until": moment_or_none(row.undo_until_s),
        "statement_of_reasons": statement_id or None,
    }


def entry_json(row: EntryRow) -> Json:
    """One step of the journal; `at_s` is the number that its hash was made over."""
    return {
        "seq": row.seq,
        "kind": row.kind,
        "at": moment(row.at_s),
        "at_s": row.at_s,
        "actor": row.actor,
        "body": json.loads(row.body),
        "prev_hash": row.prev_hash,
        "hash": row.hash,
    }


def statement_json(row: StatementRow) -> Json:
    """A statement of reasons; `problems` are what a person has to fill in before it is sent anywhere."""
    return {
        "id": row.id,
        "upload_id": row.upload_id,
        "decision_id": row.decision_id,
        "created_at": moment(row.created_at_s),
        "statement": json.loads(row.body),
        "problems": row.problems.split("\n") if row.problems else [],
    }


def case_json(row: CaseRow) -> Json:
    """One case."""
    return {
        "id": row.id,
        "upload_id": row.upload_id,
        "reason": row.reason,
        "why": row.why,
        "clause": row.clause_id,
        "opened_at": moment(row.opened_at_s),
        "deadline": moment(row.deadline_s),
        "closed_at": moment_or_none(row.closed_at_s),
        "decision_id": row.decision_id,
    }


def webhook_json(row: EndpointRow) -> Json:
    """One webhook, without its secret."""
    return {
        "id": row.id,
        "url": row.url,
        "kinds": row.kinds.split(),
        "is_active": row.is_active,
        "paused_why": row.paused_why,
        "created_at": moment(row.created_at_s),
        "failures_in_a_row": row.failures_in_a_row,
        "blocked_until": moment_or_none(row.blocked_until_s or None),
    }


def delivery_json(row: DeliveryRow) -> Json:
    """One event for one webhook, and how its delivery goes."""
    return {
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "upload_id": row.upload_id,
        "decision_id": row.decision_id,
        "event_id": row.event_id,
        "kind": row.kind,
        "state": row.state,
        "tries": row.tries,
        "created_at": moment(row.created_at_s),
        "due_at": moment_or_none(row.due_s or None),
        "delivered_at": moment_or_none(row.delivered_at_s),
        "last_status": row.last_status,
        "last_error": row.last_error,
    }
