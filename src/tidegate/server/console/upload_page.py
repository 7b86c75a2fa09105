"""Everything that one upload's page shows, read once, before any markup."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.errors import NotFoundError
from tidegate.explain.phrases import media_line
from tidegate.explain.view import UploadView, upload_view
from tidegate.records import Action, Decision, Screening, Upload, Verdict, loads
from tidegate.server.accounts.models import ApiKeyRow, Person
from tidegate.server.casework.models import CaseRow
from tidegate.server.console.steps import Step, steps_of
from tidegate.server.enforcement.models import DeliveryRow, EndpointRow, StatementRow
from tidegate.server.enforcement.reversals import REVERSALS
from tidegate.server.history.models import DecisionRow, ScreeningRow
from tidegate.server.intake.models import UploadRow
from tidegate.server.ledger.models import EntryRow
from tidegate.server.project.places import current_policy

MOST_ENTRIES = 200
MOST_DELIVERIES = 50
MOST_REUSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One decision as made: its row, the record, who made it, and each action with what takes it back."""

    row: DecisionRow
    decision: Decision
    who: str
    title: str
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One delivery and the address it goes to."""

    row: DeliveryRow
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A drafted statement of reasons: its fields in order, and what a person has to fill in."""

    row: StatementRow
    fields: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPage:
    """One upload. `standing` is the decision that stands, `None` before the first; `view` explains what was found.

    `has_media` is false for words alone and where retention has deleted the media. `is_hidden_history` counts journal
    entries that are not listed.
    """

    row: UploadRow
    upload: Upload
    standing: Made | None
    earlier: tuple[Made, ...]
    view: UploadView | None
    media: str
    case: CaseRow | None
    case_title: str
    deliveries: tuple[Told, ...]
    statements: tuple[Statement, ...]
    steps: tuple[Step, ...]
    hidden_steps: int

    @property
    def has_media(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.row.media_sha256) and self.row.media_deleted_at_s is None

    def undo_until_s(self, now_s: float) -> float | None:
        """Until when the standing decision may be taken back; `None` when it may not."""
        row = self.standing.row if self.standing else None
        if row is None or row.undo_until_s is None or row.undone_at_s is not None or row.undo_until_s <= now_s:
            return None
        return row.undo_until_s


def upload_page(upload_id: str) -> UploadPage:
    """Read one upload's page. Raises NotFoundError. Costs about ten reads, however much happened."""
    row = UploadRow.objects.filter(id=upload_id).first()
    if row is None:
        raise NotFoundError("there is no such upload", where=upload_id[:40], next_step="check the address")
    upload = loads(Upload, row.record)
    decisions = list(DecisionRow.objects.filter(upload_id=row.id).order_by("-number")[:50])
    entries = list(EntryRow.objects.filter(subject=row.id).order_by("-seq")[: MOST_ENTRIES + 1])
    names = names_of([entry.actor for entry in entries] + [f"person:{one.person_id}" for one in decisions])
    titles = {clause.id: clause.title for clause in current_policy().clauses}
    made = [_made(one, names, titles) for one in decisions]
    standing = next((one for one in made if one.row.id == row.decision_id), None)
    case = CaseRow.objects.filter(upload_id=row.id, closed_at_s=None).first()
    view = _view(upload, made)
    return UploadPage(
        row=row,
        upload=upload,
        standing=standing,
        earlier=tuple(one for one in made if one is not standing),
        view=view,
        media=media_line(view.screening.media) if view and view.screening.media else "",
        case=case,
        case_title=titles.get(case.clause_id, case.clause_id) if case else "",
        deliveries=_deliveries(row.id),
        statements=_statements(row.id),
        steps=steps_of(entries[:MOST_ENTRIES], names),
        hidden_steps=max(0, len(entries) - MOST_ENTRIES),
    )


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Who actors are, by name: `person:pe_...` to a name, `key:ak_...` to the key's. Costs two reads."""
    found = set(actors)
    people = [actor.partition(":")[2] or actor for actor in found if actor.startswith(("person:", "pe_"))]
    keys = [actor.partition(":")[2] for actor in found if actor.startswith("key:")]
    names = {f"person:{one.id}": str(one) for one in Person.objects.filter(id__in=people)} if people else {}
    if keys:
        names |= {f"key:{one.id}": one.name for one in ApiKeyRow.objects.filter(id__in=keys)}
    return names


def _made(row: DecisionRow, names: Mapping[str, str], titles: Mapping[str, str]) -> Made:
    decision = loads(Decision, row.body)
    who = names.get(f"person:{row.person_id}", row.person_id) if row.person_id else "machine"
    title = titles.get(decision.leading_clause_id, decision.leading_clause_id)
    actions = tuple((action.value, REVERSALS[action]) for action in decision.actions)
    return Made(row=row, decision=decision, who=who, title=title, actions=actions)


def _view(upload: Upload, made: Sequence[Made]) -> UploadView | None:
    """What the newest screening found and how the machine judged it; `None` where nothing was screened yet."""
    from tidegate.screening import Screened

    for one in made:
        screening = _screening_of(one.row)
        if screening is None:
            continue
        machine = next((other for other in made if not other.row.person_id), one)
        screened = Screened(upload=upload, path=None, screening=screening, decision=machine.decision, clip=None)
        return upload_view("u", upload.id, screened, current_policy(), most_frames=0)
    return None


def _screening_of(row: DecisionRow) -> Screening | None:
    """The screening that a decision rests on, through the decisions it was taken over from."""
    for _ in range(MOST_REUSES):
        if row.screening_id:
            stored = ScreeningRow.objects.filter(id=row.screening_id).first()
            return loads(Screening, zlib.decompress(bytes(stored.body)).decode("utf-8")) if stored else None
        before = DecisionRow.objects.filter(id=row.reused_from).first() if row.reused_from else None
        if before is None:
            return None
        row = before
    return None


def _deliveries(upload_id: str) -> tuple[Told, ...]:
    rows = list(DeliveryRow.objects.filter(upload_id=upload_id).order_by("-number", "id")[:MOST_DELIVERIES])
    urls = dict(EndpointRow.objects.filter(id__in={row.endpoint_id for row in rows}).values_list("id", "url"))
    return tuple(Told(row=row, url=urls.get(row.endpoint_id, "")) for row in rows)


def _statements(upload_id: str) -> tuple[Statement, ...]:
    rows = StatementRow.objects.filter(upload_id=upload_id).order_by("-created_at_s")[:10]
    return tuple(
        Statement(row=row, fields=_fields(json.loads(row.body)), problems=tuple(row.problems.splitlines()))
        for row in rows
    )


def _fields(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in body.items()
    )


RESTRICTIONS = tuple(
    action for action in Action if action not in (Action.ALLOW, Action.HOLD, Action.REMOVE, Action.ESCALATE)
)
"""What a person may choose from when they restrict."""
RULINGS = (Verdict.ALLOWED, Verdict.RESTRICTED, Verdict.REMOVED)
