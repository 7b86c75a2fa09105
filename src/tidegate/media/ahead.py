"""Decoding coming files in the background while the present one is screened."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from tidegate.media.clip import Clip


class Decoder(Protocol):
    """Turns a file into bounded views or raises a coded MediaError; `media.pool.DecodePool` is the safe one."""

    def decode(self, path: Path) -> Clip:
        """Decode one file. Raises MediaError; never hangs."""


class DecodeAhead:
    """A Decoder that decodes up to `jobs` coming files in the background. Memory: `jobs` + 1 clips at most."""

    def __init__(self, decoder: Decoder, jobs: int) -> None:
        self._decoder = decoder
        self._threads = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="decode-ahead")
        self._coming: deque[tuple[Path, Future[Clip]]] = deque()
        self.jobs = jobs

    def begin(self, path: Path) -> None:
        """Start decoding `path`; `decode` must later be called in the order of these calls."""
        self._coming.append((path, self._threads.submit(self._decoder.decode, path)))

    def decode(self, path: Path) -> Clip:
        """The clip of `path`. Raises MediaError, as the decoder behind it does."""
        if self._coming and self._coming[0][0] == path:
            return self._coming.popleft()[1].result()
        return self._decoder.decode(path)

    def close(self) -> None:
        """Drop what is waiting; what is running ends with its decode process."""
        self._threads.shutdown(wait=False, cancel_futures=True)
