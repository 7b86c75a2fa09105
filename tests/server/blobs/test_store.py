"""A store keeps what it was given, whole or not at all."""

import hashlib
import io
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import BlobMissingError, BlobNameError, BlobStoreError, UsageError
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing

Keep = Callable[[BlobStore, bytes], str]
SIZES = st.sampled_from([0, 1, 63, 64, 65, 127, 128, 129, 640, 1000]) | st.integers(0, 700)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> BlobStore:
    folder = tmp_path_factory.mktemp("shared")
    return BlobStore(str(folder / "blobs"), KeyRing.open_or_create(folder / "keys"), chunk_bytes=64)


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@given(size=SIZES, seed=st.binary(min_size=1, max_size=8), pieces=st.lists(st.integers(0, 200), max_size=8))
def test_content_of_any_size_written_in_any_pieces_comes_back(
    shared: BlobStore, size: int, seed: bytes, pieces: list[int]
) -> None:
    content = (seed * size)[:size]
    left = content
    with shared.writer() as writer:
        for piece in pieces:
            writer.write(left[:piece])
            left = left[piece:]
        writer.write(left)
        ref = writer.commit()
    assert (ref.sha256, ref.size_bytes) == (hashlib.sha256(content).hexdigest(), size)
    assert shared.size_bytes(ref.sha256) == size
    with shared.open(ref.sha256) as reader:
        assert reader.read() == content
    shared.check(ref.sha256)


@given(data=st.data(), size=SIZES)
def test_any_range_is_the_slice_of_the_content(shared: BlobStore, data: st.DataObject, size: int, keep: Keep) -> None:
    content = bytes(index * 7 % 256 for index in range(size))
    name = keep(shared, content)
    start = data.draw(st.integers(0, size + 70))
    end = data.draw(st.integers(start, size + 140))
    assert b"".join(shared.read_range(name, start, end)) == content[start:end]


@given(steps=st.lists(st.tuples(st.integers(0, 800), st.integers(0, 300)), max_size=10))
def test_seeking_and_reading_is_as_in_an_ordinary_file(
    shared: BlobStore, steps: list[tuple[int, int]], keep: Keep
) -> None:
    content = bytes(index % 251 for index in range(700))
    ordinary = io.BytesIO(content)
    with shared.open(keep(shared, content)) as reader:
        for position, count in steps:
            assert reader.seek(position) == ordinary.seek(position)
            assert reader.read(count) == ordinary.read(count)
            assert reader.tell() == ordinary.tell()
        assert reader.seek(-5, io.SEEK_END) == 695
        buffer = bytearray(10)
        assert reader.readinto(buffer) == 5
        assert buffer[:5] == content[-5:]


def test_a_buffered_reader_over_it_reads_lines(store: BlobStore, keep: Keep) -> None:
    with io.BufferedReader(store.open(keep(store, b"one\ntwo\n" * 40))) as reader:
        assert reader.readlines() == [b"one\n", b"two\n"] * 40


def test_a_reversed_range_and_a_seek_before_the_beginning_are_refused(store: BlobStore, keep: Keep) -> None:
    name = keep(store, b"abc")
    with pytest.raises(UsageError):
        store.read_range(name, 2, 1)
    with store.open(name) as reader, pytest.raises(UsageError):
        reader.seek(-1)


def test_an_object_lies_where_the_layout_says_for_its_owner_only_and_shows_nothing_of_its_content(
    store: BlobStore, root: Path, keep: Keep
) -> None:
    name = keep(store, b"a secret dance " * 100)
    (path,) = _files(root)
    assert path == root / "media" / name[:2] / name[2:4] / name
    assert b"dance" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (root, *(one for one in root.rglob("*") if one.is_dir())):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_the_same_content_twice_is_one_object(store: BlobStore, root: Path, keep: Keep) -> None:
    assert keep(store, b"again" * 50) == keep(store, b"again" * 50)
    assert len(_files(root)) == 1


