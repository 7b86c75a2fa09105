"""The feed of decisions, from the journal and the rows that it names: what webhooks tell, for those who ask instead.

A decision that a person may still take back is held back until its time has passed, and dropped when it was taken back
by then, together with the entry that says so: nobody ever heard of it. Others are not kept waiting behind it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from tidegate.records import Decision, loads
from tidegate.server.api.explaining import Json
from tidegate.server.api.positions import MOST_PENDING, Position, check_reached
from tidegate.server.api.rows import moment
from tidegate.server.enforcement.models import StatementRow
from tidegate.server.enforcement.outbox import Event, event_data
from tidegate.server.history.models import DecisionRow
from tidegate.server.history.watching import KINDS
from tidegate.server.intake.models import UploadRow
from tidegate.server.ledger.heads import head
from tidegate.server.project.clock import now_s
from tidegate.server.project.setup import settings_in_use

MARGIN_S = 2.0
"""Seconds behind `undo_until` for which a decision is still held back: taking one back may be under way just then."""
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What is told now, where the reader then stands, and when the earliest of what is held back is due.

    `is_all` is false when more is there to be told at once.
    """

    items: list[Json]
    position: Position
    is_all: bool
    next_due_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    at_s: float
    kind: str
    decision_id: str


@dataclass(slots=True)
class _Rows:
    """What the entries of one page name."""

    decisions: Mapping[str, DecisionRow]
    external_ids: Mapping[str, str]
    statements: Mapping[str, str]


@dataclass(slots=True)
class _Told:
    items: list[Json] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    due_s: list[float] = field(default_factory=list)


def start() -> Position:
    """Where somebody stands who wants to hear only of what comes from now on."""
    seq = head()[0]
    return _whole(seq, below=seq + 1)


def items_after(position: Position, most: int) -> Items:
    """The next events behind a position, at most `most`. Five queries, whatever there is. Raises CursorError."""
    check_reached(position, head()[0])
    position = _whole(position.seq, below=position.seq) if position.is_plain else position
    earlier = _entries(
        "seq IN (" + ",".join(["%s"] * len(position.pending)) + ")", list(position.pending), MOST_PENDING
    )
    later = _entries("seq > %s AND kind IN (%s, %s, %s)", [position.seq, *KINDS], most)
    rows = _rows_of([*earlier, *later])
    at_s, told, seq, is_all = now_s(), _Told(), position.seq, len(later) < most
    for entry in earlier:
        _tell(entry, rows, at_s, told, seq=position.seq, rest=[one.seq for one in earlier if one.seq > entry.seq])
    for entry in later:
        if len(told.items) >= most or len(told.pending) >= MOST_PENDING:
            # What is held back is waited for; what is merely too much for one page is there at once.
            is_all = len(told.items) < most
            break
        seq = entry.seq
        _tell(entry, rows, at_s, told, seq=seq)
    here = Position(seq=seq, pending=tuple(told.pending))
    return Items(items=told.items, position=here, is_all=is_all, next_due_s=min(told.due_s, default=None))


def _tell(entry: _Entry, rows: _Rows, at_s: float, told: _Told, *, seq: int, rest: Sequence[int] = ()) -> None:
    """Add the event of an entry, or keep its number for later, or neither where it is never told."""
    row = rows.decisions.get(entry.decision_id)
    if row is None or _is_never_told(row, entry.kind):
        return
    due_s = (row.undo_until_s or -MARGIN_S) + MARGIN_S
    if entry.kind == "upload.decided" and due_s > at_s:
        told.pending.append(entry.seq)
        told.due_s.append(due_s)
        return
    statement = "" if entry.kind == "decision.undone" else rows.statements.get(row.id, "")
    event = Event(kind=entry.kind, row=row, decision=loads(Decision, row.body), statement_id=statement)
    told.items.append(
        {
            "seq": entry.seq,
            "cursor": Position(seq=seq, pending=(*told.pending, *rest)).text,
            "type": entry.kind,
            "at": moment(entry.at_s),
            "data": event_data(event, rows.external_ids.get(row.upload_id, "")),
        }
    )


def _is_never_told(row: DecisionRow, kind: str) -> bool:
    """Whether the decision was taken back in its time, so that neither it nor its end is anybody's business."""
    if row.undone_at_s is None or row.undo_until_s is None or kind == "upload.in_review":
        return False
    return bool(row.undone_at_s < row.undo_until_s)


def _whole(seq: int, *, below: int) -> Position:
    """A number alone, with what was held back when its entry was written: rather told again than never."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at_s FROM journal WHERE seq = %s", [seq])
        found = cursor.fetchone()
    if found is None:
        return Position(seq=seq)
    longest_s = settings_in_use().settings.server.undo_s + MARGIN_S
    held = DecisionRow.objects.filter(at_s__gte=found[0] - longest_s, undo_until_s__gt=found[0] - MARGIN_S)
    known = dict(held.values_list("id", "upload_id")[:MOST_AT_ONCE])
    marks = ",".join(["%s"] * len(known))
    entries = _entries(
        f"kind = 'upload.decided' AND seq < %s AND subject IN ({marks})",
        [below, *known.values()],
        MOST_AT_ONCE,
    )
    pending = [entry.seq for entry in entries if entry.decision_id in known]
    return Position(seq=seq, pending=tuple(pending[-MOST_PENDING:]))


def _entries(which: str, values: Sequence[int | float | str], most: int) -> list[_Entry]:
    """Entries of the journal in order; none where a list of values is empty."""
    if "()" in which:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seq, at_s, kind, body FROM journal WHERE {which} ORDER BY seq LIMIT %s",  # noqa: S608 - no values
            [*values, most],
        )
        rows = cursor.fetchall()
    return [_Entry(row[0], row[1], row[2], _decision_of(row[3])) for row in rows]


def _decision_of(body: str) -> str:
    facts = json.loads(body)
    return str(facts.get("decision") or facts.get("undone") or "")


def _rows_of(entries: Sequence[_Entry]) -> _Rows:
    decisions = DecisionRow.objects.in_bulk({entry.decision_id for entry in entries}) if entries else {}
    upload_ids = {row.upload_id for row in decisions.values()}
    uploads = UploadRow.objects.filter(id__in=upload_ids) if upload_ids else UploadRow.objects.none()
    drafts = StatementRow.objects.filter(decision_id__in=decisions) if decisions else StatementRow.objects.none()
    return _Rows(
        decisions=decisions,
        external_ids=dict(uploads.values_list("id", "external_id")),
        statements=dict(drafts.values_list("decision_id", "id")),
    )
