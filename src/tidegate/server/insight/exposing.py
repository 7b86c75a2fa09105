"""The figures as Prometheus reads them: sums from the journal, and what waits at this moment."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from tidegate.engine.base import ProcessState, ProcessStatus
from tidegate.server.insight.tallying import tallies

Sum = tuple[str, dict[str, str], float]
COUNTERS = {
    "journal_entries": ("tidegate_journal_entries", "Entries of the journal", ("kind",)),
    "decisions": ("tidegate_decisions", "Final decisions", ("verdict", "by")),
    "upload_failed": ("tidegate_upload_failures", "Failed tries at an upload", ("code",)),
    "upload_given_up": ("tidegate_uploads_given_up", "Uploads that machines gave to a person", ("code",)),
    "decision_breaches": ("tidegate_decision_breaches", "Decisions after their lane's target", ("lane",)),
}
"""Sum -> the metric's name, help and labels; docs/how-to/watch-the-server.md lists them all."""


def exposition(statuses: Sequence[ProcessStatus]) -> tuple[bytes, str]:
    """The text and its content type. Cost: a handful of reads over partial indexes, however much is kept."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(statuses))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Figures(Collector):
    def __init__(self, statuses: Sequence[ProcessStatus]) -> None:
        self._statuses = statuses

    def collect(self) -> Iterator[Metric]:
        sums = tallies()
        for name, (metric, what, labels) in COUNTERS.items():
            family = CounterMetricFamily(metric, what, labels=labels)
            for _, values, value in (one for one in sums if one[0] == name):
                family.add_metric([values[label] for label in labels], value)
            yield family
        yield _histogram(sums)
        yield from _waiting(time.time())
        yield from _processes(self._statuses)


def _histogram(sums: Sequence[Sum]) -> Metric:
    family = HistogramMetricFamily(
        "tidegate_decision_seconds", "Seconds from acceptance to a final decision", labels=("lane",)
    )
    totals = {values["lane"]: value for name, values, value in sums if name == "decision_seconds_sum"}
    for lane, total in totals.items():
        buckets = [
            (values["le"], value)
            for name, values, value in sums
            if name == "decision_seconds_bucket" and values["lane"] == lane
        ]
        buckets.sort(key=lambda one: float(one[0]))
        family.add_metric([lane], buckets, total)
    return family


def _waiting(now_s: float) -> Iterator[Metric]:
    held = GaugeMetricFamily("tidegate_uploads_waiting", "Uploads that wait for a machine", labels=("lane", "stage"))
    late = GaugeMetricFamily(
        "tidegate_oldest_wait_seconds", "Seconds since the oldest of them was accepted", labels=("lane", "stage")
    )
    for lane, stage, count, oldest_s in _rows(
        "SELECT lane, stage, COUNT(*), MIN(accepted_at_s) FROM upload WHERE NOT (stage = '') GROUP BY lane, stage"
    ):
        held.add_metric([lane, stage], count)
        late.add_metric([lane, stage], max(0.0, now_s - oldest_s))
    yield held
    yield late
    yield _gauge(
        "tidegate_cases_open",
        "Cases that wait for a person",
        "SELECT COUNT(*) FROM case_of_upload WHERE closed_at_s IS NULL",
    )
    deliveries = GaugeMetricFamily("tidegate_deliveries", "Deliveries that wait or are dead", labels=("state",))
    for state, count in _rows("SELECT state, COUNT(*) FROM delivery WHERE state IN ('waiting', 'dead') GROUP BY state"):
        deliveries.add_metric([state], count)
    yield deliveries


def _processes(statuses: Sequence[ProcessStatus]) -> Iterator[Metric]:
    running = GaugeMetricFamily("tidegate_processes_running", "Processes of a lane that run", labels=("lane",))
    memory = GaugeMetricFamily("tidegate_process_resident_bytes", "Resident memory", labels=("lane", "index"))
    restarts = CounterMetricFamily(
        "tidegate_process_restarts", "Processes replaced since the server started", labels=("lane", "index", "planned")
    )
    for lane in dict.fromkeys(one.lane for one in statuses):
        own = [one for one in statuses if one.lane == lane]
        running.add_metric([lane], sum(one.state is ProcessState.RUNNING for one in own))
        for one in own:
            memory.add_metric([lane, str(one.index)], one.rss_mib * 1024 * 1024)
            restarts.add_metric([lane, str(one.index), "yes"], one.recycles)
            restarts.add_metric([lane, str(one.index), "no"], one.restarts - one.recycles)
    yield running
    yield memory
    yield restarts


def _gauge(name: str, what: str, select: str) -> Metric:
    family = GaugeMetricFamily(name, what)
    family.add_metric([], _rows(select)[0][0])
    return family


def _rows(select: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(select)
        return list(cursor.fetchall())
