"""Objects in a folder of this machine: made durable by fsync, put in place by rename, re-keyed in place."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tidegate.server.blobs.layout import HEADER_BYTES, relative_path
from tidegate.server.blobs.place import HeaderChange, Stored, told

_FOLDER_MODE = 0o700


class StoredFile:
    """One object in a folder; keeps its file open, so it can be read to the end even if it is deleted meanwhile."""

    def __init__(self, path: Path, *, is_writable: bool = False) -> None:
        self._handle = os.open(path, (os.O_RDWR if is_writable else os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._where = str(path)
        self.size_bytes = os.fstat(self._handle).st_size

    def fileno(self) -> int:
        """The open file's number."""
        return self._handle

    def read_into(self, offset: int, target: memoryview) -> int:
        """Fill `target` from `offset` on; fewer bytes only at the file's end. Raises BlobStoreError."""
        done = 0
        with told(self._where):
            while done < len(target) and (count := os.preadv(self._handle, [target[done:]], offset + done)):
                done += count
        return done

    def close(self) -> None:
        """Close the file; more than once is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class FolderPlace:
    """A folder with `media/` and `incoming/`; both on one file system, or rename would not be atomic."""

    read_ahead_bytes = 0

    def __init__(self, root: Path) -> None:
        self._root = root
        self.incoming = root / "incoming"
        self._durable: set[Path] = set()

    def open(self, sha256: str) -> StoredFile:
        """The object, open for reading. Raises BlobMissingError, BlobStoreError."""
        with told(f"object {sha256}"):
            return StoredFile(self._path(sha256))

    def publish(self, unfinished: Path, sha256: str, is_sound: Callable[[Stored], bool]) -> None:
        """Rename a durable file into its place, or keep the sound object that is there and make it count as new."""
        path = self._path(sha256)
        with told(f"object {sha256}"):
            self._make_durable(path.parent)
            if self._is_kept(path, is_sound):
                unfinished.unlink()
            else:
                unfinished.rename(path)
            _sync(path.parent)

    def change_header(self, sha256: str, change: HeaderChange) -> int:
        """Write over the header in place, each part durable before the next. Costs an fsync a part."""
        with self._locked(sha256, is_writable=True) as stored, told(f"object {sha256}"):
            content = bytearray(HEADER_BYTES)
            count = stored.read_into(0, memoryview(content))
            parts = change(bytes(content[:count]))
            for offset, part in parts:
                os.pwrite(stored.fileno(), part, offset)
                os.fsync(stored.fileno())
        return sum(len(part) for _, part in parts)

    def delete(self, sha256: str, idle_for_s: float) -> bool:
        """Remove an object that was published at least `idle_for_s` ago, durably; whether it was there and is gone."""
        path = self._path(sha256)
        with told(f"object {sha256}"), contextlib.suppress(FileNotFoundError):
            with path.open("rb") as file:
                # Who publishes the same content again holds this lock while it makes the object count as new.
                fcntl.flock(file, fcntl.LOCK_EX)
                found = os.fstat(file.fileno())
                if found.st_nlink == 0 or time.time() - found.st_mtime < idle_for_s:
                    return False
                path.unlink()
                _sync(path.parent)
            return True
        return False

    def names(self, beginning: str) -> Iterator[str]:
        """Names that begin so, ascending; the folders are listed as they are reached."""
        with told(str(self._root)):
            for outer in _sorted(self._root / "media", beginning[:2]):
                for inner in _sorted(outer, beginning[2:4]):
                    yield from (path.name for path in _sorted(inner, beginning))

    def sweep(self, older_than_s: float) -> int:
        """Nothing: whatever a writer leaves here lies in `incoming/`."""
        del older_than_s
        return 0

    def _path(self, sha256: str) -> Path:
        return self._root / relative_path(sha256)

    def _is_kept(self, path: Path, is_sound: Callable[[Stored], bool]) -> bool:
        try:
            stored = StoredFile(path)
        except FileNotFoundError:
            return False
        with contextlib.closing(stored):
            fcntl.flock(stored.fileno(), fcntl.LOCK_EX)
            if os.fstat(stored.fileno()).st_nlink == 0 or not is_sound(stored):
                return False
            os.utime(stored.fileno())
            # Another writer may have renamed it a moment ago and not yet be past its own fsync of the folder.
            return True

    @contextlib.contextmanager
    def _locked(self, sha256: str, *, is_writable: bool) -> Iterator[StoredFile]:
        with told(f"object {sha256}"):
            stored = StoredFile(self._path(sha256), is_writable=is_writable)
        with contextlib.closing(stored):
            fcntl.flock(stored.fileno(), fcntl.LOCK_EX)
            yield stored

    def _make_durable(self, folder: Path) -> None:
        """The folder and those above it up to the root exist and would be there after a power cut."""
        if folder in self._durable:
            return
        for one in (self._root, self._root / "media", folder.parent, folder):
            one.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            _sync(one.parent)
        self._durable.add(folder)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, where there is none. Raises BlobSpaceError, BlobStoreError."""
    with told(str(folder)):
        # One by one: `parents=True` would make those above with the mode that the umask leaves.
        for one in (folder.parent, folder):
            one.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sorted(folder: Path, beginning: str) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.startswith(beginning))
    except (FileNotFoundError, NotADirectoryError):
        return []
