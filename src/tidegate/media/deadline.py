"""The soft end of a decode: stop a little before the hard limits, so that what was seen is handed over."""

import time

from tidegate.media.limits import MediaLimits

SOFT_SHARE = 0.75
"""Share of the CPU and wall limits after which no more decoding is begun; the rest is for packing up."""


class Deadline:
    """Measures one decode's CPU and wall time from its making."""

    def __init__(self, limits: MediaLimits) -> None:
        self._cpu_start_s = time.process_time()
        self._wall_start_s = time.monotonic()
        self._cpu_most_s = limits.cpu_limit_s * SOFT_SHARE
        self._wall_most_s = limits.wall_limit_s * SOFT_SHARE
        self.was_hit = False

    @property
    def cpu_s(self) -> float:
        """CPU seconds of this process since the start."""
        return time.process_time() - self._cpu_start_s

    @property
    def wall_s(self) -> float:
        """Wall seconds since the start."""
        return time.monotonic() - self._wall_start_s

    def is_over(self) -> bool:
        """Whether it is time to stop; stays true once it was."""
        if not self.was_hit:
            self.was_hit = self.cpu_s > self._cpu_most_s or self.wall_s > self._wall_most_s
        return self.was_hit
