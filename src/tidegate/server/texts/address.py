"""Where text desks are found: a Unix socket in the home folder that only its owner may open."""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tidegate.errors import DeskSocketError

BACKLOG = 256
"""Requests that may wait at the socket; above it a connection is refused at once."""
MAX_PATH_BYTES = 100
"""Addresses of Unix sockets have 108 bytes; a longer path is reached through its folder."""


def socket_path(home: Path) -> Path:
    """The socket of the desks of this home folder."""
    return home / "work" / "texts.sock"


def listen(path: Path) -> socket.socket:
    """A socket that listens at `path`, for its owner alone; what an earlier server left there is replaced.

    The process that holds it hands it to every desk (`LaneSpec.listen_fds`). Raises DeskSocketError.
    """
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise DeskSocketError("something else than a socket lies there", where=str(path), next_step="move it")
            path.unlink()
        with reachable(path) as address:
            opened.bind(address)
            path.chmod(0o600)
            opened.listen(BACKLOG)
    except DeskSocketError:
        opened.close()
        raise
    except OSError as error:
        opened.close()
        raise DeskSocketError(
            f"cannot listen: {error.strerror or error}", where=str(path), next_step="check the home folder's rights"
        ) from error
    return opened


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address for `path`, however long it is: inside the context, by way of its open folder where it has to be."""
    if len(os.fsencode(path)) <= MAX_PATH_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
