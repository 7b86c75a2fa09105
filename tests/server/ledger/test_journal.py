"""The chain: one number after the other, each entry over the one before it, with facts and no content."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

NOW_S = 1_800_000_000.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def _append(*kinds: str, subject: str = "up_1", now_s: float = NOW_S) -> int:
    from django.db import transaction

    from tidegate.server.ledger.journal import Entry, append

    with transaction.atomic():
        entries = [Entry(kind=kind, subject=subject, actor="server", body={"n": kind}) for kind in kinds]
        return append(entries, now_s=now_s)


def _rows() -> list[Any]:
    from tidegate.server.ledger.models import EntryRow

    return list(EntryRow.objects.order_by("seq"))


def test_entries_follow_each_other_from_the_first(both_databases: str) -> None:
    from tidegate.server.ledger.heads import head
    from tidegate.server.ledger.journal import GENESIS, entry_hash

    assert head() == (0, GENESIS)
    assert _append("a", "b") == 2
    assert _append("c") == 3
    rows = _rows()
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.prev_hash for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    for row in rows:
        assert row.hash == entry_hash(row.seq, row.at_s, row.kind, row.subject, row.actor, row.body, row.prev_hash)
    assert head() == (3, rows[2].hash)


def test_a_hash_can_be_worked_out_again_by_anybody(database: str) -> None:
    import hashlib

    _append("upload.accepted")
    (row,) = _rows()
    text = f'[1,1800000000.0,"upload.accepted","up_1","server","{{\\"n\\":\\"upload.accepted\\"}}","{"0" * 64}"]'
    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


def test_nothing_to_write_writes_nothing(database: str) -> None:
    assert _append() == -1
    assert _rows() == []


def test_a_transaction_that_fails_leaves_no_gap(both_databases: str) -> None:
    from django.db import transaction

    from tidegate.server.ledger.journal import Entry, append

    _append("a")
    with pytest.raises(RuntimeError), transaction.atomic():
        append([Entry(kind="b", subject="up_1", actor="server")], now_s=NOW_S)
        raise RuntimeError
    assert _append("c") == 2
    from tidegate.server.ledger.verify import verify

    assert [row.kind for row in _rows()] == ["a", "c"]
    assert verify().findings == ()


def test_numbers_go_up_whatever_the_clock_says(both_databases: str) -> None:
    from tidegate.server.ledger.verify import verify

    for at_s in (NOW_S, NOW_S - 1e6, NOW_S + 1e9, 0.0):
        _append("a", now_s=at_s)
    assert [row.seq for row in _rows()] == [1, 2, 3, 4]
    assert verify().findings == ()


def test_two_of_its_processes_wait_for_each_other(both_databases: str, in_threads: Callable[..., None]) -> None:
    from tidegate.server.ledger.verify import verify

    def some(number: int) -> None:
        for _ in range(20):
            _append(f"of.{number}", subject=f"up_{number}")

    in_threads(some, 4)
    assert [row.seq for row in _rows()] == list(range(1, 81))
    assert verify().findings == ()


@given(value=JSON)
def test_the_canonical_form_is_one_text_for_one_value(value: Any) -> None:
    from tidegate.server.ledger.journal import canonical

    text = canonical(value)
    assert text.isascii()
    assert canonical(json.loads(text)) == text
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == text


@given(one=st.text(), other=st.text())
def test_different_texts_have_different_digests(one: str, other: str) -> None:
    from tidegate.server.ledger.journal import digest

    assert (digest(one) == digest(other)) == (one == other)


def test_heads_are_noted_when_they_move_and_read_back(database: str, tmp_path: Path) -> None:
    from tidegate.server.ledger.heads import head, note_head, noted

    path = tmp_path / "heads.txt"
    assert noted(path) == ()
    seen = []
    for number in range(3):
        _append(str(number))
        note_head(path, now_s=NOW_S + number)
        note_head(path, now_s=NOW_S + number + 0.5)
        seen.append(head())
    assert noted(path) == tuple(seen)
    with path.open("a", encoding="ascii") as file:
        file.write("half a li")
    assert noted(path) == tuple(seen)
