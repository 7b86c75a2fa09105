"""The blob store: content in, a name out; content again by name. The only way to media at rest."""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tidegate.errors import (
    BlobDamagedError,
    BlobMissingError,
    BlobStoreError,
    MissingDependencyError,
    TidegateError,
    UnknownKeyError,
    UsageError,
)
from tidegate.server.blobs import layout
from tidegate.server.blobs.folder import FolderPlace
from tidegate.server.blobs.objects import ObjectPlace
from tidegate.server.blobs.place import Place, Stored, told
from tidegate.server.blobs.reader import BlobReader, opened_header
from tidegate.server.blobs.writer import BlobWriter, sweep_folder
from tidegate.server.keys.ring import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """One step of `rotate_all`: the object, whether it changed, the share of names passed in [0, 1], what failed."""

    sha256: str
    is_changed: bool
    share_done: float
    error: TidegateError | None = None


class BlobStore:
    """Encrypted objects named by their content, in a folder or behind any fsspec URL. Safe to share between threads.

    `url` is a path, `file://`, `s3://bucket/prefix`, `memory://` and so on, `options` are those of its file system.
    `incoming` is a folder of this machine for unfinished objects; a store in a folder keeps them in `incoming/` there,
    any other store needs one with room for whatever is being written at once. Raises UsageError,
    MissingDependencyError, BlobStoreError.
    """

    def __init__(
        self,
        url: str,
        ring: KeyRing,
        *,
        options: Mapping[str, Any] | None = None,
        incoming: Path | None = None,
        chunk_bytes: int = layout.CHUNK_BYTES,
    ) -> None:
        self._ring = ring
        self._chunk_bytes = chunk_bytes
        self._place = _place(url, options or {}, incoming)

    def writer(self) -> BlobWriter:
        """Begin a new object; use it as a context manager. Raises BlobSpaceError, BlobStoreError."""
        return BlobWriter(self._place, self._ring, self._chunk_bytes, self._is_sound)

    def open(self, sha256: str) -> BlobReader:
        """The content as a seekable binary file; close it.

        Raises BlobMissingError, BlobDamagedError, UnknownKeyError, BlobStoreError, BlobNameError.
        """
        return BlobReader(self._place, layout.check_name(sha256), self._ring)

    def size_bytes(self, sha256: str) -> int:
        """Bytes of content, proven by the header. Raises as `open` does. Far away it costs two requests."""
        with self.open(sha256) as reader:
            return reader.size_bytes

    def exists(self, sha256: str) -> bool:
        """Whether there is an object of that name; nothing of it is proven. Raises BlobStoreError."""
        try:
            self._place.open(layout.check_name(sha256)).close()
        except BlobMissingError:
            return False
        return True

    def read_range(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes [start, end) of the content, cut at its end, piece by piece. Raises as `open` does, before the first.

        Also UsageError for a negative or reversed range, and BlobDamagedError at the first bad chunk.
        """
        if not 0 <= start <= end:
            raise UsageError(f"[{start}, {end}) is no range", where=f"object {sha256}")
        return _range(self.open(sha256), start, end)

    def copy_to(self, sha256: str, path: Path) -> None:
        """The content as a new plain file of mode 0600, proven as a whole; deleted again if anything fails.

        Raises as `open` does, BlobSpaceError, and BlobStoreError where `path` exists already.
        """
        with self.open(sha256) as reader:
            with told(str(path)):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with told(str(path)), os.fdopen(handle, "wb", buffering=0) as file:
                    _copy_proven(reader, sha256, file.fileno())
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    def check(self, sha256: str) -> None:
        """Prove a whole object: every chunk, and that the content has its name. Raises as `open`. Reads all of it."""
        with self.open(sha256) as reader:
            _copy_proven(reader, sha256, None)

    def delete(self, sha256: str, *, idle_for_s: float = 3600.0) -> bool:
        """Remove an object for good; whether it was there and is gone.

        One that was committed, or committed again, within `idle_for_s` seconds stays: an upload of the same content
        may be about to be accepted. Raises BlobStoreError.
        """
        return self._place.delete(layout.check_name(sha256), idle_for_s)

    def list(self, beginning: str = "") -> Iterator[str]:
        """Names that begin so, ascending, listed as they are asked for. Raises BlobStoreError."""
        return (name for name in self._place.names(beginning.lower()) if _is_name(name))

    def sweep_incoming(self, older_than_s: float) -> int:
        """Remove unfinished objects of writers that are gone, untouched for so long; how many. Run it at each start."""
        return sweep_folder(self._place.incoming, older_than_s, time.time()) + self._place.sweep(older_than_s)

    def rewrap(self, sha256: str) -> bool:
        """Put an object under the active master key; whether it was under another. Its content stays as it is.

        In a folder this writes 200 bytes and costs two fsyncs; an object store takes no partial writes, so the object
        is fetched and put whole. Raises as `open` does.
        """
        layout.check_name(sha256)
        return self._place.change_header(sha256, lambda content: self._new_slots(content, sha256)) > 0

    def rotate_all(self, *, after: str = "") -> Iterator[Rewrapped]:
        """`rewrap` every object in the order of names, from behind `after` on; resume with the last `sha256` seen.

        Objects under the active key cost one look at their header. One that fails is told and passed over.
        """
        for sha256 in self.list():
            if sha256 <= after:
                continue
            # Names are hashes, so how far along the alphabet we are is how much is done.
            step = Rewrapped(sha256=sha256, is_changed=False, share_done=(int(sha256[:8], 16) + 1) / 2**32)
            try:
                yield replace(step, is_changed=self.rewrap(sha256))
            except BlobMissingError:
                continue
            except (BlobDamagedError, BlobStoreError, UnknownKeyError) as error:
                yield replace(step, error=error)

    def is_key_used(self, key_id: str) -> bool:
        """Whether any object is still under a master key: for `KeyRing.retire`. Looks at headers until one is."""
        return any(key_id in layout.key_ids(self._header(sha256)) for sha256 in self.list())

    def _header(self, sha256: str) -> bytes:
        content = bytearray(layout.HEADER_BYTES)
        with contextlib.suppress(BlobMissingError), contextlib.closing(self._place.open(sha256)) as stored:
            return bytes(content[: stored.read_into(0, memoryview(content))])
        return b""

    def _new_slots(self, content: bytes, sha256: str) -> tuple[tuple[int, bytes], ...]:
        opened = layout.open_header(content, sha256, self._ring)
        active_id = self._ring.active_id
        if set(layout.key_ids(content)) == {active_id}:
            return ()
        new = replace(opened, generation=opened.generation + 1)
        idle = layout.SLOT_OFFSETS[1 - opened.slot]
        old = layout.SLOT_OFFSETS[opened.slot]
        return (idle, layout.sealed_slot(self._ring, new)), (old, layout.EMPTY_SLOT)

    def _is_sound(self, stored: Stored, sha256: str) -> bool:
        """Whether an object that is there already may stand for the same content; if not it is replaced."""
        try:
            opened_header(stored, sha256, self._ring)
        except (BlobDamagedError, UnknownKeyError):
            return False
        return True


def _place(url: str, options: Mapping[str, Any], incoming: Path | None) -> Place:
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    try:
        # Another process may have written since: what was listed a moment ago is no answer.
        system, root = url_to_fs(url, **({"use_listings_cache": False} | dict(options) if "://" in url else options))
    except ImportError as error:
        raise MissingDependencyError(str(error), where=url, next_step="install the package that it names") from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"this is no place for objects: {error}", where=url) from error
    if isinstance(system, LocalFileSystem):
        return FolderPlace(Path(root))
    if incoming is None:
        raise UsageError("a store that is not a folder needs one for unfinished objects", where=url)
    return ObjectPlace(system, str(root), incoming)


def _range(reader: BlobReader, start: int, end: int) -> Iterator[bytes]:
    with reader:
        reader.seek(start)
        for piece in reader.pieces(end):
            yield bytes(piece)


def _copy_proven(reader: BlobReader, sha256: str, handle: int | None) -> None:
    digest = hashlib.sha256()
    reader.check_empty()
    for piece in reader.pieces(reader.size_bytes):
        digest.update(piece)
        left = piece
        while handle is not None and left:
            left = left[os.write(handle, left) :]
    if digest.hexdigest() != sha256:
        raise layout.damaged(sha256, "the content is not the one that the object's name promises")


def _is_name(name: str) -> bool:
    try:
        layout.check_name(name)
    except ValueError:
        return False
    return True
