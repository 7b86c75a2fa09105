"""The processes in which hostile bytes are decoded.

One *nursery* process loads the decoders once and forks *decoders* from itself on request, so that a fresh decoder
costs milliseconds. It is a program of its own (started with `serve`), not a fork of the caller: the caller's memory,
threads and main module never reach a decoder. Both end when the caller does.
"""

import contextlib
import gc
import json
import math
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from tidegate.errors import DecodeCrashError, MediaError
from tidegate.media.limits import MediaLimits, SamplingBudget

OUT_OF_MEMORY_EXIT = 77
"""Exit status of a decoder that ran out of memory beyond answering."""
_POLL_MS = 1000
_OPEN_FILES = 64
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_LENGTH = struct.Struct(">Q")


def serve(control_fd: int) -> None:
    """Be the nursery: load the decoders, then fork and end decoders as the control socket asks, until it closes.

    Requests are one JSON packet each: `{"op": "fork"}` with a socket attached answers `{"pid": n}`;
    `{"op": "end", "pid": n}` kills and answers `{"status": raw wait status}`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=control_fd)
    parent = os.getppid()
    _preload()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 2)
    gc.collect()
    gc.freeze()
    control.send(b'{"ready": true}')
    children: set[int] = set()
    try:
        while os.getppid() == parent and _answer_next(control, children):
            pass
    finally:
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    os._exit(0)


def _preload() -> None:
    """Load everything a decoder needs before its memory is limited and its files are counted."""
    import ctypes

    import av
    import av.audio.resampler
    import av.video.reformatter
    import numpy as np

    from tidegate.media import decode, wire

    av.logging.set_level(None)
    ctypes.CDLL(None)
    del decode, wire
    np.median(np.zeros(4))


def _answer_next(control: socket.socket, children: set[int]) -> bool:
    """Serve one request; false when the caller is gone."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    if not poll.poll(_POLL_MS):
        return True
    data, fds, _, _ = socket.recv_fds(control, 4096, 1)
    if not data:
        return False
    request = json.loads(data)
    if request["op"] == "fork":
        pid = os.fork()
        if pid == 0:
            _become_decoder(control, fds[0])
        os.close(fds[0])
        children.add(pid)
        answer = {"pid": pid}
    else:
        pid = int(request["pid"])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        answer = {"status": os.waitpid(pid, 0)[1]}
        children.discard(pid)
    control.send(json.dumps(answer).encode())
    return True


def _become_decoder(control: socket.socket, data_fd: int) -> None:
    """In the forked process: give up what a decoder does not need, then serve its socket. Never returns."""
    status = 1
    try:
        nursery = os.getppid()
        control.close()
        _die_with_parent()
        if os.getppid() != nursery:
            os._exit(0)
        _confine()
        _serve_clips(socket.socket(fileno=data_fd))
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY_EXIT
    finally:
        os._exit(status)


def _die_with_parent() -> None:
    """Ask the kernel to kill this process when the nursery ends (Linux)."""
    import ctypes

    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _confine() -> None:
    """No core dump, no writing to files, no further processes or threads, few open files."""
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def _serve_clips(connection: socket.socket) -> None:
    base_bytes, give_back = _address_space_bytes(), _give_back_memory()
    while True:
        request = _receive(connection)
        if request is None:
            return
        limits, budget = MediaLimits(**request["limits"]), SamplingBudget(**request["budget"])
        _limit(limits, base_bytes)
        path = os.fsdecode(bytes.fromhex(request["path"]))
        if "manifest" in request:
            parts, is_spent = _manifest_of(path, limits, request)
        else:
            parts, is_spent = _decode_one(path, limits, budget, request["is_full"])
        for part in parts:
            connection.sendall(part)
        del parts
        if is_spent:
            os._exit(OUT_OF_MEMORY_EXIT)
        gc.collect()
        give_back()


def _decode_one(
    path: str,
    limits: MediaLimits,
    budget: SamplingBudget,
    is_full: bool,
) -> tuple[list[memoryview], bool]:
    """The message for one file, and whether this process should not go on afterwards."""
    from tidegate.media import wire
    from tidegate.media.decode import decode

    try:
        return wire.pack_clip(decode(path, limits, budget, is_full=is_full)), False
    except MediaError as error:
        return wire.pack_error(error), False
    except MemoryError:
        what = f"decoding needed more than {limits.memory_limit_bytes} bytes of memory"
    except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes becomes a coded error
        what = f"decoding failed unexpectedly: {type(error).__name__}"
    return wire.pack_error(DecodeCrashError(what, next_step="have a person look at the file"), is_spent=True), True


def _manifest_of(path: str, limits: MediaLimits, request: dict[str, Any]) -> tuple[list[memoryview], bool]:
    """The message on the manifest of one file, and whether this process should not go on afterwards."""
    from tidegate.media import wire
    from tidegate.media.manifest import read_manifest
    from tidegate.media.marks import ManifestReport
    from tidegate.records import from_json

    try:
        found = from_json(ManifestReport, request["manifest"])
        anchors = str(request["trust_anchors"])
        report = read_manifest(path, str(request["container"]), found, limits, trust_anchors=anchors)
        return wire.pack_manifest(report), False
    except MediaError as error:
        return wire.pack_error(error), False
    except MemoryError:
        what = "reading the manifest needed too much memory"
    except Exception as error:  # noqa: BLE001 - whatever a hostile manifest provokes costs the manifest only
        what = f"reading the manifest failed unexpectedly: {type(error).__name__}"
    return wire.pack_error(DecodeCrashError(what), is_spent=True), True


def _limit(limits: MediaLimits, base_bytes: int) -> None:
    """Address space above what the process began with; CPU time above what it has used so far."""
    used_s = time.process_time()
    with contextlib.suppress(ValueError, OSError):
        if base_bytes:
            most = base_bytes + limits.memory_limit_bytes
            resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
        soft_s = math.ceil(used_s + limits.cpu_limit_s)
        resource.setrlimit(resource.RLIMIT_CPU, (soft_s, resource.RLIM_INFINITY))


def _address_space_bytes() -> int:
    """Size of this process's address space; 0 where the system does not say."""
    try:
        with open("/proc/self/statm") as statm:  # noqa: PTH123
            return int(statm.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _give_back_memory() -> Callable[[], object]:
    """What returns freed memory to the system (glibc `malloc_trim`), so that one large clip does not stay for ever."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return (lambda: trim(0)) if trim is not None else (lambda: None)


def _receive(connection: socket.socket) -> dict[str, Any] | None:
    head = _exactly(connection, _LENGTH.size)
    if head is None:
        return None
    body = _exactly(connection, _LENGTH.unpack(head)[0])
    return None if body is None else dict(json.loads(body))


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    parts = b""
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            return None
        parts += part
    return parts


if __name__ == "__main__":
    serve(int(sys.argv[1]))
