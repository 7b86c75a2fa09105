"""What the demo tells a person to type works from where the person stands."""

import sys
from pathlib import Path

import pytest

from tidegate.cli.demo import own_command


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bin" / "tidegate"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "demo"])
    return path


def test_a_program_on_the_path_is_called_by_its_name(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert own_command() == "tidegate"


def test_a_program_off_the_path_or_behind_another_one_is_called_by_its_place(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert own_command() == str(program)
    other = tmp_path / "tidegate"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    assert own_command() == str(program)
