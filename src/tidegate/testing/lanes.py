"""Lanes for tests of engines: each does one thing well or one thing wrong, and writes down what happens to it.

Every factory takes a JSON text with `folder`, where a lane appends lines to files and awaits files that let it go on.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tidegate.engine.pulse import beat
from tidegate.errors import SettingError

_PAUSE_S = 0.005


class RehearsalLane:
    """Writes `open`, `step`, `close` with its process id into `events`; one item a step. Base of the others.

    Settings: `folder`; `items`, the number of steps that do work (all when missing).
    """

    def __init__(self, config: str) -> None:
        self.settings: dict[str, Any] = json.loads(config)
        self.folder = Path(self.settings["folder"])
        self._left = self.settings.get("items")

    def note(self, event: str) -> None:
        """Append one line, whole even among processes."""
        with (self.folder / "events").open("a", encoding="utf-8") as file:
            file.write(f"{event} {os.getpid()}\n")

    def open(self) -> None:
        """Note it."""
        self.note("open")

    def step(self, wait_s: float) -> int:
        """One item, or none when all are done."""
        if self._left == 0:
            time.sleep(min(wait_s, _PAUSE_S))
            return 0
        time.sleep(_PAUSE_S)
        self.note("step")
        if self._left is not None:
            self._left -= 1
        return 1

    def close(self) -> None:
        """Note it."""
        self.note("close")

    def is_first(self, name: str) -> bool:
        """Whether no process has asked this before."""
        try:
            (self.folder / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def wait_for(self, name: str, *, is_beating: bool = False) -> bool:
        """Wait until the file is there; true when a beat said meanwhile that the lane is to finish."""
        while not (self.folder / name).exists():
            time.sleep(_PAUSE_S)
            if is_beating and beat():
                return True
        return False


class IdleLane(RehearsalLane):
    """Never has work and never waits: the cost of the loop alone."""

    def step(self, wait_s: float) -> int:
        """Nothing."""
        del wait_s
        return 0


class FailingOnceLane(RehearsalLane):
    """Does what `fault` says in its second step, in its first process only (always with `is_always`)."""

    _steps = 0

    def step(self, wait_s: float) -> int:
        """As above."""
        self._steps += 1
        if self._steps == 2 and (self.settings.get("is_always") or self.is_first("failed")):
            self._fail(self.settings["fault"])
        return super().step(wait_s)

    def _fail(self, fault: str) -> None:
        if fault == "exit":
            os._exit(3)
        elif fault == "segfault":
            ctypes.string_at(0)
        elif fault == "hang":
            self.wait_for("never")
        elif fault == "raise":
            raise ZeroDivisionError("a caption that nobody may see in a log")
        elif fault == "coded":
            raise SettingError("a caption that nobody may see in a log", where="a person's file")


class LeakingLane(RehearsalLane):
    """Keeps 8 MiB more after each step, up to a gigabyte; in a child process with `is_in_child`."""

    def __init__(self, config: str) -> None:
        super().__init__(config)
        self._kept: list[bytes] = []
        self._child: subprocess.Popen[bytes] | None = None

    def step(self, wait_s: float) -> int:
        """Leak a little."""
        if self.settings.get("is_in_child"):
            if self._child is None:
                code = "import time; kept = b'x' * 200_000_000; time.sleep(600)"
                self._child = subprocess.Popen([sys.executable, "-c", code])  # noqa: S603 - our own code
        elif len(self._kept) < 128:
            self._kept.append(b"\1" * (8 << 20))
        return super().step(wait_s)


class RefusingLane(RehearsalLane):
    """Does not open until the file `ready` is there."""

    def open(self) -> None:
        """Raises SettingError until it may open."""
        if not (self.folder / "ready").exists():
            raise SettingError("nothing is ready", where="ready", next_step="make it ready")
        super().open()


class SlowLane(RehearsalLane):
    """Opens slowly: the first process never does, the others at once."""

    def open(self) -> None:
        """Hang once."""
        if self.is_first("opened-before"):
            self.wait_for("never")
        super().open()


class LongStepLane(RehearsalLane):
    """Its steps last until the file `go` is there; with `is_beating` it beats and obeys the beat."""

    def step(self, wait_s: float) -> int:
        """Begin, wait, end."""
        del wait_s
        self.note("begin")
        was_told = self.wait_for("go", is_beating=bool(self.settings.get("is_beating")))
        self.note("told" if was_told else "end")
        return 1


class FamilyLane(RehearsalLane):
    """Starts a process in its own group and one in a session of its own, and notes both as `child`."""

    def open(self) -> None:
        """Start the family."""
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        self._family = [
            subprocess.Popen(command, start_new_session=is_apart)  # noqa: S603 - our own code
            for is_apart in (False, True)
        ]
        with (self.folder / "children").open("a", encoding="utf-8") as file:
            file.writelines(f"{child.pid}\n" for child in self._family)
        super().open()


class ListeningLane(RehearsalLane):
    """Answers each connection on the inherited socket `fd` with its process id."""

    def step(self, wait_s: float) -> int:
        """Serve one connection."""
        import socket

        with socket.socket(fileno=os.dup(self.settings["fd"])) as listener:
            listener.settimeout(wait_s)
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                return 0
        with connection:
            connection.sendall(str(os.getpid()).encode())
        return 1


class EnvironmentLane(RehearsalLane):
    """Writes its threads' settings and its open files into `environment`."""

    def open(self) -> None:
        """Write them down."""
        found = {
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS"),
            "fds": sorted(int(name.name) for name in Path("/proc/self/fd").iterdir()),
            "is_leader": os.getpgid(0) == os.getpid(),
        }
        (self.folder / "environment").write_text(json.dumps(found), encoding="utf-8")
        super().open()


NO_LANE = "not callable and no lane"
