"""`tidegate demo` screens what it made for real, and its truth and its findings agree."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tidegate.cli.demo_scenario import BANNED_SEED, cases
from tidegate.cli.main import run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def outcome(folder: Path) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, JSON lines and narration of one run."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["demo", "--out", str(folder), "--json"])
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_every_truth_that_can_be_seen_is_found(outcome: tuple[int, list[dict[str, Any]], str]) -> None:
    code, lines, _ = outcome
    missed = [(line["clip"], line["truth"], line["found"]) for line in lines if line["result"] == "miss"]
    assert missed == []
    assert code == 0


def test_what_is_spoken_and_written_is_found_in_four_languages(
    outcome: tuple[int, list[dict[str, Any]], str],
) -> None:
    for kind in ("spoken", "written"):
        names = {line["clip"] for line in outcome[1] if line["clip"].startswith(kind) and line["result"] == "hit"}
        assert names == {f"{kind}-{language}.mp4" for language in ("en", "es", "de", "fr")}


def test_an_offer_that_is_complete_in_no_channel_is_found(outcome: tuple[int, list[dict[str, Any]], str]) -> None:
    (split,) = [line for line in outcome[1] if "split between" in line["truth"]]
    assert split["result"] == "hit"


def test_every_clip_has_a_truth_and_every_kind_of_truth_is_there(
    outcome: tuple[int, list[dict[str, Any]], str],
) -> None:
    lines = outcome[1]
    assert {line["clip"] for line in lines} == {case.name for case in cases()}
    truths = " ".join(line["truth"] for line in lines)
    for part in ("banned picture", "between keyframes", "same bytes", "cut off", "no clip", "cuts at", "look-alikes"):
        assert part in truths
    assert {case.language for case in cases()} == {"en", "ko", "es", "de", "fr"}


def test_the_report_holds_every_clip(folder: Path, outcome: tuple[int, list[dict[str, Any]], str]) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert str(folder / "report.html") in outcome[2]
    assert all(case.name in page for case in cases())


def test_the_commands_it_proposes_run(
    folder: Path, outcome: tuple[int, list[dict[str, Any]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    after = outcome[2].partition("next:\n")[2]
    programs, proposed = zip(*((words[0], words[1:]) for words in map(shlex.split, after.splitlines())), strict=True)
    assert all(shutil.which(program) for program in programs)
    assert len(proposed) == 4
    codes = [run(arguments) for arguments in proposed]
    assert codes == [4, 0, 0, 0], "the first meets the file that is no clip"
    assert "matching.frame" in capsys.readouterr().out


def test_the_banned_picture_is_in_no_other_clip() -> None:
    seeds = [insert.picture_seed for case in cases() for insert in case.fields.get("inserts", ())]
    assert seeds == [BANNED_SEED, BANNED_SEED]
    assert BANNED_SEED not in {case.fields.get("seed") for case in cases()}


def test_a_place_that_cannot_be_written_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["demo", "--out", str(tmp_path / "file" / "demo")]) == 2
    assert "--out" in capsys.readouterr().err
