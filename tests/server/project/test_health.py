"""What the server says of itself: that it lives, whether it can take work, and its figures."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from tidegate.engine.base import ProcessState, ProcessStatus, status_json
from tidegate.server.project.health import status_path


@pytest.fixture
def says(server_home: Path, database: str) -> Iterator[Callable[..., Path]]:
    """Write down how processes do, as `tidegate serve` does."""
    path = status_path(server_home)
    path.parent.mkdir(exist_ok=True)

    def write(**states: ProcessState) -> Path:
        rows = [
            ProcessStatus(lane=lane, index=0, pid=1, state=state, restarts=3, recycles=1)
            for lane, state in states.items()
        ]
        path.write_text(status_json(rows), encoding="utf-8")
        return path

    yield write
    path.unlink(missing_ok=True)


def _ready() -> tuple[int, dict[str, str]]:
    answer = Client(SERVER_NAME="localhost").get("/readyz")
    return answer.status_code, json.loads(answer.content)["checks"]


def test_a_process_that_answers_is_alive_whatever_the_database_does(django_ready: object) -> None:
    answer = Client(SERVER_NAME="localhost").get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_the_server_is_ready_when_each_lane_has_a_process_that_runs(says: Callable[..., Path]) -> None:
    says(web=ProcessState.RUNNING, screen=ProcessState.RUNNING)
    assert _ready() == (200, {"database": "ok", "lanes": "ok"})


def test_the_server_is_not_ready_while_a_lane_starts(says: Callable[..., Path]) -> None:
    says(web=ProcessState.RUNNING, screen=ProcessState.STARTING)
    assert _ready() == (503, {"database": "ok", "lanes": "failed"})


def test_a_status_that_nobody_writes_any_more_is_not_believed(says: Callable[..., Path]) -> None:
    path = says(web=ProcessState.RUNNING)
    long_ago_s = time.time() - 3600
    os.utime(path, (long_ago_s, long_ago_s))
    assert _ready()[0] == 503


def test_a_status_that_cannot_be_read_is_none(says: Callable[..., Path]) -> None:
    says().write_text("{", encoding="utf-8")
    assert _ready()[0] == 503


def test_the_server_is_not_ready_without_its_database(says: Callable[..., Path]) -> None:
    from django.db import connection

    says(web=ProcessState.RUNNING)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_head RENAME TO away")
    try:
        assert _ready() == (503, {"database": "failed", "lanes": "ok"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO journal_head")


def test_figures_are_for_keys_with_their_scope(says: Callable[..., Path], key_for: Callable[..., str]) -> None:
    says(web=ProcessState.RUNNING)
    client = Client(SERVER_NAME="localhost")
    assert client.get("/metrics", headers={"Authorization": key_for("uploads:read")}).status_code == 403
    answer = client.get("/metrics", headers={"Authorization": key_for("metrics:read")})
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert 'tidegate_processes_running{lane="web"} 1.0' in lines
    assert 'tidegate_process_restarts_total{index="0",lane="web",planned="no"} 2.0' in lines
