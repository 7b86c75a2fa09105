"""How long to wait before the next try: twice as long each time, never two at the same moment."""

import random
from dataclasses import dataclass, field

FIRST_S = 0.1
MOST_S = 30.0
STEADY_AFTER_S = 60.0
"""Seconds of good running after which earlier failures are forgotten."""


@dataclass(slots=True)
class Backoff:
    """Waits of 0.1 s to 30 s, each shortened by chance to between half and whole."""

    chance: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def next_wait_s(self, ran_s: float) -> float:
        """Seconds to wait after a process that ran well for `ran_s` seconds (0 if it never opened) has failed."""
        if ran_s >= STEADY_AFTER_S:
            self.failures = 0
        longest_s = min(MOST_S, FIRST_S * 2.0 ** min(self.failures, 20))
        self.failures += 1
        return longest_s * self.chance.uniform(0.5, 1.0)
