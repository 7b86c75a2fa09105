"""A lane's database connection: kept open, and thrown away when the database was restarted under it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from tidegate.errors import DatabaseDownError

LOG = logging.getLogger("tidegate.lanes")
DOWN_WAIT_S = 1.0
"""Seconds between two tries at a database that does not answer."""


class Connection:
    """The default connection of this thread, for as long as the context lasts."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from django.db import connections

        connections.close_all()

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Use the connection; one that is broken is closed, so that the next use opens another.

        Raises DatabaseDownError; what was under way is done again when its lease has run out.
        """
        from django.db import InterfaceError, OperationalError, close_old_connections, connection

        close_old_connections()
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            connection.close()
            raise DatabaseDownError(
                f"the database does not answer: {type(error).__name__}",
                where=connection.vendor,
                next_step="work goes on by itself when it is back",
            ) from error

    def surviving(self, step: Callable[[float], int], wait_s: float) -> int:
        """A lane's step; while the database does not answer it waits, and keeps the models that it has loaded."""
        try:
            return step(wait_s)
        except DatabaseDownError as error:
            LOG.warning("lane.database_down where=%s why=%r", error.where, error.what)
            time.sleep(max(wait_s, DOWN_WAIT_S))
            return 0
