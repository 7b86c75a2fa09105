"""A file is replaced whole or stays as it was."""

import os
import stat
import threading
from pathlib import Path

import pytest

from tidegate.cli.replacing import check_writable, replacing
from tidegate.errors import UsageError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_file_replaces_the_old_one_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path, "report") as file:
        file.write("ne")
        assert path.read_text() == "old"
        file.write("w")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert names(tmp_path) == ["a.txt"]


def test_an_error_while_writing_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(path, "report") as file:
        file.write("new")
        raise KeyboardInterrupt
    assert (path.read_text(), names(tmp_path)) == ("old", ["a.txt"])


def test_what_no_file_can_hold_becomes_a_question_mark(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.txt", "transcript") as file:
        file.write("a\udc80b")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "a?b"


def test_a_link_is_replaced_and_what_it_led_to_stays(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    link = tmp_path / "a.txt"
    link.symlink_to(outside)
    with replacing(link, "report") as file:
        file.write("new")
    assert (outside.read_text(), link.read_text(), link.is_symlink()) == ("mine", "new", False)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with replacing(pipe, "transcript") as file:
        file.write("new")
    reader.join(timeout=10)
    assert read == ["new"]
    assert pipe.is_fifo()


def test_a_place_that_cannot_be_written_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the report cannot be written"), replacing(tmp_path / "no" / "a", "report"):
        pass
    with pytest.raises(UsageError, match="the transcript cannot be written there"):
        check_writable(tmp_path / "no" / "a", "transcript")
    check_writable(tmp_path / "a", "transcript")
    check_writable(Path(os.devnull), "transcript")
