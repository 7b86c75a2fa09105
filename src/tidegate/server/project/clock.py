"""The server's clock: the only place that asks what time it is, so that tests can say it."""

import time


def now_s() -> float:
    """Unix time in seconds."""
    return time.time()
