"""Which processes one server has."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.engine.base import LaneSpec, ProcessState, ProcessStatus, check_specs, read_status_json
from tidegate.server.lanes.config import read
from tidegate.server.lanes.tree import Sockets, lane_specs, pids_of, write_status
from tidegate.settings import resolve


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    opened = [socket.socket() for _ in range(3)]
    yield Sockets(web=opened[0], texts=opened[1], precheck=opened[2])
    for one in opened:
        one.close()


def _specs(sockets: Sockets, home: Path, *flags: str) -> dict[str, LaneSpec]:
    specs = lane_specs(resolve([f"home={home}", *flags], environ={}), sockets)
    check_specs(specs)
    return {spec.name: spec for spec in specs}


def test_a_server_has_every_lane(sockets: Sockets, tmp_path: Path) -> None:
    assert set(_specs(sockets, tmp_path)) == {"web", "screen", "fetch", "outbox", "scheduler", "texts", "precheck"}


def test_a_machine_for_the_web_alone_screens_and_fetches_nothing(sockets: Sockets, tmp_path: Path) -> None:
    specs = _specs(sockets, tmp_path, "server.screen_processes=0", "server.fetch_threads=0")
    assert not {"screen", "fetch"} & set(specs)


def test_a_lane_is_told_the_settings_of_its_server_and_nothing_of_the_environment(
    sockets: Sockets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = _specs(sockets, tmp_path, "server.lease_s=17")["screen"]
    monkeypatch.setenv("TIDEGATE_SERVER_LEASE_S", "99")
    told = read(spec.config)
    assert told.resolved.settings.server.lease_s == 17.0
    assert told.resolved.settings.home == tmp_path


def test_who_still_works_when_its_lease_has_run_out_is_stuck(sockets: Sockets, tmp_path: Path) -> None:
    assert _specs(sockets, tmp_path, "server.lease_s=17")["screen"].stuck_after_s == 17.0


def test_a_socket_is_handed_to_the_lane_that_answers_on_it(sockets: Sockets, tmp_path: Path) -> None:
    assert _specs(sockets, tmp_path)["web"].listen_fds == (sockets.web.fileno(),)


def test_the_status_is_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    rows = (
        ProcessStatus(lane="web", index=0, pid=11, state=ProcessState.RUNNING),
        ProcessStatus(lane="web", index=1, pid=None, state=ProcessState.RESTARTING),
    )
    write_status(path, rows)
    assert read_status_json(path.read_text(encoding="utf-8")) == rows
    assert pids_of(path) == {"web": [11]}
    assert [one.name for one in tmp_path.iterdir()] == ["status.json"]
