import hashlib
import os
import socket
from pathlib import Path

import pytest

from tidegate.errors import EmptyFileError, FileTooLargeError, NotARegularFileError, UnreadableFileError
from tidegate.media.limits import MediaLimits
from tidegate.media.source import HEAD_BYTES, open_source

LIMITS = MediaLimits()


def test_a_regular_file_is_opened_with_its_size_head_and_digest(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with open_source(path, LIMITS) as source:
        assert source.size_bytes == len(content)
        assert source.head == content[:HEAD_BYTES]
        assert source.read_at(10_000, 1000) == content[10_000:11_000]
        assert source.sha256() == hashlib.sha256(content).hexdigest()


def test_the_descriptor_is_closed_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x")
    with open_source(path, LIMITS) as source:
        fd = source.fd
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(fd)


def test_an_ordinary_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.mp4").write_bytes(b"abc")
    (tmp_path / "link.mp4").symlink_to("real.mp4")
    with open_source(tmp_path / "link.mp4", LIMITS) as source:
        assert source.head == b"abc"


def test_a_name_of_any_bytes_is_opened(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.mp4"
    fd = os.open(name, os.O_CREAT | os.O_WRONLY)
    os.write(fd, b"abc")
    os.close(fd)
    with open_source(name, LIMITS) as source:
        assert source.head == b"abc"


@pytest.mark.parametrize("kind", ["folder", "fifo", "socket", "device", "loop", "link to device"])
def test_what_is_no_regular_file_is_refused_without_blocking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "x"
    match kind:
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as unix:
                monkeypatch.chdir(tmp_path)  # a socket's path must be short
                unix.bind("x")
        case "device":
            path = Path("/dev/zero")
        case "loop":
            path.symlink_to("x")
        case _:
            path.symlink_to("/dev/zero")
    with pytest.raises(NotARegularFileError), open_source(path, LIMITS):
        pass


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"), open_source(tmp_path / "nowhere", LIMITS):
        pass


def test_a_name_with_a_zero_byte_is_unreadable() -> None:
    with pytest.raises(UnreadableFileError), open_source("a\0b", LIMITS):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads everything")
def test_a_file_without_read_permission_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "locked.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(UnreadableFileError, match="ermission"), open_source(path, LIMITS):
        pass


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(EmptyFileError), open_source(tmp_path / "empty.mp4", LIMITS):
        pass


def test_a_sparse_giant_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "sparse.mp4"
    with path.open("wb") as file:
        file.truncate(5 * 1024**3)
    with pytest.raises(FileTooLargeError, match="max_size_bytes"), open_source(path, LIMITS):
        pass
