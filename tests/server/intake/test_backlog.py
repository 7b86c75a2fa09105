"""The gate: too many or too old a wait refuses new uploads, and never hurries old ones through."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tidegate.errors import BusyError
from tidegate.server.intake.record import Claimed
from tidegate.settings import Resolved, ServerSettings

Accept = Callable[..., str]
NOW_S = 1_800_000_000.0


@pytest.fixture
def server(django_ready: Resolved) -> ServerSettings:
    return replace(django_ready.settings.server, max_backlog=3, max_backlog_s=1e12)


def test_only_what_waits_for_a_machine_counts(both_databases: str, accepted: Accept, decided: Accept) -> None:
    from tidegate.server.intake.backlog import backlog

    assert backlog(100, now_s=NOW_S).count == 0
    accepted(now_s=NOW_S)
    accepted(reference="https://cdn.example.org/a", now_s=NOW_S)
    decided("allowed", now_s=NOW_S)
    decided("held", now_s=NOW_S)
    assert backlog(100, now_s=NOW_S).count == 2


def test_late_is_how_far_the_most_overdue_is_past_its_target(both_databases: str, accepted: Accept) -> None:
    from tidegate.server.intake.backlog import backlog

    accepted(now_s=NOW_S, target_s=60.0)
    accepted(now_s=NOW_S, target_s=15.0)
    assert backlog(100, now_s=NOW_S).late_s == 0.0
    assert backlog(100, now_s=NOW_S + 25).late_s == 10.0


def test_counting_has_an_end(both_databases: str, accepted: Accept) -> None:
    from tidegate.server.intake.backlog import backlog

    for _ in range(5):
        accepted(now_s=NOW_S)
    assert backlog(3, now_s=NOW_S).count == 4


def test_the_gate_closes_above_the_limit_and_says_when_to_come_again(
    both_databases: str, accepted: Accept, server: ServerSettings
) -> None:
    from tidegate.server.intake.backlog import Gate

    for _ in range(3):
        accepted()
    Gate(server).check()
    accepted()
    with pytest.raises(BusyError, match="4 uploads wait") as caught:
        Gate(server).check()
    assert caught.value.retry_after_s == 10.0


def test_the_gate_closes_when_waiting_takes_too_long(
    both_databases: str, accepted: Accept, server: ServerSettings
) -> None:
    from tidegate.server.intake.backlog import Gate

    accepted(now_s=NOW_S - 1e9)
    Gate(server).check()
    with pytest.raises(BusyError, match="past its target"):
        Gate(replace(server, max_backlog_s=3600.0)).check()


def test_the_gate_opens_again_once_the_work_is_done(
    database: str, claimed: Callable[..., Claimed], found: Callable[..., object], server: ServerSettings
) -> None:
    from tidegate.server.history.finishing import finish
    from tidegate.server.intake.backlog import Gate

    waiting = [claimed() for _ in range(4)]
    with pytest.raises(BusyError):
        Gate(server).check()
    finish([found(one) for one in waiting], "screen-test", now_s=NOW_S)  # type: ignore[misc]
    Gate(server).check()


def test_the_gate_reads_the_database_once_a_second_at_most(database: str, server: ServerSettings) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tidegate.server.intake import backlog as room

    gate = room.Gate(server)
    with CaptureQueriesContext(connection) as queries:
        gate.check()
        gate._looked_s += room.LOOK_EVERY_S * 100
        gate.check()
    assert len(queries) == 1
