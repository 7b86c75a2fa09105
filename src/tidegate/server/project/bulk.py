"""Many rows in one INSERT, in the order given, as each database takes them fastest."""

import json
from collections.abc import Mapping, Sequence

from django.db import connection

Value = str | int | float
KINDS: Mapping[type, str] = {str: "text", int: "bigint", float: "float8"}
"""Type of a column's values -> its type in PostgreSQL."""


def insert_of(
    table: str, columns: Mapping[str, type], rows: Sequence[Sequence[Value]], tail: str = ""
) -> tuple[str, list[Value]]:
    """The statement and its parameters. Names come from the code, never from outside.

    PostgreSQL gets all rows as one JSON text: a parameter a value would cost more here than storing it costs there.
    """
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        kinds = ", ".join(f"{name} {KINDS[kind]}" for name, kind in columns.items())
        text = json.dumps([dict(zip(columns, row, strict=True)) for row in rows])
        select = f"SELECT {names} FROM json_to_recordset(%s::json) AS rows({kinds})"  # noqa: S608 - names of the code
        return f"INSERT INTO {table} ({names}) {select} {tail}", [text]
    marks = ",".join([f"({','.join(['%s'] * len(columns))})"] * len(rows))
    return f"INSERT INTO {table} ({names}) VALUES {marks} {tail}", [value for row in rows for value in row]  # noqa: S608
