"""Opens and closes cases, within the caller's transaction."""

from dataclasses import dataclass

from django.db import connection

from tidegate.records import Decision
from tidegate.server.casework.models import CaseRow
from tidegate.server.ids import new_id

CASE_TARGET_S = 24 * 3600.0
"""Within how many seconds a person should have decided; routing by severity and legal clocks sets it apart later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What a person is asked to decide: the held decision, and why it came to them."""

    decision: Decision
    reason: str
    decision_id: str


def open_case(new: NewCase, *, now_s: float) -> None:
    """Open a case; if one is open for the upload already, that one stands."""
    row = CaseRow(
        id=new_id("ca"),
        upload_id=new.decision.upload_id,
        reason=new.reason,
        why=new.decision.reason,
        clause_id=new.decision.leading_clause_id,
        opened_at_s=now_s,
        deadline_s=now_s + CASE_TARGET_S,
    )
    if not CaseRow.objects.filter(upload_id=row.upload_id, closed_at_s=None).exists():
        row.save(force_insert=True)


def close_case(upload_id: str, decision_id: str, *, now_s: float) -> None:
    """Close the upload's open case, if it has one, by a decision."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE case_of_upload SET closed_at_s = %s, decision_id = %s WHERE upload_id = %s AND closed_at_s IS NULL",
            [now_s, decision_id, upload_id],
        )
