"""The list of uploads: filters that stand in the address, pages by cursor."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from tidegate.records import Verdict
from tidegate.server.intake.models import State, UploadRow

PAGE = 50
COLUMNS = (
    "id",
    "external_id",
    "creator_id",
    "surface",
    "region",
    "lane",
    "state",
    "verdict",
    "clause_id",
    "accepted_at_s",
    "deadline_s",
    "decided_at_s",
    "acted_at_s",
    "media_size_bytes",
    "tries",
)
"""What is read of each row: never its record."""
_LONGEST = 255
_CURSOR = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)~(up_[0-9a-z]{26})")
_MOMENTS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is looked for; empty means whatever there is. `since` and `until` are UTC moments as the form writes them.

    `problems` says in words what of the address was not understood and left out.
    """

    state: str = ""
    verdict: str = ""
    clause: str = ""
    lane: str = ""
    creator: str = ""
    external: str = ""
    since: str = ""
    until: str = ""
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything is looked for."""
        return not self.values()

    def values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        named = {
            "state": self.state,
            "verdict": self.verdict,
            "clause": self.clause,
            "lane": self.lane,
            "creator": self.creator,
            "external_id": self.external,
            "from": self.since,
            "to": self.until,
        }
        return {name: value for name, value in named.items() if value}

    def query(self, **more: str) -> str:
        """The part of an address behind `?`."""
        return urlencode({**self.values(), **more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list, newest first; `after` is the cursor of the next one, empty on the last."""

    rows: tuple[UploadRow, ...]
    after: str


def filter_of(told: Mapping[str, str]) -> Filter:
    """The filter of an address. What cannot be meant is left out and named in `problems`; nothing raises."""
    problems: list[str] = []
    found: dict[str, str] = {}
    for name, field in (("clause", "clause"), ("lane", "lane"), ("creator", "creator"), ("external_id", "external")):
        value = told.get(name, "").strip()
        if len(value) > _LONGEST or "\x00" in value:
            problems.append(f"`{name}` is longer than any there is")
        else:
            found[field] = value
    for name, known in (("state", State.values), ("verdict", [verdict.value for verdict in Verdict])):
        value = told.get(name, "").strip()
        if value and value not in known:
            problems.append(f"`{name}` is none of {', '.join(known)}")
        else:
            found[name] = value
    for name, field in (("from", "since"), ("to", "until")):
        value = told.get(name, "").strip()
        if value and _moment(value) is None:
            problems.append(f"`{name}` is not a date and time like 2026-02-28T14:30")
        else:
            found[field] = value
    return Filter(**found, problems=tuple(problems))


def _moment(text: str) -> float | None:
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


def rows_of(wanted: Filter, *, after: str = "") -> QuerySet[UploadRow]:
    """The uploads that fit, newest first, behind a cursor; a cursor that is none is the beginning."""
    rows = UploadRow.objects.only(*COLUMNS)
    exact = {
        "state": wanted.state,
        "verdict": wanted.verdict,
        "clause_id": wanted.clause,
        "lane": wanted.lane,
        "creator_id": wanted.creator,
        "external_id": wanted.external,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if (since_s := _moment(wanted.since)) is not None:
        rows = rows.filter(accepted_at_s__gte=since_s)
    if (until_s := _moment(wanted.until)) is not None:
        rows = rows.filter(accepted_at_s__lt=until_s)
    if found := _CURSOR.fullmatch(after):
        at_s = float(found[1])
        rows = rows.filter(Q(accepted_at_s__lt=at_s) | Q(accepted_at_s=at_s, id__lt=found[2]))
    return rows.order_by("-accepted_at_s", "-id")


def cursor_of(row: UploadRow) -> str:
    """The place behind a row."""
    return f"{row.accepted_at_s!r}~{row.id}"


def page_of(wanted: Filter, *, after: str = "", most: int = PAGE) -> Page:
    """One page. Costs one read."""
    rows = tuple(rows_of(wanted, after=after)[: most + 1])
    return Page(rows=rows[:most], after=cursor_of(rows[most - 1]) if len(rows) > most else "")
