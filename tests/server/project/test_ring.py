"""The key ring of a home: made once, never again in place of one that was lost, and known to its database."""

from pathlib import Path

import pytest

from tidegate.errors import KeyRingError
from tidegate.server.project.ring import check_ring, keys_folder, ring_of
from tidegate.settings import resolve


def test_a_new_home_gets_a_key_ring_that_opens_again(tmp_path: Path) -> None:
    resolved = resolve([f"home={tmp_path}"], environ={})
    assert ring_of(resolved).active_id == ring_of(resolved).active_id


@pytest.mark.parametrize("kept", ["tidegate.sqlite3", "blobs"])
def test_a_home_that_lost_its_keys_gets_no_others(tmp_path: Path, kept: str) -> None:
    (tmp_path / kept).mkdir()
    with pytest.raises(KeyRingError, match="cannot be read without"):
        ring_of(resolve([f"home={tmp_path}"], environ={}))
    assert not (tmp_path / "keys").exists()


def test_servers_of_one_database_can_share_a_folder_of_keys(tmp_path: Path) -> None:
    one = resolve([f"home={tmp_path / 'a'}", f"server.keys_path={tmp_path / 'keys'}"], environ={})
    other = resolve([f"home={tmp_path / 'b'}", f"server.keys_path={tmp_path / 'keys'}"], environ={})
    assert keys_folder(one) == tmp_path / "keys"
    assert ring_of(one).active_id == ring_of(other).active_id


def test_a_database_refuses_a_key_ring_that_is_not_its_own(both_databases: str, tmp_path: Path) -> None:
    own = resolve([f"home={tmp_path}", f"server.keys_path={tmp_path / 'own'}"], environ={})
    check_ring(own)
    check_ring(own)
    foreign = resolve([f"home={tmp_path}", f"server.keys_path={tmp_path / 'foreign'}"], environ={})
    with pytest.raises(KeyRingError, match="belongs to another key ring"):
        check_ring(foreign)
