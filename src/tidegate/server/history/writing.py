"""Writes screenings and decisions, within the caller's transaction; what follows from a decision is written with it."""

import zlib
from dataclasses import dataclass

from django.db import connection

from tidegate.records import Decision, Screening, Verdict, dumps
from tidegate.server.casework.opening import NewCase, close_case, open_case
from tidegate.server.enforcement.outbox import Event, enqueue
from tidegate.server.enforcement.statements import draft
from tidegate.server.history.models import DecisionRow, ScreeningRow
from tidegate.server.ids import new_id
from tidegate.server.intake.models import State
from tidegate.server.ledger.journal import Entry, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision about to be written, and what it rests on. `hold_back_s` is how long a person may still undo it."""

    decision: Decision
    actor: str
    screening_id: str = ""
    reused_from: str = ""
    person_id: str = ""
    hold_back_s: float = 0.0
    case_reason: str = "policy"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The new decision's id, the state the upload goes to, and the journal entries to append."""

    decision_id: str
    state: State
    entries: tuple[Entry, ...]


def write_screening(screening: Screening, *, now_s: float) -> tuple[str, str]:
    """Store one screening; its id and the digest that its journal entry names."""
    body = dumps(screening)
    row = ScreeningRow(
        id=new_id("sc"),
        upload_id=screening.upload_id,
        at_s=now_s,
        cpu_s=sum(cost.cpu_s for cost in screening.costs),
        wall_s=sum(cost.wall_s for cost in screening.costs),
        body=zlib.compress(body.encode("utf-8"), 6),
        body_sha256=digest(body),
    )
    row.save(force_insert=True)
    return row.id, row.body_sha256


def write_decision(new: NewDecision, *, now_s: float) -> Written:
    """Store one decision with its case or its events, and its statement of reasons. The caller moves the upload on.

    Call it inside the transaction that holds the upload's row, and append the entries last.
    """
    decision, row = new.decision, _row(new, now_s)
    row.save(force_insert=True)
    statement_id = ""
    if row.is_final:
        close_case(decision.upload_id, row.id, now_s=now_s)
        statement_id = draft(row, decision, now_s=now_s)
    else:
        open_case(NewCase(decision=decision, reason=new.case_reason, decision_id=row.id), now_s=now_s)
    kind = "upload.decided" if row.is_final else "upload.in_review"
    event = Event(kind=kind, row=row, decision=decision, statement_id=statement_id)
    enqueue(event, due_s=row.undo_until_s or 0.0, now_s=now_s)
    entry = Entry(kind=kind, subject=decision.upload_id, actor=new.actor, body=_facts(row, decision, statement_id))
    state = State.DECIDED if row.is_final else State.IN_REVIEW
    return Written(decision_id=row.id, state=state, entries=(entry,))


def _row(new: NewDecision, now_s: float) -> DecisionRow:
    decision, body = new.decision, dumps(new.decision)
    return DecisionRow(
        id=new_id("de"),
        upload_id=decision.upload_id,
        number=_next_number(decision.upload_id),
        is_final=decision.verdict is not Verdict.HELD,
        verdict=decision.verdict.value,
        leading_clause_id=decision.leading_clause_id,
        decided_by=decision.decided_by.value,
        person_id=new.person_id,
        at_s=now_s,
        policy_digest=decision.policy_digest,
        reused_from=new.reused_from,
        screening_id=new.screening_id,
        undo_until_s=now_s + new.hold_back_s if new.hold_back_s else None,
        note=new.note,
        body=body,
        body_sha256=digest(body),
    )


def _facts(row: DecisionRow, decision: Decision, statement_id: str) -> dict[str, object]:
    """What the journal says of a decision: digests of what was written, and no words of it."""
    facts: dict[str, object] = {
        "decision": row.id,
        "decision_sha256": row.body_sha256,
        "verdict": row.verdict,
        "clause": row.leading_clause_id,
        "actions": [action.value for action in decision.actions],
        "policy_digest": row.policy_digest,
        "number": row.number,
    }
    if row.note:
        facts["note_sha256"] = digest(row.note)
    if row.reused_from:
        facts["reused_from"] = row.reused_from
    if statement_id:
        facts["statement"] = statement_id
    return facts


def _next_number(upload_id: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(number) + 1, 0) FROM decision WHERE upload_id = %s", [upload_id])
        return int(cursor.fetchone()[0])
