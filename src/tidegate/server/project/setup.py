"""Makes Django ready in this process, from Tidegate's settings. Every process of the server calls it first."""

import os
import warnings
from pathlib import Path
from typing import Any

from tidegate.errors import MissingDependencyError
from tidegate.settings import Resolved

_READY: dict[str, Resolved] = {}


def prepare(resolved: Resolved, *, keeps_connections: bool = True) -> None:
    """Configure Django once; a second call is free. Without `keeps_connections` each request gives its own back.

    Raises MissingDependencyError without the server's packages, SettingError for a database URL it cannot use.
    """
    if _READY:
        return
    try:
        import django
        from django.conf import settings
    except ImportError as error:
        raise MissingDependencyError(
            "the server's packages are not installed", where=str(error.name), next_step="pip install 'tidegate[server]'"
        ) from error
    from tidegate.server.project.values import django_values

    make_home(resolved.settings.home)
    if not settings.configured:
        settings.configure(**django_values(resolved, keeps_connections=keeps_connections))
    with warnings.catch_warnings():
        django.setup()
    _READY["settings"] = resolved


def settings_in_use() -> Resolved:
    """The settings that `prepare` was called with. Raises KeyError before that."""
    return _READY["settings"]


def make_home(home: Path) -> None:
    """The folder of all state, for its owner alone, with a place for static files of an installation's own."""
    (home / "static").mkdir(parents=True, exist_ok=True)
    os.chmod(home, 0o700)  # noqa: PTH101 - follows a link to the folder on purpose


def migrate() -> None:
    """Bring the database to this version; nothing to do is quick. Safe when several processes start at once."""
    from django.core.management import call_command
    from django.db import connection

    with advisory_lock(connection):
        call_command("migrate", interactive=False, verbosity=0)


class advisory_lock:  # noqa: N801 - reads as a verb in a with statement
    """On PostgreSQL, one session at a time; on SQLite, a lock on a file beside the database."""

    KEY = 7_410_203

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - Django's connections have no one type
        self._connection = connection
        self._file: int | None = None

    def __enter__(self) -> None:
        if self._connection.vendor == "postgresql":
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [self.KEY])
            return
        import fcntl

        name = f"{self._connection.settings_dict['NAME']}.lock"
        self._file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)
            return
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [self.KEY])
