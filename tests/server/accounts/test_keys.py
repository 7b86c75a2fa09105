"""API keys: shown once, good for their scopes and their time, gone within seconds of being revoked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tidegate.errors import (
    AccountRequestError,
    KeyExpiredError,
    KeyMissingError,
    KeyRevokedError,
    KeyUnknownError,
    ScopeMissingError,
)

NOW_S = 1_800_000_000.0


@contextmanager
def counted_reads() -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    from django.db import connection

    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield sent


def test_of_a_secret_only_its_digest_is_kept(database: str) -> None:
    import hashlib

    from django.db import connection

    from tidegate.server.accounts import keys

    row, secret = keys.create("a platform", ["uploads:write"], now_s=NOW_S)
    assert secret.startswith("tg_")
    assert row.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_key")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT * FROM journal")
        stored += str(cursor.fetchall())
    assert secret not in stored
    assert secret.rpartition("_")[2] not in stored


def test_two_keys_never_share_a_secret(database: str) -> None:
    from tidegate.server.accounts import keys

    assert len({keys.create("same", ["uploads:read"], now_s=NOW_S)[1] for _ in range(20)}) == 20


def test_a_key_tells_who_holds_it_and_what_for(both_databases: str) -> None:
    from tidegate.server.accounts import keys

    row, secret = keys.create(
        " a platform ", ["uploads:write", "uploads:read"], now_s=NOW_S, by="person:pe_" + "0" * 26
    )
    holder = keys.authenticate(secret, now_s=NOW_S)
    assert (holder.key_id, holder.name) == (row.id, "a platform")
    assert holder.scopes == {"uploads:write", "uploads:read"}


@pytest.mark.parametrize("secret", ["tg_x", "sk-other", "tg_" + "a" * 300, "tg_\udc80", "TG_X"])
def test_a_secret_that_was_never_made_is_unknown(database: str, secret: str) -> None:
    from tidegate.server.accounts import keys

    with pytest.raises(KeyUnknownError):
        keys.authenticate(secret, now_s=NOW_S)


def test_no_secret_at_all_is_said_to_be_missing(database: str) -> None:
    from tidegate.server.accounts import keys

    with pytest.raises(KeyMissingError):
        keys.authenticate("", now_s=NOW_S)


def test_a_key_is_refused_what_it_was_not_made_for(database: str) -> None:
    from tidegate.server.accounts import keys

    _, secret = keys.create("reader", ["uploads:read"], now_s=NOW_S)
    holder = keys.authenticate(secret, now_s=NOW_S)
    keys.require_scope(holder, frozenset({"uploads:read", "cases:decide"}))
    with pytest.raises(ScopeMissingError, match="uploads:write"):
        keys.require_scope(holder, frozenset({"uploads:write"}))
    with pytest.raises(ScopeMissingError, match="a person"):
        keys.require_scope(holder, frozenset())


def test_a_key_ends_when_its_time_is_over_to_the_second(database: str) -> None:
    from tidegate.server.accounts import keys

    _, secret = keys.create("short", ["uploads:read"], now_s=NOW_S, expires_at_s=NOW_S + 2)
    assert keys.authenticate(secret, now_s=NOW_S + 1.9)
    with pytest.raises(KeyExpiredError):
        keys.authenticate(secret, now_s=NOW_S + 2)


def test_a_revoked_key_ends_at_once_here_and_within_five_seconds_where_it_is_remembered(database: str) -> None:
    from tidegate.server.accounts import keys
    from tidegate.server.accounts.models import ApiKeyRow

    row, secret = keys.create("gone", ["uploads:read"], now_s=NOW_S)
    keys.authenticate(secret, now_s=NOW_S)
    # What another process does: the row changes, and nobody tells this one.
    ApiKeyRow.objects.filter(id=row.id).update(revoked_at_s=NOW_S)
    assert keys.authenticate(secret, now_s=NOW_S + keys.REMEMBERED_S - 0.1)
    with pytest.raises(KeyRevokedError):
        keys.authenticate(secret, now_s=NOW_S + 5)

    _, second = keys.create("gone too", ["uploads:read"], now_s=NOW_S)
    holder = keys.authenticate(second, now_s=NOW_S)
    keys.revoke(holder.key_id, now_s=NOW_S)
    with pytest.raises(KeyRevokedError):
        keys.authenticate(second, now_s=NOW_S)


def test_a_clock_set_back_does_not_stretch_what_is_remembered(database: str) -> None:
    from tidegate.server.accounts import keys
    from tidegate.server.accounts.models import ApiKeyRow

    row, secret = keys.create("gone", ["uploads:read"], now_s=NOW_S)
    keys.authenticate(secret, now_s=NOW_S)
    ApiKeyRow.objects.filter(id=row.id).update(revoked_at_s=NOW_S)
    with pytest.raises(KeyRevokedError):
        keys.authenticate(secret, now_s=NOW_S - 3600)


def test_a_busy_key_is_read_once_in_a_few_seconds_and_its_use_is_written_once_a_minute(database: str) -> None:
    from tidegate.server.accounts import keys

    _, secret = keys.create("busy", ["uploads:read"], now_s=NOW_S)
    with counted_reads() as sent:
        for step in range(1000):
            keys.authenticate(secret, now_s=NOW_S + step * 0.003)
    assert len([sql for sql in sent if sql.startswith("SELECT")]) == 1
    assert len([sql for sql in sent if sql.startswith("UPDATE")]) == 1
    (row,) = keys.list_keys()
    assert row.last_used_at_s == NOW_S


def test_a_key_can_be_used_while_its_last_use_cannot_be_written(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError
    from django.db.models import QuerySet

    from tidegate.server.accounts import keys

    _, secret = keys.create("busy", ["uploads:read"], now_s=NOW_S)

    def is_locked(*_: object, **__: object) -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr(QuerySet, "update", is_locked)
    assert keys.authenticate(secret, now_s=NOW_S)


def test_what_is_remembered_does_not_grow_without_end(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tidegate.server.accounts import keys

    monkeypatch.setattr(keys, "_MOST_REMEMBERED", 5)
    for number in range(12):
        keys.authenticate(keys.create(f"k{number}", ["uploads:read"], now_s=NOW_S)[1], now_s=NOW_S)
    for number in range(100):
        with pytest.raises(KeyUnknownError):
            keys.authenticate(f"tg_{number}", now_s=NOW_S)
    assert len(keys._KNOWN) <= 5


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at_s"),
    [
        ("", ["uploads:read"], None),
        ("x" * 121, ["uploads:read"], None),
        ("x", [], None),
        ("x", ["uploads:everything"], None),
        ("x", ["uploads:read"], NOW_S),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    database: str, name: str, scopes: list[str], expires_at_s: float | None
) -> None:
    from tidegate.server.accounts import keys

    with pytest.raises(AccountRequestError):
        keys.create(name, scopes, now_s=NOW_S, expires_at_s=expires_at_s)
    assert keys.list_keys() == []


def test_making_and_revoking_are_in_the_journal_once(database: str, journal: Callable[[], list[Any]]) -> None:
    from tidegate.server.accounts import keys

    row, _ = keys.create("a platform", ["uploads:read"], now_s=NOW_S, by="person:pe_1")
    for _ in range(3):
        keys.revoke(row.id, now_s=time.time(), by="person:pe_2")
    assert [entry[:3] for entry in journal()] == [
        ("key.made", row.id, "person:pe_1"),
        ("key.revoked", row.id, "person:pe_2"),
    ]
    with pytest.raises(AccountRequestError):
        keys.revoke("ak_none", now_s=time.time())


def test_every_scope_that_a_route_asks_for_can_be_given_to_a_key() -> None:
    from tidegate.server.accounts.roles import SCOPES

    assert all(scope.count(":") == 1 for scope in SCOPES)


def test_the_table_of_access_asks_for_known_scopes_only(django_ready: object) -> None:
    from tidegate.server.accounts.access import ACCESS
    from tidegate.server.accounts.roles import SCOPES

    assert {scope for rule in ACCESS.values() for scope in rule.scopes} <= SCOPES


def test_a_key_is_remembered_without_the_database_only_while_that_says_the_same(database: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tidegate.server.accounts import keys

    row, secret = keys.create("a platform", ["uploads:write"], now_s=1000.0, expires_at_s=1003.0)
    assert keys.remembered(secret, now_s=1000.0) is None
    keys.authenticate(secret, now_s=1000.0)
    with CaptureQueriesContext(connection) as queries:
        holder = keys.remembered(secret, now_s=1001.0)
    assert holder is not None
    assert (holder.key_id, len(queries)) == (row.id, 0)
    assert keys.remembered(secret, now_s=1003.5) is None, "it has expired"
    assert keys.remembered(secret, now_s=999.0) is None, "the clock was set back"
    assert keys.remembered(secret, now_s=1000.0 + keys.REMEMBERED_S) is None, "it was read too long ago"
    assert keys.remembered("tg_unknown", now_s=1001.0) is None
    keys.revoke(row.id, now_s=1001.0)
    assert keys.remembered(secret, now_s=1001.0) is None
