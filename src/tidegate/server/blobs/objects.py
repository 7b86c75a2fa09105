"""Objects in an object store, or any file system that fsspec knows: one put under the final name, no renames.

Content is complete in `incoming/` on this machine before it is sent, because its name, its SHA-256, is known only then.
A put on S3 is atomic and durable when it is answered, in one part or in many.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tidegate.errors import BlobMissingError, TidegateError
from tidegate.server.blobs.layout import HEADER_BYTES, check_name, relative_path
from tidegate.server.blobs.place import HeaderChange, Stored, told, unusable

_REFRESHED_AFTER_S = 1800.0
_READ_AHEAD_BYTES = 4 << 20
_PART_BYTES = 8 << 20
_LEAST_MULTIPART_AGE_S = 86400.0


class StoredObject:
    """One object of a remote place; every read is a request."""

    def __init__(self, system: Any, path: str, sha256: str) -> None:  # noqa: ANN401 - fsspec has no types
        self._system = system
        self._path = path
        self._where = f"object {sha256}"
        with _told(self._where):
            self.size_bytes = int(system.info(path)["size"])

    def read_into(self, offset: int, target: memoryview) -> int:
        """Fill `target` from `offset` on in one request; fewer bytes only at the object's end."""
        end = min(offset + len(target), self.size_bytes)
        if end <= offset:
            return 0
        with _told(self._where):
            content = self._system.cat_file(self._path, start=offset, end=end)
        target[: len(content)] = content
        return len(content)

    def close(self) -> None:
        """Nothing is held open."""


class ObjectPlace:
    """A bucket and prefix, or a folder of another file system; `incoming` is a folder of this machine."""

    read_ahead_bytes = _READ_AHEAD_BYTES

    def __init__(self, system: Any, root: str, incoming: Path) -> None:  # noqa: ANN401 - fsspec has no types
        self._system = system
        self._root = root.rstrip("/")
        self.incoming = incoming

    def open(self, sha256: str) -> StoredObject:
        """The object; one request. Raises BlobMissingError, BlobStoreError."""
        return StoredObject(self._system, self._path(sha256), sha256)

    def publish(self, unfinished: Path, sha256: str, is_sound: Callable[[Stored], bool]) -> None:
        """Put a complete file under its name; not again where a sound one was put within half an hour.

        An older one is put again, so that its age starts anew and retention leaves it alone.
        """
        if not self._is_kept(sha256, is_sound):
            self._put(unfinished, sha256)
        with told(f"object {sha256}"):
            unfinished.unlink()

    def change_header(self, sha256: str, change: HeaderChange) -> int:
        """Fetch the object, write over its header, put it again: costs its size twice in transfer."""
        stored = self.open(sha256)
        copy = self.incoming / f"rekeyed-{sha256}-{time.monotonic_ns()}"
        try:
            with _told(f"object {sha256}"):
                content = self._system.cat_file(self._path(sha256), start=0, end=HEADER_BYTES)
                parts = change(content)
                if not parts:
                    return 0
                self._system.get_file(self._path(sha256), str(copy))
                with copy.open("r+b") as file:
                    for offset, part in parts:
                        file.seek(offset)
                        file.write(part)
            self._put(copy, sha256)
        finally:
            copy.unlink(missing_ok=True)
        return 2 * stored.size_bytes

    def delete(self, sha256: str, idle_for_s: float) -> bool:
        """Remove an object last put at least `idle_for_s` ago; whether it was there and is gone."""
        path = self._path(sha256)
        with _told(f"object {sha256}"):
            try:
                if idle_for_s > 0 and self._age_s(path) < idle_for_s:
                    return False
                # Object stores answer a removal of nothing like a removal.
                self._system.info(path)
                self._system.rm_file(path)
            except FileNotFoundError:
                return False
        return True

    def names(self, beginning: str) -> Iterator[str]:
        """Names that begin so, ascending; one listing for each pair of first digits."""
        pairs = [beginning[:2]] if len(beginning) >= 2 else [f"{pair:02x}" for pair in range(256)]
        for pair in pairs:
            if not pair.startswith(beginning[:2]):
                continue
            with _told(self._root):
                found = self._system.find(f"{self._root}/media/{pair}")
            names = sorted(str(path).rpartition("/")[2] for path in found)
            yield from (name for name in names if name.startswith(beginning))

    def sweep(self, older_than_s: float) -> int:
        """Abort uploads in parts that began a day ago or earlier and never ended, where the store lists them."""
        if not hasattr(self._system, "list_multipart_uploads"):
            return 0
        bucket, _, beginning = self._root.partition("/")
        least_age_s, count = max(older_than_s, _LEAST_MULTIPART_AGE_S), 0
        with _told(self._root):
            for upload in self._system.list_multipart_uploads(bucket):
                is_ours = str(upload["Key"]).startswith(f"{beginning}/media/" if beginning else "media/")
                if is_ours and _since_s(upload["Initiated"]) >= least_age_s:
                    self._system.abort_mpu(bucket, upload["Key"], upload["UploadId"])
                    count += 1
        return count

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{relative_path(check_name(sha256))}"

    def _is_kept(self, sha256: str, is_sound: Callable[[Stored], bool]) -> bool:
        where = f"object {sha256}"
        with _told(where):
            try:
                stored = StoredObject(self._system, self._path(sha256), sha256)
                return self._age_s(self._path(sha256)) < _REFRESHED_AFTER_S and is_sound(stored)
            except (FileNotFoundError, BlobMissingError):
                return False

    def _put(self, file: Path, sha256: str) -> None:
        path, where = self._path(sha256), f"object {sha256}"
        with _told(where):
            size_bytes = file.stat().st_size
            self._system.put_file(str(file), path, **self._put_options())
            found = int(self._system.info(path)["size"])
        if found != size_bytes:
            raise unusable(where, f"{size_bytes} bytes were put and {found} are there")

    def _put_options(self) -> Mapping[str, int]:
        """Parts of bounded size: left alone, s3fs holds ten parts of 50 MB in memory."""
        protocols = self._system.protocol
        is_s3 = "s3" in ((protocols,) if isinstance(protocols, str) else protocols)
        return {"chunksize": _PART_BYTES, "max_concurrency": 2} if is_s3 else {}

    def _age_s(self, path: str) -> float:
        """Seconds since it was put; zero, as if just now, never: a place that cannot tell raises."""
        return _since_s(self._system.modified(path))


def _since_s(moment: datetime) -> float:
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return time.time() - known.timestamp()


@contextlib.contextmanager
def _told(where: str) -> Iterator[None]:
    """Like `told`, for whatever a remote place's library raises."""
    try:
        with told(where):
            yield
    except TidegateError:
        raise
    except Exception as error:
        # Every file system behind fsspec brings exceptions of its own, not all of them OSError.
        raise unusable(where, f"{type(error).__name__}: {error}") from error
