"""What the API reads: rows by id and pages of lists, each in a fixed number of queries however many rows there are."""

import functools
import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from tidegate.errors import NotFoundError
from tidegate.records import Clause, Decision, Screening, loads
from tidegate.server.api import cursors
from tidegate.server.api.explaining import Json, explanation_json
from tidegate.server.api.rows import upload_json
from tidegate.server.enforcement.models import StatementRow
from tidegate.server.history.models import DecisionRow, ScreeningRow
from tidegate.server.intake.models import UploadRow
from tidegate.server.project.clock import now_s
from tidegate.server.project.places import current_policy

MOST_REUSES = 32
_NOT_FOR_STATUS = ("record", "context")
M = TypeVar("M", bound=Model)


def found(model: type[M], identity: str, prefix: str, what: str) -> M:
    """The row of an id. Raises NotFoundError."""
    row = model._default_manager.filter(pk=identity).first() if cursors.is_id(identity, prefix) else None
    if row is None:
        raise NotFoundError(f"there is no such {what}", where=f"{what} {identity[:40]}", next_step="check its id")
    return row


def told_uploads(rows: Sequence[UploadRow]) -> list[Json]:
    """Uploads as the API tells of them: two queries for all."""
    ids = {row.decision_id for row in rows} - {""}
    decisions = DecisionRow.objects.in_bulk(ids) if ids else {}
    statements = _statement_ids(ids)
    at_s = now_s()
    return [upload_json(row, decisions.get(row.decision_id), statements.get(row.decision_id), at_s) for row in rows]


def told_upload(upload_id: str) -> Json:
    """One upload as the API tells of it. Raises NotFoundError."""
    return told_uploads([found(UploadRow, upload_id, "up", "upload")])[0]


def _statement_ids(decision_ids: set[str]) -> dict[str, str]:
    if not decision_ids:
        return {}
    return dict(StatementRow.objects.filter(decision_id__in=decision_ids).values_list("decision_id", "id"))


def statement_id_of(decision_id: str) -> str | None:
    """The id of the statement of a decision, `None` without one."""
    return _statement_ids({decision_id}).get(decision_id)


def page(
    rows: "QuerySet[M]",
    *,
    name: str,
    after: str,
    limit: int,
    tell: Callable[[Sequence[M]], list[Json]],
    by: str = "",
    is_newest_first: bool = True,
) -> Json:
    """One page of a list and the cursor of the next, in the order of a time (`by`) and the id, or of the id alone.

    Ids sort by the time they were made. Raises CursorError.
    """
    sign, beyond = ("-", "lt") if is_newest_first else ("", "gt")
    if after:
        at_s, identity = cursors.read(name, after)
        rows = rows.filter(_beyond(by, beyond, at_s, identity))
    order = [f"{sign}{by}"] if by else []
    some = list(rows.order_by(*order, f"{sign}id")[: limit + 1])
    last: Any = some[limit - 1] if len(some) > limit else None
    following = None if last is None else cursors.written(name, (getattr(last, by) if by else 0.0, last.id))
    return {"items": tell(some[:limit]), "next": following}


def _beyond(by: str, beyond: str, at_s: float, identity: str) -> Q:
    if not by:
        return Q(**{f"id__{beyond}": identity})
    # The first condition says nothing new; it lets the index on the time be entered at the right place.
    is_later = Q(**{f"{by}__{beyond}": at_s}) | Q(**{by: at_s, f"id__{beyond}": identity})
    return Q(**{f"{by}__{beyond}e": at_s}) & is_later


def uploads_page(filters: dict[str, str], *, after: str, limit: int) -> Json:
    """Uploads, the newest first; `filters` are columns and what they are to be, empty ones left out."""
    rows = UploadRow.objects.filter(**{name: value for name, value in filters.items() if value})
    return page(
        rows.defer(*_NOT_FOR_STATUS), name="uploads", by="accepted_at_s", after=after, limit=limit, tell=told_uploads
    )


def evidence_of(upload_id: str) -> Json:
    """The screening behind an upload's standing decision, as JSON. Raises NotFoundError."""
    screening = _screening_body(found(UploadRow, upload_id, "up", "upload"))
    if screening is None:
        raise NotFoundError(
            "no screening of this upload is kept",
            where=f"upload {upload_id}",
            next_step="wait until it was screened; one that machines could not finish has none",
        )
    body: Json = json.loads(screening)
    del body["schema"]
    return body | {"upload_id": upload_id}


def explanation_of(upload_id: str) -> Json:
    """Why an upload's standing decision is what it is. Raises NotFoundError."""
    row = found(UploadRow, upload_id, "up", "upload")
    decision = DecisionRow.objects.filter(id=row.decision_id).first() if row.decision_id else None
    if decision is None:
        raise NotFoundError(
            "no decision of this upload stands", where=f"upload {upload_id}", next_step="wait until it was screened"
        )
    screening = _screening_body(row)
    judgements = loads(Screening, screening).judgements if screening is not None else ()
    return explanation_json(loads(Decision, decision.body), judgements, _clauses(decision.policy_digest))


def _screening_body(row: UploadRow) -> str | None:
    """The screening that the newest of an upload's decisions rests on; a reused one rests on its original's."""
    decisions = DecisionRow.objects.only("id", "screening_id", "reused_from")
    own = list(decisions.filter(upload_id=row.id).order_by("-number"))
    rested: DecisionRow | None = next((one for one in own if one.screening_id or one.reused_from), None)
    for _ in range(MOST_REUSES):
        if rested is None or rested.screening_id:
            break
        rested = decisions.filter(id=rested.reused_from).first()
    kept = ScreeningRow.objects.filter(id=rested.screening_id).first() if rested is not None else None
    return None if kept is None else zlib.decompress(bytes(kept.body)).decode("utf-8")


@functools.lru_cache(maxsize=4)
def _clauses(policy_digest: str) -> dict[str, Clause]:
    policy = current_policy()
    return {clause.id: clause for clause in policy.clauses} if policy.digest == policy_digest else {}
