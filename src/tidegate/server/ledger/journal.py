"""Appending to the journal, within the caller's transaction. Entries carry digests and facts, never content.

The chain: `hash` = SHA-256 of the canonical JSON of `[seq, at_s, kind, subject, actor, body, prev_hash]`. Who appends
locks the head row until its commit, so numbers have no gaps and follow the order of commits: a reader that remembers
the last number it saw misses nothing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tidegate.server.project.bulk import insert_of

_COLUMNS: dict[str, type] = {
    "seq": int,
    "at_s": float,
    **dict.fromkeys(("kind", "subject", "actor", "body", "prev_hash", "hash"), str),
}
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step to be written: its kind (`upload.decided`), whose it is, who did it, and facts about it as JSON values.

    `body` never holds words, names or addresses of people: digests, ids, numbers and coded reasons only.
    """

    kind: str
    subject: str
    actor: str
    body: Mapping[str, Any] = field(default_factory=dict)


def canonical(value: object) -> str:
    """JSON with sorted names and no blanks, ASCII only: the same text for the same value everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8; lone surrogates are kept apart."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_hash(seq: int, at_s: float, kind: str, subject: str, actor: str, body: str, prev_hash: str) -> str:
    """The hash of one entry; `body` is the text as stored."""
    return digest(canonical([seq, at_s, kind, subject, actor, body, prev_hash]))


def append(entries: Sequence[Entry], *, now_s: float) -> int:
    """Write the entries in order and return the last number. Call it inside a transaction, as its last step.

    Cost: one locked row, one insert of all rows, one update; about 20 us an entry.
    """
    if not entries:
        return -1
    # PostgreSQL waits for the row; SQLite's transactions are already one at a time.
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT seq, hash FROM journal_head WHERE id = 1{lock}")  # noqa: S608 - no value in it
        seq, prev = cursor.fetchone()
        rows: list[tuple[int | float | str, ...]] = []
        for entry in entries:
            seq += 1
            body = canonical(entry.body)
            own = entry_hash(seq, now_s, entry.kind, entry.subject, entry.actor, body, prev)
            rows.append((seq, now_s, entry.kind, entry.subject, entry.actor, body, prev, own))
            prev = own
        cursor.execute(*insert_of("journal", _COLUMNS, rows))
        cursor.execute("UPDATE journal_head SET seq = %s, hash = %s WHERE id = 1", [seq, prev])
    return int(seq)
