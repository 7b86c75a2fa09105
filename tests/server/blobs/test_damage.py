"""Whatever is changed in a stored object, nobody is handed a wrong byte."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import BlobDamagedError, UnknownKeyError
from tidegate.server.blobs.layout import HEADER_BYTES, SLOT_OFFSETS, TAG_BYTES, relative_path
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing

Keep = Callable[[BlobStore, bytes], str]
CHUNK = 64
CONTENT = bytes(index * 11 % 256 for index in range(5 * CHUNK + 10))


class Held:
    """One object, and its file to be tampered with."""

    def __init__(self, folder: Path, keep: Keep, content: bytes = CONTENT) -> None:
        self.root = folder / "blobs"
        self.store = BlobStore(str(self.root), KeyRing.open_or_create(folder / "keys"), chunk_bytes=CHUNK)
        self.name = keep(self.store, content)
        self.path = self.root / relative_path(self.name)
        self.sound = self.path.read_bytes()

    def refuses(self, stored: bytes) -> None:
        self.path.write_bytes(stored)
        with pytest.raises(BlobDamagedError, match=f"TG-H011 object {self.name}"):
            self.store.check(self.name)
        self.path.write_bytes(self.sound)


@pytest.fixture
def held(tmp_path: Path, keep: Keep) -> Held:
    return Held(tmp_path, keep)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Held:
    def keep(store: BlobStore, content: bytes) -> str:
        with store.writer() as writer:
            writer.write(content)
            return writer.commit().sha256

    return Held(tmp_path_factory.mktemp("shared"), keep)


def _regions(size: int) -> st.SearchStrategy[int]:
    """Every byte that says something: the first 16, the key slot in use, and all behind the header."""
    slot = st.integers(SLOT_OFFSETS[0], SLOT_OFFSETS[0] + 99)
    return st.integers(0, 15) | slot | st.integers(HEADER_BYTES, size - 1)


@given(data=st.data(), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_noticed(shared: Held, data: st.DataObject, bit: int) -> None:
    changed = bytearray(shared.sound)
    changed[data.draw(_regions(len(changed)))] ^= 1 << bit
    shared.path.write_bytes(changed)
    # A changed key id names a key that the ring does not hold; that is refused too, and said differently.
    with pytest.raises((BlobDamagedError, UnknownKeyError), match=shared.name):
        shared.store.check(shared.name)
    shared.path.write_bytes(shared.sound)


@given(data=st.data())
def test_a_cut_at_any_byte_is_noticed(shared: Held, data: st.DataObject) -> None:
    shared.refuses(shared.sound[: data.draw(st.integers(0, len(shared.sound) - 1))])


@given(more=st.binary(min_size=1, max_size=200))
def test_what_is_appended_is_noticed(shared: Held, more: bytes) -> None:
    shared.refuses(shared.sound + more)


def _chunk(index: int) -> slice:
    start = HEADER_BYTES + index * (CHUNK + TAG_BYTES)
    return slice(start, start + CHUNK + TAG_BYTES)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 3), (0, 4)])
def test_exchanged_chunks_are_noticed(held: Held, first: int, second: int) -> None:
    changed = bytearray(held.sound)
    changed[_chunk(first)], changed[_chunk(second)] = held.sound[_chunk(second)], held.sound[_chunk(first)]
    held.refuses(bytes(changed))


def test_a_repeated_chunk_is_noticed(held: Held) -> None:
    changed = bytearray(held.sound)
    changed[_chunk(2)] = held.sound[_chunk(1)]
    held.refuses(bytes(changed))


def test_the_good_chunks_of_a_bad_object_are_handed_out_and_the_bad_one_is_not(held: Held) -> None:
    changed = bytearray(held.sound)
    changed[_chunk(2).start] ^= 1
    held.path.write_bytes(changed)
    pieces = held.store.read_range(held.name, 0, len(CONTENT))
    assert [next(pieces), next(pieces)] == [CONTENT[:CHUNK], CONTENT[CHUNK : 2 * CHUNK]]
    with pytest.raises(BlobDamagedError, match="chunk 2"):
        next(pieces)


def test_an_object_under_the_name_of_another_is_noticed(held: Held, keep: Keep) -> None:
    other = keep(held.store, CONTENT[::-1])
    held.refuses((held.root / relative_path(other)).read_bytes())


def test_the_header_of_another_object_is_noticed(held: Held, keep: Keep) -> None:
    other = (held.root / relative_path(keep(held.store, CONTENT[::-1]))).read_bytes()
    held.refuses(other[:HEADER_BYTES] + held.sound[HEADER_BYTES:])
    held.refuses(held.sound[:HEADER_BYTES] + other[HEADER_BYTES:])


def test_a_plain_file_under_the_name_of_its_content_is_no_object(held: Held) -> None:
    held.refuses(CONTENT)
    held.refuses(CONTENT * 20)


def test_the_tag_of_an_empty_object_is_proven(tmp_path: Path, keep: Keep) -> None:
    empty = Held(tmp_path, keep, b"")
    empty.refuses(empty.sound[:-1] + bytes([empty.sound[-1] ^ 1]))


def test_a_copy_of_a_bad_object_is_not_left_lying_about(held: Held, tmp_path: Path) -> None:
    held.path.write_bytes(held.sound[:-1] + bytes([held.sound[-1] ^ 1]))
    with pytest.raises(BlobDamagedError):
        held.store.copy_to(held.name, tmp_path / "copy.mp4")
    assert not (tmp_path / "copy.mp4").exists()


def test_sending_the_content_again_heals_an_object_that_was_cut_off(held: Held, keep: Keep) -> None:
    held.path.write_bytes(held.sound[:-20])
    assert keep(held.store, CONTENT) == held.name
    held.store.check(held.name)


def test_a_ring_without_the_key_opens_nothing_and_names_the_key(held: Held, tmp_path: Path) -> None:
    stranger = BlobStore(str(held.root), KeyRing.open_or_create(tmp_path / "other-keys"))
    with pytest.raises(UnknownKeyError, match=f"TG-H003 object {held.name}, key"):
        stranger.open(held.name)
