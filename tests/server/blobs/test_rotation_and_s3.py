"""New master keys for what is held, writers that die, and the same promises on real S3 servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.errors import BlobMissingError, BlobSpaceError
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing

Keep = Callable[[BlobStore, bytes], str]


def _rotate(store: BlobStore, ring: KeyRing, keep: Keep) -> None:
    old_id, contents = ring.active_id, [os.urandom(300 + index) for index in range(6)]
    names = [keep(store, content) for content in contents]
    ring.rotate()
    assert store.is_key_used(old_id)
    first = sorted(names)[0]
    assert store.rewrap(first)
    assert not store.rewrap(first)
    steps = list(store.rotate_all(after=first))
    assert [step.sha256 for step in steps] == sorted(names)[1:]
    assert all(step.is_changed and step.error is None for step in steps)
    ring.retire(old_id, is_used=store.is_key_used, settled_s=0)
    for name, content in zip(names, contents, strict=True):
        with store.open(name) as reader:
            assert reader.read() == content


def test_everything_opens_after_its_old_key_is_gone(store: BlobStore, ring: KeyRing, keep: Keep) -> None:
    _rotate(store, ring, keep)


def test_everything_on_s3_opens_after_its_old_key_is_gone(s3_store: BlobStore, ring: KeyRing, keep: Keep) -> None:
    _rotate(s3_store, ring, keep)


def test_content_in_many_parts_comes_back_from_s3(s3_store: BlobStore, tmp_path: Path, keep: Keep) -> None:
    content = os.urandom((17 << 20) + 5)
    name = keep(s3_store, content)
    assert keep(s3_store, content) == name
    assert list(s3_store.list()) == [name]
    assert b"".join(s3_store.read_range(name, 4000, 9000)) == content[4000:9000]
    s3_store.copy_to(name, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    assert not s3_store.delete(name)
    assert s3_store.delete(name, idle_for_s=0)
    with pytest.raises(BlobMissingError):
        s3_store.open(name)
    assert list((tmp_path / "incoming").iterdir()) == []


WRITING = """
import sys, pathlib
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing
writer = BlobStore(sys.argv[1], KeyRing.open(pathlib.Path(sys.argv[2]))).writer()
writer.write(b"x" * 3_000_000)
print("writing", flush=True)
sys.stdin.read()
"""


def test_a_writer_that_is_killed_leaves_nothing_but_what_the_sweep_takes(
    store: BlobStore, ring: KeyRing, root: Path, home: Path
) -> None:
    assert ring.key_ids
    command = [sys.executable, "-c", WRITING, str(root), str(home / "keys")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"writing\n"
        assert store.sweep_incoming(0) == 0, "a living writer is left alone"
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert list(store.list()) == []
    assert store.sweep_incoming(3600) == 0
    assert store.sweep_incoming(0) == 1
    assert list((root / "incoming").iterdir()) == []


FULL = """
import resource, signal, sys, pathlib
from tidegate.errors import BlobSpaceError
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing
store = BlobStore(sys.argv[1], KeyRing.open(pathlib.Path(sys.argv[2])))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
try:
    with store.writer() as writer:
        for _ in range(30):
            writer.write(b"x" * 100_000)
        writer.commit()
except BlobSpaceError as error:
    print(error.code)
"""


def test_a_file_that_may_not_grow_is_a_full_disk_and_leaves_nothing(ring: KeyRing, root: Path, home: Path) -> None:
    assert ring.key_ids
    command = [sys.executable, "-c", FULL, str(root), str(home / "keys")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.stdout == "TG-H012\n", run.stderr
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_a_disk_that_is_full_only_at_the_fsync_keeps_nothing(
    store: BlobStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with store.writer() as writer:
        writer.write(b"x" * 1000)
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(BlobSpaceError, match="TG-H012"):
            writer.commit()
    assert [path for path in root.rglob("*") if path.is_file()] == []
