"""One place of a lane: the process in it, what it reported, when it is late, and when its successor starts."""

import logging
import os
import signal
from dataclasses import dataclass, field
from typing import Any

from tidegate.engine import channel
from tidegate.engine.backoff import Backoff
from tidegate.engine.base import ExitKind, LaneSpec, ProcessExit, ProcessState, ProcessStatus
from tidegate.engine.launch import Launched, launch
from tidegate.errors import LaneLostError, LaneSilentError

LOG = logging.getLogger("tidegate.engine")
_PLANNED = (ExitKind.RECYCLED, ExitKind.DRAINED)
_SHOW_STACK_S = 0.2
"""Seconds a silent process gets to write its stack to standard error before it is killed."""
_HUNG_UP_S = 5.0
"""Seconds in which a process that closed its socket must have ended."""


@dataclass(slots=True)
class _Tenant:
    """What is known of the process that is in the place now; times are of the monotonic clock."""

    launched: Launched
    started_s: float
    heard_s: float
    opened_s: float | None = None
    kill_s: float | None = None
    steps: int = 0
    items: int = 0
    rss_mib: float = 0.0
    has_hung_up: bool = False
    is_asked_to_end: bool = False
    is_closing: bool = False
    verdict: ProcessExit | None = None


@dataclass(slots=True)
class Place:
    """Keeps one process of a lane running. Every method is called by the engine's own thread, with the time."""

    spec: LaneSpec
    index: int
    mark: str
    wait_s: float
    backoff: Backoff = field(default_factory=Backoff)
    state: ProcessState = ProcessState.STARTING
    tenant: _Tenant | None = None
    _due_s: float = 0.0
    _launches: int = 0
    _restarts: int = 0
    _recycles: int = 0
    _last_exit: ProcessExit | None = None
    _steps: int = 0
    _items: int = 0

    def status(self) -> ProcessStatus:
        """What is known now."""
        one = self.tenant
        return ProcessStatus(
            lane=self.spec.name,
            index=self.index,
            pid=one.launched.pid if one else None,
            state=self.state,
            restarts=self._restarts,
            recycles=self._recycles,
            last_exit=self._last_exit,
            steps=self._steps + (one.steps if one else 0),
            items=self._items + (one.items if one else 0),
            rss_mib=one.rss_mib if one else 0.0,
        )

    def tend(self, now_s: float) -> None:
        """Hear the process, bury it if it is gone, judge it if it is late, start the next one when it is time."""
        if self.tenant is None:
            if self.state is not ProcessState.STOPPED and now_s >= self._due_s:
                self._launch(now_s)
            return
        has_ended = self.tenant.launched.has_ended()  # before hearing: what it said last is heard then
        self._hear(self.tenant, now_s)
        if has_ended:
            self._bury(self.tenant, now_s)
        else:
            self._judge(self.tenant, now_s)

    def excuse(self, gap_s: float) -> None:
        """Do not count a time in which the engine itself did not run (suspended, starved of the processor)."""
        if self.tenant is not None:
            self.tenant.heard_s += gap_s
            self.tenant.started_s += gap_s

    def ask_to_end(self) -> None:
        """Ask for the last step and the close; a process that is not open yet has nothing to finish."""
        if self.tenant is None:
            self.state = ProcessState.STOPPED
            return
        self.tenant.is_asked_to_end = True
        if self.tenant.opened_s is None:
            self.tenant.launched.signal(signal.SIGTERM)
        else:
            channel.send(self.tenant.launched.end, {"kind": "drain"})

    def urge(self) -> None:
        """SIGTERM: break off the step."""
        if self.tenant is not None:
            self.tenant.launched.signal(signal.SIGTERM)

    def kill(self, why: str) -> None:
        """SIGKILL to the process and its group; it is buried by the next `tend`."""
        if self.tenant is not None:
            if self.tenant.verdict is None:
                self.tenant.verdict = ProcessExit(kind=ExitKind.STUCK, text=why, code=LaneSilentError.code)
            self.tenant.launched.kill_group()

    def _launch(self, now_s: float) -> None:
        self._launches += 1
        self._restarts += self._launches > 1
        try:
            launched = launch(self.spec, self.index, f"{self.mark}{self._launches}.", self.wait_s)
        except OSError as error:
            text = f"no process could be started: {os.strerror(error.errno or 0)}"
            self._after(ProcessExit(kind=ExitKind.LOST, text=text, code=LaneLostError.code), now_s, 0.0)
            return
        self.tenant = _Tenant(launched=launched, started_s=now_s, heard_s=now_s)
        self.state = ProcessState.STARTING
        LOG.info("lane.started lane=%s index=%d pid=%d", self.spec.name, self.index, launched.pid)

    def _hear(self, one: _Tenant, now_s: float) -> None:
        if one.has_hung_up:
            return
        messages, is_there = channel.receive(one.launched.end)
        for message in messages:
            one.heard_s = now_s
            self._take(one, message, now_s)
        if not is_there:
            one.has_hung_up = True
            one.kill_s = one.kill_s or now_s + _HUNG_UP_S

    def _take(self, one: _Tenant, message: dict[str, Any], now_s: float) -> None:
        kind = message["kind"]
        if kind in ("opened", "beat", "closing"):
            one.steps, one.items, one.rss_mib = message["steps"], message["items"], message["rss_mib"]
            one.is_closing = kind == "closing"
        if kind == "opened":
            one.opened_s = now_s
            self.state = ProcessState.RUNNING
            LOG.info("lane.opened lane=%s index=%d pid=%d", self.spec.name, self.index, one.launched.pid)
            if one.is_asked_to_end:
                channel.send(one.launched.end, {"kind": "drain"})
        elif kind == "leaving":
            one.verdict = ProcessExit(kind=ExitKind.RECYCLED, text=message["why"])
        elif kind == "failed":
            error = message["error"]
            text = ": ".join(part for part in (error["where"], error["what"], error["next_step"]) if part)
            one.verdict = ProcessExit(kind=ExitKind.FAILED, text=text, code=error["code"])

    def _judge(self, one: _Tenant, now_s: float) -> None:
        """Kill a process that is late: first ask it to show where it is, a moment later for good."""
        if one.kill_s is not None:
            if now_s >= one.kill_s:
                self.kill("closed its socket and did not end")
            return
        late = ""
        if one.opened_s is None:
            if now_s - one.started_s > self.spec.open_within_s:
                late = f"did not open within {self.spec.open_within_s:g} s"
        elif now_s - one.heard_s > self.spec.stuck_after_s:
            late = f"was silent for {self.spec.stuck_after_s:g} s"
        if late:
            one.verdict = ProcessExit(kind=ExitKind.STUCK, text=late, code=LaneSilentError.code)
            one.launched.signal(signal.SIGUSR2)
            one.kill_s = now_s + _SHOW_STACK_S

    def _bury(self, one: _Tenant, now_s: float) -> None:
        status = one.launched.bury()
        self.tenant = None
        self._steps += one.steps
        self._items += one.items
        ended = one.verdict or _exit_of(status, is_orderly=one.is_closing or one.is_asked_to_end)
        is_wanted = ended.kind in _PLANNED
        self._recycles += is_wanted and not one.is_asked_to_end
        LOG.log(
            logging.INFO if is_wanted else logging.WARNING,
            "lane.ended lane=%s index=%d pid=%d kind=%s code=%s why=%r",
            *(self.spec.name, self.index, one.launched.pid, ended.kind.value, ended.code, ended.text),
        )
        if one.is_asked_to_end:
            self._last_exit = ended
            self.state = ProcessState.STOPPED
        elif is_wanted and one.items > 0:
            self._last_exit, self._due_s, self.state = ended, now_s, ProcessState.RESTARTING
        else:
            self._after(ended, now_s, 0.0 if one.opened_s is None else now_s - one.opened_s)

    def _after(self, ended: ProcessExit, now_s: float, ran_s: float) -> None:
        """Wait before the next start; also after a planned end without work, else a low limit would spin."""
        self._last_exit = ended
        self.state = ProcessState.RESTARTING
        self._due_s = now_s + self.backoff.next_wait_s(ran_s)


def _exit_of(status: int, *, is_orderly: bool) -> ProcessExit:
    """What the exit status of a process says that gave no reason itself."""
    if is_orderly and status in (0, -signal.SIGTERM):
        return ProcessExit(kind=ExitKind.DRAINED, text="was asked to end")
    names = {-one.value: one.name for one in signal.Signals}
    text = f"was ended by {names.get(status, f'signal {-status}')}" if status < 0 else f"exited with status {status}"
    return ProcessExit(kind=ExitKind.LOST, text=text, code=LaneLostError.code)
