"""What people decide, and take back while the server still holds it."""

from dataclasses import dataclass, replace

from django.db import connection, transaction

from tidegate.errors import CaseClosedError, RulingError, UndoTooLateError
from tidegate.records import Action, ClauseDecision, DecidedBy, Decision, Outcome, TraceStep, Verdict, loads
from tidegate.server.casework.models import CaseReason, CaseRow
from tidegate.server.casework.opening import NewCase, open_case
from tidegate.server.enforcement.outbox import Event, enqueue
from tidegate.server.history.models import DecisionRow
from tidegate.server.history.writing import NewDecision, Written, write_decision
from tidegate.server.ledger.journal import Entry, append
from tidegate.server.project.places import current_policy
from tidegate.server.project.setup import settings_in_use


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a person rules: `allowed`, `restricted` with its actions, or `removed`; a restriction names its clause.

    `note` is for colleagues, never for the creator.
    """

    verdict: Verdict
    actions: tuple[Action, ...] = ()
    clause_id: str = ""
    note: str = ""


MOST_NOTE_CHARS = 4000
_RESTRICTIONS = frozenset(Action) - {Action.ALLOW, Action.HOLD, Action.REMOVE, Action.ESCALATE}
_FOUND = (Outcome.REVIEW, Outcome.ACT)


def decide_case(case_id: str, ruling: Ruling, *, person_id: str, now_s: float, actor: str = "") -> str:
    """Decide a case for good; the decision's id. The platform is told when the undo window has passed.

    `actor` is who the journal names, `person:` and the person's id unless given, as for an API key.
    Raises RulingError for a ruling that does not hold together, CaseClosedError when it is decided already.
    """
    actions = _checked(ruling)
    with transaction.atomic():
        case = _open_case(case_id)
        machines = DecisionRow.objects.filter(upload_id=case.upload_id, decided_by=DecidedBy.MACHINE.value)
        machine = machines.order_by("-number").first()
        decision = _decision(case, ruling, actions, machine, now_s)
        written = write_decision(
            NewDecision(
                decision=decision,
                actor=actor or f"person:{person_id}",
                person_id=person_id,
                screening_id=machine.screening_id if machine else "",
                hold_back_s=settings_in_use().settings.server.undo_s,
                note=ruling.note,
            ),
            now_s=now_s,
        )
        _move(case.upload_id, written, decision, now_s)
        append(written.entries, now_s=now_s)
    return written.decision_id


def undo(decision_id: str, *, person_id: str, now_s: float, actor: str = "") -> None:
    """Take a person's decision back before the platform was told: its case is open again.

    Raises UndoTooLateError once the window has passed, the decision was undone, or a delivery is under way.
    """
    with transaction.atomic():
        row = _locked_decision(decision_id)
        if row is None or row.undo_until_s is None or row.undone_at_s is not None or now_s >= row.undo_until_s:
            raise UndoTooLateError(
                "this decision can no longer be undone",
                where=f"decision {decision_id}",
                next_step="decide anew: the platform is told to reverse its actions",
            )
        _cancel_deliveries(row)
        row.undone_at_s = now_s
        row.save(update_fields=["undone_at_s"])
        decision = loads(Decision, row.body)
        held = replace(decision, verdict=Verdict.HELD, actions=(Action.HOLD,), reason="a decision was taken back")
        open_case(NewCase(decision=held, reason=CaseReason.UNDONE.value, decision_id=row.id), now_s=now_s)
        before = DecisionRow.objects.filter(upload_id=row.upload_id, number__lt=row.number, undone_at_s=None)
        _reopen(row.upload_id, before.order_by("-number").first())
        append([_undone(row, actor or f"person:{person_id}")], now_s=now_s)


def reverse(decision_id: str, *, person_id: str, why: str, now_s: float, actor: str = "") -> None:
    """Reopen an upload whose decision the platform already has: it is told to reverse, and a person decides anew.

    `why` is for colleagues, in the case. Raises RulingError for a `why` that cannot be kept, UndoTooLateError when the
    decision is not the one that stands.
    """
    _check_words(why, "why")
    with transaction.atomic():
        row = _locked_decision(decision_id)
        if row is None or row.undone_at_s is not None or not row.is_final:
            raise UndoTooLateError(
                "this decision does not stand",
                where=f"decision {decision_id[:40]}",
                next_step="look at the upload's history",
            )
        row.undone_at_s = now_s
        row.save(update_fields=["undone_at_s"])
        row.undone_at_s = now_s
        decision = loads(Decision, row.body)
        held = replace(decision, verdict=Verdict.HELD, actions=(Action.HOLD,), reason=why)
        open_case(NewCase(decision=held, reason=CaseReason.UNDONE.value, decision_id=row.id), now_s=now_s)
        enqueue(Event(kind="decision.undone", row=row, decision=decision), due_s=0.0, now_s=now_s)
        _reopen(row.upload_id, None)
        append([_undone(row, actor or f"person:{person_id}")], now_s=now_s)


def _undone(row: DecisionRow, actor: str) -> Entry:
    return Entry(kind="decision.undone", subject=row.upload_id, actor=actor, body={"undone": row.id})


def _check_words(text: str, where: str) -> None:
    """Words that people write have to fit, and every database has to hold them."""
    if len(text) > MOST_NOTE_CHARS or "\0" in text or not _is_whole(text):
        raise RulingError(
            f"more than {MOST_NOTE_CHARS} characters, or one that cannot be kept",
            where=where,
            next_step="write less, in plain text",
        )


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _checked(ruling: Ruling) -> tuple[Action, ...]:
    _check_words(ruling.note, "note")
    clause_ids = {clause.id for clause in current_policy().clauses}
    if ruling.verdict is Verdict.ALLOWED:
        return (Action.ALLOW,)
    if ruling.verdict is Verdict.HELD:
        raise RulingError("a ruling does not hold", where="verdict", next_step="allow, restrict or remove")
    if ruling.clause_id not in clause_ids:
        raise RulingError(
            "a restriction needs a clause of the policy in force",
            where="clause",
            next_step="`tidegate policy show` lists the clauses",
        )
    if ruling.verdict is Verdict.REMOVED:
        return (Action.REMOVE,)
    chosen = tuple(action for action in Action if action in ruling.actions)
    if not chosen or not set(chosen) <= _RESTRICTIONS:
        names = ", ".join(action.value for action in Action if action in _RESTRICTIONS)
        raise RulingError("a restriction needs actions that restrict", where="actions", next_step=f"choose of {names}")
    return chosen


def _lock() -> str:
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


def _open_case(case_id: str) -> CaseRow:
    """The case, with its upload's row locked, so that nobody else decides it meanwhile."""
    case = CaseRow.objects.filter(id=case_id).first()
    if case is None:
        raise CaseClosedError("there is no such case", where=f"case {case_id[:40]}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM upload WHERE id = %s{_lock()}", [case.upload_id])  # noqa: S608
        state = cursor.fetchone()
    case.refresh_from_db()
    if case.closed_at_s is not None or state is None or state[0] != "in_review":
        raise CaseClosedError(
            "somebody decided this case already", where=f"case {case_id}", next_step="look at the upload's history"
        )
    return case


