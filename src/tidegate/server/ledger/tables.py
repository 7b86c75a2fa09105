"""Holds the tables against the journal: decisions, screenings, and uploads that left their hold."""

import json
import zlib

from django.db import connection

from tidegate.server.ledger.chain import Said
from tidegate.server.ledger.findings import Finding, all_rows
from tidegate.server.ledger.journal import digest

_MOST_NAMED = 100
_COLUMNS = "id, upload_id, is_final, verdict, leading_clause_id, decided_by, policy_digest, undone_at_s, note, body"

_WRONG_UPLOADS = {
    "left its hold without a final decision": (
        "SELECT u.id FROM upload u LEFT JOIN decision d ON d.id = u.decision_id "
        "WHERE u.state IN ('decided', 'acted') AND (d.id IS NULL OR NOT d.is_final OR d.undone_at_s IS NOT NULL "
        "OR d.upload_id <> u.id OR d.verdict <> u.verdict)"
    ),
    "has more than one final decision": (
        "SELECT upload_id FROM decision WHERE is_final AND undone_at_s IS NULL GROUP BY upload_id HAVING COUNT(*) > 1"
    ),
    "has a final decision, but does not go by it": (
        "SELECT d.upload_id FROM decision d LEFT JOIN upload u ON u.id = d.upload_id WHERE d.is_final "
        "AND d.undone_at_s IS NULL AND (u.id IS NULL OR u.decision_id <> d.id OR u.state NOT IN ('decided', 'acted'))"
    ),
}


def check_decisions(said: Said, findings: list[Finding]) -> int:
    """Every decision is the one that the journal names, in each of its columns; how many there are.

    Takes what it finds out of `said.digests`.
    """
    count = 0
    for row in all_rows(f"SELECT {_COLUMNS}, body_sha256 FROM decision", "id", ""):  # noqa: S608 - names
        count += 1
        identity, *_, undone_at_s, note, body, stored = row
        where = f"decision {identity}"
        named = said.digests.pop(identity, None)
        if not digest(body) == stored == named:
            findings.append(Finding(where=where, what="is not the one that the journal names"))
        elif not _goes_by_body(row):
            findings.append(Finding(where=where, what="has columns that differ from its record"))
        if said.notes.get(identity, "") != (digest(note) if note else ""):
            findings.append(Finding(where=where, what="has a note that is not the one that the journal names"))
        if (undone_at_s is not None) != (identity in said.undone):
            what = "was taken back, but the journal does not say so"
            if undone_at_s is None:
                what = "stands, but the journal says that it was taken back"
            findings.append(Finding(where=where, what=what))
    return count


def _goes_by_body(row: tuple[object, ...]) -> bool:
    """Whether the columns that others query are what the record says; its digest is known to be right."""
    _, upload_id, is_final, verdict, clause_id, decided_by, policy_digest, _, _, body, _ = row
    said = json.loads(str(body))
    columns = (upload_id, verdict, clause_id, decided_by, policy_digest)
    names = ("upload_id", "verdict", "leading_clause_id", "decided_by", "policy_digest")
    return columns == tuple(said.get(name) for name in names) and bool(is_final) == (verdict != "held")


def check_screenings(said: Said, findings: list[Finding]) -> int:
    """Every screening is the one that the journal names; how many. Takes what it finds out of `said.digests`."""
    count = 0
    for identity, body, stored in all_rows("SELECT id, body, body_sha256 FROM screening", "id", ""):
        count += 1
        named = said.digests.pop(identity, None)
        try:
            own = digest(zlib.decompress(bytes(body)).decode("utf-8"))
        except (zlib.error, UnicodeDecodeError):
            own = ""
        if not own == stored == named:
            findings.append(Finding(where=f"screening {identity}", what="is not the one that the journal names"))
    return count


def check_uploads(said: Said, findings: list[Finding]) -> int:
    """Nothing left its hold without the one final decision it goes by, and none was put in or taken out unsaid."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM upload")
        count = int(cursor.fetchone()[0])
        for what, select in _WRONG_UPLOADS.items():
            cursor.execute(f"{select} LIMIT {_MOST_NAMED}")
            findings.extend(Finding(where=f"upload {row[0]}", what=what) for row in cursor.fetchall())
    if count != said.accepted_count:
        findings.append(Finding(where="uploads", what=f"{count} are held, the journal accepted {said.accepted_count}"))
    return count
