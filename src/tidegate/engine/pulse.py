"""The sign of life of a lane in long work: `beat()`, which works under any engine and does nothing outside of one."""

from collections.abc import Callable

_hook: Callable[[], bool] | None = None


def beat() -> bool:
    """Say that the lane is alive in the middle of a long step; true when it is asked to finish.

    Call it from the thread that runs `step`, and only when work went forward: from a side thread it does nothing,
    since a timer that beats would hide a lane that hangs. Cost: below a microsecond, sent at most five times a second.
    """
    return _hook() if _hook is not None else False


def on_beat(hook: Callable[[], bool] | None) -> None:
    """For engines: what `beat` calls in this process; `None` for nothing."""
    global _hook  # noqa: PLW0603 - one process runs one lane
    _hook = hook
