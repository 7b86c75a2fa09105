"""A line of progress on a terminal: how many, how fast, how long still. Silent everywhere else."""

import sys
import time
from collections.abc import Callable

from tidegate.cli.terminal import is_terminal
from tidegate.explain.visible import one_line


class Progress:
    """One line on stderr that is drawn over itself. `clear` before other output goes to the same terminal."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._done = 0
        self._clock = clock
        self._start_s = clock()
        self._is_shown = total > 1 and is_terminal(sys.stderr)

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def advance(self, name: str) -> None:
        """One more is done; draw the line anew."""
        self._done += 1
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[2K{progress_line(self._done, self._total, self._clock() - self._start_s, name)}")
            sys.stderr.flush()


def progress_line(done: int, total: int, elapsed_s: float, name: str) -> str:
    """`12/300  3.1/s  1:33 left  clip.mp4`; rate and time left are over the whole run so far."""
    rate = done / elapsed_s if elapsed_s > 0 else 0.0
    speed = f"{rate:.1f}/s" if rate >= 1 else f"{elapsed_s / done:.1f} s each"
    left = duration_text((total - done) * elapsed_s / done)
    return f"{done}/{total}  {speed}  {left} left  {one_line(name, 48)}"


def duration_text(seconds: float) -> str:
    """`0:07`, `12:30`, `3:04:05`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
