"""Sums the journal up, each entry once: the sums and how far they reach are written in one transaction.

Counting at the moment of asking would read the whole journal; counting in memory would forget at every restart.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from tidegate.server.ledger.journal import canonical

BUCKETS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Upper bounds of the histogram of time to decision, in seconds."""
MOST_AT_ONCE = 2000
Sums = Counter[tuple[str, str]]


def tally(most: int = MOST_AT_ONCE) -> int:
    """Add up to `most` further entries; how many there were. Cost: one read when there are none."""
    with transaction.atomic():
        lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT seq FROM tallied WHERE id = 1{lock}")  # noqa: S608 - no value in it
            seq = cursor.fetchone()[0]
            cursor.execute(
                "SELECT seq, at_s, kind, subject, actor, body FROM journal WHERE seq > %s ORDER BY seq LIMIT %s",
                [seq, most],
            )
            rows = cursor.fetchall()
        if not rows:
            return 0
        _add(_sums(rows))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tallied SET seq = %s WHERE id = 1", [rows[-1][0]])
    return len(rows)


def _sums(rows: Sequence[tuple[Any, ...]]) -> Sums:
    sums: Sums = Counter()
    uploads = _uploads({row[3] for row in rows if row[2] == "upload.decided"})
    for _, at_s, kind, subject, actor, body in rows:
        sums[("journal_entries", canonical({"kind": kind}))] += 1
        if kind == "upload.decided":
            _decided(sums, json.loads(body), at_s, uploads.get(subject), is_by_person=actor.startswith("person:"))
        elif kind in ("upload.failed", "upload.given_up"):
            sums[(kind.replace(".", "_"), canonical({"code": json.loads(body).get("code", "")}))] += 1
    return sums


def _decided(
    sums: Sums, facts: dict[str, Any], at_s: float, upload: tuple[str, float, float] | None, *, is_by_person: bool
) -> None:
    who = "person" if is_by_person else "reuse" if "reused_from" in facts else "machine"
    sums[("decisions", canonical({"verdict": facts["verdict"], "by": who}))] += 1
    if upload is None:
        return
    lane, accepted_at_s, deadline_s = upload
    took_s = max(0.0, at_s - accepted_at_s)
    for bound in (*BUCKETS_S, float("inf")):
        if took_s <= bound:
            text = "+Inf" if bound == float("inf") else repr(bound)
            sums[("decision_seconds_bucket", canonical({"lane": lane, "le": text}))] += 1
    sums[("decision_seconds_count", canonical({"lane": lane}))] += 1
    # A Counter adds floats as well as it adds ones.
    sums[("decision_seconds_sum", canonical({"lane": lane}))] += took_s  # type: ignore[assignment]
    if at_s > deadline_s:
        sums[("decision_breaches", canonical({"lane": lane}))] += 1


def _uploads(ids: Iterable[str]) -> dict[str, tuple[str, float, float]]:
    wanted = sorted(ids)
    found: dict[str, tuple[str, float, float]] = {}
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, lane, accepted_at_s, deadline_s FROM upload "  # noqa: S608 - marks, no values
                f"WHERE id IN ({','.join(['%s'] * len(some))})",
                some,
            )
            found |= {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}
    return found


def _add(sums: Sums) -> None:
    with connection.cursor() as cursor:
        for (name, labels), value in sorted(sums.items()):
            cursor.execute(
                "INSERT INTO tally (name, labels, value) VALUES (%s, %s, %s) "
                "ON CONFLICT (name, labels) DO UPDATE SET value = tally.value + excluded.value",
                [name, labels, float(value)],
            )


def tallies() -> list[tuple[str, dict[str, str], float]]:
    """Every sum as of the last `tally`: name, labels, value."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, labels, value FROM tally ORDER BY name, labels")
        return [(row[0], json.loads(row[1]), float(row[2])) for row in cursor.fetchall()]
