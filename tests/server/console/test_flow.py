"""The live flow: its figures are those of the uploads, decisions and deliveries that there are."""

import importlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.base import ProcessState, ProcessStatus, status_json
from tidegate.records import Action, Verdict
from tidegate.settings import Resolved

NOW_S = 1_790_000_000.0


@pytest.fixture(scope="module")
def flow(django_ready: Resolved) -> ModuleType:
    """The module under test, which needs Django to be ready."""
    return importlib.import_module("tidegate.server.console.flow")


def _lane(found: object, name: str) -> object:
    return next(lane for lane in found.lanes if lane.name == name)  # type: ignore[attr-defined]


def test_an_empty_server_shows_its_lanes_and_nothing_in_them(flow: ModuleType, database: str) -> None:
    found = flow.flow(now_s=NOW_S)
    assert [(lane.name, lane.target_s) for lane in found.lanes] == [
        ("express", 15.0),
        ("standard", 60.0),
        ("bulk", 3600.0),
    ]
    assert (found.held, found.late, found.hour.total, found.cases, found.dead) == (0, 0, 0, 0, 0)
    assert found.processes == ()


def test_what_waits_is_counted_with_its_oldest_age(flow: ModuleType, accepted: Callable[..., str]) -> None:
    accepted(now_s=NOW_S - 70, lane="standard", target_s=60.0)
    accepted(now_s=NOW_S - 5, lane="standard", target_s=60.0)
    accepted(now_s=NOW_S - 5, lane="express", target_s=15.0)
    found = flow.flow(now_s=NOW_S)
    standard = _lane(found, "standard")
    assert (standard.held, standard.oldest_s, standard.overdue, standard.tone) == (2, 70.0, 1, "over")  # type: ignore[attr-defined]
    assert _lane(found, "express").tone == ""  # type: ignore[attr-defined]
    assert found.held == 3
    assert found.late == 1


def test_times_are_those_from_acceptance_to_the_first_decision(
    flow: ModuleType, claimed: Callable[..., object], found: Callable[..., object]
) -> None:
    from tidegate.server.history.finishing import finish

    for took_s in (1.0, 2.0, 3.0, 90.0):
        one = claimed(now_s=NOW_S - 1000)
        at_s = NOW_S - 1000 + took_s
        finish([found(one, "allowed", now_s=at_s)], "screen-test", now_s=at_s)
    hour = _lane(flow.flow(now_s=NOW_S), "standard").hour  # type: ignore[attr-defined]
    assert (hour.count, hour.p50_s, hour.p95_s, hour.late) == (4, pytest.approx(2.0), pytest.approx(90.0), 1)


def test_a_decision_of_yesterday_is_not_one_of_this_hour(flow: ModuleType, decided: Callable[..., str]) -> None:
    decided("removed", now_s=NOW_S - 7200)
    decided("allowed", now_s=NOW_S - 60)
    found = flow.flow(now_s=NOW_S)
    assert (found.hour.total, found.day.total) == (1, 2)
    assert dict(found.day.verdicts) == {"allowed": 1, "restricted": 0, "removed": 1}
    assert sum(slot.count for slot in found.slots) == 1


def test_what_waits_for_people_and_what_they_decided_is_told_apart(
    flow: ModuleType, decided: Callable[..., str], person: Callable[..., object]
) -> None:
    from tidegate.server.casework.deciding import Ruling, decide_case
    from tidegate.server.casework.models import CaseRow

    decided("removed")
    decided("held")
    first = decided("held")
    case = CaseRow.objects.get(upload_id=first)
    somebody = person("reviewer")
    ruling = Ruling(verdict=Verdict.ALLOWED, actions=(Action.ALLOW,))
    decide_case(case.id, ruling, person_id=somebody.id, now_s=time.time())  # type: ignore[attr-defined]
    found = flow.flow(now_s=time.time())
    assert found.cases == 1
    assert (found.hour.machine, found.hour.both + found.hour.person) == (1, 1)
    assert next(who for who, _, width in found.hour.shares if width == 50.0) == "machine"


