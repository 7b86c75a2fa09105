"""Paths of a command line: stable order, no hidden files, no loops, nothing lost without a word."""

import os
from pathlib import Path

import pytest

from tidegate.cli.paths import Refusal, expand, passed_text


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


def test_what_a_folder_holds_and_is_not_taken_is_told_sidecars_aside(folder: Path) -> None:
    (folder / "deep" / "half.mp4.part").write_bytes(b"")
    passed: list[str] = []
    assert len(list(expand(str(folder), passed))) == 3
    assert passed == [str(folder / name) for name in (".git", ".hidden.mp4", "notes.txt", "deep/half.mp4.part")]
    assert passed_text(passed) == f"4 files passed over: not media by their name (first: {folder}/.git)"
    assert passed_text(passed[:1]).startswith("1 file passed over")


def test_a_file_without_a_suffix_is_taken_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "upload-7").write_bytes(b"\0\0\0\x18ftypisom" + bytes(16))
    (tmp_path / "README").write_text("words")
    (tmp_path / "empty").write_bytes(b"")
    os.mkfifo(tmp_path / "fifo")
    passed: list[str] = []
    assert list(expand(str(tmp_path), passed)) == [str(tmp_path / "upload-7")]
    assert [Path(path).name for path in passed] == ["README", "empty", "fifo"]


@pytest.mark.parametrize("held", [[], ["notes.txt"], ["deep/"]])
def test_a_folder_without_media_is_refused_with_what_to_do(tmp_path: Path, held: list[str]) -> None:
    for name in held:
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).write_text("words")
    for argument in (str(tmp_path), str(tmp_path.parent / f"{tmp_path.name[:-1]}[{tmp_path.name[-1]}]")):
        (refusal,) = expand(argument)
        assert isinstance(refusal, Refusal)
        assert refusal.error.code == "TG-C004"
        assert "no media" in refusal.error.what or "no file" in refusal.error.what
        assert refusal.error.next_step
