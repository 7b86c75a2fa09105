"""Whoever changes what was written is found out: entries, decisions, screenings, notes, uploads."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.records import Verdict

Decided = Callable[..., str]
NOW_S = 1_800_000_000.0


def _verify(**asked: Any) -> Any:
    from tidegate.server.ledger.verify import verify

    return verify(**asked)


def _found() -> list[str]:
    return [f"{one.where.split()[0]} {one.what}" for one in _verify().findings]


def _run(sql: str, *values: object) -> None:
    """Change the database as somebody does who goes past the server."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount != 0, "nothing was changed"


def _without(name: str) -> None:
    """Take away what the database itself would refuse."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")


@pytest.fixture
def constraints_back(both_databases: str) -> Any:
    """Undo what `_without` did, for the tests that follow."""
    from django.db import connection

    from tidegate.server.history.models import DecisionRow

    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM decision")
    once = next(one for one in DecisionRow._meta.constraints if one.name == "decision_final_once")
    with connection.schema_editor() as editor:
        editor.execute(once.create_sql(DecisionRow, editor))


@pytest.fixture
def history(both_databases: str, decided: Decided) -> dict[str, str]:
    """Uploads of every fate, among them one that a person ruled on with a note, and one whose ruling was undone."""
    from tidegate.server.casework.deciding import Ruling, decide_case, undo
    from tidegate.server.casework.models import CaseRow

    made = {verdict: decided(verdict, now_s=NOW_S) for verdict in ("allowed", "restricted", "removed", "held")}
    for name, note in (("ruled", "ask Dana"), ("undone", "")):
        made[name] = decided("held", now_s=NOW_S)
        case_id = CaseRow.objects.get(upload_id=made[name]).id
        decision_id = decide_case(
            case_id, Ruling(verdict=Verdict.ALLOWED, note=note), person_id="pe_1", now_s=NOW_S + 1
        )
        if name == "undone":
            undo(decision_id, person_id="pe_1", now_s=NOW_S + 2)
    return made


def test_what_nobody_touched_holds(history: dict[str, str]) -> None:
    result = _verify()
    assert result.findings == ()
    assert (result.upload_count, result.screening_count, result.decision_count) == (6, 6, 8)
    assert result.entry_count == result.seq == 6 * 5 + 3


def test_an_empty_journal_holds(both_databases: str) -> None:
    assert _verify().findings == ()


@pytest.mark.parametrize(
    "change",
    [
        "at_s = at_s + 1",
        "kind = 'upload.allowed'",
        "subject = 'up_other'",
        "actor = 'person:pe_2'",
        "body = '{}'",
        "body = 'no JSON'",
        "body = '[]'",
    ],
)
def test_a_changed_entry_is_found(history: dict[str, str], change: str) -> None:
    _run(f"UPDATE journal SET {change} WHERE seq = 7")  # noqa: S608
    assert "entry was changed after it was written" in _found()


def test_an_entry_with_a_hash_of_its_own_breaks_the_chain_behind_it(history: dict[str, str]) -> None:
    from tidegate.server.ledger.journal import entry_hash
    from tidegate.server.ledger.models import EntryRow

    row = EntryRow.objects.get(seq=7)
    own = entry_hash(7, row.at_s, row.kind, row.subject, "person:pe_2", row.body, row.prev_hash)
    _run("UPDATE journal SET actor = 'person:pe_2', hash = %s WHERE seq = 7", own)
    assert _found() == ["entry does not follow the entry before it"]


@pytest.mark.parametrize("seq", [1, 7])
def test_a_removed_entry_is_found(history: dict[str, str], seq: int) -> None:
    _run("DELETE FROM journal WHERE seq = %s", seq)
    assert f"entry is missing; the next is {seq + 1}" in _found()


def test_a_removed_end_is_found(history: dict[str, str]) -> None:
    _run("DELETE FROM journal WHERE seq > 20")
    assert "head says entry 33, the last one is 20" in _found()


def test_an_end_removed_together_with_its_head_is_found_by_a_head_noted_elsewhere(both_databases: str) -> None:
    from django.db import transaction

    from tidegate.server.ledger.journal import Entry, append

    for number in range(3):
        with transaction.atomic():
            append([Entry(kind="key.made", subject=f"ak_{number}", actor="command-line")], now_s=NOW_S)
    noted = (_verify().seq, _verify().hash)
    assert _verify(since=noted).findings == ()
    _run("DELETE FROM journal WHERE seq = 3")
    _run("UPDATE journal_head SET seq = 2, hash = (SELECT hash FROM journal WHERE seq = 2) WHERE id = 1")
    assert _verify().findings == ()
    assert [one.what for one in _verify(since=noted).findings] == ["is not the one that was noted down"]


def test_a_rewritten_chain_is_found_by_a_head_noted_elsewhere(both_databases: str, decided: Decided) -> None:
    from tidegate.server.ledger.journal import GENESIS, entry_hash
    from tidegate.server.ledger.models import EntryRow, HeadRow

    decided("allowed", now_s=NOW_S)
    noted = (_verify().seq, _verify().hash)
    prev = GENESIS
    for row in EntryRow.objects.order_by("seq"):
        actor = "lane:screen-other" if row.kind == "upload.decided" else row.actor
        row.actor, row.prev_hash = actor, prev
        row.hash = prev = entry_hash(row.seq, row.at_s, row.kind, row.subject, actor, row.body, prev)
        row.save()
    HeadRow.objects.update(hash=prev)
    assert _found() == []
    assert [one.where for one in _verify(since=noted).findings] == [f"entry {noted[0]}"]


@pytest.mark.parametrize("change", ["seq = 32", "hash = prev", "seq = 40"])
def test_a_forked_head_is_found(history: dict[str, str], change: str) -> None:
    if change == "hash = prev":
        _run("UPDATE journal_head SET hash = (SELECT prev_hash FROM journal WHERE seq = 33) WHERE id = 1")
    else:
        _run(f"UPDATE journal_head SET {change} WHERE id = 1")  # noqa: S608
    assert [what for what in _found() if what.startswith("head says entry")]


def test_a_fork_is_found(history: dict[str, str]) -> None:
    """Two who append to the same end: the second follows an entry that is not the one before it."""
    from tidegate.server.ledger.journal import entry_hash
    from tidegate.server.ledger.models import EntryRow

    last = EntryRow.objects.get(seq=33)
    own = entry_hash(34, NOW_S, last.kind, last.subject, last.actor, last.body, last.prev_hash)
    _run(
        "INSERT INTO journal (seq, at_s, kind, subject, actor, body, prev_hash, hash) VALUES (34,%s,%s,%s,%s,%s,%s,%s)",
        *(NOW_S, last.kind, last.subject, last.actor, last.body, last.prev_hash, own),
    )
    _run("UPDATE journal_head SET seq = 34, hash = %s WHERE id = 1", own)
    assert _found() == ["entry does not follow the entry before it"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("body = REPLACE(body, '\"removed\"', '\"allowed\"')", "is not the one that the journal names"),
        (f"body_sha256 = '{'0' * 64}'", "is not the one that the journal names"),
        ("verdict = 'allowed'", "has columns that differ from its record"),
        ("leading_clause_id = ''", "has columns that differ from its record"),
        ("decided_by = 'person'", "has columns that differ from its record"),
        ("policy_digest = ''", "has columns that differ from its record"),
        ("is_final = FALSE", "has columns that differ from its record"),
        ("note = 'it was somebody else'", "has a note that is not the one that the journal names"),
        ("undone_at_s = 1", "was taken back, but the journal does not say so"),
    ],
)
def test_a_changed_decision_is_found(history: dict[str, str], change: str, what: str) -> None:
    from tidegate.server.history.models import DecisionRow

    _run(f"UPDATE decision SET {change} WHERE upload_id = %s", history["removed"])  # noqa: S608
    assert f"decision {what}" in _found()
    assert DecisionRow.objects.count() == 8


def test_a_decision_changed_with_its_digest_is_found(history: dict[str, str]) -> None:
    from tidegate.server.history.models import DecisionRow
    from tidegate.server.ledger.journal import digest

    row = DecisionRow.objects.get(upload_id=history["removed"])
    body = row.body.replace('"removed"', '"allowed"')
    _run(
        "UPDATE decision SET verdict = 'allowed', body = %s, body_sha256 = %s WHERE id = %s", body, digest(body), row.id
    )
    _run("UPDATE upload SET verdict = 'allowed' WHERE id = %s", history["removed"])
    assert _found() == ["decision is not the one that the journal names"]


@pytest.mark.parametrize("note", ["", "ask Robin"])
def test_a_changed_note_is_found(history: dict[str, str], note: str) -> None:
    _run("UPDATE decision SET note = %s WHERE upload_id = %s AND is_final", note, history["ruled"])
    assert _found() == ["decision has a note that is not the one that the journal names"]


def test_an_undone_ruling_that_stands_again_is_found(history: dict[str, str]) -> None:
    _run("UPDATE decision SET undone_at_s = NULL WHERE upload_id = %s AND is_final", history["undone"])
    assert "decision stands, but the journal says that it was taken back" in _found()


def test_a_missing_decision_is_found(history: dict[str, str]) -> None:
    _run("DELETE FROM decision WHERE upload_id = %s", history["held"])
    assert [what for what in _found() if what.endswith("stands in the journal, but is gone")]


def test_a_missing_screening_is_found(history: dict[str, str]) -> None:
    _run("DELETE FROM screening WHERE upload_id = %s", history["allowed"])
    assert [what.split(" ", 1)[1] for what in _found()] == ["stands in the journal, but is gone"]


@pytest.mark.parametrize("how", ["other", "broken"])
def test_a_changed_screening_is_found(history: dict[str, str], how: str) -> None:
    if how == "broken":
        _run("UPDATE screening SET body = %s WHERE upload_id = %s", b"no zlib", history["allowed"])
    else:
        _run(
            "UPDATE screening SET body = (SELECT body FROM screening WHERE upload_id = %s) WHERE upload_id = %s",
            *(history["removed"], history["allowed"]),
        )
    assert _found() == ["screening is not the one that the journal names"]


@pytest.mark.parametrize("state", ["decided", "acted"])
def test_an_upload_moved_out_of_its_hold_by_hand_is_found(history: dict[str, str], state: str) -> None:
    what = "upload left its hold without a final decision"
    _run("UPDATE upload SET state = %s, verdict = 'allowed' WHERE id = %s", state, history["held"])
    assert _found() == [what]
    other = _decision_id(history["allowed"])
    _run("UPDATE upload SET decision_id = %s WHERE id = %s", other, history["held"])
    assert what in _found()
    _run("UPDATE upload SET decision_id = 'de_none' WHERE id = %s", history["held"])
    assert _found() == [what]


def test_an_upload_whose_verdict_was_changed_by_hand_is_found(history: dict[str, str]) -> None:
    _run("UPDATE upload SET verdict = 'allowed' WHERE id = %s", history["removed"])
    assert _found() == ["upload left its hold without a final decision"]


def test_an_upload_released_by_an_undone_ruling_is_found(history: dict[str, str]) -> None:
    from tidegate.server.history.models import DecisionRow

    undone = DecisionRow.objects.get(upload_id=history["undone"], is_final=True)
    _run(
        "UPDATE upload SET state = 'decided', verdict = 'allowed', decision_id = %s WHERE id = %s",
        *(undone.id, history["undone"]),
    )
    assert _found() == ["upload left its hold without a final decision"]


def test_an_upload_taken_back_into_its_hold_by_hand_is_found(history: dict[str, str]) -> None:
    _run("UPDATE upload SET state = 'held', verdict = '', decision_id = '' WHERE id = %s", history["removed"])
    assert _found() == ["upload has a final decision, but does not go by it"]


def test_two_final_decisions_are_found(history: dict[str, str], constraints_back: None) -> None:
    from tidegate.server.history.models import DecisionRow

    _without("decision_final_once")
    row = DecisionRow.objects.get(upload_id=history["removed"])
    row.id, row.number = "de_other", 1
    row.save(force_insert=True)
    found = _found()
    assert "upload has more than one final decision" in found
    assert "decision is not the one that the journal names" in found


@pytest.mark.parametrize("how", ["removed", "put in"])
def test_an_upload_that_nobody_accepted_or_everybody_forgot_is_found(history: dict[str, str], how: str) -> None:
    if how == "removed":
        _run("DELETE FROM upload WHERE id = %s", history["held"])
    else:
        from tidegate.server.intake.models import UploadRow

        row = UploadRow.objects.get(id=history["held"])
        row.id, row.idempotency_key = "up_other", "k:other"
        row.save(force_insert=True)
    assert [what for what in _found() if what.startswith("uploads ")]


def test_verifying_leaves_the_database_as_it_was_and_writers_free(
    history: dict[str, str], accepted: Decided, in_threads: Callable[..., None]
) -> None:
    def write(_: int) -> None:
        accepted(now_s=NOW_S)

    def while_verifying(_: int) -> None:
        in_threads(write, 1)

    _verify(progress=while_verifying)
    with pytest.MonkeyPatch.context() as patch:
        from tidegate.server.ledger import chain

        patch.setattr(chain, "BATCH", 1)
        result = _verify(progress=lambda count: while_verifying(count) if count == 3 else None)
    assert (result.findings, result.upload_count) == ((), 6)
    assert _verify().upload_count == 7


def test_a_long_history_is_told_as_it_goes(both_databases: str, accepted: Decided) -> None:
    from tidegate.server.ledger import chain

    for _ in range(3):
        accepted(now_s=NOW_S)
    told: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "BATCH", 2)
        _verify(progress=told.append)
    assert told == [2, 4, 6]


def test_findings_name_the_row(history: dict[str, str]) -> None:
    _run("UPDATE upload SET verdict = 'allowed' WHERE id = %s", history["removed"])
    assert [one.where for one in _verify().findings] == [f"upload {history['removed']}"]
    assert json.dumps([one.what for one in _verify().findings]).isascii()


def _decision_id(upload_id: str) -> str:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id).decision_id
