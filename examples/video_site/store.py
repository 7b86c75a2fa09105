"""What the site knows, in one SQLite file. Every change is one transaction, so that a killed site is never half-way."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tidegate.client import Event
from video_site.standing import CHECKING, PUBLIC, Standing, after, done_by

_TABLES = """
CREATE TABLE IF NOT EXISTS video (
  id TEXT PRIMARY KEY, owner_token TEXT NOT NULL UNIQUE, title TEXT NOT NULL, creator TEXT NOT NULL,
  content_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, is_ai INTEGER NOT NULL DEFAULT 0, made_at_s REAL NOT NULL,
  upload_id TEXT NOT NULL DEFAULT '', refusal TEXT NOT NULL DEFAULT '', state TEXT NOT NULL,
  restrictions TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', statement_id TEXT NOT NULL DEFAULT '',
  decision_id TEXT NOT NULL DEFAULT '', number INTEGER NOT NULL DEFAULT -1, is_undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS video_of_state ON video (state, made_at_s);
CREATE TABLE IF NOT EXISTS applied (
  key TEXT PRIMARY KEY, video_id TEXT NOT NULL, kind TEXT NOT NULL, event_id TEXT NOT NULL, done TEXT NOT NULL,
  at_s REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS applied_to_video ON applied (video_id, at_s);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
_STANDING = "state, restrictions, verdict, reason, statement_id, decision_id, number, is_undone"
_VIDEO = f"id, owner_token, title, creator, content_type, size_bytes, is_ai, upload_id, refusal, {_STANDING}"
_SELECT = f"SELECT {_VIDEO} FROM video"  # noqa: S608 - names of columns, no values


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One video, its file aside. `owner_token` is the secret address of its creator's page.

    `is_ai`: its creator says that it was made with AI.
    """

    id: str
    owner_token: str
    title: str
    creator: str
    content_type: str
    size_bytes: int
    is_ai: bool
    upload_id: str
    refusal: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One event that changed a video, and what was done."""

    kind: str
    done: str
    at_s: float


class Store:
    """The site's database and the folder of its files. Any thread may use it."""

    def __init__(self, home: Path) -> None:
        self._path = home / "site.sqlite3"
        self._files = home / "files"
        self._files.mkdir(parents=True, exist_ok=True)
        with self._connected() as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.executescript(_TABLES)
        self._sweep()

    def file_of(self, video_id: str) -> Path:
        """Where a video's bytes are, public or not."""
        return self._files / video_id

    def add(
        self, video_id: str, title: str, creator: str, *, content_type: str, size_bytes: int, is_ai: bool, now_s: float
    ) -> str:
        """Know a video whose file is there already: unpublished, not submitted yet. Its owner's token."""
        token = secrets.token_urlsafe(24)
        with self._transaction() as database:
            database.execute(
                "INSERT INTO video (id, owner_token, title, creator, content_type, size_bytes, is_ai, made_at_s, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (video_id, token, title, creator, content_type, size_bytes, int(is_ai), now_s, CHECKING),
            )
        return token

    def video(self, video_id: str) -> Video | None:
        """A video by its id."""
        return self._one("id", video_id)

    def owned(self, owner_token: str) -> Video | None:
        """A video by its owner's token."""
        return self._one("owner_token", owner_token)

    def listed(self, most: int = 60) -> list[Video]:
        """The newest videos that the front page shows."""
        with self._connected() as database:
            rows = database.execute(
                f"{_SELECT} WHERE state = ? ORDER BY made_at_s DESC LIMIT ?", (PUBLIC, most)
            ).fetchall()
        return [one for one in map(_video, rows) if one.standing.is_listed]

    def not_submitted(self) -> list[Video]:
        """Videos that Tidegate has not said yet that it holds, nor refused; oldest first."""
        with self._connected() as database:
            rows = database.execute(f"{_SELECT} WHERE upload_id = '' AND refusal = '' ORDER BY made_at_s").fetchall()
        return list(map(_video, rows))

    def note_submitted(self, video_id: str, upload_id: str) -> None:
        """Remember under which id Tidegate holds a video."""
        with self._transaction() as database:
            database.execute("UPDATE video SET upload_id = ? WHERE id = ?", (upload_id, video_id))

    def note_refused(self, video_id: str, why: str) -> None:
        """Remember that Tidegate does not take a video: it is not submitted again, and never public."""
        with self._transaction() as database:
            database.execute("UPDATE video SET refusal = ? WHERE id = ?", (why, video_id))

    def apply(self, event: Event, *, now_s: float) -> bool:
        """Do what an event says and remember its key, in one transaction; whether it changed anything.

        An event that was applied before, is older than what stands, or tells of no video of this site changes nothing.
        """
        with self._transaction() as database:
            row = database.execute(f"{_SELECT} WHERE id = ?", (event.external_id,)).fetchone()
            if row is None or row["upload_id"] not in ("", event.upload_id):
                return False
            if database.execute("SELECT 1 FROM applied WHERE key = ?", (event.key,)).fetchone():
                return False
            new = after(_video(row).standing, event)
            done = " ".join(done_by(event)) if new is not None else ""
            database.execute(
                "INSERT INTO applied (key, video_id, kind, event_id, done, at_s) VALUES (?, ?, ?, ?, ?, ?)",
                (event.key, event.external_id, event.kind, event.id, done, now_s),
            )
            if new is None:
                return False
            names = ", ".join(f"{name} = ?" for name in _STANDING.split(", "))
            database.execute(
                f"UPDATE video SET {names}, upload_id = ? WHERE id = ?",  # noqa: S608 - as above
                (*_values(new), event.upload_id, event.external_id),
            )
        return True

    def applied_to(self, video_id: str) -> list[Applied]:
        """The events that changed a video, oldest first."""
        with self._connected() as database:
            rows = database.execute(
                "SELECT kind, done, at_s FROM applied WHERE video_id = ? AND done <> '' ORDER BY at_s, rowid",
                (video_id,),
            ).fetchall()
        return [Applied(**row) for row in rows]

    def mark(self, name: str) -> str:
        """A remembered value, empty where there is none."""
        with self._connected() as database:
            row = database.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else ""

    def set_mark(self, name: str, value: str) -> None:
        """Remember a value."""
        with self._transaction() as database:
            database.execute("INSERT INTO mark VALUES (?, ?) ON CONFLICT DO UPDATE SET value = ?", (name, value, value))

    def _sweep(self) -> None:
        """Delete files that no video has: their uploads were cut off."""
        with self._connected() as database:
            known = {row["id"] for row in database.execute("SELECT id FROM video")}
        for path in self._files.iterdir():
            if path.name not in known:
                path.unlink()

    def _one(self, column: str, value: str) -> Video | None:
        with self._connected() as database:
            row = database.execute(f"{_SELECT} WHERE {column} = ?", (value,)).fetchone()
        return _video(row) if row else None

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=30.0, isolation_level=None)
        database.row_factory = sqlite3.Row
        try:
            yield database
        finally:
            database.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def _video(row: sqlite3.Row) -> Video:
    standing = {name: row[name] for name in _STANDING.split(", ")}
    standing["restrictions"] = frozenset(standing["restrictions"].split())
    standing["is_undone"] = bool(standing["is_undone"])
    others = {name: row[name] for name in row.keys() if name not in standing}  # noqa: SIM118 - a Row is no mapping
    others["is_ai"] = bool(others["is_ai"])
    return Video(standing=Standing(**standing), **others)


def _values(standing: Standing) -> tuple[object, ...]:
    return (
        standing.state,
        " ".join(sorted(standing.restrictions)),
        standing.verdict,
        standing.reason,
        standing.statement_id,
        standing.decision_id,
        standing.number,
        int(standing.is_undone),
    )
