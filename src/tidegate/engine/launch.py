"""Starts lane processes and the warden: fresh interpreters, one thread a library, each in a session of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.engine import channel
from tidegate.engine.base import LaneSpec
from tidegate.engine.leash import MARK, end_marked

ONE_THREAD: Mapping[str, str] = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1"
)
"""Environment of every lane process: lanes share a machine by processes, not by threads."""
WARDEN_LEAVES_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """A lane process that was started, the engine's end of the socket to it, and the mark that its family carries."""

    process: "subprocess.Popen[bytes]"
    end: socket.socket
    mark: str

    @property
    def pid(self) -> int:
        """Its process id, which is also its process group and session."""
        return self.process.pid

    def has_ended(self) -> bool:
        """Whether it is gone; it is not reaped yet, so that its number stays its own."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill_group(self) -> None:
        """Kill the process and all of its group. Only before `bury`."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def bury(self) -> int:
        """After its end: kill whatever it left behind, reap it, close the socket. Its exit status, -N for signal N."""
        self.kill_group()
        end_marked(self.mark)
        self.end.close()
        return self.process.wait()


def launch(spec: LaneSpec, index: int, mark: str, wait_s: float) -> Launched:
    """Start one process of a lane. Raises OSError when the system has no room for it. Cost: some 2 ms.

    The calling thread must live as long as the process: the kernel ends the process with it.
    """
    ours, theirs = channel.pair()
    try:
        with theirs:
            channel.send(ours, _message(spec, wait_s))
            process = subprocess.Popen(  # noqa: S603 - this interpreter, our own code
                _command("process", str(theirs.fileno()), str(os.getpid()), f"{spec.name}.{index}"),
                pass_fds=(theirs.fileno(), *spec.listen_fds),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD, MARK: mark},
                start_new_session=True,
            )
    except BaseException:
        ours.close()
        raise
    return Launched(process=process, end=ours, mark=mark)


def _message(spec: LaneSpec, wait_s: float) -> dict[str, object]:
    return {
        "factory": spec.factory,
        "config": spec.config,
        "memory_limit_mib": spec.memory_limit_mib,
        "recycle_after": spec.recycle_after,
        "listen_fds": spec.listen_fds,
        "wait_s": min(wait_s, spec.stuck_after_s / 4),
        "sys_path": [str(entry) for entry in sys.path],
    }


def _command(module: str, *arguments: str) -> list[str]:
    # -P: whatever lies in the current folder is not imported.
    return [sys.executable, "-P", "-m", f"tidegate.engine.{module}", *arguments]


class Warden:
    """The small process that ends an engine's processes when the engine is killed; started again if it is lost."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._process = self._start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def tend(self) -> None:
        """Replace it if it is gone."""
        if self._process.poll() is not None:
            self._forget()
            with contextlib.suppress(OSError):  # no room for a process now; the next look tries again
                self._process = self._start()

    def dismiss(self) -> None:
        """Let it look a last time for processes that were left behind, and end it."""
        self._forget()
        try:
            self._process.wait(WARDEN_LEAVES_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _forget(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - this interpreter, our own code
            _command("warden", self._mark, str(os.getpid())),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
