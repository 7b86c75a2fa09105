"""The feed and the stream of decisions, taking one back, and the journal's head."""

from typing import Annotated

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import Field

from tidegate.errors import ListenersFullError
from tidegate.server.accounts.principal import principal_of
from tidegate.server.api import positions, stored
from tidegate.server.api.explaining import Json
from tidegate.server.api.feed import MOST_AT_ONCE, items_after
from tidegate.server.api.refusals import refusals
from tidegate.server.api.shapes.base import Asked
from tidegate.server.api.shapes.decisions import Feed, LedgerHead
from tidegate.server.api.shapes.uploads import UploadStatus
from tidegate.server.api.streaming import events
from tidegate.server.casework.deciding import undo
from tidegate.server.history.models import DecisionRow
from tidegate.server.ledger.heads import head
from tidegate.server.project.clock import now_s

router = Router(tags=["decisions"])
PositionText = Annotated[
    str,
    Field(
        max_length=positions.MOST_POSITION_CHARS,
        pattern=r"^([0-9]+(~[0-9.]*)?)?$",
        description="`next` or `cursor` of the last answer, or the number of an entry; 0 is the beginning",
    ),
]


class FeedFilters(Asked):
    """Which part of the feed."""

    after: PositionText = "0"
    limit: int = Field(default=100, ge=1, le=MOST_AT_ONCE)


class StreamFilters(Asked):
    """Where the stream begins."""

    after: PositionText = Field(default="", description="as for the feed; without it, from now on")


_STREAM = {
    200: {
        "description": "Events as they happen: `id` is where to go on, `event` the type, `data` an item of the feed.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
_LAST_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": positions.MOST_POSITION_CHARS, "pattern": r"^([0-9]+(~[0-9.]*)?)?$"},
    "description": "the last `id` that was seen; goes before `after`",
}


@router.get(
    "/decisions",
    url_name="api-decisions",
    operation_id="listDecisions",
    summary="What the platform is to be told, from a position on",
    response=Feed,
    openapi_extra=refusals(422),
)
def list_decisions(
    request: HttpRequest,
    filters: Query[FeedFilters],
) -> Json:
    """The same events as webhooks get. One that a person may still take back is told when it stands."""
    some = items_after(positions.read(filters.after or "0"), filters.limit)
    return {"items": some.items, "next": some.position.text}


@router.get(
    "/decisions/stream",
    url_name="api-decisions-stream",
    operation_id="streamDecisions",
    summary="The same as it happens, by server-sent events",
    openapi_extra=refusals(422, responses=_STREAM, parameters=[_LAST_ID]),
)
async def stream_decisions(request: HttpRequest, filters: Query[StreamFilters]) -> StreamingHttpResponse:
    """Behind `Last-Event-ID` or `after`; from now on without either. A comment every 15 s says that it lives."""
    from tidegate.server.project.asgi import WATCH

    watch, text = WATCH.get("watch"), request.headers.get("Last-Event-ID", "") or filters.after
    position = positions.read(text) if text else None
    if watch is None or watch.is_full:
        raise ListenersFullError(
            "no further listener is let in", where="stream", next_step="try again later, or read /api/v1/decisions"
        )
    if position is not None:
        await _check_reached(position)
    return StreamingHttpResponse(
        events(watch, position),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _check_reached(position: positions.Position) -> None:
    from asgiref.sync import sync_to_async

    positions.check_reached(position, (await sync_to_async(head)())[0])


@router.post(
    "/decisions/{decision_id}/undo",
    url_name="api-decision-undo",
    operation_id="undoDecision",
    summary="Take a person's decision back before the platform is told",
    response=UploadStatus,
    openapi_extra=refusals(404, 409),
)
def undo_decision(request: HttpRequest, decision_id: str) -> Json:
    """Its case is open again. After the window has passed it is too late: decide anew."""
    row = stored.found(DecisionRow, decision_id, "de", "decision")
    undo(row.id, person_id=_who(request), now_s=now_s(), actor=principal_of(request).actor)
    return stored.told_upload(row.upload_id)


def _who(request: HttpRequest) -> str:
    return principal_of(request).actor.partition(":")[2]


@router.get(
    "/ledger/head",
    url_name="api-ledger-head",
    operation_id="getLedgerHead",
    summary="The newest entry of the journal",
    response=LedgerHead,
    openapi_extra=refusals(),
)
def get_ledger_head(request: HttpRequest) -> Json:
    """Note it down elsewhere: `tidegate ledger verify --since` then proves that nothing before it was changed."""
    seq, last_hash = head()
    return {"seq": seq, "hash": last_hash}
