"""What a lane's process runs: `python -m tidegate.engine.process FD PARENT LANE`, started by `LocalEngine` only.

The spec comes as the first message on the socket FD; opening, heartbeats with counts, and the reason of leaving go
back on it. Heartbeats are sent from the loop itself, so that a step which hangs is noticed.
"""

import contextlib
import faulthandler
import importlib
import os
import signal
import socket
import sys
import threading
import time
from types import FrameType
from typing import Any

from tidegate.engine import channel
from tidegate.engine.base import Lane
from tidegate.engine.leash import die_with_parent
from tidegate.engine.memory import resident_mib
from tidegate.engine.pulse import beat, on_beat
from tidegate.errors import LaneFactoryError, LaneFailedError, TidegateError

__all__ = ["beat", "main"]
REPORT_EVERY_S = 0.2
"""Seconds between two heartbeats while steps or `beat` come more often than that; memory is measured as often."""


class LaneProcess:
    """One lane in this process, from its factory to its close."""

    def __init__(self, end: socket.socket, spec: dict[str, Any]) -> None:
        self._end = end
        self._spec = spec
        self._is_interruptible = True
        self._is_asked_to_end = False
        self._reported_at_s = self._heard_at_s = 0.0
        self._steps = self._items = self._steps_with_work = 0
        self._rss_mib = 0.0
        self._main_thread = threading.get_ident()

    def run(self) -> int:
        """Open the lane, step until asked to end or a limit is reached, close it. The process's exit status."""
        for fd in self._spec["listen_fds"]:
            os.set_inheritable(fd, False)
        try:
            lane = make_lane(self._spec["factory"], self._spec["config"])
            lane.open()
        except Exception as error:  # noqa: BLE001 - whatever a lane raises is told to the engine
            return self._fail(error, is_open=False)
        self._is_interruptible = False
        self._report("opened")
        on_beat(self._beat)
        status = self._step_until_the_end(lane)
        self._report("closing")
        try:
            lane.close()
        except Exception as error:  # noqa: BLE001 - as above
            return self._fail(error, is_open=True) if status == 0 else status
        return status

    def _step_until_the_end(self, lane: Lane) -> int:
        wait_s = float(self._spec["wait_s"])
        try:
            while not self._must_end():
                items = lane.step(wait_s)
                self._steps += 1
                if items > 0:
                    self._items += items
                    self._steps_with_work += 1
                if reason := self._limit_reached():
                    channel.send(self._end, {"kind": "leaving", "why": reason})
                    break
        except SystemExit:
            # A second request to end came in the middle of a step; anything else that exits is the lane's own fault.
            return 0 if self._is_asked_to_end else 1
        except Exception as error:  # noqa: BLE001 - as above
            return self._fail(error, is_open=True)
        return 0

    def _must_end(self) -> bool:
        """Whether the loop is to end; hears what the engine asks, and reports, each when it is due."""
        now_s = time.monotonic()
        if now_s - self._reported_at_s >= REPORT_EVERY_S:
            self._report("beat")
        # Not together with the report: the memory limit reports after each long step, and hearing would never be due.
        if now_s - self._heard_at_s >= REPORT_EVERY_S:
            self._hear()
        return self._is_asked_to_end

    def _hear(self) -> None:
        self._heard_at_s = time.monotonic()
        messages, is_engine_there = channel.receive(self._end)
        if messages or not is_engine_there:
            self._is_asked_to_end = True

    def _beat(self) -> bool:
        return threading.get_ident() == self._main_thread and self._must_end()

    def _limit_reached(self) -> str:
        """Why this process should be replaced, or nothing."""
        most_steps, most_mib = self._spec["recycle_after"], self._spec["memory_limit_mib"]
        if most_steps is not None and self._steps_with_work >= most_steps:
            return f"{self._steps_with_work} steps with work were done"
        if most_mib is not None and time.monotonic() - self._reported_at_s >= REPORT_EVERY_S:
            self._report("beat")
        if most_mib is not None and self._rss_mib > most_mib:
            return f"{self._rss_mib:.0f} MiB are more than {most_mib} MiB"
        return ""

    def _report(self, kind: str) -> None:
        self._reported_at_s = time.monotonic()
        self._rss_mib = resident_mib()
        message = {"kind": kind, "steps": self._steps, "items": self._items, "rss_mib": round(self._rss_mib, 1)}
        channel.send(self._end, message)

    def _fail(self, error: Exception, *, is_open: bool) -> int:
        channel.send(self._end, {"kind": "failed", "error": told(error, is_open=is_open)})
        return 1

    def end_asked(self, _number: int, _frame: FrameType | None) -> None:
        """SIGTERM: finish the step; while opening, or when asked before, leave at once."""
        if not self._is_asked_to_end and not self._is_interruptible:
            self._hear()
        if self._is_asked_to_end or self._is_interruptible:
            raise SystemExit(0)
        self._is_asked_to_end = True


def make_lane(factory: str, config: str) -> Lane:
    """Import and call a factory. Raises LaneFactoryError, or what the factory raises."""
    module_name, _, path = factory.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        missing = f"{type(error).__name__}: {error}"
        raise LaneFactoryError(
            f"the factory cannot be imported ({missing})", where=factory, next_step="install or correct what it names"
        ) from error
    lane = found(config) if callable(found) else found
    if not callable(found) or not isinstance(lane, Lane):
        what = "the factory gives no lane: open, step and close are missing"
        raise LaneFactoryError(what, where=factory, next_step="return an object with open, step and close")
    return lane


def told(error: Exception, *, is_open: bool) -> dict[str, str]:
    """An error as it may stand in a log: whole while opening, without its text once uploads are in play.

    An unknown exception is told by its type and the frame that raised it, never by its message.
    """
    if isinstance(error, TidegateError) and not is_open:
        return error.to_json()
    name = type(error).__name__
    frame = _last_frame(error)
    if isinstance(error, TidegateError):
        return {"code": error.code, "what": f"{name} in a step", "where": frame, "next_step": ""}
    step = "report this with its frame; the lane is started again"
    return LaneFailedError(f"the lane raised {name}", where=frame, next_step=step).to_json()


def _last_frame(error: BaseException) -> str:
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "?")
    return f"{module}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}"


def main(fd: int, parent_pid: int) -> int:
    """Serve one lane to its end. The exit status: 0 when asked to leave, 1 when the lane failed or is refused."""
    die_with_parent(parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR2, all_threads=True)
    os.set_inheritable(fd, False)
    with socket.socket(fileno=fd) as end:
        messages, _ = channel.receive(end)
        if not messages:
            return 1
        spec = messages[0]
        sys.path[:] = spec["sys_path"]
        process = LaneProcess(end, spec)
        signal.signal(signal.SIGTERM, process.end_asked)
        return process.run()


if __name__ == "__main__":
    # Lanes import this module by its name; the loop must be the one they see.
    from tidegate.engine.process import main as named_main

    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(named_main(int(sys.argv[1]), int(sys.argv[2])))
