"""Writing one object: content streams through in bounded memory and is encrypted before it touches the disk."""

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tidegate.errors import UsageError
from tidegate.server.blobs import layout
from tidegate.server.blobs.folder import make_private_folder
from tidegate.server.blobs.place import Place, Stored, told
from tidegate.server.keys.ring import KeyRing

_WHERE = "an object being written"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRef:
    """An object that is held: the SHA-256 of its content, which is its name, and the content's size in bytes."""

    sha256: str
    size_bytes: int


class BlobWriter:
    """Takes content piece by piece; `commit` makes it an object. Leaving the `with` block without it keeps nothing.

    Holds one chunk in plain and one encrypted, whatever the size. Not for use from two threads at once.
    """

    def __init__(self, place: Place, ring: KeyRing, chunk_bytes: int, is_sound: Callable[[Stored, str], bool]) -> None:
        self._place, self._ring, self._chunk_bytes, self._is_sound = place, ring, chunk_bytes, is_sound
        self._data_key = secrets.token_bytes(32)
        self._cipher = AESGCM(self._data_key)
        self._prefix = layout.prefix(chunk_bytes)
        self._hash = hashlib.sha256()
        self._size_bytes = 0
        self._chunks = 0
        self._pending = bytearray()
        self._sealed = memoryview(bytearray(chunk_bytes + layout.TAG_BYTES))
        make_private_folder(place.incoming)
        self._path = place.incoming / secrets.token_hex(16)
        with told(_WHERE):
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with self._nothing_left(), told(_WHERE):
            # Held while this process lives: `sweep_incoming` leaves alone what somebody still writes.
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._put(bytes(layout.HEADER_BYTES))

    def __enter__(self) -> "BlobWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    @property
    def size_bytes(self) -> int:
        """Bytes of content so far."""
        return self._size_bytes

    def write(self, content: bytes | bytearray | memoryview) -> None:
        """Take the next piece, of any size. Raises BlobSpaceError or BlobStoreError; then nothing is left behind."""
        self._check_open()
        view = memoryview(content).cast("B")
        with self._nothing_left(), told(_WHERE):
            self._hash.update(view)
            self._size_bytes += len(view)
            if self._pending:
                taken = min(self._chunk_bytes - len(self._pending), len(view))
                self._pending += view[:taken]
                view = view[taken:]
            # The last chunk is marked as the last, so a full one waits until more content comes.
            if view and self._pending:
                self._put_chunk(memoryview(bytes(self._pending)), is_last=False)
                self._pending.clear()
            while len(view) > self._chunk_bytes:
                self._put_chunk(view[: self._chunk_bytes], is_last=False)
                view = view[self._chunk_bytes :]
            self._pending += view

    def commit(self) -> BlobRef:
        """Make it an object, durable on return; the same content twice is one object. Costs fsyncs, and a put if far.

        Raises BlobSpaceError or BlobStoreError; then nothing is left behind.
        """
        self._check_open()
        sha256 = self._hash.hexdigest()
        new = layout.Opened(
            sha256=sha256,
            data_key=self._data_key,
            size_bytes=self._size_bytes,
            chunk_bytes=self._chunk_bytes,
            key_id="",
            generation=1,
            slot=0,
        )
        with self._nothing_left(), told(_WHERE):
            self._put_chunk(memoryview(bytes(self._pending)), is_last=True)
            os.pwrite(self._handle, layout.header(self._ring, new), 0)
            os.fsync(self._handle)
            self._place.publish(self._path, sha256, lambda stored: self._is_sound(stored, sha256))
        self._close()
        return BlobRef(sha256=sha256, size_bytes=self._size_bytes)

    def discard(self) -> None:
        """Give it up; nothing of it is kept. Harmless after `commit` or a second time."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._close()

    def _put_chunk(self, content: memoryview, *, is_last: bool) -> None:
        target = self._sealed[: len(content) + layout.TAG_BYTES]
        self._cipher.encrypt_into(layout.nonce(self._chunks, is_last), content, self._prefix, target)
        self._put(target)
        self._chunks += 1

    def _put(self, content: bytes | memoryview) -> None:
        view = memoryview(content)
        while view:
            view = view[os.write(self._handle, view) :]

    @contextlib.contextmanager
    def _nothing_left(self) -> Iterator[None]:
        """Whatever goes wrong within the block, nothing of the object stays."""
        try:
            yield
        except BaseException:
            self.discard()
            raise

    def _check_open(self) -> None:
        if self._handle < 0:
            raise UsageError("this object is already committed or given up", where="BlobWriter")

    def _close(self) -> None:
        os.close(self._handle)
        self._handle = -1
        self._pending.clear()


def sweep_folder(incoming: Path, older_than_s: float, now_s: float) -> int:
    """Remove what writers left that are gone, last written at least `older_than_s` seconds ago; how many."""
    count = 0
    with told(str(incoming)), contextlib.suppress(FileNotFoundError):
        for path in sorted(incoming.iterdir()):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                if now_s - os.fstat(file.fileno()).st_mtime < older_than_s:
                    continue
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                    count += 1
    return count
