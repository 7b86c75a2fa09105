"""The promises every engine keeps, as a test class to inherit from. Runs under pytest and needs none of it to import.

class TestMyEngine(EngineConformance):
    make = MyEngine
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from tidegate.engine.base import Engine, ExitKind, LaneSpec, ProcessState, ProcessStatus
from tidegate.errors import EngineStateError, LaneSpecError

WITHIN_S = 60.0
"""Seconds after which a condition that does not come is a failure; no test waits so long when all is well."""


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds. Raises AssertionError naming it."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: {what}")
        time.sleep(0.01)


def lane(
    kind: str, folder: Path, *, name: str = "tide", settings: dict[str, Any] | None = None, **spec: Any
) -> LaneSpec:
    """A spec of a lane of `tidegate.testing.lanes` that writes into `folder`."""
    config = json.dumps({"folder": str(folder), **(settings or {})})
    return LaneSpec(name=name, factory=f"tidegate.testing.lanes:{kind}", config=config, **spec)


def events(folder: Path) -> list[str]:
    """What the lanes of a folder noted so far, without process ids."""
    return [line.split()[0] for line in _lines(folder / "events")]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


class EngineConformance:
    """Inherit, set `make` to the engine's class or a factory, and pytest finds the rest.

    Lanes write to a folder of this machine, so an engine on several machines is tested on one. Cost: some 20 starts
    of processes.
    """

    make: ClassVar[Callable[[], Engine]]

    @contextmanager
    def running(self, *specs: LaneSpec) -> Iterator[Engine]:
        """A started engine that is stopped afterwards, whatever happened."""
        engine = type(self).make()
        engine.start(specs)
        try:
            yield engine
        finally:
            engine.stop(0.0)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder for one test."""
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)

    def ended(self, specs: Sequence[LaneSpec], kind: ExitKind) -> ProcessStatus:
        """Run until a process has ended in that way and its successor runs; the status then."""
        with self.running(*specs) as engine:
            until(lambda: _has_recovered(engine.status()[0], kind), f"{kind} and running again")
            return engine.status()[0]

    # --- the ordinary life of a lane --------------------------------------------------------------

    def test_a_lane_opens_steps_and_closes(self) -> None:
        """Once each, in that order, and the status counts what was done."""
        with self.folder() as folder, self.running(lane("RehearsalLane", folder, settings={"items": 3})) as engine:
            until(lambda: engine.status()[0].items == 3, "three items")
            assert engine.status()[0].state is ProcessState.RUNNING
            engine.stop(WITHIN_S)
            (status,) = engine.status()
            assert events(folder) == ["open", "step", "step", "step", "close"]
            assert (status.state, status.pid, status.items, status.restarts) == (ProcessState.STOPPED, None, 3, 0)
            assert status.steps >= 3
            assert status.last_exit is not None
            assert status.last_exit.kind is ExitKind.DRAINED

    def test_every_lane_runs_in_as_many_processes_as_asked(self) -> None:
        """One status for each, in the order of the specs, each with a process of its own."""
        with self.folder() as folder:
            specs = [lane("RehearsalLane", folder, processes=2), lane("RehearsalLane", folder, name="ebb")]
            with self.running(*specs) as engine:
                until(lambda: all(one.state is ProcessState.RUNNING for one in engine.status()), "all run")
                statuses = engine.status()
        assert [(one.lane, one.index) for one in statuses] == [("tide", 0), ("tide", 1), ("ebb", 0)]
        assert len({one.pid for one in statuses}) == 3
        assert all(one.rss_mib > 1 for one in statuses)

    def test_stopping_lets_a_step_finish(self) -> None:
        """The step that runs is done whole, then the lane is closed."""
        with self.folder() as folder, self.running(lane("LongStepLane", folder)) as engine:
            until(lambda: events(folder) == ["open", "begin"], "a step begins")
            (folder / "go").touch()
            engine.stop(WITHIN_S)
            assert events(folder)[-2:] == ["end", "close"]

    def test_a_step_that_does_not_end_is_ended(self) -> None:
        """After the time to drain, even if the lane never looks up."""
        with self.folder() as folder, self.running(lane("LongStepLane", folder)) as engine:
            until(lambda: events(folder) == ["open", "begin"], "a step begins")
            engine.stop(0.0)
            assert engine.status()[0].state is ProcessState.STOPPED
            assert "end" not in events(folder)

    def test_a_beat_tells_a_long_step_to_finish(self) -> None:
        """`beat` is true once the engine was asked to stop."""
        with self.folder() as folder:
            spec = lane("LongStepLane", folder, settings={"is_beating": True})
            with self.running(spec) as engine:
                until(lambda: events(folder) == ["open", "begin"], "a step begins")
                engine.stop(WITHIN_S)
                assert events(folder)[-2:] == ["told", "close"]

    # --- what goes wrong -------------------------------------------------------------------------

    def test_a_crashed_process_is_replaced_and_its_neighbour_is_not(self) -> None:
        """An exit in the middle of a step."""
        with self.folder() as folder, self.folder() as other:
            specs = [
                lane("FailingOnceLane", folder, settings={"fault": "exit"}),
                lane("RehearsalLane", other, name="ebb"),
            ]
            with self.running(*specs) as engine:
                until(lambda: _has_recovered(engine.status()[0], ExitKind.LOST), "lost and running again")
                until(lambda: engine.status()[1].state is ProcessState.RUNNING, "the neighbour runs")
                failed, neighbour = engine.status()
        assert failed.last_exit is not None
        assert failed.last_exit.code == "TG-E004"
        assert "status 3" in failed.last_exit.text
        assert neighbour.restarts == 0

    def test_a_fault_in_native_code_costs_one_process(self) -> None:
        """A segmentation fault."""
        with self.folder() as folder:
            spec = lane("FailingOnceLane", folder, settings={"fault": "segfault"})
            status = self.ended([spec], ExitKind.LOST)
        assert status.last_exit is not None
        assert "SIGSEGV" in status.last_exit.text

    def test_a_hanging_step_is_noticed(self) -> None:
        """No step ends and nothing beats for `stuck_after_s`."""
        with self.folder() as folder:
            spec = lane("FailingOnceLane", folder, settings={"fault": "hang"}, stuck_after_s=1.0)
            status = self.ended([spec], ExitKind.STUCK)
        assert status.last_exit is not None
        assert status.last_exit.code == "TG-E005"

    def test_a_long_step_that_beats_is_left_alone(self) -> None:
        """It lasts several times `stuck_after_s`."""
        with self.folder() as folder:
            spec = lane("LongStepLane", folder, settings={"is_beating": True}, stuck_after_s=1.0)
            with self.running(spec) as engine:
                until(lambda: events(folder) == ["open", "begin"], "a step begins")
                began_s = time.monotonic()
                until(lambda: time.monotonic() - began_s > 2.5, "much longer than it may be silent")
                (folder / "go").touch()
                until(lambda: engine.status()[0].items, "the step is done")
                assert engine.status()[0].restarts == 0

    def test_an_unknown_error_is_told_by_type_and_frame_without_its_text(self) -> None:
        """Its text may hold what a person wrote."""
        with self.folder() as folder:
            status = self.ended([lane("FailingOnceLane", folder, settings={"fault": "raise"})], ExitKind.FAILED)
            assert status.last_exit is not None
            assert status.last_exit.code == "TG-E003"
            assert "ZeroDivisionError" in status.last_exit.text
            assert "tidegate.testing.lanes" in status.last_exit.text
            assert "caption" not in status.last_exit.text
            assert "close" in events(folder)

    def test_a_coded_error_of_a_step_is_told_by_its_code(self) -> None:
        """Without what and where, which may name an upload."""
        with self.folder() as folder:
            status = self.ended([lane("FailingOnceLane", folder, settings={"fault": "coded"})], ExitKind.FAILED)
        assert status.last_exit is not None
        assert status.last_exit.code == "TG-C002"
        assert "caption" not in status.last_exit.text
        assert "person" not in status.last_exit.text

    def test_a_lane_that_cannot_open_says_why_and_is_tried_until_it_can(self) -> None:
        """The coded error stands in the status whole."""
        with self.folder() as folder, self.running(lane("RefusingLane", folder)) as engine:
            until(lambda: engine.status()[0].restarts >= 1, "a second try")
            ended = engine.status()[0].last_exit
            assert ended is not None
            assert (ended.kind, ended.code) == (ExitKind.FAILED, "TG-C002")
            assert ended.text == "ready: nothing is ready: make it ready"
            (folder / "ready").touch()
            until(lambda: engine.status()[0].state is ProcessState.RUNNING, "it runs")

    def test_a_lane_that_opens_too_slowly_is_replaced(self) -> None:
        """After `open_within_s`."""
        with self.folder() as folder:
            status = self.ended([lane("SlowLane", folder, open_within_s=2.0)], ExitKind.STUCK)
        assert status.last_exit is not None
        assert "open" in status.last_exit.text

    def test_an_unknown_factory_is_a_coded_error(self) -> None:
        """A module, a function or a lane that is not there."""
        names = ("no_such_module:make", "tidegate.testing.lanes:Nothing", "tidegate.testing.lanes:NO_LANE")
        specs = [LaneSpec(name=f"lane{number}", factory=name) for number, name in enumerate(names)]
        with self.running(*specs) as engine:
            until(lambda: all(one.last_exit for one in engine.status()), "all have failed")
            assert {one.last_exit.code for one in engine.status() if one.last_exit} == {"TG-E002"}

    # --- limits ----------------------------------------------------------------------------------

    def test_a_leaking_process_is_recycled(self) -> None:
        """After the step in which it is above its limit."""
        with self.folder() as folder:
            status = self.ended([lane("LeakingLane", folder, memory_limit_mib=120)], ExitKind.RECYCLED)
            assert "close" in events(folder)
        assert status.last_exit is not None
        assert "120 MiB" in status.last_exit.text
        assert status.recycles == status.restarts > 0

    def test_a_process_is_recycled_after_its_steps(self) -> None:
        """Exactly as many steps with work in each process, and the sums go on."""
        with self.folder() as folder, self.running(lane("RehearsalLane", folder, recycle_after=2)) as engine:
            until(lambda: engine.status()[0].recycles >= 2, "recycled twice")
            assert events(folder)[:4] == ["open", "step", "step", "close"]
            assert engine.status()[0].items >= 4

    # --- the engine itself -----------------------------------------------------------------------

    def test_what_cannot_be_run_is_refused_whole(self) -> None:
        """LaneSpecError, and nothing was started."""
        engine = type(self).make()
        with self.folder() as folder:
            good = lane("RehearsalLane", folder)
            for bad in (
                good,
                LaneSpec(name="ebb", factory="nothing"),
                lane("RehearsalLane", folder, name="e", processes=0),
            ):
                try:
                    engine.start([good, bad])
                except LaneSpecError as error:
                    assert error.code == "TG-E001"
                else:
                    raise AssertionError("two lanes of one name, or a lane of no use, were started")
            assert engine.status() == ()
            engine.stop(0.0)
            assert events(folder) == []

    def test_it_starts_once_and_stops_as_often_as_asked(self) -> None:
        """A second start is refused while it runs; after a stop it may start again."""
        with self.folder() as folder, self.running(lane("RehearsalLane", folder)) as engine:
            try:
                engine.start([lane("RehearsalLane", folder, name="ebb")])
            except EngineStateError as error:
                assert error.code == "TG-E006"
            else:
                raise AssertionError("it was started twice")
            engine.stop(0.0)
            engine.stop(0.0)
            engine.start([lane("RehearsalLane", folder, name="ebb")])
            until(lambda: engine.status()[0].state is ProcessState.RUNNING, "it runs again")
            assert engine.status()[0].lane == "ebb"


def _has_recovered(status: ProcessStatus, kind: ExitKind) -> bool:
    is_running = status.state is ProcessState.RUNNING
    return is_running and status.last_exit is not None and status.last_exit.kind is kind