def test_dead_and_waiting_deliveries_are_counted(flow: ModuleType, database: str) -> None:
    from tidegate.server.enforcement.models import DeliveryRow

    for number, state in enumerate(("dead", "waiting", "waiting", "delivered")):
        DeliveryRow.objects.create(
            id=f"dl_{number}", endpoint_id="wh_1", upload_id="up_1", event_id=f"ev_{number}", kind="upload.decided",
            number=number, body="{}", created_at_s=NOW_S, due_s=0.0, state=state,
        )  # fmt: skip
    found = flow.flow(now_s=NOW_S)
    assert (found.dead, found.waiting_deliveries) == (1, 2)


def test_processes_are_shown_as_they_were_last_written_down(
    client_as: Callable[..., Client], status_file: Path
) -> None:
    status = ProcessStatus(lane="screen", index=1, pid=77, state=ProcessState.RESTARTING, restarts=3, items=12)
    status_file.write_text(status_json([status]), encoding="utf-8")
    page = client_as("auditor").get("/flow").content.decode()
    assert "screen 1" in page
    assert "restarting" in page
    assert "pid 77" in page


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"lane": "screen"}]'])
def test_a_status_that_cannot_be_read_is_no_word_from_the_processes(
    text: str, client_as: Callable[..., Client], status_file: Path
) -> None:
    status_file.write_text(text, encoding="utf-8")
    assert b"No word from the processes" in client_as("auditor").get("/").content


def test_a_status_of_long_ago_is_none(client_as: Callable[..., Client], status_file: Path) -> None:
    status_file.write_text(status_json([ProcessStatus(lane="web", index=0, pid=7, state=ProcessState.RUNNING)]))
    os.utime(status_file, (1.0, 1.0))
    assert b"No word from the processes" in client_as("auditor").get("/").content


def test_the_page_asks_for_its_figures_and_they_come_without_the_frame(client_as: Callable[..., Client]) -> None:
    client = client_as("integrator")
    assert b'hx-get="/flow"' in client.get("/").content
    response = client.get("/flow")
    assert b"<nav" not in response.content
    assert b"Waiting for a machine" in response.content
    assert response["Cache-Control"] == "no-store"


def test_looking_again_at_once_reads_nothing_of_the_flow(
    flow: ModuleType, decided: Callable[..., str], database: str
) -> None:
    decided("removed")
    now_s = time.time()
    flow.flow(now_s=now_s)
    with CaptureQueriesContext(connection) as reads:
        flow.flow(now_s=now_s + 0.5)
    assert len(reads) == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0.01, 1.0))
def test_a_percentile_is_a_value_that_its_share_does_not_exceed(
    flow: ModuleType, values: list[float], share: float
) -> None:
    found = flow.percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def test_there_is_no_percentile_of_nothing(flow: ModuleType) -> None:
    assert flow.percentile([], 0.5) is None


def test_a_figure_that_is_dear_is_worked_out_less_often(flow: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    clock = iter([0.0, 2.0, 10.0, 10.0])
    monkeypatch.setattr(flow.time, "perf_counter", lambda: next(clock))
    figure = flow._Remembered(1.0, looks.append)
    for now_s in (100.0, 139.0, 140.0, 140.5, 141.0 - 0.1):
        figure.get(now_s)
    assert looks == [100.0, 140.0]


def test_a_clock_that_is_set_back_does_not_keep_a_figure_for_ever(flow: ModuleType) -> None:
    looks: list[float] = []
    figure = flow._Remembered(1.0, looks.append)
    figure.get(100.0)
    figure.get(50.0)
    assert looks == [100.0, 50.0]


def test_late_decisions_are_all_counted_however_few_are_read_for_the_percentiles(
    flow: ModuleType, claimed: Callable[..., object], found: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.history.finishing import finish

    monkeypatch.setattr(flow, "MOST_TIMES", 1)
    for took_s in (100.0, 200.0, 1.0):
        one = claimed(now_s=NOW_S - 1000)
        at_s = NOW_S - 1000 + took_s
        finish([found(one, "allowed", now_s=at_s)], "screen-test", now_s=at_s)
    hour = _lane(flow.flow(now_s=NOW_S), "standard").hour  # type: ignore[attr-defined]
    assert (hour.count, hour.late, hour.p50_s) == (3, 2, pytest.approx(200.0))
