"""What every fetch does with bytes: count, refuse too many, hash, hand on in pieces; and watch the time."""

import hashlib
import time
from collections.abc import Callable
from typing import Protocol

from tidegate.errors import EmptyUploadError, FetchFailedError, UploadTooLargeError

PIECE_BYTES = 256 * 1024
Clock = Callable[[], float]


class Sink(Protocol):
    """Where fetched bytes go; who hands it in also commits or discards it."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes; may block."""
        ...


class SinkFault(Exception):  # noqa: N818 - an envelope, not an error of ours
    """Carries what a sink raised past the places that take failures of the network for their own."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


class Deadline:
    """The moment at which a fetch has taken too long, on a clock that only runs forward."""

    def __init__(self, total_s: float, where: str, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._total_s = total_s
        self._ends_s = clock() + total_s
        self._where = where

    def left_s(self, most_s: float) -> float:
        """The seconds left, at most `most_s`. Raises FetchFailedError when there are none."""
        left_s = self._ends_s - self._clock()
        if left_s <= 0:
            raise FetchFailedError(
                f"the fetch took longer than {self._total_s:g} s",
                where=self._where,
                next_step="it is tried again later; serve the file faster",
            )
        return min(left_s, most_s)


class Receipt:
    """Bytes on their way into a sink: counted against a limit, hashed with SHA-256, handed on in pieces of 256 KiB."""

    def __init__(self, sink: Sink, max_bytes: int, where: str) -> None:
        self._sink = sink
        self._max_bytes = max_bytes
        self._where = where
        self._hash = hashlib.sha256()
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self.size_bytes = 0

    def expect(self, size_bytes: int) -> None:
        """Refuse a declared size before a byte of it is read. Raises UploadTooLargeError, EmptyUploadError."""
        if size_bytes > self._max_bytes:
            raise self._too_large()
        if size_bytes == 0:
            raise self._empty()

    def take(self, data: bytes) -> None:
        """Take the next bytes. Raises UploadTooLargeError before a byte past the limit reaches the sink."""
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise self._too_large()
        self._pending.append(data)
        self._pending_bytes += len(data)
        if self._pending_bytes >= PIECE_BYTES:
            self._hand_on()

    def finish(self, expected_bytes: int | None) -> str:
        """Hand on the rest; the SHA-256 in hex. Raises FetchFailedError if fewer or more came than were declared."""
        if expected_bytes is not None and self.size_bytes != expected_bytes:
            raise FetchFailedError(
                f"{self.size_bytes} bytes came of {expected_bytes} declared",
                where=self._where,
                next_step="it is tried again later",
            )
        if not self.size_bytes:
            raise self._empty()
        self._hand_on()
        return self._hash.hexdigest()

    def _hand_on(self) -> None:
        if self._pending:
            piece = self._pending[0] if len(self._pending) == 1 else b"".join(self._pending)
            self._pending, self._pending_bytes = [], 0
            self._hash.update(piece)
            try:
                self._sink.write(piece)
            except Exception as error:
                raise SinkFault(error) from error

    def _too_large(self) -> UploadTooLargeError:
        return UploadTooLargeError(
            f"the video is larger than {self._max_bytes} bytes", where=self._where, next_step="give a smaller file"
        )

    def _empty(self) -> EmptyUploadError:
        return EmptyUploadError("the video has no bytes", where=self._where, next_step="give a file with a video in it")
