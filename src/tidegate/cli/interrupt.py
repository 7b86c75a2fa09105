"""Ctrl-C and SIGTERM between two uploads, never in the middle of writing one: what is counted is what was shown."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """While it is entered, an interrupt inside `whole()` is raised when that block is done, elsewhere at once."""

    def __init__(self) -> None:
        self._is_whole = False
        self._is_pending = False
        self._old: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            self._old = {one: signal.signal(one, self._heard) for one in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for one, old in self._old.items():
            if callable(old) or isinstance(old, signal.Handlers):
                signal.signal(one, old)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """A block that is done whole. Raises KeyboardInterrupt behind it if one came."""
        self._is_whole = True
        try:
            yield
        finally:
            self._is_whole = False
        if self._is_pending:
            self._is_pending = False
            raise KeyboardInterrupt

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        # A second interrupt in the same block means that the block hangs, for example on a full pipe.
        if self._is_whole and not self._is_pending:
            self._is_pending = True
            return
        raise KeyboardInterrupt
