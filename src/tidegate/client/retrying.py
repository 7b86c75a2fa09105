"""When a call is tried again, and after how long."""

import math
from dataclasses import dataclass

AGAIN_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses that say: not now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How patiently to try again. `most_tries` counts the first one; 1 never tries again.

    Waits double from `first_wait_s` to `longest_wait_s`; each is drawn from its upper half, so that many clients do not
    come back at once. A server that asks for a longer wait than `longest_wait_s` is not tried again.
    """

    most_tries: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def wait_s(self, tries: int, asked_s: float | None, chance: float) -> float | None:
        """Seconds to wait after so many tries, None to give up. `chance` in [0, 1) is the jitter's draw."""
        if tries >= self.most_tries or (asked_s is not None and asked_s > self.longest_wait_s):
            return None
        return self.pause_s(tries, asked_s, chance)

    def pause_s(self, tries: int, asked_s: float | None, chance: float) -> float:
        """The same without giving up; never less than what the server asked for, up to `longest_wait_s`."""
        doubled = self.first_wait_s * math.exp2(min(max(tries - 1, 0), 30))
        own = min(self.longest_wait_s, doubled) * (0.5 + chance / 2)
        if asked_s is None:
            return own
        return min(asked_s, self.longest_wait_s) + min(own, self.first_wait_s) * chance
