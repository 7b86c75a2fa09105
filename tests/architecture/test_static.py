"""Formatting, lint and strict types hold for the whole tree."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["mypy", "scripts"]],
    ids=["lint", "format", "types", "types-of-scripts"],
)
def test_the_tool_has_nothing_to_say(command: list[str]) -> None:
    program = [str(TOOLS / command[0]), *command[1:]]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
