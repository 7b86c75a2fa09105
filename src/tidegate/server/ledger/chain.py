"""Reads the journal from its first entry: whether the chain is whole, and what it says of the tables."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from tidegate.server.ledger.findings import BATCH, Finding, all_rows
from tidegate.server.ledger.journal import GENESIS, entry_hash

_DIGESTS = ("decision", "screening")


@dataclass(slots=True)
class Said:
    """What the journal says: the digest of each decision, screening and note, what was undone, who was accepted."""

    digests: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    accepted_count: int = 0

    def note(self, kind: str, body: str) -> bool:
        """Remember what one entry says; false when it is nothing that the journal writes."""
        try:
            facts = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(facts, dict):
            return False
        self.accepted_count += kind == "upload.accepted"
        for name in _DIGESTS:
            if name in facts and f"{name}_sha256" in facts:
                self.digests[str(facts[name])] = str(facts[f"{name}_sha256"])
        if "note_sha256" in facts:
            self.notes[str(facts.get("decision"))] = str(facts["note_sha256"])
        if kind == "decision.undone":
            self.undone.add(str(facts.get("undone")))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How many entries there are, and the last one's number and hash."""

    entry_count: int
    seq: int
    hash: str


def read_chain(
    said: Said, findings: list[Finding], *, since: tuple[int, str] | None, progress: Callable[[int], None]
) -> Chain:
    """Follow the chain and fill `said`; `since` is an entry that must be in it."""
    seq, prev, count = 0, GENESIS, 0
    for row in all_rows("SELECT seq, at_s, kind, subject, actor, body, prev_hash, hash FROM journal", "seq", 0):
        number, at_s, kind, subject, actor, body, prev_hash, own = row
        if number != seq + 1:
            findings.append(Finding(where=f"entry {seq + 1}", what=f"is missing; the next is {number}"))
        if prev_hash != prev:
            findings.append(Finding(where=f"entry {number}", what="does not follow the entry before it"))
        is_own = own == entry_hash(number, at_s, kind, subject, actor, body, prev_hash)
        if not said.note(kind, body) or not is_own:
            findings.append(Finding(where=f"entry {number}", what="was changed after it was written"))
        if since == (number, own):
            since = None
        seq, prev, count = number, own, count + 1
        if count % BATCH == 0:
            progress(count)
    findings.extend(_head(seq, prev))
    if since is not None and since != (0, GENESIS):
        findings.append(Finding(where=f"entry {since[0]}", what="is not the one that was noted down"))
    return Chain(entry_count=count, seq=seq, hash=prev)


def _head(seq: int, last_hash: str) -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM journal_head WHERE id = 1")
        head = cursor.fetchone()
    if head is None or (head[0], head[1]) != (seq, last_hash):
        return [Finding(where="head", what=f"says entry {head[0] if head else '-'}, the last one is {seq}")]
    return []