def _locked_decision(decision_id: str) -> DecisionRow | None:
    row = DecisionRow.objects.filter(id=decision_id).first()
    if row is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM upload WHERE id = %s AND decision_id = %s{_lock()}",  # noqa: S608
            [row.upload_id, row.id],
        )
        if cursor.fetchone() is None:
            return None
    row.refresh_from_db()
    return row


def _decision(
    case: CaseRow, ruling: Ruling, actions: tuple[Action, ...], machine: DecisionRow | None, now_s: float
) -> Decision:
    policy = current_policy()
    before = loads(Decision, machine.body) if machine else None
    # The machine took part if it found something, whatever people ruled and took back since.
    is_with_machine = before is not None and any(one.outcome in _FOUND for one in before.clauses)
    why = {
        Verdict.ALLOWED: "a person found nothing against the policy",
        Verdict.RESTRICTED: "a person restricted it",
        Verdict.REMOVED: "a person removed it",
    }[ruling.verdict]
    step = TraceStep(rule="person", held=True, why=why)
    title = next((clause.title for clause in policy.clauses if clause.id == ruling.clause_id), "")
    clauses = (
        ClauseDecision(
            clause_id=ruling.clause_id, outcome=Outcome.ACT, probability=1.0, actions=actions, trace=(step,)
        ),
    )
    return Decision(
        upload_id=case.upload_id,
        policy_id=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        verdict=ruling.verdict,
        actions=actions,
        leading_clause_id=ruling.clause_id if ruling.verdict is not Verdict.ALLOWED else "",
        clauses=clauses if ruling.verdict is not Verdict.ALLOWED else (),
        decided_by=DecidedBy.BOTH if is_with_machine else DecidedBy.PERSON,
        decided_at_s=now_s,
        seed=before.seed if before else 0,
        reason=f"{title}: {why}" if title and ruling.verdict is not Verdict.ALLOWED else why,
    )


def _move(upload_id: str, written: Written, decision: Decision, now_s: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upload SET state = %s, stage = '', verdict = %s, clause_id = %s, decision_id = %s, "
            "decided_at_s = %s, version = version + 1 WHERE id = %s",
            [
                written.state.value,
                decision.verdict.value,
                decision.leading_clause_id,
                written.decision_id,
                now_s,
                upload_id,
            ],
        )


def _cancel_deliveries(row: DecisionRow) -> None:
    """Cancel what waits. Raises UndoTooLateError if anything went out or is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET state = 'cancelled' WHERE decision_id = %s AND state = 'waiting' AND tries = 0",
            [row.id],
        )
        cursor.execute(
            "SELECT 1 FROM delivery WHERE decision_id = %s AND NOT (state = 'cancelled' AND tries = 0) LIMIT 1",
            [row.id],
        )
        if cursor.fetchone() is not None:
            raise UndoTooLateError(
                "the platform is being told already",
                where=f"decision {row.id}",
                next_step="reverse it: the platform is told to take its actions back",
            )


def _reopen(upload_id: str, standing: DecisionRow | None) -> None:
    """Back in review, under the held decision that stands, if one does."""
    decision_id, clause_id = (standing.id, standing.leading_clause_id) if standing else ("", "")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upload SET state = 'in_review', stage = '', verdict = 'held', clause_id = %s, decision_id = %s, "
            "decided_at_s = NULL, acted_at_s = NULL, version = version + 1 WHERE id = %s",
            [clause_id, decision_id, upload_id],
        )
