"""Decoding hostile files in processes that may be lost: bounded in CPU, memory, wall time and output."""

import contextlib
import dataclasses
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from types import TracebackType
from typing import Any, Self

from tidegate.errors import DecodeCrashError, DecodeTimeoutError, MediaError
from tidegate.media.child import OUT_OF_MEMORY_EXIT
from tidegate.media.clip import Clip
from tidegate.media.limits import MediaLimits, SamplingBudget

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]); "
    "from tidegate.media.child import serve; serve(int(sys.argv[1]))"
)
START_LIMIT_S = 60.0
"""Seconds a nursery may take to load the decoders; 0.3 s on an idle machine."""
ANSWER_LIMIT_S = 10.0
"""Seconds a nursery may take to fork or end a decoder; it does nothing else."""
GRACE_S = 1.0
"""Seconds beyond the wall limit before a decoder is killed; it stops by itself well before the limit."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")


class DecodePool:
    """`decode(path) -> Clip` in child processes that are killed at their limits and replaced.

    A context manager; also usable without `with`, then `close` it. Threads may call `decode` at once: up to
    `workers` files are decoded at a time, further callers wait. The caller's process never decodes: whatever a file
    does to its decoder ends in a coded MediaError. Cost beyond decoding: 0.3 s once, then about 6 ms a clip.
    """

    def __init__(self, limits: MediaLimits, budget: SamplingBudget, workers: int = 1) -> None:
        self._limits = limits
        self._budget = budget
        self._workers = max(1, workers)
        self._reset()

    def _reset(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._nursery: _Nursery | None = None
        self._slots: queue.LifoQueue[_Decoder | None] = queue.LifoQueue()
        for _ in range(self._workers):
            self._slots.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process of the pool. The pool starts anew if it is used again."""
        with self._lock:
            nursery, self._nursery = self._nursery, None
        if nursery is not None and self._owner == os.getpid():
            nursery.close()
            for decoder in list(self._slots.queue):
                if decoder is not None:
                    decoder.forget()

    def decode(self, path: str | os.PathLike[str], *, is_full: bool = False) -> Clip:
        """Probe and decode `path`; arguments and errors as `media.decode.decode`.

        Raises MediaError only: also DecodeTimeoutError (killed at the CPU or wall limit), DecodeCrashError (out of
        memory, a fault in a decoder) and OutputTooLargeError.
        """
        if self._owner != os.getpid():
            self._reset()  # a forked copy of the caller must not share the processes of the original
        name = os.fspath(path)
        decoder = self._slots.get()
        try:
            decoder = self._ready(decoder)
            message = decoder.ask(self._request(name, is_full=is_full), self._limits)
            if decoder.served >= self._limits.recycle_after or message[0].get("is_spent"):
                _end(decoder)
                decoder = None
        except _LostDecoderError as lost:
            error = _why(lost, decoder, name, self._limits)
            decoder = None
            raise error from lost
        except MediaError as error:
            _end(decoder)
            decoder = None
            raise type(error)(error.what, where=name, next_step=error.next_step) from error
        except BaseException:
            _end(decoder)
            decoder = None
            raise
        finally:
            self._slots.put(decoder)
        return _clip(message, name)

    def _request(self, name: str, *, is_full: bool) -> dict[str, Any]:
        return {
            "path": os.fsencode(os.path.abspath(name)).hex(),  # noqa: PTH100 - symbolic links are the decoder's matter
            "limits": dataclasses.asdict(self._limits),
            "budget": dataclasses.asdict(self._budget),
            "is_full": is_full,
        }

    def _ready(self, decoder: "_Decoder | None") -> "_Decoder":
        with self._lock:
            if self._nursery is not None and self._nursery.is_alive():
                if decoder is not None and decoder.nursery is self._nursery:
                    if decoder.is_waiting():
                        return decoder
                    decoder.end()
                with contextlib.suppress(DecodeCrashError):
                    return self._nursery.fork()
            if self._nursery is not None:
                self._nursery.close()
            self._nursery = _Nursery()
            return self._nursery.fork()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the nursery and of idle decoders, for monitoring."""
        nursery = self._nursery
        idle = [decoder.pid for decoder in list(self._slots.queue) if decoder is not None]
        return (*((nursery.pid,) if nursery else ()), *idle)


class _LostDecoderError(Exception):
    """A decoder died or was given up; `was_late` when it was still running at the deadline."""

    def __init__(self, *, was_late: bool) -> None:
        super().__init__()
        self.was_late = was_late


class _Decoder:
    """One decode process and the socket to it."""

    def __init__(self, nursery: "_Nursery", pid: int, connection: socket.socket) -> None:
        self.nursery = nursery
        self.pid = pid
        self.served = 0
        self._connection = connection

    def ask(self, request: dict[str, Any], limits: MediaLimits) -> tuple[dict[str, Any], list[Any]]:
        """Send one request and read its answer by the deadline. Raises _LostDecoderError, DecodeCrashError."""
        from tidegate.media import wire

        self.served += 1
        deadline = time.monotonic() + limits.wall_limit_s + GRACE_S
        body = json.dumps(request).encode()
        try:
            self._connection.settimeout(max(0.01, deadline - time.monotonic()))
            self._connection.sendall(len(body).to_bytes(8, "big") + body)
            return wire.unpack(lambda count: self._receive(count, deadline), limits.max_output_bytes)
        except TimeoutError as error:
            raise _LostDecoderError(was_late=True) from error
        except OSError as error:
            raise _LostDecoderError(was_late=False) from error

    def _receive(self, count: int, deadline: float) -> bytearray:
        data = bytearray(count)
        view, filled = memoryview(data), 0
        while filled < count:
            self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            got = self._connection.recv_into(view[filled:])
            if not got:
                raise _LostDecoderError(was_late=False)
            filled += got
        return data

    def is_waiting(self) -> bool:
        """Whether it is alive and silent; one that died while idle, or speaks unasked, is not."""
        return not select.select([self._connection], [], [], 0)[0]

    def forget(self) -> None:
        """Close the socket to a process that is gone."""
        self._connection.close()

    def end(self) -> int | None:
        """Kill it if it lives; its raw wait status, `None` when the nursery is gone too."""
        self._connection.close()
        return self.nursery.end(self.pid)


class _Nursery:
    """The process that has the decoders loaded and forks decode processes from itself."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own code
                [sys.executable, "-I", "-c", _BOOT, str(theirs.fileno()), json.dumps(sys.path)],
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
        return self._process.poll() is None

    def fork(self) -> _Decoder:
        ours, theirs = socket.socketpair()
        with theirs:
            answer = self._ask({"op": "fork"}, [theirs.fileno()])
        return _Decoder(self, int(answer["pid"]), ours)

    def end(self, pid: int) -> int | None:
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


