"""`tidegate screen` on real files: one bad file stops nothing, and the exit code says how it ended."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidegate.cli.main import run
from tidegate.records import Decision, DeclaredFacts, Outcome, Screening, Upload, Verdict, from_json
from tidegate.testing.clips import Truth

CHEAP = ["--detectors", "metadata,wording.patterns,matching"]
SCAM = "Guaranteed 40% return in one week! Send me a message on Telegram @harbour_money and double your money"

LOUD = """\
tidegate: policy@1
id: loud
version: "1"
title: Quiet words
clauses:
  shouting:
    title: Shouting
    severity: low
    text: We do not want captions in capitals.
    examples: [A caption in capitals.]
    counter_examples: [A word in capitals.]
    labels: {shouting.capitals: 1.0}
    targets: {look: 1 in 30}
    rules:
      - actions: [not-recommended]
    blind: {rule: allow}
    eu: {category: OTHER_VIOLATION_TC}
    creator_text: Please write in small letters.
"""

Results = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def video(clip: Callable[..., Truth], tmp_path: Path) -> Path:
    made = clip(duration_s=1.0, width_px=96, height_px=160)
    return Path(shutil.copy(made.path, tmp_path / "clip.mp4"))


@pytest.fixture
def results(capsys: pytest.CaptureFixture[str]) -> Results:
    """Run `tidegate screen --json` and give its exit code, its objects and what it narrated."""

    def screen(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
        code = run(["screen", *map(str, arguments), *CHEAP, "--json"])
        out, err = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return screen


def verdict(row: dict[str, Any]) -> str:
    return str(row["decision"]["verdict"])


def test_a_plain_clip_is_allowed_and_no_base_rate_is_shown_as_a_finding(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["screen", str(video), *CHEAP]) == 0
    out, err = capsys.readouterr()
    assert f"{video}  ALLOWED" in out
    assert "who decides" not in out
    assert re.search(r"^  \d+ clear, none above \.\d+$", out, re.MULTILINE)
    assert "96x160 h264" in out
    assert "CPU-s: " in out
    assert err == ""


def test_json_lines_are_records_that_can_be_read_back(video: Path, results: Results) -> None:
    code, (row,), _ = results(video, "--caption", SCAM, "--region", "KR", "--creator", "c1", "--declared-paid")
    assert code == 0
    upload = from_json(Upload, row["upload"])
    screening = from_json(Screening, row["screening"])
    decision = from_json(Decision, row["decision"])
    assert (upload.caption, upload.region, upload.declared.paid_promotion) == (SCAM, "KR", True)
    assert screening.media is not None
    assert decision.upload_id == screening.upload_id == upload.id
    assert {"pattern.scam_offer", "metadata.declared_paid"} <= {signal.label for signal in screening.signals}


def test_a_scam_in_the_caption_waits_for_a_person(video: Path, results: Results) -> None:
    code, (row,), _ = results(video, "--caption", SCAM, "--fail-on", "review")
    assert (code, verdict(row)) == (10, Verdict.HELD)
    reviewed = [c["clause_id"] for c in row["decision"]["clauses"] if c["outcome"] == Outcome.REVIEW]
    assert "scams_fraud" in reviewed


def test_fail_on_restricted_lets_review_pass(video: Path, results: Results) -> None:
    assert results(video, "--caption", SCAM, "--fail-on", "restricted")[0] == 0


def test_a_known_file_is_found_in_a_bank_given_by_flag_or_setting(
    video: Path, tmp_path: Path, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    digest = hashlib.sha256(video.read_bytes()).hexdigest()
    entry = {"algorithm": "sha256", "hash": digest, "bank": "known", "entry": "e1"}
    bank = tmp_path / "bank.jsonl"
    bank.write_text("\n".join(json.dumps(line) for line in ({"format": "tidegate-bank", "version": 1}, entry)))
    _, (row,), _ = results(video, "--bank", bank)
    assert [s["label"] for s in row["screening"]["signals"]] == ["matching.file"]
    monkeypatch.setenv("TIDEGATE_MATCHING_BANK_PATHS", str(bank))
    _, (again,), _ = results(video)
    assert again["screening"]["signals"] == row["screening"]["signals"]


def test_one_bad_file_stops_nothing_and_the_batch_ends_in_four(video: Path, tmp_path: Path, results: Results) -> None:
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no video at all")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    (tmp_path / "zz.mp4").write_bytes(video.read_bytes())
    (tmp_path / "zz.mp4.json").write_text("{broken")
    os.mkfifo(tmp_path / "fifo.mp4")
    code, rows, err = results(tmp_path, tmp_path / "none.mp4")
    assert code == 4
    found = {Path(row["path"]).name: row for row in rows}
    assert verdict(found["clip.mp4"]) == Verdict.ALLOWED
    for name in ("empty.mp4", "text.mp4", "loop.mp4", "fifo.mp4"):
        assert verdict(found[name]) == Verdict.HELD
        assert found[name]["screening"]["problems"][0]["code"].startswith("TG-M")
    assert found["zz.mp4"]["error"]["code"] == "TG-R002"
    assert found["none.mp4"]["error"]["code"] == "TG-C004"
    assert "5 screened" in err
    assert "2 not screened" in err


def test_a_video_on_stdin_is_screened(video: Path, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(video.read_bytes())))
    code, (row,), _ = results("-", "--caption", "hello")
    assert (code, row["path"], verdict(row)) == (0, "-", Verdict.ALLOWED)
    assert row["screening"]["media"]["size_bytes"] == video.stat().st_size


def test_stdin_is_bounded_by_the_size_limit_and_the_rest_goes_on(
    video: Path, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = video.stat().st_size
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(video.read_bytes() + b"!")))
    code, (refused, allowed), _ = results("-", video, "--set", f"media.max_size_bytes={limit}")
    assert (code, refused["error"]["code"], verdict(allowed)) == (4, "TG-M004", Verdict.ALLOWED)


def test_a_setting_reaches_the_decoder(video: Path, results: Results) -> None:
    code, (row,), _ = results(video, "--set", "media.max_duration_s=0.5")
    assert code == 4
    assert row["screening"]["problems"][0]["code"] == "TG-M009"


def test_a_manifest_screens_videos_and_words_alone(video: Path, tmp_path: Path, results: Results) -> None:
    manifest = tmp_path / "list.jsonl"
    lines = [{"path": "clip.mp4", "id": "one"}, {"id": "two", "caption": SCAM}, {"id": 3}]
    manifest.write_text("\n".join(map(json.dumps, lines)))
    code, rows, _ = results("--manifest", manifest)
    assert code == 4
    assert [row.get("upload", {}).get("id") for row in rows] == ["one", "two", None]
    assert verdict(rows[1]) == Verdict.HELD


def test_many_files_keep_their_order_with_several_decoders(video: Path, tmp_path: Path, results: Results) -> None:
    for index in range(6):
        shutil.copy(video, tmp_path / f"{index}.mp4")
    _, rows, _ = results(tmp_path, "--jobs", 2)
    assert [Path(row["path"]).name for row in rows] == [*(f"{index}.mp4" for index in range(6)), "clip.mp4"]


@pytest.mark.parametrize(
    "caption", ["\ud800 lone", "\x1b]0;owned\x07", "a" * 200_000, "\u202eabc", "<script>alert(1)</script>"]
)
def test_no_caption_breaks_the_table_or_the_report(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caption: str
) -> None:
    (tmp_path / "clip.mp4.json").write_text(json.dumps({"caption": caption}))
    report = tmp_path / "report.html"
    assert run(["screen", str(video), *CHEAP, "--report", str(report), "--explain"]) == 0
    out = capsys.readouterr().out
    out.encode("utf-8")
    page = report.read_text(encoding="utf-8")
    for text in (out, page):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert "<script" not in page


def test_a_name_that_is_no_text_is_shown_and_screened(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[2J.mp4")
    os.rename(video, strange)  # noqa: PTH104
    assert run(["screen", strange, *CHEAP]) == 0
    assert "\\udcff\\x1b[2J.mp4  ALLOWED" in capsys.readouterr().out


def test_another_policy_decides(video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "policy.yaml"
    broken.write_text("id: x\n")
    assert run(["screen", str(video), *CHEAP, "--policy", str(broken)]) == 2
    assert "TG-P000" in capsys.readouterr().err


def test_a_batch_says_one_line_for_what_is_allowed(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(video, tmp_path / "other.mp4")
    assert run(["screen", str(tmp_path), *CHEAP]) == 0
    out, err = capsys.readouterr()
    assert [line.split("  ")[1] for line in out.splitlines()] == ["ALLOWED", "ALLOWED"]
    assert "2 screened in" in err


def test_every_declared_fact_has_its_option(video: Path, results: Results) -> None:
    _, (row,), _ = results(
        video, "--declared-minor", "--declared-for-children", "--declared-no-ai", "--declared-unpaid"
    )
    assert row["upload"]["declared"] == {
        "ai_generated": False,
        "paid_promotion": False,
        "made_for_children": True,
        "shows_minor": True,
    }
    assert from_json(Upload, results(video)[1][0]["upload"]).declared == DeclaredFacts()


def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["screen", str(video), *CHEAP, "--report", str(tmp_path / "none" / "report.html")]) == 2
    out, err = capsys.readouterr()
    assert (out, "TG-C001" in err) == ("", True)


def test_a_terminal_without_a_character_gets_it_written_out(video: Path) -> None:
    named = video.rename(video.with_name("caf\u00e9.mp4"))
    command = ["screen", str(named), *CHEAP]
    program = f"from tidegate.cli.main import main; main({command!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "caf\\xe9.mp4  ALLOWED" in done.stdout


def test_an_interrupt_keeps_what_is_done_and_ends_in_130(video: Path, tmp_path: Path) -> None:
    for index in range(400):
        os.link(video, tmp_path / f"{index:03}.mp4")
    report = tmp_path / "report.html"
    command = ["screen", str(tmp_path), *CHEAP, "--json", "--report", str(report)]
    program = f"from tidegate.cli.main import main; main({command!r})"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        child.send_signal(signal.SIGINT)
        rest, err = child.communicate(timeout=60)
    assert child.returncode == 130
    rows = [json.loads(line) for line in (first + rest).splitlines()]
    assert 0 < len(rows) < 401
    assert f"interrupted after {len(rows)} of 401" in err
    assert "Traceback" not in err
    assert report.exists()


def test_a_reader_that_goes_away_ends_the_batch_quietly(video: Path, tmp_path: Path) -> None:
    for index in range(30):
        os.link(video, tmp_path / f"{index:03}.mp4")
    command = ["screen", str(tmp_path), *CHEAP, "--json"]
    program = f"from tidegate.cli.main import main; main({command!r})"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        err = child.stderr.read()
        assert child.wait(timeout=60) == 141
    assert err == ""


def test_no_process_is_left_behind(video: Path, results: Results) -> None:
    before = set(_children())
    results(video)
    deadline = time.monotonic() + 10
    while set(_children()) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(_children()) <= before


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


@pytest.mark.usefixtures("plugin")
def test_a_plugins_label_brings_a_case_to_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "loud.yaml"
    own.write_text(LOUD, encoding="utf-8")
    words = tmp_path / "words.jsonl"
    words.write_text(json.dumps({"id": "u1", "caption": "LOOK AT THIS LOAF"}))
    arguments = ["--manifest", str(words), "--policy", str(own), "--detectors", "shouting", "--json"]
    assert run(["screen", *arguments]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (verdict(row), row["decision"]["leading_clause_id"]) == (Verdict.HELD, "shouting")


@pytest.mark.usefixtures("broken_plugin")
def test_nothing_is_screened_without_a_plugin_that_is_broken(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(video)]) == 3
    assert "TG-S006" in capsys.readouterr().err


def test_a_folder_with_nothing_to_screen_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(tmp_path)]) == 4
    said = " ".join(capsys.readouterr().out.split())  # where lines break depends on how long the path is
    assert "TG-C004 the folder holds no media" in said
    assert "next: check the path" in said


def test_files_that_were_passed_over_are_told_on_stderr_only(video: Path, tmp_path: Path, results: Results) -> None:
    (tmp_path / "clip2.mp4.part").write_bytes(video.read_bytes())
    code, rows, err = results(tmp_path)
    assert (code, len(rows)) == (0, 1)
    assert f"1 file passed over: not media by their name (first: {tmp_path}/clip2.mp4.part)" in err


def test_a_region_that_is_none_is_a_usage_error(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(video), "--region", "Korea"]) == 2
    assert "TG-C001 --region: 'Korea' is no ISO 3166 code" in capsys.readouterr().err


def test_bad_bytes_on_stdin_are_said_of_stdin_in_a_few_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no video at all")))
    assert run(["screen", "-", *CHEAP]) == 4
    out, _ = capsys.readouterr()
    assert out.startswith("stdin  HELD  TG-M")
    assert "next: convert it" in out
    assert len(out.splitlines()) < 6
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no video at all")))
    assert run(["screen", "-", *CHEAP, "--json"]) == 4
    assert "tidegate-stdin-" not in capsys.readouterr().out
