"""What does not hold, and reading whole tables for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not hold: which entry or row, and what is wrong with it."""

    where: str
    what: str


def all_rows(select: str, key: str, start: int | str) -> Iterator[tuple[Any, ...]]:
    """All rows in the order of their first column, `key`, in batches: memory stays flat."""
    last: int | str = start
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"{select} WHERE {key} > %s ORDER BY {key} LIMIT {BATCH}", [last])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1][0]