def _end(decoder: "_Decoder | None") -> None:
    if decoder is not None:
        decoder.end()


def _why(lost: _LostDecoderError, decoder: "_Decoder | None", name: str, limits: MediaLimits) -> MediaError:
    """The coded error for a lost decoder, from how its process ended."""
    status = decoder.end() if decoder is not None else None
    look = "have a person look at the file"
    if lost.was_late:
        return DecodeTimeoutError(f"decoding took more than {limits.wall_limit_s:g} s", where=name, next_step=look)
    code = os.waitstatus_to_exitcode(status) if status is not None else 0
    if code == -signal.SIGXCPU:
        return DecodeTimeoutError(f"decoding took more than {limits.cpu_limit_s:g} CPU-s", where=name, next_step=look)
    if code == OUT_OF_MEMORY_EXIT:
        what = f"decoding needed more than {limits.memory_limit_bytes} bytes of memory"
        return DecodeCrashError(what, where=name, next_step=look)
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
    return DecodeCrashError(f"the decode process ended {how}", where=name, next_step=look)


def _clip(message: tuple[dict[str, Any], list[Any]], name: str) -> Clip:
    from tidegate.media import wire

    head, arrays = message
    if "error" in head:
        raise wire.read_error(dict(head["error"]), name)
    return wire.read_clip(head, arrays)
