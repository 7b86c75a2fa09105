"""The key ring protects, changes keys without losing what is old, and refuses to be half there."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import KeyRingError, KeyRingExposedError, KeyStillNeededError, SealError, UnknownKeyError
from tidegate.server.keys.masters import keys_from_json
from tidegate.server.keys.ring import KeyRing, WrappedKey

DATA_KEY = bytes(range(32))


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "keys"


@pytest.fixture
def ring(folder: Path) -> KeyRing:
    return KeyRing.open_or_create(folder)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.open_or_create(tmp_path_factory.mktemp("shared") / "keys")


@given(text=st.text(max_size=200), purpose=st.text(max_size=20))
def test_a_sealed_secret_opens_for_its_purpose_only(shared: KeyRing, text: str, purpose: str) -> None:
    sealed = shared.seal(text, purpose)
    assert shared.unseal(sealed, purpose) == text
    assert shared.sealed_by(sealed) == shared.active_id
    with pytest.raises(SealError):
        shared.unseal(sealed, purpose + "x")


@pytest.mark.parametrize("sealed", ["", "plain", "tgs1", "tgs1.", "tgs2.0.AAAA"])
def test_what_is_no_seal_is_refused(ring: KeyRing, sealed: str) -> None:
    with pytest.raises((SealError, UnknownKeyError)):
        ring.unseal(sealed, "webhook")


def test_a_wrapped_key_opens_with_its_context_only(ring: KeyRing) -> None:
    wrapped = ring.wrap(DATA_KEY, context=b"this object")
    assert ring.unwrap(wrapped, context=b"this object") == DATA_KEY
    with pytest.raises(SealError):
        ring.unwrap(wrapped, context=b"another")
    changed = WrappedKey(key_id=wrapped.key_id, nonce=wrapped.nonce, wrapped=bytes(48))
    with pytest.raises(SealError):
        ring.unwrap(changed, context=b"this object")


def test_the_file_is_for_its_owner_only(ring: KeyRing, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "ring.json").stat().st_mode) == 0o600
    assert ring.created_s(ring.active_id) > 0


@pytest.mark.parametrize("name", [".", "ring.json"])
def test_a_ring_that_others_may_read_is_refused(ring: KeyRing, folder: Path, name: str) -> None:
    (folder / name).chmod(0o755)
    with pytest.raises(KeyRingExposedError, match="TG-H002"):
        KeyRing.open(folder)
    assert ring.key_ids


def test_a_missing_ring_is_an_error_and_not_a_new_one(folder: Path) -> None:
    with pytest.raises(KeyRingError, match="missing"):
        KeyRing.open(folder)


def test_a_damaged_ring_is_noticed_and_its_error_holds_no_secret(ring: KeyRing, folder: Path) -> None:
    path = folder / "ring.json"
    text = path.read_text(encoding="utf-8")
    secret = text.partition('"key": "')[2][:43]
    flipped = ("B" if secret[0] == "A" else "A") + secret[1:]
    for bad in ("", "{", "[]", text[:-30], text.replace(secret, flipped), text.replace(ring.active_id, "x", 1)):
        with pytest.raises(KeyRingError) as caught:
            keys_from_json(bad, str(path))
        assert secret not in str(caught.value)


def test_after_rotation_the_new_key_protects_and_the_old_one_still_opens(ring: KeyRing, folder: Path) -> None:
    other = KeyRing.open(folder)
    old_id, wrapped, derived = ring.active_id, ring.wrap(DATA_KEY), ring.derive("session")
    new_id = ring.rotate()
    assert other.active_id == new_id != old_id
    assert other.unwrap(wrapped) == DATA_KEY
    assert ring.wrap(DATA_KEY).key_id == new_id
    assert ring.derive_all("session") == (ring.derive("session"), derived)


def test_a_key_is_retired_only_when_it_is_old_settled_and_unused(ring: KeyRing) -> None:
    old_id = ring.active_id
    with pytest.raises(KeyStillNeededError, match="active"):
        ring.retire(old_id, is_used=lambda _: False, settled_s=0)
    ring.rotate()
    with pytest.raises(KeyStillNeededError, match="short while"):
        ring.retire(old_id, is_used=lambda _: False)
    with pytest.raises(KeyStillNeededError, match="protected"):
        ring.retire(old_id, is_used=lambda _: True, settled_s=0)
    wrapped = ring.wrap(DATA_KEY)
    ring.retire(old_id, is_used=lambda _: False, settled_s=0)
    assert ring.key_ids == (wrapped.key_id,)


def test_keys_given_as_text_work_and_are_changed_elsewhere(ring: KeyRing, folder: Path) -> None:
    wrapped = ring.wrap(DATA_KEY)
    ring.rotate()
    text = keys_from_json((folder / "ring.json").read_text(encoding="utf-8"), "here").to_text()
    given_ring = KeyRing.from_text(text)
    assert given_ring.active_id == ring.active_id
    assert given_ring.unwrap(wrapped) == DATA_KEY
    with pytest.raises(KeyRingError, match="as text"):
        given_ring.rotate()


@pytest.mark.parametrize("text", ["", "x", "0123456789abcdef=", "0123456789abcdef=c2hvcnQ="])
def test_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyRingError, match=r"TG-H001 keys\.ring"):
        KeyRing.from_text(text, where="keys.ring")


def test_processes_that_start_at_once_share_one_ring(folder: Path) -> None:
    code = "import sys, pathlib; from tidegate.server.keys.ring import KeyRing; "
    code += "print(KeyRing.open_or_create(pathlib.Path(sys.argv[1])).active_id)"
    command = [sys.executable, "-c", code, str(folder)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    assert len({one.communicate(timeout=60)[0] for one in started}) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["ring.json"]
