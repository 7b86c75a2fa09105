"""The live flow in figures: what waits, how long decisions took, who made them, and what needs somebody."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import Count, F, FloatField, Min, Q
from django.db.models.functions import Cast, Floor

from tidegate.engine.base import ProcessStatus
from tidegate.records import DecidedBy, Verdict
from tidegate.server.casework.models import CaseRow
from tidegate.server.enforcement.models import DeliveryRow, DeliveryState, EndpointRow
from tidegate.server.history.models import DecisionRow
from tidegate.server.intake.fields import lanes_of
from tidegate.server.intake.models import UploadRow
from tidegate.server.project.health import statuses
from tidegate.server.project.setup import settings_in_use

HOUR_S = 3600.0
DAY_S = 86400.0
MOST_TIMES = 20_000
"""The percentiles of a window are those of its newest decisions, at most so many."""
SLOTS = 60
COST_SHARE = 20
"""A figure that took a second to work out is remembered for so many."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long first decisions took in one lane and window, in seconds, `None` without any, and how many were late."""

    count: int
    p50_s: float | None
    p95_s: float | None
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """One lane: what waits in it now, the oldest against its target in percent, and its times."""

    name: str
    target_s: float
    held: int
    oldest_s: float
    overdue: int
    hour: Times
    day: Times

    @property
    def fill(self) -> float:
        """How much of its target the oldest wait has used, in percent, cut to 100."""
        return round(min(100.0, 100.0 * self.oldest_s / self.target_s), 1) if self.target_s else 0.0

    @property
    def tone(self) -> str:
        """`over`, `near` or empty, by the oldest wait."""
        return "over" if self.oldest_s > self.target_s else "near" if self.fill > 70.0 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Final decisions of a window, by who decided and by verdict."""

    machine: int
    person: int
    both: int
    verdicts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All of them."""
        return self.machine + self.person + self.both

    @property
    def shares(self) -> tuple[tuple[str, float, float], ...]:
        """Who, where its part of the whole begins and how wide it is, in percent."""
        left, found = 0.0, []
        for name, count in (("machine", self.machine), ("both", self.both), ("person", self.person)):
            width = 100.0 * count / self.total if self.total else 0.0
            found.append((name, round(left, 3), round(width, 3)))
            left += width
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Decisions of one minute as a column, in percent of the chart: `left`, `top` and `height`."""

    left: float
    top: float
    height: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Everything on the page at one moment."""

    lanes: tuple[LaneView, ...]
    hour: Window
    day: Window
    slots: tuple[Slot, ...]
    most_in_slot: int
    cases: int
    case_due_s: float | None
    dead: int
    waiting_deliveries: int
    paused: int
    processes: tuple[ProcessStatus, ...]

    @property
    def held(self) -> int:
        """Uploads that wait for a machine, in all lanes."""
        return sum(lane.held for lane in self.lanes)

    @property
    def late(self) -> int:
        """Breaches of the last hour: decided late, or late and still waiting."""
        return sum(lane.hour.late + lane.overdue for lane in self.lanes)

    @property
    def late_day(self) -> int:
        """Breaches of the last day."""
        return sum(lane.day.late + lane.overdue for lane in self.lanes)


class _Remembered(Generic[_T]):
    """A figure that is worked out at most every so often in this process, however many people look.

    One that is dear to work out is worked out less often: looking takes at most a twentieth of a core.
    """

    def __init__(self, every_s: float, look: Callable[[float], _T]) -> None:
        self._every_s, self._look = every_s, look
        self._lock = threading.Lock()
        self._last: tuple[float, float, _T] | None = None

    def get(self, now_s: float) -> _T:
        with self._lock:
            if self._last is None or not 0 <= now_s - self._last[0] < max(self._every_s, COST_SHARE * self._last[1]):
                began_s = time.perf_counter()
                found = self._look(now_s)
                self._last = now_s, time.perf_counter() - began_s, found
            return self._last[2]

    def forget(self) -> None:
        self._last = None


def flow(*, now_s: float) -> Flow:
    """The figures now; the dearer ones are up to a minute old. Costs six reads when nothing is remembered."""
    targets = lanes_of(settings_in_use().settings.server.lanes)
    waiting, hour, day = _WAITING.get(now_s), _HOUR.get(now_s), _DAY.get(now_s)
    names = [*targets, *sorted((set(waiting) | set(hour.times) | set(day.times)) - set(targets))]
    cases, case_due_s, dead, outbox, paused = _NEEDS.get(now_s)
    slots, most = _slots(hour.minutes, now_s)
    return Flow(
        lanes=tuple(_lane(name, targets.get(name, 0.0), waiting, hour, day, now_s) for name in names),
        hour=hour.window,
        day=day.window,
        slots=slots,
        most_in_slot=most,
        cases=cases,
        case_due_s=case_due_s,
        dead=dead,
        waiting_deliveries=outbox,
        paused=paused,
        processes=statuses(),
    )


def forget() -> None:
    """Work everything out anew at the next look."""
    for one in (_WAITING, _HOUR, _DAY, _NEEDS):
        one.forget()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    times: dict[str, Times]
    window: Window
    minutes: dict[int, int]


