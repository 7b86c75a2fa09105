"""What machines could not finish goes to a person, with the reason; it never becomes an allow."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from tidegate.records import Action, DecidedBy, Decision, Verdict
from tidegate.server.casework.models import CaseReason
from tidegate.server.ledger.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """An upload that failed too often or for good. `why` begins with a code and holds no content."""

    upload_id: str
    tries: int
    why: str


def give_up(uploads: Sequence[GivenUp], *, now_s: float) -> list[Entry]:
    """Hold each for a person. Within the caller's transaction; the entries are the caller's to append."""
    from tidegate.server.history.writing import NewDecision, write_decision

    entries: list[Entry] = []
    for one in uploads:
        decision = _held(one, now_s)
        written = write_decision(
            NewDecision(decision=decision, actor="server", case_reason=CaseReason.FAILED.value), now_s=now_s
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE upload SET state = %s, stage = '', lease_token = '', leased_by = '', verdict = %s, "
                "clause_id = '', decision_id = %s, version = version + 1 WHERE id = %s",
                [written.state.value, decision.verdict.value, written.decision_id, one.upload_id],
            )
        facts = {"tries": one.tries, "code": one.why.partition(" ")[0]}
        entries.append(Entry(kind="upload.given_up", subject=one.upload_id, actor="server", body=facts))
        entries += written.entries
    return entries


def _held(one: GivenUp, now_s: float) -> Decision:
    times = "once" if one.tries == 1 else f"{one.tries} times"
    return Decision(
        upload_id=one.upload_id,
        policy_id="none",
        policy_version="",
        policy_digest="",
        verdict=Verdict.HELD,
        actions=(Action.HOLD,),
        leading_clause_id="",
        clauses=(),
        decided_by=DecidedBy.MACHINE,
        decided_at_s=now_s,
        seed=0,
        reason=f"tried {times} without an end, a person decides: {one.why}",
    )
