"""Files that take the place of an older one whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tidegate.errors import UsageError
from tidegate.explain.visible import visible


@contextmanager
def replacing(path: Path, what: str) -> Iterator[TextIO]:
    """A UTF-8 text file that becomes `path` when the block ends well; until then, and otherwise, the old one stays.

    What cannot be encoded becomes `?`. A link is replaced, not followed; a device or a pipe is written to as it
    stands. Raises UsageError, which names `what`, when the place cannot be written.
    """
    try:
        if is_device(path):
            with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
                yield file
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                yield file
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"the {what} cannot be written: {error.strerror}", where=visible(str(path))) from error


def check_writable(path: Path, what: str) -> None:
    """Refuse a place before the work, not after it. Raises UsageError."""
    if is_device(path) or (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        return
    raise UsageError(
        f"the {what} cannot be written there", where=visible(str(path)), next_step="name a folder that exists"
    )


def is_device(path: Path) -> bool:
    """Whether `path` is there and neither a file, a folder nor a link to nowhere: a terminal, a pipe, /dev/null."""
    return path.exists() and not path.is_file() and not path.is_dir()
