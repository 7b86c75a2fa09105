"""The file of the key ring: private to its owner, replaced whole, made once however many processes start at once."""

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from tidegate.errors import KeyRingError, KeyRingExposedError
from tidegate.server.keys.masters import MasterKeys, keys_from_json

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_MOST_BYTES = 4 << 20

Stamp = tuple[int, int, int]
"""What tells one state of the file from another: inode, size in bytes, time of change in nanoseconds."""


class KeyFile:
    """`ring.json` in a folder of its own, mode 0600 in 0700. Nothing is opened before a method is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ring.json"

    def stamp(self) -> Stamp:
        """The state of the file, to see cheaply (one stat) whether another process changed it. Raises KeyRingError."""
        with self._told():
            found = self.path.stat(follow_symlinks=False)
        return found.st_ino, found.st_size, found.st_mtime_ns

    def read(self) -> tuple[MasterKeys, Stamp]:
        """The keys, and the state of the file they were read from.

        Raises KeyRingError when it is missing or damaged, KeyRingExposedError when others may get at it.
        """
        self._check_private(self.folder, is_folder=True)
        with self._told():
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            self._check_private(self.path, is_folder=False, handle=handle)
            found = os.fstat(handle)
            content = os.read(handle, _MOST_BYTES)
        finally:
            os.close(handle)
        keys = keys_from_json(content.decode("utf-8", errors="replace"), str(self.path))
        return keys, (found.st_ino, found.st_size, found.st_mtime_ns)

    def create(self, keys: MasterKeys) -> bool:
        """Write the file where none is, durably; whether these keys won over another process that did the same."""
        with self._told():
            self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._check_private(self.folder, is_folder=True)
        with self._told(), self._written(keys) as unfinished:
            try:
                self.path.hardlink_to(unfinished)
            except FileExistsError:
                return False
            self._sync_folder(self.folder)
            self._sync_folder(self.folder.parent)
        return True

    def change(self, change: Callable[[MasterKeys], MasterKeys]) -> MasterKeys:
        """Replace the keys by `change` of them, durably; one process at a time. Raises what `read` and `change` do."""
        with self._told():
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = change(self.read()[0])
            with self._told(), self._written(keys) as unfinished:
                unfinished.rename(self.path)
                self._sync_folder(self.folder)
        finally:
            os.close(lock)
        return keys

    @contextlib.contextmanager
    def _written(self, keys: MasterKeys) -> Iterator[Path]:
        """The keys in a complete, durable file beside the ring, gone at the end unless it was renamed."""
        unfinished = self.folder / f"unfinished-{secrets.token_hex(8)}"
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(keys.to_json())
                file.flush()
                os.fsync(handle)
            yield unfinished
        finally:
            unfinished.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the operating system, said as errors of the key ring."""
        try:
            yield
        except FileNotFoundError as error:
            raise KeyRingError(
                "the key ring is missing",
                where=str(self.path),
                next_step="restore it from your backup; a new one opens nothing that was held before",
            ) from error
        except OSError as error:
            what = "is a symbolic link" if error.errno == errno.ELOOP else f"cannot be used: {error.strerror}"
            raise KeyRingError(
                f"the key ring {what}", where=str(self.path), next_step="run as its owner, on a disk with room"
            ) from error

    def _check_private(self, path: Path, *, is_folder: bool, handle: int | None = None) -> None:
        with self._told():
            found = path.stat(follow_symlinks=False) if handle is None else os.fstat(handle)
        is_right_kind = stat.S_ISDIR(found.st_mode) if is_folder else stat.S_ISREG(found.st_mode)
        if not is_right_kind:
            raise KeyRingError(
                f"the key ring is not a {'folder' if is_folder else 'regular file'}",
                where=str(path),
                next_step="move away what stands there and restore the key ring from your backup",
            )
        mode = stat.S_IMODE(found.st_mode)
        if mode & 0o077 or found.st_uid != os.geteuid():
            wanted = _FOLDER_MODE if is_folder else _FILE_MODE
            raise KeyRingExposedError(
                f"others may get at the key ring: mode {mode:04o}, owner {found.st_uid}",
                where=str(path),
                next_step=f"give it to the user who runs Tidegate and `chmod {wanted:04o}` it; rotate if it was read",
            )

    def _sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
