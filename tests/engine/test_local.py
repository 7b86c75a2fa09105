"""What LocalEngine promises beyond any engine: real processes, signals, files and families."""

import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tidegate.engine.base import ExitKind, LaneSpec, ProcessState, ProcessStatus, read_status_json, status_json
from tidegate.engine.leash import MARK, end_marked, marked
from tidegate.engine.local import LocalEngine
from tidegate.errors import EngineStateError
from tidegate.testing.engines import WITHIN_S, events, lane, until

PROGRAM = """
import sys
from pathlib import Path
from tidegate.engine.base import status_json
from tidegate.engine.local import LocalEngine
from tidegate.testing.engines import lane

folder = Path(sys.argv[1])
kinds = sys.argv[2].split(",")

def tell(statuses):
    (folder / "new").write_text(status_json(statuses))
    (folder / "new").rename(folder / "status")

engine = LocalEngine(drain_s=float(sys.argv[3]), on_status=tell)
engine.start([lane(kind, folder, name=f"lane{number}") for number, kind in enumerate(kinds)])
engine.run_until_stopped()
print("ended in order")
"""


def _statuses(folder: Path) -> tuple[ProcessStatus, ...]:
    path = folder / "status"
    return read_status_json(path.read_text(encoding="utf-8")) if path.exists() else ()


