"""Drafts a statement of reasons with every restriction, in the fields of the EU's DSA Transparency Database.

A draft names what it lacks in `problems`; a person fills that in before it is sent anywhere.
"""

import json

from tidegate.records import Decision, Verdict
from tidegate.server.enforcement.models import StatementRow
from tidegate.server.enforcement.statement_form import statement_of
from tidegate.server.history.models import DecisionRow
from tidegate.server.ids import new_id
from tidegate.server.project.places import policy_clause


def draft(row: DecisionRow, decision: Decision, *, now_s: float) -> str:
    """Store the draft for a restriction or removal within the caller's transaction; its id, empty where none is due."""
    if decision.verdict not in (Verdict.RESTRICTED, Verdict.REMOVED):
        return ""
    clause = policy_clause(decision.policy_digest, decision.leading_clause_id)
    body, problems = statement_of(row.id, decision, clause, content_at_s=_accepted_at_s(row.upload_id), now_s=now_s)
    statement = StatementRow(
        id=new_id("st"),
        upload_id=row.upload_id,
        decision_id=row.id,
        created_at_s=now_s,
        body=json.dumps(body, sort_keys=True, ensure_ascii=False),
        problems="\n".join(problems),
    )
    statement.save(force_insert=True)
    return statement.id


def _accepted_at_s(upload_id: str) -> float:
    from tidegate.server.intake.models import UploadRow

    return float(UploadRow.objects.values_list("accepted_at_s", flat=True).get(id=upload_id))
