"""Cases for people, and what they decide."""

from collections.abc import Sequence
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from tidegate.records import Verdict
from tidegate.server.accounts.principal import principal_of
from tidegate.server.api import stored
from tidegate.server.api.explaining import Json
from tidegate.server.api.refusals import refusals
from tidegate.server.api.rows import case_json, decision_json
from tidegate.server.api.shapes.base import After, Asked, Page, Word
from tidegate.server.api.shapes.decisions import CaseSummary, Ruling
from tidegate.server.api.shapes.uploads import DecisionSummary
from tidegate.server.casework import deciding
from tidegate.server.casework.models import CaseRow
from tidegate.server.history.models import DecisionRow
from tidegate.server.project.clock import now_s

router = Router(tags=["cases"])


class CaseFilters(Asked):
    """What cases to list."""

    state: Literal["", "open", "closed"] = Field(default="open", description="empty: both")
    reason: Literal["", "policy", "failed", "undone"] = ""
    clause: Word = ""
    upload_id: Word = ""
    after: After = ""
    limit: int = Field(default=50, ge=1, le=200)


@router.get(
    "/cases",
    url_name="api-cases",
    operation_id="listCases",
    summary="List cases, the earliest deadline first",
    response=Page[CaseSummary],
    openapi_extra=refusals(422),
)
def list_cases(request: HttpRequest, filters: Query[CaseFilters]) -> Json:
    """Those that wait for a person, unless another state is asked for."""
    columns = {"reason": filters.reason, "clause_id": filters.clause, "upload_id": filters.upload_id}
    rows = CaseRow.objects.filter(**{name: value for name, value in columns.items() if value})
    if filters.state:
        rows = rows.filter(closed_at_s__isnull=filters.state == "open")
    return stored.page(
        rows, name="cases", by="deadline_s", after=filters.after, limit=filters.limit, tell=_told, is_newest_first=False
    )


def _told(rows: Sequence[CaseRow]) -> list[Json]:
    return [case_json(row) for row in rows]


@router.post(
    "/cases/{case_id}/decision",
    url_name="api-case-decision",
    operation_id="decideCase",
    summary="Decide a case",
    response=DecisionSummary,
    openapi_extra=refusals(404, 409, has_body=True),
)
def decide_case(request: HttpRequest, case_id: str, body: Ruling) -> Json:
    """The platform is told when the decision can no longer be taken back, which `undo_until` says."""
    case = stored.found(CaseRow, case_id, "ca", "case")
    actor, at_s = principal_of(request).actor, now_s()
    ruling = deciding.Ruling(
        verdict=Verdict(body.verdict), actions=tuple(body.actions), clause_id=body.clause, note=body.note
    )
    decision_id = deciding.decide_case(case.id, ruling, person_id=actor.partition(":")[2], now_s=at_s, actor=actor)
    row = DecisionRow.objects.get(id=decision_id)
    return decision_json(row, stored.statement_id_of(decision_id), at_s)
