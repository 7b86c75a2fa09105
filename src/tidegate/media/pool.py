"""Decoding hostile files in processes that may be lost: bounded in CPU, memory, wall time and output."""

import contextlib
import dataclasses
import os
import queue
import signal
import threading
from types import TracebackType
from typing import Any, Self

from tidegate.errors import DecodeCrashError, DecodeTimeoutError, MediaError
from tidegate.media.child import OUT_OF_MEMORY_EXIT
from tidegate.media.clip import Clip
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.nursery import Decoder, LostDecoderError, Nursery


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
        self._nursery: Nursery | None = None
        self._slots: queue.LifoQueue[Decoder | None] = queue.LifoQueue()
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
        name = os.fsdecode(path)
        decoder = self._slots.get()
        try:
            decoder = self._ready(decoder)
            message = decoder.ask(self._request(name, is_full=is_full), self._limits)
            if decoder.served >= self._limits.recycle_after or message[0].get("is_spent"):
                _end(decoder)
                decoder = None
        except LostDecoderError as lost:
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

    def _ready(self, decoder: "Decoder | None") -> "Decoder":
        with self._lock:
            if decoder is not None and decoder.nursery is not self._nursery:
                decoder.forget()
                decoder = None
            if self._nursery is not None and self._nursery.is_alive():
                if decoder is not None:
                    if decoder.is_waiting():
                        return decoder
                    decoder.end()
                with contextlib.suppress(DecodeCrashError):
                    return self._nursery.fork()
            if self._nursery is not None:
                self._nursery.close()
            self._nursery = Nursery()
            return self._nursery.fork()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the nursery and of idle decoders, for monitoring."""
        nursery = self._nursery
        idle = [decoder.pid for decoder in list(self._slots.queue) if decoder is not None]
        return (*((nursery.pid,) if nursery else ()), *idle)


def _end(decoder: "Decoder | None") -> None:
    if decoder is not None:
        decoder.end()


def _why(lost: LostDecoderError, decoder: "Decoder | None", name: str, limits: MediaLimits) -> MediaError:
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
