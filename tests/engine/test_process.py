"""What a lane's process does by itself: finding its lane, telling errors, the beat, its memory."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from tidegate.engine import process, pulse
from tidegate.engine.memory import resident_mib
from tidegate.errors import LaneFactoryError, SettingError

EVERYTHING = '{"folder": "."}'


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - with its frame
        return caught


@pytest.mark.parametrize(
    "factory", ["no_such_module:make", "tidegate.testing.lanes:Nothing", "json:loads", "json:decoder"]
)
def test_a_factory_that_gives_no_lane_is_named(factory: str) -> None:
    with pytest.raises(LaneFactoryError, match=factory):
        process.make_lane(factory, EVERYTHING)


def test_a_factory_may_stand_inside_a_class() -> None:
    lane = process.make_lane("tidegate.testing.lanes:RehearsalLane", EVERYTHING)
    assert lane.step.__name__ == "step"


def test_an_error_is_told_whole_only_while_opening() -> None:
    error = _raised(SettingError("no such colour", where="settings", next_step="choose another"))
    assert process.told(error, is_open=False) == error.to_json()  # type: ignore[attr-defined]
    told = process.told(error, is_open=True)
    assert told["code"] == "TG-C002"
    assert "colour" not in str(told)
    assert "_raised" in told["where"]


@pytest.mark.parametrize("is_open", [True, False])
def test_an_unknown_error_never_carries_its_text(is_open: bool) -> None:
    told = process.told(_raised(ValueError("what a person wrote")), is_open=is_open)
    assert told["code"] == "TG-E003"
    assert "ValueError" in told["what"]
    assert "_raised" in told["where"]
    assert "person" not in str(told)


def test_a_beat_outside_of_an_engine_does_nothing() -> None:
    assert pulse.beat() is False
    assert process.beat is pulse.beat


def test_a_beat_reaches_the_engine_and_brings_its_wish() -> None:
    pulse.on_beat(lambda: True)
    try:
        assert pulse.beat() is True
    finally:
        pulse.on_beat(None)
    assert pulse.beat() is False


def test_a_beat_from_a_side_thread_is_no_sign_of_life() -> None:
    from tidegate.engine import channel

    ours, theirs = channel.pair()
    with ours, theirs:
        one = process.LaneProcess(theirs, {})
        thread = threading.Thread(target=one._beat)
        thread.start()
        thread.join()
        assert channel.receive(ours) == ([], True)
        one._beat()
        messages, _ = channel.receive(ours)
    assert [message["kind"] for message in messages] == ["beat"]


def test_memory_counts_this_process_and_its_children() -> None:
    before_mib = resident_mib()
    assert before_mib > 5
    code = "kept = b'x' * 100_000_000; print('up', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert resident_mib() > before_mib + 80
        child.communicate(b"\n")


class _SlowLane:
    """Steps longer than the time between two reports; fails rather than going on for ever."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self.steps = 0

    def open(self) -> None: ...

    def step(self, wait_s: float) -> int:
        del wait_s
        self.steps += 1
        assert self.steps < 20, "it was never heard that the lane is to end"
        if self.steps == 2:
            self._ask()
        time.sleep(0.03)
        return 1

    def close(self) -> None: ...


def test_a_lane_with_a_memory_limit_and_long_steps_hears_that_it_is_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from tidegate.engine import channel

    monkeypatch.setattr(process, "REPORT_EVERY_S", 0.02)
    spec = {"listen_fds": [], "factory": "", "config": "", "wait_s": 0.1, "recycle_after": None}
    ours, theirs = channel.pair()
    with ours, theirs:
        slow = _SlowLane(lambda: channel.send(ours, {"kind": "drain"}))
        monkeypatch.setattr(process, "make_lane", lambda *_: slow)
        try:
            assert process.LaneProcess(theirs, {**spec, "memory_limit_mib": 1_000_000}).run() == 0
        finally:
            pulse.on_beat(None)
        messages, _ = channel.receive(ours)
    assert [message["kind"] for message in messages][-1] == "closing"
    assert messages[-1]["steps"] == 2
