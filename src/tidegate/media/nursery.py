"""The caller's side of the decode processes: starting them, asking them by a deadline, ending them."""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

from tidegate.errors import DecodeCrashError
from tidegate.media.limits import MediaLimits

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]); "
    "from tidegate.media.child import serve; serve(int(sys.argv[1]))"
)
START_LIMIT_S = 60.0
"""Seconds a nursery may take to load the decoders; 0.3 s on an idle machine."""
ANSWER_LIMIT_S = 10.0
"""Seconds a nursery may take to fork or end a decoder; it does nothing else."""
GRACE_S = 1.0
"""Seconds beyond the wall limit before a decoder is given up; it stops by itself well before the limit."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")


class LostDecoderError(Exception):
    """A decoder died or was given up; `was_late` when it was still running at the deadline."""

    def __init__(self, *, was_late: bool) -> None:
        super().__init__()
        self.was_late = was_late


class Decoder:
    """One decode process and the socket to it."""

    def __init__(self, nursery: "Nursery", pid: int, connection: socket.socket) -> None:
        self.nursery = nursery
        self.pid = pid
        self.served = 0
        self._connection = connection
        self.forget = weakref.finalize(self, connection.close)
        """Close the socket to a process that is gone; also done when the last reference goes."""

    def ask(self, request: dict[str, Any], limits: MediaLimits) -> tuple[dict[str, Any], list[Any]]:
        """Send one request and read its answer by the deadline. Raises LostDecoderError, DecodeCrashError."""
        from tidegate.media import wire

        self.served += 1
        deadline = time.monotonic() + limits.wall_limit_s + GRACE_S
        body = json.dumps(request).encode()
        try:
            self._connection.settimeout(max(0.01, deadline - time.monotonic()))
            self._connection.sendall(len(body).to_bytes(8, "big") + body)
            return wire.unpack(lambda count: self._receive(count, deadline), limits.max_output_bytes)
        except TimeoutError as error:
            raise LostDecoderError(was_late=True) from error
        except OSError as error:
            raise LostDecoderError(was_late=False) from error

    def _receive(self, count: int, deadline: float) -> bytearray:
        data = bytearray(count)
        view, filled = memoryview(data), 0
        while filled < count:
            self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            got = self._connection.recv_into(view[filled:])
            if not got:
                raise LostDecoderError(was_late=False)
            filled += got
        return data

    def is_waiting(self) -> bool:
        """Whether it is alive and silent; one that died while idle, or speaks unasked, is not."""
        return not select.select([self._connection], [], [], 0)[0]

    def end(self) -> int | None:
        """Kill it if it lives; its raw wait status, `None` when the nursery is gone too."""
        self.forget()
        return self.nursery.end(self.pid)


class Nursery:
    """The process that has the decoders loaded and forks decode processes from itself. `close` ends all of them.

    Raises DecodeCrashError when it cannot be started. Cost: 0.3 s.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own code
                [
                    sys.executable,
                    "-I",
                    "-c",
                    _BOOT,
                    str(theirs.fileno()),
                    json.dumps([str(entry) for entry in sys.path]),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
                start_new_session=True,
            )
        self._control = ours
        self._lock = threading.Lock()
        self.pid = self._process.pid
        self.close = weakref.finalize(self, _end_nursery, self._process, ours)
        self._hear(START_LIMIT_S)

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def fork(self) -> Decoder:
        """A fresh decode process. Raises DecodeCrashError. Cost: 5 ms."""
        ours, theirs = socket.socketpair()
        with theirs:
            answer = self._ask({"op": "fork"}, [theirs.fileno()])
        return Decoder(self, int(answer["pid"]), ours)

    def end(self, pid: int) -> int | None:
        """Kill a decode process if it lives; its raw wait status, `None` when the nursery does not answer."""
        try:
            return int(self._ask({"op": "end", "pid": pid}, [])["status"])
        except DecodeCrashError:
            return None

    def _ask(self, request: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        with self._lock:
            try:
                self._control.settimeout(ANSWER_LIMIT_S)
                socket.send_fds(self._control, [json.dumps(request).encode()], fds)
            except OSError as error:
                raise self._broken() from error
            return self._hear(ANSWER_LIMIT_S)

    def _hear(self, limit_s: float) -> dict[str, Any]:
        try:
            self._control.settimeout(limit_s)
            data = self._control.recv(4096)
        except OSError as error:
            raise self._broken() from error
        if not data:
            raise self._broken()
        return dict(json.loads(data))

    def _broken(self) -> DecodeCrashError:
        """The nursery itself does not answer: end it, so that the next call starts another."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self.close()
        return DecodeCrashError("the process that starts decoders was lost", next_step="try again")


def _end_nursery(process: "subprocess.Popen[bytes]", control: socket.socket) -> None:
    """Closing the control socket ends the nursery, and with it every decoder; it is killed if it does not go."""
    control.close()
    try:
        process.wait(timeout=ANSWER_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