@contextmanager
def _program(folder: Path, kinds: str, drain_s: float = WITHIN_S) -> Iterator["subprocess.Popen[str]"]:
    """Another program with an engine in it, all of whose lanes are open."""
    command = [sys.executable, "-c", PROGRAM, str(folder), kinds, str(drain_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            until(lambda: _are_running(_statuses(folder)), "all lanes run")
            yield program
        finally:
            program.kill()


def _are_running(statuses: tuple[ProcessStatus, ...]) -> bool:
    return bool(statuses) and all(one.state is ProcessState.RUNNING for one in statuses)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _children() -> list[int]:
    """Every child of this process, zombies too."""
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def _fd_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def run() -> Iterator[Callable[..., LocalEngine]]:
    """Start an engine of this process; it is stopped afterwards."""
    engines: list[LocalEngine] = []

    def start(*specs: LaneSpec, **options: Any) -> LocalEngine:
        engines.append(LocalEngine(**options))
        engines[-1].start(specs)
        return engines[-1]

    yield start
    for engine in engines:
        engine.stop(0.0)


# --- the end of the parent ------------------------------------------------------------------------


def test_nothing_outlives_a_killed_engine(tmp_path: Path) -> None:
    with _program(tmp_path, "FamilyLane,LongStepLane") as program:
        pids = [one.pid for one in _statuses(tmp_path) if one.pid]
        pids += [int(line) for line in (tmp_path / "children").read_text().split()]
        assert len(pids) == 4
        assert all(map(_is_alive, pids))
        program.kill()
        until(lambda: not any(map(_is_alive, pids)), "lanes and their families are gone")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_drains_every_lane(tmp_path: Path, number: signal.Signals) -> None:
    with _program(tmp_path, "LongStepLane") as program:
        until(lambda: events(tmp_path) == ["open", "begin"], "a step begins")
        (pid,) = [one.pid for one in _statuses(tmp_path)]
        program.send_signal(number)
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        (tmp_path / "go").touch()
        out, _ = program.communicate(timeout=WITHIN_S)
    assert program.returncode == 0
    assert out == "ended in order\n"
    assert events(tmp_path)[-2:] == ["end", "close"]


def test_a_second_signal_hurries(tmp_path: Path) -> None:
    with _program(tmp_path, "LongStepLane", drain_s=3600.0) as program:
        until(lambda: events(tmp_path) == ["open", "begin"], "a step begins")
        program.send_signal(signal.SIGTERM)
        program.send_signal(signal.SIGINT)
        out, _ = program.communicate(timeout=WITHIN_S)
    assert out == "ended in order\n"
    assert "close" not in events(tmp_path)


def test_a_lost_warden_is_replaced(tmp_path: Path) -> None:
    with _program(tmp_path, "RehearsalLane") as program:
        lane_pid = _statuses(tmp_path)[0].pid
        child_files = list(Path(f"/proc/{program.pid}/task").iterdir())

        def wardens() -> set[int]:
            pids = {int(pid) for task in child_files for pid in (task / "children").read_text().split()}
            return {pid for pid in pids if _is_alive(pid)} - {lane_pid or 0}

        until(lambda: len(wardens()) == 1, "a warden")
        (first,) = wardens()
        os.kill(first, signal.SIGKILL)
        until(lambda: len(wardens() - {first}) == 1, "another warden")


# --- families, files, zombies ---------------------------------------------------------------------


def test_what_a_lost_process_started_is_ended_with_it(tmp_path: Path, run: Callable[..., LocalEngine]) -> None:
    engine = run(lane("FamilyLane", tmp_path))
    until(lambda: _are_running(engine.status()), "it runs")
    family = [int(line) for line in (tmp_path / "children").read_text().split()]
    (first,) = [one.pid for one in engine.status()]
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: _are_running(engine.status()) and engine.status()[0].restarts == 1, "it was replaced")
    assert not any(map(_is_alive, family))


def test_many_restarts_leave_neither_zombies_nor_open_files(tmp_path: Path, run: Callable[..., LocalEngine]) -> None:
    before_fds, before_children = _fd_count(), set(_children())
    engine = run(*(lane("RehearsalLane", tmp_path, name=f"lane{n}", recycle_after=1) for n in range(4)))
    until(lambda: sum(one.restarts for one in engine.status()) >= 24, "two dozen restarts")
    # The wake pair, the warden, the lanes, the listing itself; a process that is just being started holds a few more.
    until(lambda: _fd_count() <= before_fds + 2 + 1 + 4 + 1, "no more files are open than the engine needs")
    until(lambda: len(set(_children()) - before_children) <= 4 + 1, "no more children than lanes and the warden")
    engine.stop(WITHIN_S)
    assert _fd_count() <= before_fds
    assert set(_children()) == before_children


def test_a_process_inherits_nothing_but_its_socket(tmp_path: Path, run: Callable[..., LocalEngine]) -> None:
    with (tmp_path / "other").open("w") as other:
        os.set_inheritable(other.fileno(), True)
        engine = run(lane("EnvironmentLane", tmp_path))
        until(lambda: _are_running(engine.status()), "it runs")
    found = json.loads((tmp_path / "environment").read_text(encoding="utf-8"))
    assert found["OMP_NUM_THREADS"] == "1"
    assert found["is_leader"]
    assert len(found["fds"]) == 5  # standard input, output and error, the control socket, the listing itself


def test_a_listening_socket_is_inherited_and_survives_its_servers(
    tmp_path: Path, run: Callable[..., LocalEngine]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = {"fd": listener.fileno()}
        spec = lane("ListeningLane", tmp_path, settings=settings, listen_fds=(listener.fileno(),), recycle_after=1)
        engine = run(spec)
        served_by = set()
        for _ in range(3):
            with socket.create_connection(listener.getsockname(), timeout=WITHIN_S) as connection:
                served_by.add(connection.recv(100))
        assert len(served_by) == 3
        engine.stop(WITHIN_S)


def test_the_memory_of_children_counts(tmp_path: Path, run: Callable[..., LocalEngine]) -> None:
    spec = lane("LeakingLane", tmp_path, settings={"is_in_child": True}, memory_limit_mib=150)
    engine = run(spec)
    until(lambda: engine.status()[0].recycles, "it was recycled")
    ended = engine.status()[0].last_exit
    assert ended is not None
    assert ended.kind is ExitKind.RECYCLED


# --- stopping, starting, telling ------------------------------------------------------------------


def test_a_lane_that_fails_always_is_tried_more_and_more_slowly(
    tmp_path: Path, run: Callable[..., LocalEngine], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="tidegate.engine")
    engine = run(lane("FailingOnceLane", tmp_path, settings={"fault": "raise", "is_always": True}))
    until(lambda: engine.status()[0].restarts >= 3, "three restarts")
    engine.stop(0.0)
    assert engine.status()[0].recycles == 0
    assert "lane.ended lane=tide index=0" in caplog.text
    assert "TG-E003" in caplog.text
    assert "caption" not in caplog.text


def test_stopping_does_not_wait_for_a_lane_that_opens(tmp_path: Path, run: Callable[..., LocalEngine]) -> None:
    engine = run(lane("SlowLane", tmp_path))
    until((tmp_path / "opened-before").exists, "it opens")
    engine.stop(3600.0)
    ended = engine.status()[0].last_exit
    assert ended is not None
    assert ended.kind is ExitKind.DRAINED


def test_a_process_that_is_asked_by_hand_finishes_and_is_replaced(
    tmp_path: Path, run: Callable[..., LocalEngine]
) -> None:
    engine = run(lane("RehearsalLane", tmp_path))
    until(lambda: engine.status()[0].items, "it works")
    (pid,) = [one.pid for one in engine.status()]
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    until(lambda: events(tmp_path).count("open") == 2, "its successor opens")
    assert events(tmp_path).count("close") == 1
    until(lambda: engine.status()[0].recycles == 1, "it was planned")


def test_a_stopped_process_is_silent_and_replaced(tmp_path: Path, run: Callable[..., LocalEngine]) -> None:
    engine = run(lane("RehearsalLane", tmp_path, stuck_after_s=1.0))
    until(lambda: _are_running(engine.status()), "it runs")
    (pid,) = [one.pid for one in engine.status()]
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    until(lambda: engine.status()[0].restarts == 1 and _are_running(engine.status()), "it was replaced")
    assert not _is_alive(pid)


def test_every_change_is_told_and_a_failing_listener_does_no_harm(
    tmp_path: Path, run: Callable[..., LocalEngine]
) -> None:
    told: list[tuple[ProcessStatus, ...]] = []

    def listen(statuses: tuple[ProcessStatus, ...]) -> None:
        told.append(statuses)
        raise OSError("the disk is full")

    engine = run(lane("RehearsalLane", tmp_path), on_status=listen)
    until(lambda: told and _are_running(told[-1]), "it was told that the lane runs")
    engine.stop(WITHIN_S)
    assert told[-1] == engine.status()
    assert told[-1][0].state is ProcessState.STOPPED
    assert read_status_json(status_json(told[-1])) == told[-1]


def test_waiting_for_what_was_not_started_is_an_error() -> None:
    with pytest.raises(EngineStateError, match="TG-E006"):
        LocalEngine().run_until_stopped()


def test_leaving_the_engine_stops_it(tmp_path: Path) -> None:
    with LocalEngine() as engine:
        engine.start([lane("RehearsalLane", tmp_path)])
        until(lambda: engine.status()[0].items, "it works")
    assert events(tmp_path)[-1] == "close"


# --- the leash ------------------------------------------------------------------------------------


def test_only_marked_processes_are_ended() -> None:
    code = "import sys, time; print('up', flush=True); time.sleep(600)"
    environments = [{**os.environ, MARK: mark} for mark in ("test.1.", "test.12.")] + [dict(os.environ)]
    processes = [
        subprocess.Popen([sys.executable, "-c", code], env=one, stdout=subprocess.PIPE) for one in environments
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], WITHIN_S)[0]
        assert marked("test.1.") == [processes[0].pid]
        assert end_marked("test.1.") == 1
        assert processes[0].wait(WITHIN_S) == -signal.SIGKILL
        assert [process.poll() for process in processes[1:]] == [None, None]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
