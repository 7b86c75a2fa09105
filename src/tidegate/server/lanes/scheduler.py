"""The lane that keeps house: figures summed up, retention of media, leftovers of lost processes, heads noted down."""

import random
import time
from pathlib import Path

from tidegate.engine.pulse import beat
from tidegate.server.lanes.config import LaneConfig, read
from tidegate.server.lanes.connection import Connection

EVERY_S = 600.0
TALLY_EVERY_S = 2.0
LEFTOVER_S = 3600.0
ORPHAN_PARTS = 256
MOST_AT_ONCE = 500


def make(config: str) -> "SchedulerLane":
    """The factory that the engine calls."""
    return SchedulerLane(read(config))


class SchedulerLane:
    """Sums the journal up every two seconds; runs its round at the start and then every ten minutes."""

    def __init__(self, config: LaneConfig) -> None:
        self._resolved = config.resolved
        self._next_s = 0.0
        self._part = random.randrange(ORPHAN_PARTS)  # noqa: S311 - where to begin, so that restarts do not favour a part

    def open(self) -> None:
        """Connect."""
        from tidegate.server.project.setup import prepare

        prepare(self._resolved)
        self._connection = Connection()

    def close(self) -> None:
        """Close the connection."""
        self._connection.__exit__(None, None, None)

    def step(self, wait_s: float) -> int:
        """Do the round when it is time."""
        return self._connection.surviving(self._step, wait_s)

    def _step(self, wait_s: float) -> int:
        if time.monotonic() < self._next_s:
            time.sleep(min(wait_s, TALLY_EVERY_S))
            with self._connection.fresh():
                return tally_all()
        self._next_s = time.monotonic() + EVERY_S
        with self._connection.fresh():
            return self.round(now_s=time.time())

    def round(self, *, now_s: float) -> int:
        """One round; how many things were put away."""
        from tidegate.server.accounts.ended import forget_ended
        from tidegate.server.intake.retention import delete_old_media, delete_orphans
        from tidegate.server.ledger.heads import note_head
        from tidegate.server.project.places import blob_store, home, work_folder

        days = self._resolved.settings.server.media_days
        count = 0
        while (some := delete_old_media(older_than_s=days * 86400.0, most=MOST_AT_ONCE, now_s=now_s)) > 0:
            count += some
            beat()
        count += blob_store().sweep_incoming(LEFTOVER_S)
        # One part of the store a round: the whole in about two days, however large it is.
        count += delete_orphans(f"{self._part:02x}")
        self._part = (self._part + 1) % ORPHAN_PARTS
        for name in ("screening", "precheck"):
            count += _swept(work_folder(name), now_s)
        count += forget_ended(now_s)
        note_head(home() / "ledger-heads.txt", now_s=now_s)
        return count


def tally_all() -> int:
    """Sum up all that is new in the journal; how many entries."""
    from tidegate.server.insight.tallying import MOST_AT_ONCE, tally

    count = 0
    while (some := tally()) > 0:
        count += some
        beat()
        if some < MOST_AT_ONCE:
            break
    return count


def _swept(folder: Path, now_s: float) -> int:
    """Plain media that a killed process left behind."""
    count = 0
    for path in folder.iterdir():
        if path.is_file() and now_s - path.stat().st_mtime > LEFTOVER_S:
            path.unlink(missing_ok=True)
            count += 1
    return count
