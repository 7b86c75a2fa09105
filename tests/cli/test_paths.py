"""Paths of a command line: stable order, no hidden files, no loops, nothing lost without a word."""

import os
from pathlib import Path

import pytest

from tidegate.cli.paths import Refusal, expand


def names(argument: object) -> list[str]:
    return [item if isinstance(item, str) else f"!{item.error.code}" for item in expand(str(argument))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a.MOV", "notes.txt", ".hidden.mp4", "b.mp4.json", "deep/er/c.webm", ".git/d.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def test_a_folder_is_searched_to_any_depth_in_order_without_hidden_names(folder: Path) -> None:
    assert names(folder) == [str(folder / name) for name in ("a.MOV", "b.mp4", "deep/er/c.webm")]


def test_a_file_named_outright_is_taken_whatever_its_name(folder: Path) -> None:
    assert names(folder / "notes.txt") == [str(folder / "notes.txt")]
    assert names(folder / "missing.mp4") == [str(folder / "missing.mp4")]


def test_a_pattern_is_expanded_and_an_empty_one_is_refused(folder: Path) -> None:
    assert names(folder / "*.mp4") == [str(folder / "b.mp4")]
    assert names(folder / "**" / "*.webm") == [str(folder / "deep/er/c.webm")]
    assert names(folder / "*.gif") == ["!TG-C004"]


def test_a_name_with_pattern_characters_that_exists_is_that_file(folder: Path) -> None:
    (folder / "[a].mp4").write_bytes(b"")
    assert names(folder / "[a].mp4") == [str(folder / "[a].mp4")]


def test_loops_of_links_end_and_linked_files_are_found(folder: Path) -> None:
    (folder / "deep" / "loop").symlink_to(folder)
    (folder / "deep" / "folder.mp4").symlink_to(folder)
    (folder / "self.mp4").symlink_to(folder / "self.mp4")
    (folder / "link.mp4").symlink_to(folder / "b.mp4")
    assert names(folder) == [
        str(folder / name) for name in ("a.MOV", "b.mp4", "deep/er/c.webm", "link.mp4", "self.mp4")
    ]


def test_a_folder_that_goes_down_three_hundred_levels_is_searched(tmp_path: Path) -> None:
    inner = tmp_path
    for _ in range(300):
        inner = inner / "d"
        inner.mkdir()
    (inner / "clip.mp4").write_bytes(b"")
    assert len(names(tmp_path)) == 1


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/bad\xff\n.mp4"
    os.close(os.open(raw, os.O_CREAT))
    (found,) = expand(str(tmp_path))
    assert isinstance(found, str)
    assert os.fsencode(found) == raw


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed_is_refused_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "deep").chmod(0)
    try:
        assert names(folder) == [str(folder / "a.MOV"), str(folder / "b.mp4"), "!TG-C004"]
    finally:
        (folder / "deep").chmod(0o755)


def test_a_refusal_names_what_was_asked_for() -> None:
    (refusal,) = expand("nothing/*.mp4")
    assert isinstance(refusal, Refusal)
    assert refusal.error.where == "nothing/*.mp4"
