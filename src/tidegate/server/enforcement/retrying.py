"""When a delivery is tried again, and when an endpoint is left alone for a while. Pure: chance is an argument."""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

RETRY_WAITS_S = (5.0, 30.0, 120.0, 600.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0, 24 * 3600.0)
"""Mean seconds before the second, third ... tenth try; after the tenth a delivery is dead."""
MOST_TRIES = len(RETRY_WAITS_S) + 1
MOST_RETRY_AFTER_S = 3600.0
"""The longest wait that a receiver's `Retry-After` can ask for."""

BREAKER_FAILURES = 5
"""Failures in a row after which an endpoint is tried with one delivery at a time, and seldom."""
FIRST_BLOCK_S = 10.0
MOST_BLOCK_S = 600.0


def wait_s(tries: int, *, asked_s: float, chance: random.Random) -> float | None:
    """Seconds until the next try after `tries` of them failed; `None` when there is none.

    Full jitter: between nothing and twice the mean, so that what failed together is not tried together. What the
    receiver asked for (`asked_s`, bounded) is waited for in any case.
    """
    if tries >= MOST_TRIES:
        return None
    mean_s = RETRY_WAITS_S[max(tries, 1) - 1]
    return min(asked_s, MOST_RETRY_AFTER_S) + chance.uniform(0.0, 2.0 * mean_s)


def block_s(failures_in_a_row: int, *, chance: random.Random) -> float:
    """Seconds for which an endpoint is left alone after so many failures in a row; 0 below the breaker's number."""
    over = failures_in_a_row - BREAKER_FAILURES
    if over < 0:
        return 0.0
    return min(MOST_BLOCK_S, FIRST_BLOCK_S * 2.0 ** min(over, 16)) * chance.uniform(0.75, 1.25)


def retry_after_s(text: str, *, now_s: float) -> float:
    """What a `Retry-After` header asks for: seconds or a date; 0 for anything else, at most `MOST_RETRY_AFTER_S`."""
    clean = text.strip()
    if clean.isascii() and clean.isdigit():
        return min(float(clean[:9]), MOST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(clean)
        left_s = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now_s
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return min(max(left_s, 0.0), MOST_RETRY_AFTER_S)
