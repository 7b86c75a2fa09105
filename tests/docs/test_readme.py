"""The first screen keeps its word: two commands, one line each, and what they need is in the checkout."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SET_UP = [fence.strip() for fence in FENCES if "setup.sh" in fence]
CHEAP = ("--help", "--version", "detectors", "policy", "doctor", "config")


def test_two_commands_set_everything_up_each_in_one_line() -> None:
    assert SET_UP == [
        "bash setup.sh && .venv/bin/tidegate demo",
        "bash setup.sh --dev && .venv/bin/pytest",
    ]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert SET_UP[1].partition(" && ")[0] in script.read_text(encoding="utf-8")
    assert SET_UP[1].partition(" && ")[2] in script.read_text(encoding="utf-8")


def test_the_first_screen_is_short_and_shows_a_picture() -> None:
    lines = README.splitlines()
    assert lines[0] == "# Tidegate"
    assert len(lines) <= 180
    assert re.search(r"!\[[^\]]+\]\(docs/pictures/flow\.svg\)", README), "a picture, with words for it"


def test_what_is_not_done_is_said() -> None:
    assert "## What it does not do" in README


@pytest.mark.parametrize(
    "command",
    [
        line
        for fence in FENCES
        for line in fence.splitlines()
        if re.match(r"(\.venv/bin/)?tidegate ", line) and line.split()[1] in CHEAP
    ],
)
def test_the_cheap_commands_of_the_readme_run(command: str, home: Path) -> None:
    words = command.partition("#")[0].split()
    environment = {**os.environ, "TIDEGATE_HOME": str(home)}
    program = [str(Path(sys.executable).parent / "tidegate"), *words[1:]]
    run = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout


def test_setup_refuses_what_it_does_not_know() -> None:
    run = subprocess.run(
        ["bash", str(ROOT / "setup.sh"), "--develop"], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert "usage: bash setup.sh [--dev]" in run.stderr


def test_the_demo_output_shows_the_clips_and_truths_of_todays_demo() -> None:
    from tidegate.cli.demo_scenario import cases

    blocks = re.findall(r"^```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    shown = next(block for block in blocks if "hit" in block)
    names = [line.split()[0] for line in shown.splitlines()[1:] if re.match(r"[a-z-]+\.mp4 ", line)]
    assert names == [clip.name for clip in cases()]
    assert "MISS" not in shown