_Waiting = dict[str, tuple[int, float, int]]


def _lane(name: str, target_s: float, waiting: _Waiting, hour: _Past, day: _Past, now_s: float) -> LaneView:
    held, oldest_at_s, overdue = waiting.get(name, (0, now_s, 0))
    return LaneView(
        name=name,
        target_s=target_s,
        held=held,
        oldest_s=max(0.0, now_s - oldest_at_s),
        overdue=overdue,
        hour=hour.times.get(name, _NONE),
        day=day.times.get(name, _NONE),
    )


def _look_waiting(now_s: float) -> _Waiting:
    rows = (
        UploadRow.objects.exclude(stage="")
        .values("lane")
        .annotate(held=Count("id"), oldest=Min("accepted_at_s"), late=Count("id", filter=Q(deadline_s__lt=now_s)))
        .order_by()
    )
    return {row["lane"]: (row["held"], row["oldest"], row["late"]) for row in rows}


def _past(length_s: float, now_s: float, *, has_minutes: bool) -> _Past:
    final = DecisionRow.objects.filter(at_s__gte=now_s - length_s, is_final=True, undone_at_s=None)
    counted = final.values("decided_by", "verdict").annotate(count=Count("id")).order_by()
    by_who = dict.fromkeys(DecidedBy, 0)
    by_verdict = dict.fromkeys((verdict.value for verdict in Verdict if verdict is not Verdict.HELD), 0)
    for row in counted:
        by_who[DecidedBy(row["decided_by"])] += row["count"]
        by_verdict[row["verdict"]] = by_verdict.get(row["verdict"], 0) + row["count"]
    minutes: dict[int, int] = {}
    if has_minutes:
        of_minute = final.annotate(minute=Floor(Cast(F("at_s") / 60.0, FloatField()))).values("minute")
        minutes = {int(row["minute"]): row["count"] for row in of_minute.annotate(count=Count("id")).order_by()}
    window = Window(
        machine=by_who[DecidedBy.MACHINE],
        person=by_who[DecidedBy.PERSON],
        both=by_who[DecidedBy.BOTH],
        verdicts=tuple(by_verdict.items()),
    )
    return _Past(times=_times(now_s - length_s), window=window, minutes=minutes)


def _times(since_s: float) -> dict[str, Times]:
    """How long first decisions took since then, by lane: the machine's work, whether it decided or asked a person.

    All are counted; the percentiles are of the newest.
    """
    joined = "FROM decision d JOIN upload u ON u.id = d.upload_id WHERE d.at_s >= %s AND d.number = 0"
    taken: dict[str, list[float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT u.lane, COUNT(*), SUM(CASE WHEN d.at_s > u.deadline_s THEN 1 ELSE 0 END) {joined} GROUP BY u.lane",
            [since_s],
        )
        counts = cursor.fetchall()
        cursor.execute(
            f"SELECT u.lane, d.at_s - u.accepted_at_s {joined} ORDER BY d.at_s DESC LIMIT %s",
            [since_s, MOST_TIMES],
        )
        for lane, length_s in cursor.fetchall():
            taken.setdefault(lane, []).append(length_s)
    return {
        lane: Times(
            count=count,
            late=late,
            p50_s=percentile(taken.get(lane, ()), 0.5),
            p95_s=percentile(taken.get(lane, ()), 0.95),
        )
        for lane, count, late in counts
    }


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed (nearest rank); `None` of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _slots(minutes: dict[int, int], now_s: float) -> tuple[tuple[Slot, ...], int]:
    last = int(now_s // 60)
    counts = [minutes.get(minute, 0) for minute in range(last - SLOTS + 1, last + 1)]
    most = max(counts)
    slots = []
    for index, count in enumerate(counts):
        height = round(100.0 * count / most, 2) if most else 0.0
        slots.append(Slot(left=round(100.0 * index / SLOTS, 3), top=100.0 - height, height=height, count=count))
    return tuple(slots), most


def _look_needs(now_s: float) -> tuple[int, float | None, int, int, int]:
    del now_s
    cases = CaseRow.objects.filter(closed_at_s=None).aggregate(count=Count("id"), due=Min("deadline_s"))
    told = dict(
        DeliveryRow.objects.filter(state__in=(DeliveryState.DEAD, DeliveryState.WAITING))
        .values_list("state")
        .annotate(Count("id"))
        .order_by()
    )
    paused = EndpointRow.objects.filter(is_active=False).count()
    return cases["count"], cases["due"], told.get(DeliveryState.DEAD, 0), told.get(DeliveryState.WAITING, 0), paused


_NONE = Times(count=0, p50_s=None, p95_s=None, late=0)
_WAITING = _Remembered(1.0, _look_waiting)
_HOUR = _Remembered(5.0, lambda now_s: _past(HOUR_S, now_s, has_minutes=True))
_DAY = _Remembered(60.0, lambda now_s: _past(DAY_S, now_s, has_minutes=False))
_NEEDS = _Remembered(2.0, _look_needs)
