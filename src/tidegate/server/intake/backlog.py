"""Whether the server can still keep its promises; when it cannot, new uploads are refused, never hurried through."""

import threading
import time
from dataclasses import dataclass

from django.db import connection

from tidegate.errors import BusyError
from tidegate.settings import ServerSettings

LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Uploads that wait for a machine: how many (counted up to a limit), and by how long the most overdue is late."""

    count: int
    late_s: float


def backlog(most: int, *, now_s: float) -> Backlog:
    """Look once. Cost: one index scan of at most `most` rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), MIN(deadline_s) FROM (SELECT deadline_s FROM upload WHERE NOT (stage = '') "
            "ORDER BY stage, deadline_s LIMIT %s) AS waiting",
            [most + 1],
        )
        count, deadline_s = cursor.fetchone()
    return Backlog(count=int(count), late_s=max(0.0, now_s - float(deadline_s)) if deadline_s is not None else 0.0)


class Gate:
    """Remembers the backlog for a second. Raises BusyError while it is too long or too old."""

    def __init__(self, server: ServerSettings) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._looked_s = float("-inf")
        self._last = Backlog(count=0, late_s=0.0)

    @property
    def is_known_open(self) -> bool:
        """Whether it was looked at within the last second, and let uploads in. Reads no database."""
        return time.monotonic() - self._looked_s <= LOOK_EVERY_S and not self._is_too_much(self._last)

    def _is_too_much(self, last: Backlog) -> bool:
        return last.count > self._server.max_backlog or last.late_s > self._server.max_backlog_s

    def check(self) -> None:
        """Call it in a thread: it may read the database. Raises BusyError with `retry_after_s`."""
        with self._lock:
            if time.monotonic() - self._looked_s > LOOK_EVERY_S:
                self._last = backlog(self._server.max_backlog, now_s=time.time())
                self._looked_s = time.monotonic()
            last = self._last
        if self._is_too_much(last):
            error = BusyError(
                f"{last.count} uploads wait, the oldest {last.late_s:.0f} s past its target",
                next_step="send it again later with the same idempotency key",
            )
            error.retry_after_s = 10.0
            raise error
