"""What a lane is, what an engine does with it, and what can be said of the processes it runs in.

An engine keeps no work: all state is where the lanes keep it, so any process may be lost at any moment. This module
knows neither the server nor how processes are started; another engine implements `Engine` and passes
`tidegate.testing.engines.EngineConformance`.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from tidegate.errors import LaneSpecError

MOST_CONFIG_BYTES = 65_536
"""The largest `config` of a lane; a lane reads anything larger from a file or a database itself."""
_FACTORY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSpec:
    """One lane and how its processes are bounded.

    `factory` is "package.module:function"; it is called in the lane's process with `config`, a JSON text of at most
    64 KiB, and returns a Lane. `memory_limit_mib` is resident memory of the process and its children above which it is
    recycled after its step; `recycle_after` counts steps that did work. A process silent for `stuck_after_s`, or not
    open within `open_within_s` of its start, is killed and replaced. `listen_fds` are sockets that already listen
    and are inherited under the same numbers.
    """

    name: str
    factory: str
    config: str = "{}"
    processes: int = 1
    memory_limit_mib: int | None = None
    recycle_after: int | None = None
    stuck_after_s: float = 300.0
    open_within_s: float = 180.0
    listen_fds: tuple[int, ...] = ()


@runtime_checkable
class Lane(Protocol):
    """A loop's body. All three are called in one thread, the main one of a process; a lane never knows where."""

    def open(self) -> None:
        """Load models, connect. Called once. Raises TidegateError when the lane cannot work yet: it is retried."""

    def step(self, wait_s: float) -> int:
        """Do one batch, or wait at most `wait_s` for work. How many items were done."""

    def close(self) -> None:
        """Give back what is held. Called once, after the last step, also after one that raised."""


class ProcessState(StrEnum):
    """Where a process of a lane stands."""

    STARTING = "starting"
    """The process runs but its lane is not open yet."""
    RUNNING = "running"
    """The lane is open and steps."""
    RESTARTING = "restarting"
    """The process ended and its successor waits for its time."""
    STOPPED = "stopped"
    """The engine was stopped and the process is gone."""


class ExitKind(StrEnum):
    """Why a process ended."""

    DRAINED = "drained"
    """It was asked to."""
    RECYCLED = "recycled"
    """It reached its memory limit or its number of steps."""
    FAILED = "failed"
    """Its lane raised an error."""
    LOST = "lost"
    """It crashed, exited by itself or was killed by somebody else."""
    STUCK = "stuck"
    """It was silent or did not open in time, or did not end when asked, and was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExit:
    """How a process ended: the kind, the error's code (empty when none) and one line without content of uploads."""

    kind: ExitKind
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStatus:
    """One place of a lane as last heard of.

    `pid` is `None` while no process runs. `restarts` counts every replacement, `recycles` those of them that were
    planned. `steps` and `items` are summed over all processes of the place and never fall. `rss_mib` is the
    resident memory of the process and its children.
    """

    lane: str
    index: int
    pid: int | None
    state: ProcessState
    restarts: int = 0
    recycles: int = 0
    last_exit: ProcessExit | None = None
    steps: int = 0
    items: int = 0
    rss_mib: float = 0.0


class Engine(Protocol):
    """Runs lanes until it is stopped."""

    def start(self, specs: Sequence[LaneSpec]) -> None:
        """Start every process of every lane and return without waiting for them to open.

        Raises LaneSpecError (nothing was started) and EngineStateError when it runs already.
        """

    def status(self) -> tuple[ProcessStatus, ...]:
        """Every place in the order of the specs, then by index; empty before the first start. Cheap, never blocks."""

    def run_until_stopped(self) -> None:
        """Return when `stop` was called from another thread, or SIGTERM or SIGINT came and all lanes have ended."""

    def stop(self, drain_s: float) -> None:
        """Ask every lane to finish its step and close; after `drain_s` end it. Returns when all are gone."""


def check_specs(specs: Sequence[LaneSpec]) -> None:
    """Raises LaneSpecError naming the lane and the field when lanes cannot be run as described."""
    names = [spec.name for spec in specs]
    for spec in specs:
        if names.count(spec.name) > 1:
            raise _wrong(spec, "name", "is the name of two lanes", "give every lane a name of its own")
        _check_form(spec)
        _check_bounds(spec)
        for fd in spec.listen_fds:
            try:
                os.fstat(fd)
            except OSError as error:
                raise _wrong(spec, "listen_fds", f"{fd} is no open file", "open the socket first") from error


def _check_form(spec: LaneSpec) -> None:
    if not _NAME.fullmatch(spec.name):
        raise _wrong(spec, "name", "is no name", "use lower-case letters, digits, - and _, at most 64")
    if not _FACTORY.fullmatch(spec.factory):
        raise _wrong(spec, "factory", f"{spec.factory!r} names no function", "write package.module:function")
    try:
        json.loads(spec.config)
    except ValueError as error:
        raise _wrong(spec, "config", "is not JSON", "hand the factory a JSON text") from error
    if len(spec.config.encode()) > MOST_CONFIG_BYTES:
        what = f"is larger than {MOST_CONFIG_BYTES} bytes"
        raise _wrong(spec, "config", what, "let the lane read large settings from a file")


def _check_bounds(spec: LaneSpec) -> None:
    for field in ("processes", "memory_limit_mib", "recycle_after", "stuck_after_s", "open_within_s"):
        value = getattr(spec, field)
        if value is not None and not value > 0:
            raise _wrong(spec, field, f"is {value}", "use a number above 0")


def _wrong(spec: LaneSpec, field: str, what: str, next_step: str) -> LaneSpecError:
    return LaneSpecError(f"{field} {what}", where=f"lane {spec.name!r}", next_step=next_step)


def status_json(statuses: Sequence[ProcessStatus]) -> str:
    """The statuses as one line of JSON, for a file that another process reads: a list of objects."""
    return json.dumps([_plain(status) for status in statuses], separators=(",", ":"))


def read_status_json(text: str) -> tuple[ProcessStatus, ...]:
    """The statuses that `status_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
    return tuple(_status(row) for row in json.loads(text))


def _plain(status: ProcessStatus) -> dict[str, Any]:
    return asdict(status)


def _status(row: dict[str, Any]) -> ProcessStatus:
    ended = row["last_exit"]
    last_exit = None if ended is None else ProcessExit(**{**ended, "kind": ExitKind(ended["kind"])})
    return ProcessStatus(**{**row, "state": ProcessState(row["state"]), "last_exit": last_exit})
