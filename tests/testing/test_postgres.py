"""A PostgreSQL server of one's own comes up on a socket, and leaves nothing behind."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest

from tidegate.testing import postgres


def test_it_answers_at_its_url_and_is_gone_afterwards(lacking: Callable[[str, str], NoReturn]) -> None:
    psycopg = pytest.importorskip("psycopg")
    if postgres.programs() is None:
        lacking("postgresql", "a server of one's own")
    with postgres.started() as url:
        folder = Path(parse_qs(urlsplit(url).query)["host"][0])
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_database(), inet_server_addr()").fetchone() == ("tidegate", None)
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_without_postgresql_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "programs", lambda: None)
    with pytest.raises(FileNotFoundError, match="not installed"), postgres.started():
        raise AssertionError("it must not start")


def test_a_server_that_does_not_come_up_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, lacking: Callable[[str, str], NoReturn]
) -> None:
    if postgres.programs() is None:
        lacking("postgresql", "a server of one's own")
    monkeypatch.setattr(postgres, "_FAST", {"no_such_setting": "on"})
    with pytest.raises(RuntimeError, match="no_such_setting"), postgres.started():
        raise AssertionError("it must not start")
