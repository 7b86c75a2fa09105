"""From a database URL to Django's settings: a SQLite file that loses nothing, or PostgreSQL."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tidegate.errors import MissingDependencyError, SettingError

SQLITE_NAME = "tidegate.sqlite3"
MOST_CONNECTIONS = 16
"""Connections to PostgreSQL that a web process shares among its requests."""

# FULL makes every commit survive a power cut; the journal in WAL mode lets readers go on meanwhile.
_SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=2000;"
)


def database_of(url: str, home: Path, *, keeps_connections: bool) -> dict[str, Any]:
    """Django's `DATABASES["default"]`. Raises SettingError for a URL of another kind, MissingDependencyError."""
    if not url:
        return _sqlite(home / SQLITE_NAME, keeps_connections=keeps_connections)
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        return _postgres(url, keeps_connections=keeps_connections)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)), keeps_connections=keeps_connections)
    raise SettingError(
        "wanted a database URL",
        where="server.database_url",
        next_step="write postgresql://user:password@host:5432/name, or leave it empty for a SQLite file at home",
    )


def _sqlite(path: Path, *, keeps_connections: bool) -> dict[str, Any]:
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _SQLITE_START}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": options,
        "CONN_MAX_AGE": None if keeps_connections else 0,
    }


def _postgres(url: str, *, keeps_connections: bool) -> dict[str, Any]:
    try:
        import psycopg  # noqa: F401 - whether it is here
    except ImportError as error:
        raise MissingDependencyError(
            "PostgreSQL needs psycopg", where="server.database_url", next_step="pip install 'tidegate[server,postgres]'"
        ) from error
    parts = urlsplit(url)
    if not parts.path.strip("/"):
        raise SettingError("the URL names no database", where="server.database_url", next_step="end it with /name")
    options: dict[str, Any] = {"connect_timeout": 10, "application_name": "tidegate"}
    if not keeps_connections:
        options["pool"] = {"min_size": 1, "max_size": MOST_CONNECTIONS, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {**options, **dict(parse_qsl(parts.query))},
        "CONN_MAX_AGE": None if keeps_connections else 0,
        "CONN_HEALTH_CHECKS": True,
    }