def test_many_writers_of_one_content_at_once_leave_one_object(store: BlobStore, root: Path, keep: Keep) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(keep(store, b"chorus" * 2000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8
    assert len(set(names)) == 1
    assert len(_files(root)) == 1
    store.check(names[0])


def test_leaving_without_commit_keeps_nothing(store: BlobStore, root: Path) -> None:
    with store.writer() as writer:
        writer.write(b"x" * 1000)
    assert _files(root) == []
    with pytest.raises(ValueError, match="no"), store.writer() as writer:
        writer.write(b"x" * 1000)
        raise ValueError("no")
    assert _files(root) == []
    with pytest.raises(UsageError):
        writer.commit()


def test_a_plain_copy_is_whole_and_for_its_owner_only(store: BlobStore, tmp_path: Path, keep: Keep) -> None:
    name = keep(store, b"clip" * 500)
    store.copy_to(name, tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == b"clip" * 500
    assert stat.S_IMODE((tmp_path / "clip.mp4").stat().st_mode) == 0o600


def test_a_plain_copy_overwrites_nothing(store: BlobStore, tmp_path: Path, keep: Keep) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(BlobStoreError, match="TG-H013"):
        store.copy_to(keep(store, b"clip"), tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_missing_object_is_said_by_name(store: BlobStore) -> None:
    name = "0" * 64
    assert not store.exists(name)
    assert not store.delete(name)
    for ask in (store.open, store.size_bytes, store.rewrap, store.check):
        with pytest.raises(BlobMissingError, match=f"TG-H010 object {name}"):
            ask(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 63 + "/", "0" * 64 + "\n"])
def test_what_is_no_sha256_is_no_name(store: BlobStore, name: str) -> None:
    for ask in (store.open, store.exists, store.delete, store.rewrap):
        with pytest.raises(BlobNameError):
            ask(name)


def test_an_object_that_just_came_again_is_not_deleted(store: BlobStore, root: Path, keep: Keep) -> None:
    name = keep(store, b"old")
    (path,) = _files(root)
    os.utime(path, (0, 0))
    keep(store, b"old")
    assert not store.delete(name)
    assert store.exists(name)
    os.utime(path, (time.time() - 7200,) * 2)
    assert store.delete(name)
    assert not store.exists(name)


def test_a_reader_reads_on_while_its_object_is_deleted(store: BlobStore, keep: Keep) -> None:
    name = keep(store, b"x" * 1000)
    with store.open(name) as reader:
        assert store.delete(name, idle_for_s=0)
        assert reader.read() == b"x" * 1000


def test_the_list_is_ascending_and_can_be_narrowed(store: BlobStore, root: Path, keep: Keep) -> None:
    names = sorted(keep(store, f"clip {index}".encode()) for index in range(40))
    (root / "media" / names[0][:2] / "notes.txt").write_text("not an object", encoding="utf-8")
    assert list(store.list()) == names
    for beginning in (names[3][:1], names[3][:2], names[3][:3], names[3]):
        assert list(store.list(beginning)) == [name for name in names if name.startswith(beginning)]


def test_a_store_that_is_not_a_folder_needs_one_for_what_is_unfinished(ring: KeyRing) -> None:
    with pytest.raises(UsageError, match="unfinished"):
        BlobStore("memory://held", ring)


def test_a_place_of_no_known_kind_is_refused(ring: KeyRing) -> None:
    with pytest.raises(UsageError, match="TG-C001 carrier-pigeon://"):
        BlobStore("carrier-pigeon://loft", ring)


def test_any_file_system_will_do(ring: KeyRing, tmp_path: Path, keep: Keep) -> None:
    store = BlobStore("memory://tidegate-held", ring, incoming=tmp_path / "incoming", chunk_bytes=64)
    content = bytes(range(256)) * 20
    name = keep(store, content)
    assert list(store.list()) == [name]
    assert b"".join(store.read_range(name, 100, 3000)) == content[100:3000]
    assert not store.delete(name)
    assert store.delete(name, idle_for_s=0)
    assert list(store.list()) == []
    assert _files(tmp_path / "incoming") == []
