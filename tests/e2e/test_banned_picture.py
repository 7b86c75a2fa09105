"""A banned picture is found however briefly and wherever it is shown, at its seconds, and nowhere else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidegate.cli.main import run
from tidegate.records import Span
from tidegate.signals.matching.bank import format_bank
from tidegate.signals.matching.enrol import entries_from_frames
from tidegate.testing.clips import Insert, Truth
from tidegate.testing.drawing import picture

BANNED = 31_337
FIELDS = {"duration_s": 8.0, "width_px": 270, "height_px": 480, "frame_rate_hz": 24.0}
HIDDEN = {"keyframe_every_s": 60.0, "scene_cut": False}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bank") / "bank.jsonl"
    path.write_bytes(format_bank(entries_from_frames([picture(BANNED)], bank="test", entry="banned")))
    return path


def matches(truth: Truth, bank: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, list[Span]]:
    assert run(["screen", str(truth.path), "--bank", str(bank), "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    found = [s["evidence"]["span"] for s in result["screening"]["signals"] if s["label"] == "matching.frame"]
    return result["decision"]["verdict"], [Span(**span) for span in found]


@pytest.mark.parametrize("start_s", [0.0, 0.7, 2.3, 4.1, 6.6])
@pytest.mark.parametrize("keyframes", [HIDDEN, {"keyframe_every_s": 1.0}], ids=["hidden", "keyframe a second"])
def test_half_a_second_is_found_wherever_it_is(
    clip: Callable[..., Truth],
    bank: Path,
    capsys: pytest.CaptureFixture[str],
    start_s: float,
    keyframes: dict[str, Any],
) -> None:
    insert = Insert(span=Span(start_s=start_s, end_s=start_s + 0.5), picture_seed=BANNED)
    truth = clip(seed=int(start_s * 10), inserts=(insert,), **FIELDS, **keyframes)
    verdict, found = matches(truth, bank, capsys)
    assert verdict != "allowed"
    assert all(span.overlaps(truth.inserts[0]) for span in found)


def test_the_last_half_second_is_found_too(
    clip: Callable[..., Truth], bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    insert = Insert(span=Span(start_s=7.5, end_s=8.0), picture_seed=BANNED)
    verdict, _ = matches(clip(seed=1, inserts=(insert,), **FIELDS, **HIDDEN), bank, capsys)
    assert verdict != "allowed"


@pytest.mark.parametrize("border_share", [0.05, 0.1, 0.2])
def test_a_padded_copy_is_found(
    clip: Callable[..., Truth], bank: Path, capsys: pytest.CaptureFixture[str], border_share: float
) -> None:
    insert = Insert(span=Span(start_s=3.0, end_s=5.0), picture_seed=BANNED, border_share=border_share)
    truth = clip(inserts=(insert,), **FIELDS)
    verdict, found = matches(truth, bank, capsys)
    assert found
    assert verdict != "allowed"


def test_other_pictures_do_not_match(
    clip: Callable[..., Truth], bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inserts = tuple(Insert(span=Span(start_s=at, end_s=at + 0.5), picture_seed=90_000 + at) for at in range(1, 7))
    verdict, found = matches(clip(inserts=inserts, **FIELDS), bank, capsys)
    assert found == []
    assert verdict == "allowed"
