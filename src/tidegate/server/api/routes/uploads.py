"""Uploads: the list, one of them, what was found, why it was decided so, its history."""

import asyncio
import contextlib
from typing import Annotated, Literal

from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse
from ninja import Query, Router
from pydantic import Field

from tidegate.errors import NotFoundError
from tidegate.records import Screening
from tidegate.server.accounts.principal import principal_of
from tidegate.server.api import batch as batches
from tidegate.server.api import stored
from tidegate.server.api.explaining import Json
from tidegate.server.api.refusals import refusals
from tidegate.server.api.rows import entry_json, statement_json
from tidegate.server.api.shapes.base import After, Asked, Page, Word
from tidegate.server.api.shapes.uploads import (
    Acted,
    Batch,
    BatchAnswer,
    Explanation,
    Journal,
    StatementOfReasons,
    UploadStatus,
)
from tidegate.server.enforcement.acting import acknowledge
from tidegate.server.enforcement.models import StatementRow
from tidegate.server.intake.models import UploadRow
from tidegate.server.intake.route import SETTLED
from tidegate.server.ledger.models import EntryRow
from tidegate.server.project.clock import now_s
from tidegate.server.project.setup import settings_in_use

router = Router(tags=["uploads"])
MOST_ENTRIES = 2000
_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 190},
    "description": "the same key again is the same uploads, never new ones",
}


class UploadFilters(Asked):
    """What uploads to list."""

    state: Literal["", "accepted", "held", "screening", "in_review", "decided", "acted"] = ""
    verdict: Literal["", "allowed", "restricted", "held", "removed"] = ""
    clause: Word = Field(default="", description="the clause that led to the decision")
    external_id: Word = ""
    creator_id: Word = ""
    lane: Word = ""
    after: After = ""
    limit: int = Field(default=50, ge=1, le=200)


@router.get(
    "/uploads",
    url_name="api-uploads",
    operation_id="listUploads",
    summary="List uploads, the newest first",
    response=Page[UploadStatus],
    openapi_extra=refusals(422),
)
def list_uploads(request: HttpRequest, filters: Query[UploadFilters]) -> Json:
    """Every filter narrows the list; those that are left out do not."""
    columns = {
        "state": filters.state,
        "verdict": filters.verdict,
        "clause_id": filters.clause,
        "external_id": filters.external_id,
        "creator_id": filters.creator_id,
        "lane": filters.lane,
    }
    return stored.uploads_page(columns, after=filters.after, limit=filters.limit)


@router.post(
    "/uploads/batch",
    url_name="api-uploads-batch",
    operation_id="submitBatch",
    summary="Submit up to 500 uploads by reference",
    response=BatchAnswer,
    openapi_extra=refusals(429, has_body=True, parameters=[_KEY_HEADER]),
)
def submit_batch(request: HttpRequest, body: Batch) -> Json:
    """One result for each entry, in their order: the upload that was taken, or the problem why it was not."""
    holder = principal_of(request).key
    assert holder is not None  # noqa: S101 - the access table lets keys in alone
    key = request.headers.get("Idempotency-Key", "")
    return {"results": batches.take(body.uploads, key=key, key_id=holder.key_id)}


@router.get(
    "/uploads/{upload_id}",
    url_name="api-upload",
    operation_id="getUpload",
    summary="One upload as it stands",
    response=UploadStatus,
    openapi_extra=refusals(404, 422),
)
async def get_upload(
    request: HttpRequest,
    upload_id: str,
    wait: Annotated[float, Query(ge=0, le=3600, description="seconds to hold the answer until it was screened")] = 0.0,
) -> Json:
    """With `wait` the answer comes as soon as there is a verdict, a hold for a person included, or when time is up."""
    told = await sync_to_async(stored.told_upload)(upload_id)
    if wait <= 0 or told["state"] in SETTLED:
        return told
    await _settled(upload_id, min(wait, settings_in_use().settings.server.max_wait_s))
    return await sync_to_async(stored.told_upload)(upload_id)


async def _settled(upload_id: str, wait_s: float) -> None:
    """Wait until something is decided about an upload, looking at it once more after the watch was set."""
    from tidegate.server.project.asgi import WATCH

    watch = WATCH.get("watch")
    if watch is None:
        return
    async with watch.waiting(upload_id) as event:
        states = UploadRow.objects.filter(id=upload_id).values_list("state", flat=True)
        if await states.aget() not in SETTLED:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), wait_s)


@router.get(
    "/uploads/{upload_id}/evidence",
    url_name="api-upload-evidence",
    operation_id="getEvidence",
    summary="What was found in an upload, and what nobody could look at",
    response=Screening,
    openapi_extra=refusals(404),
)
def get_evidence(request: HttpRequest, upload_id: str) -> JsonResponse:
    """Signals with their spans, boxes and quotes, abstentions, judgements, what was heard and read, and its cost."""
    # The record went through its codec when it was stored: checking a megabyte of it once more would tell nothing.
    return JsonResponse(stored.evidence_of(upload_id))


@router.get(
    "/uploads/{upload_id}/explanation",
    url_name="api-upload-explanation",
    operation_id="getExplanation",
    summary="Why an upload was decided so",
    response=Explanation,
    openapi_extra=refusals(404),
)
def get_explanation(request: HttpRequest, upload_id: str) -> Json:
    """Clause by clause: the outcome, its probability, the rules that were looked at, and what nobody looked at."""
    return stored.explanation_of(upload_id)


@router.get(
    "/uploads/{upload_id}/journal",
    url_name="api-upload-journal",
    operation_id="getJournal",
    summary="The steps of an upload's life",
    response=Journal,
    openapi_extra=refusals(404),
)
def get_journal(request: HttpRequest, upload_id: str) -> Json:
    """As the hash chain has them, in order."""
    row = stored.found(UploadRow, upload_id, "up", "upload")
    entries = EntryRow.objects.filter(subject=row.id).order_by("seq")[:MOST_ENTRIES]
    return {"items": [entry_json(one) for one in entries]}


@router.get(
    "/uploads/{upload_id}/statement",
    url_name="api-upload-statement",
    operation_id="getStatement",
    summary="The statement of reasons of the decision that stands",
    response=StatementOfReasons,
    openapi_extra=refusals(404),
)
def get_statement(request: HttpRequest, upload_id: str) -> Json:
    """Drafted with every restriction and removal."""
    row = stored.found(UploadRow, upload_id, "up", "upload")
    statement = StatementRow.objects.filter(decision_id=row.decision_id).first() if row.decision_id else None
    if statement is None:
        raise NotFoundError(
            "the decision that stands has no statement of reasons",
            where=f"upload {upload_id}",
            next_step="only restrictions and removals have one",
        )
    return statement_json(statement)


@router.post(
    "/uploads/{upload_id}/acted",
    url_name="api-upload-acted",
    operation_id="acknowledge",
    summary="Say that the platform has acted on a decision",
    response=UploadStatus,
    openapi_extra=refusals(404, 409, has_body=True),
)
def acted(request: HttpRequest, upload_id: str, body: Acted) -> Json:
    """For platforms that read the feed; those with webhooks need not. Saying so again is harmless."""
    row = stored.found(UploadRow, upload_id, "up", "upload")
    acknowledge(row.id, body.decision_id, now_s(), actor=principal_of(request).actor)
    return stored.told_upload(row.id)
