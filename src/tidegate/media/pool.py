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
from tidegate.media.manifest import MANIFEST_CPU_S, MANIFEST_WALL_S
from tidegate.media.marks import MOST_TEXT_CHARS, ManifestReport, ManifestStatus, cleaned
from tidegate.media.nursery import Decoder, LostDecoderError, Nursery
from tidegate.records import to_json


class DecodePool:
    """`decode(path) -> Clip` in child processes that are killed at their limits and replaced.

    A context manager; also usable without `with`, then `close` it. Threads may call `decode` at once: up to
    `workers` files are decoded at a time, further callers wait. The caller's process never decodes: whatever a file
    does to its decoder ends in a coded MediaError. Cost beyond decoding: 0.3 s once, then about 6 ms a clip.

    A C2PA manifest is read by a second request to the same process: what it does costs the manifest, not the clip.
    `trust_anchors` are the certificates in PEM that make its signer trusted.
    """

    def __init__(
        self, limits: MediaLimits, budget: SamplingBudget, workers: int = 1, *, trust_anchors: str = ""
    ) -> None:
        self._limits = limits
        self._budget = budget
        self._workers = max(1, workers)
        self._trust_anchors = trust_anchors
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
        from tidegate.media import wire

        if self._owner != os.getpid():
            self._reset()  # a forked copy of the caller must not share the processes of the original
        name = os.fsdecode(path)
        decoder = self._slots.get()
        try:
            decoder = self._ready(decoder)
            head, arrays = decoder.ask(self._request(name, is_full=is_full), self._limits)
            clip = None if "error" in head else wire.read_clip(head, arrays)
            is_spent = bool(head.get("is_spent"))
            if clip is not None and clip.marks.manifest is not None:
                clip, is_spent = self._with_manifest(decoder, clip, clip.marks.manifest, name)
            if decoder.served >= self._limits.recycle_after or is_spent:
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
        if clip is None:
            raise wire.read_error(dict(head["error"]), name)
        return clip

    def _with_manifest(self, decoder: Decoder, clip: Clip, found: ManifestReport, name: str) -> tuple[Clip, bool]:
        """The clip with its manifest read, and whether its process should not be asked again."""
        from tidegate.media import wire

        if found.status is not ManifestStatus.FOUND:
            return clip, False
        limits = dataclasses.replace(
            self._limits,
            cpu_limit_s=min(self._limits.cpu_limit_s, MANIFEST_CPU_S),
            wall_limit_s=min(self._limits.wall_limit_s, MANIFEST_WALL_S),
        )
        request = {
            **self._request(name, is_full=False),
            "limits": dataclasses.asdict(limits),
            "manifest": to_json(found),
            "container": clip.info.container,
            "trust_anchors": self._trust_anchors,
        }
        is_spent = True
        try:
            head, _ = decoder.ask(request, limits)
            decoder.served -= 1  # the clip is counted already
            is_spent = bool(head.get("is_spent"))
            report = wire.read_manifest(head)
        except LostDecoderError as lost:
            report = _unreadable(found, _why(lost, decoder, name, limits))
        except MediaError as error:
            report = _unreadable(found, error)
        return dataclasses.replace(clip, marks=dataclasses.replace(clip.marks, manifest=report)), is_spent

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


def _unreadable(found: ManifestReport, error: MediaError) -> ManifestReport:
    detail = cleaned(error.what, MOST_TEXT_CHARS)
    return dataclasses.replace(found, status=ManifestStatus.UNREADABLE, detail=detail)


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
