"""A small process beside an engine: when the engine is gone, however it went, it ends all that the engine started.

The kernel ends lane processes with their engine, but not what those have started. The warden waits for the end of its
standard input, which only the engine holds open.
"""

import os
import select
import signal
import sys

from tidegate.engine.leash import end_marked

_LOOK_EVERY_S = 1.0


def main(mark: str, parent_pid: int) -> None:
    """Wait for the engine's end, then kill every process that carries its mark."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    # A forked copy of the engine may hold the pipe open for longer than the engine lives.
    while os.getppid() == parent_pid and not select.select([0], [], [], _LOOK_EVERY_S)[0]:
        pass
    end_marked(mark)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
