"""Notes the journal's head down outside the database: whoever rewrites the chain must rewrite these notes as well."""

import os
from pathlib import Path

from django.db import connection


def head() -> tuple[int, str]:
    """Number and hash of the last entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM journal_head WHERE id = 1")
        seq, last_hash = cursor.fetchone()
    return int(seq), str(last_hash)


def note_head(path: Path, *, now_s: float) -> None:
    """Append `seconds seq:hash` to the file if the head moved since the last note."""
    seq, last_hash = head()
    line = f"{seq}:{last_hash}"
    if path.exists() and path.read_text(encoding="ascii").rstrip().endswith(line):
        return
    with open(path, "a", encoding="ascii") as file:  # noqa: PTH123 - appending is one call
        file.write(f"{now_s:.0f} {line}\n")
        file.flush()
        os.fsync(file.fileno())


def noted(path: Path) -> tuple[tuple[int, str], ...]:
    """All heads noted down, oldest first; lines that are none are passed over."""
    if not path.exists():
        return ()
    found: list[tuple[int, str]] = []
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        seq, mark, last_hash = line.rpartition(" ")[2].partition(":")
        if mark and seq.isdigit():
            found.append((int(seq), last_hash))
    return tuple(found)
