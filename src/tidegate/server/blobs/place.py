"""What a place must offer where objects lie, and the errors of operating systems said as ours."""

import contextlib
import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from tidegate.errors import BlobMissingError, BlobSpaceError, BlobStoreError, TidegateError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

HeaderChange = Callable[[bytes], tuple[tuple[int, bytes], ...]]
"""From a header to what is written over it: (offset, bytes) each, in the order in which they must become durable."""


class Stored(Protocol):
    """One object as it lies there, open for reading."""

    size_bytes: int

    def read_into(self, offset: int, target: memoryview) -> int:
        """Fill `target` from `offset` on; fewer bytes only at the object's end. Raises BlobStoreError."""

    def close(self) -> None:
        """Let go of it; more than once is harmless."""


class Place(Protocol):
    """Objects by name. What is published is durable when `publish` returns, and is seen whole or not at all."""

    incoming: Path
    read_ahead_bytes: int

    def open(self, sha256: str) -> Stored:
        """Raises BlobMissingError, BlobStoreError."""

    def publish(self, unfinished: Path, sha256: str, is_sound: Callable[[Stored], bool]) -> None:
        """Take a complete, durable file; one that is there already and sound is kept and counts as new again."""

    def change_header(self, sha256: str, change: HeaderChange) -> int:
        """Write over the header; how many bytes were moved for it, zero if `change` wanted nothing."""

    def delete(self, sha256: str, idle_for_s: float) -> bool:
        """Whether there was one, last published at least `idle_for_s` seconds ago, and it is gone for good now."""

    def names(self, beginning: str) -> Iterator[str]:
        """Names that begin so, ascending."""

    def sweep(self, older_than_s: float) -> int:
        """Remove what writers that are gone left in the place itself; how many."""


@contextlib.contextmanager
def told(where: str) -> Iterator[None]:
    """Errors of the operating system within the block, as BlobSpaceError, BlobMissingError or BlobStoreError."""
    try:
        yield
    except TidegateError:
        raise
    except FileNotFoundError as error:
        raise missing(where) from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise BlobSpaceError(
                f"there is no room left: {error.strerror}", where=where, next_step="free space, then send it again"
            ) from error
        raise unusable(where, str(error.strerror or error)) from error


def missing(where: str) -> BlobMissingError:
    """The error of an object that is not there."""
    next_step = "look whether the store's setting names the right place, and whether retention removed it"
    return BlobMissingError("there is no such object", where=where, next_step=next_step)


def unusable(where: str, why: str) -> BlobStoreError:
    """The error of a place that does not do what is asked of it."""
    next_step = "check that the place is reachable and that Tidegate may read and write there"
    return BlobStoreError(f"the store cannot be used: {why}", where=where, next_step=next_step)
