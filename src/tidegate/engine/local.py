"""LocalEngine: every lane of one machine as processes that are bounded, watched, recycled and started again."""

import logging
import os
import secrets
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from tidegate.engine.base import LaneSpec, ProcessState, ProcessStatus, check_specs
from tidegate.engine.launch import Warden
from tidegate.engine.place import Place
from tidegate.errors import EngineStateError

LOG = logging.getLogger("tidegate.engine")
TICK_S = 0.1
"""Seconds between two looks at every process when nothing is heard."""
QUICK_TICK_S = 0.01
"""The same while a process is about to end."""
EXCUSED_GAP_S = 1.0
"""A pause of the engine itself longer than this is not held against its processes."""
TERM_GRACE_S = 2.0
"""Seconds between SIGTERM and SIGKILL."""
GIVE_UP_S = 10.0
"""Seconds after SIGKILL in which a process must be gone; one the kernel cannot end is left to it."""


class LocalEngine:
    """Runs lanes as processes of this machine; an `Engine`. Also a context manager that stops on leaving.

    `drain_s` is what SIGTERM and SIGINT grant a lane for its step; `wait_s` is the longest wait handed to `step`.
    `on_status` is called with every status on a change and at least every `status_every_s`, by the engine's own
    thread: it must return soon. A replacement starts after its predecessor is gone, so that memory stays bounded.

    All processes are started by one thread that lives as long as the engine, since the kernel ends them with it.
    Cost: one small process beside the lanes (the warden), ten looks a second.
    """

    def __init__(
        self,
        *,
        drain_s: float = 30.0,
        wait_s: float = 0.5,
        on_status: Callable[[tuple[ProcessStatus, ...]], None] | None = None,
        status_every_s: float = 5.0,
    ) -> None:
        self._drain_s = drain_s
        self._wait_s = wait_s
        self._on_status = on_status
        self._status_every_s = status_every_s
        self._told_s = 0.0
        self._statuses: tuple[ProcessStatus, ...] = ()
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._ended = threading.Event()
        self._end_by_s: float | None = None
        self._is_hurried = False
        self._wake: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(self._drain_s)

    def start(self, specs: Sequence[LaneSpec]) -> None:
        """Start every process of every lane; returns at once. Raises LaneSpecError, EngineStateError."""
        check_specs(specs)
        if self._thread is not None and not self._ended.is_set():
            raise EngineStateError("the engine runs already", next_step="stop it first, or make another one")
        mark = f"{secrets.token_hex(16)}."
        pairs = [(spec, index) for spec in specs for index in range(spec.processes)]
        places = [
            Place(spec=spec, index=index, mark=f"{mark}{number}.", wait_s=self._wait_s)
            for number, (spec, index) in enumerate(pairs)
        ]
        self._statuses = tuple(place.status() for place in places)
        self._ended.clear()
        self._error, self._end_by_s, self._is_hurried = None, None, False
        self._wake, sleeper = socket.socketpair()
        self._wake.setblocking(False)
        arguments = (places, mark, sleeper)
        self._thread = threading.Thread(target=self._supervise, args=arguments, name="tidegate-engine", daemon=True)
        self._thread.start()

    def status(self) -> tuple[ProcessStatus, ...]:
        """Every place as the engine last saw it, at most a tenth of a second ago."""
        return self._statuses

    def run_until_stopped(self) -> None:
        """Wait for the end; SIGTERM or SIGINT drains, a second one kills. Raises EngineStateError if not started.

        Handlers are installed when called from the main thread, and put back afterwards. SIGHUP counts as SIGTERM
        unless it is ignored. An error of the engine itself is raised here.
        """
        if self._thread is None:
            raise EngineStateError("the engine was not started", next_step="call start first")
        with self._signals():
            self._ended.wait()
        if self._error is not None:
            raise self._error

    def stop(self, drain_s: float) -> None:
        """Ask every lane to finish; after `drain_s` SIGTERM, 2 s later SIGKILL. Returns when all are gone."""
        if self._thread is None:
            return
        self._ask(drain_s)
        self._ended.wait()
        self._thread.join()

    def _ask(self, drain_s: float) -> None:
        by_s = time.monotonic() + drain_s
        self._end_by_s = by_s if self._end_by_s is None else min(by_s, self._end_by_s)
        self._rouse()

    def _rouse(self) -> None:
        wake = self._wake
        if wake is not None:
            try:
                wake.send(b"!")
            except OSError:
                return

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        if self._end_by_s is None:
            LOG.info("engine.draining signal=%s", signal.Signals(number).name)
            self._ask(self._drain_s)
        else:
            self._is_hurried = True
            self._rouse()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [signal.SIGTERM, signal.SIGINT]
        numbers += [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
        old = {number: signal.signal(number, self._signalled) for number in numbers}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    # --- the engine's own thread ----------------------------------------------------------------

    def _supervise(self, places: list[Place], mark: str, sleeper: socket.socket) -> None:
        warden: Warden | None = None
        try:
            warden = Warden(mark)
            self._loop(places, warden, sleeper)
        except BaseException as error:  # noqa: BLE001 - raised again by run_until_stopped
            LOG.critical("engine.failed error=%s", type(error).__name__)
            self._error = error
        finally:
            _end_all(places)
            if warden is not None:
                warden.dismiss()
            wake, self._wake = self._wake, None
            sleeper.close()
            if wake is not None:
                wake.close()
            self._tell(places, is_last=True)
            self._ended.set()

    def _loop(self, places: list[Place], warden: Warden, sleeper: socket.socket) -> None:
        ending = _Ending()
        woken_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            if now_s - woken_s > TICK_S + EXCUSED_GAP_S:
                for place in places:
                    place.excuse(now_s - woken_s)
            woken_s = now_s
            if self._end_by_s is not None:
                ending.press(places, self._end_by_s, now_s, is_hurried=self._is_hurried)
            for place in places:
                place.tend(now_s)
            warden.tend()
            self._tell(places)
            if ending.is_over(places, now_s):
                return
            _sleep(places, sleeper, is_quick=ending.is_asked)

    def _tell(self, places: list[Place], *, is_last: bool = False) -> None:
        statuses = tuple(place.status() for place in places)
        is_news = is_last or _shape(statuses) != _shape(self._statuses)
        self._statuses = statuses
        now_s = time.monotonic()
        if self._on_status is None or not (is_news or now_s - self._told_s >= self._status_every_s):
            return
        self._told_s = now_s
        try:
            self._on_status(statuses)
        except Exception as error:  # noqa: BLE001 - what watches the lanes must not stop them
            LOG.error("engine.on_status_failed error=%s", type(error).__name__)


class _Ending:
    """How far the end of an engine has got: asked, urged, killed."""

    def __init__(self) -> None:
        self.is_asked = self._is_urged = False
        self._killed_s: float | None = None

    def press(self, places: list[Place], end_by_s: float, now_s: float, *, is_hurried: bool) -> None:
        """Do what is due."""
        if not self.is_asked:
            self.is_asked = True
            for place in places:
                place.ask_to_end()
        elif now_s >= end_by_s and not self._is_urged:
            self._is_urged = True
            for place in places:
                place.urge()
        if self._killed_s is None and (is_hurried or now_s >= end_by_s + TERM_GRACE_S):
            self._killed_s = now_s
            for place in places:
                place.kill("did not end when asked")

    def is_over(self, places: list[Place], now_s: float) -> bool:
        """Whether every process is gone, or the kernel cannot end one."""
        if self._killed_s is not None and now_s > self._killed_s + GIVE_UP_S:
            return True
        return self.is_asked and all(place.state is ProcessState.STOPPED for place in places)


def _shape(statuses: tuple[ProcessStatus, ...]) -> list[tuple[int | None, ProcessState, int]]:
    return [(one.pid, one.state, one.restarts) for one in statuses]


def _sleep(places: list[Place], sleeper: socket.socket, *, is_quick: bool) -> None:
    """Until a process reports or ends, the engine is called, or the next look is due."""
    poll = select.poll()
    poll.register(sleeper, select.POLLIN)
    for place in places:
        if place.tenant is not None:
            if place.tenant.has_hung_up:
                is_quick = True
            else:
                poll.register(place.tenant.launched.end, select.POLLIN)
    for fd, _ in poll.poll(1000 * (QUICK_TICK_S if is_quick else TICK_S)):
        if fd == sleeper.fileno():
            os.read(fd, 4096)


def _end_all(places: list[Place]) -> None:
    """Whatever still runs when the engine's thread leaves: killed and buried, at most for a moment."""
    left = [place.tenant.launched for place in places if place.tenant is not None]
    for place in places:
        place.kill("the engine ended")
        place.tenant, place.state = None, ProcessState.STOPPED
    give_up_s = time.monotonic() + TERM_GRACE_S
    for one in left:
        while not one.has_ended() and time.monotonic() < give_up_s:
            time.sleep(QUICK_TICK_S)
        if one.has_ended():
            one.bury()
        else:
            one.end.close()
