"""`--transcript`: what was said as WebVTT, where it is wanted and nowhere else."""

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cli.main import run
from tidegate.cli.paths import Refusal
from tidegate.cli.transcript import MAX_NAME_BYTES, Transcripts, safe_stem, silence_text
from tidegate.errors import InputNotFoundError, UsageError
from tidegate.records import Abstention, AbstentionReason
from tidegate.screening import Screened
from tidegate.testing.clips import Truth

CHEAP = ["--detectors", "metadata"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def silent(sample: Screened) -> Screened:
    """An upload that a detector of speech listened to and in which nobody speaks."""
    return replace(sample, screening=replace(sample.screening, detector_ids=("speech.words@1",)))


@pytest.fixture
def video(clip: Callable[..., Truth], tmp_path: Path) -> Path:
    made = clip(duration_s=1.0, width_px=96, height_px=160)
    os.link(made.path, tmp_path / "clip.mp4")
    return tmp_path / "clip.mp4"


def test_one_upload_is_one_file(tmp_path: Path, spoken_sample: Screened) -> None:
    Transcripts(f"{tmp_path}/a.vtt", total=1, is_one=True).write("harbour.mp4", spoken_sample)
    text = (tmp_path / "a.vtt").read_text(encoding="utf-8")
    assert text.startswith("WEBVTT\n")
    assert "00:00:03.900 --> " in text
    assert "double your money" in " ".join(text.split())
    assert "안녕하세요" in text


def test_several_uploads_are_a_folder_that_is_made(tmp_path: Path, spoken_sample: Screened) -> None:
    transcripts = Transcripts(f"{tmp_path}/new/folder", total=4, is_one=False)
    for name in ("a/clip.mp4", "b/clip.mp4", "CLIP.mov", "clip-2.mp4"):
        transcripts.write(name, spoken_sample)
    assert names(tmp_path / "new" / "folder") == ["CLIP-3.vtt", "clip-2-2.vtt", "clip-2.vtt", "clip.vtt"]


@pytest.mark.parametrize("name", ["../../escape.mp4", "/etc/passwd.mp4", "..", "-", "a\nb\u202e.mp4", "\udcff.mp4"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, spoken_sample: Screened, name: str) -> None:
    folder = tmp_path / "inner" / "vtt"
    Transcripts(str(folder), total=2, is_one=False).write(name, spoken_sample)
    assert len(names(folder)) == 1
    assert names(tmp_path) == ["inner"]
    assert names(tmp_path / "inner") == ["vtt"]


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path, spoken_sample: Screened) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "vtt").mkdir()
    (tmp_path / "vtt" / "clip.vtt").symlink_to(outside)
    Transcripts(str(tmp_path / "vtt"), total=1, is_one=True).write("clip.mp4", spoken_sample)
    assert outside.read_text() == "mine"
    assert "WEBVTT" in (tmp_path / "vtt" / "clip.vtt").read_text()


@given(st.text(max_size=300))
def test_any_name_makes_a_name_that_any_file_system_takes(name: str) -> None:
    stem = safe_stem(name)
    assert 0 < len(stem.encode()) <= MAX_NAME_BYTES + 1
    assert not set(stem) & set('/\\:*?"<>|\0')
    assert not stem.startswith(".")
    assert stem.isprintable()


@pytest.mark.parametrize(("name", "stem"), [("con.mp4", "con_"), (".hidden.mp4", "hidden"), ("", "upload")])
def test_a_name_that_stands_for_something_else_is_changed(name: str, stem: str) -> None:
    assert safe_stem(name) == stem


def test_an_upload_without_speech_has_a_transcript_that_is_empty_and_valid(
    tmp_path: Path, silent: Screened, capsys: pytest.CaptureFixture[str]
) -> None:
    Transcripts(f"{tmp_path}/a.vtt", total=1, is_one=True).write("clip.mp4", silent)
    assert (tmp_path / "a.vtt").read_text().strip() == "WEBVTT"
    assert capsys.readouterr().err == "the transcript of clip.mp4 is empty: no speech was heard\n"


def test_nobody_speaking_is_told_from_nobody_listening(sample: Screened, silent: Screened) -> None:
    assert silence_text(silent.screening) == "no speech was heard"
    assert silence_text(sample.screening) == "no detector of speech ran"
    lost = Abstention(
        detector_id="speech.words@1",
        reason=AbstentionReason.UNAVAILABLE,
        labels=("speech.words",),
        detail="pip install 'tidegate[speech]'",
    )
    assert silence_text(replace(silent.screening, abstentions=(lost,))) == (
        "speech was not listened to: unavailable (pip install 'tidegate[speech]')"
    )
    unclear = replace(lost, reason=AbstentionReason.LOW_CONFIDENCE, detail="heard badly")
    assert silence_text(replace(silent.screening, abstentions=(unclear,))) == (
        "speech was not understood: low confidence (heard badly)"
    )
    needless = replace(lost, reason=AbstentionReason.NO_INPUT)
    assert silence_text(replace(silent.screening, abstentions=(needless,))) == "no speech was heard"


def test_what_could_not_be_read_has_no_transcript(
    tmp_path: Path, unreadable_sample: Screened, capsys: pytest.CaptureFixture[str]
) -> None:
    transcripts = Transcripts(str(tmp_path / "vtt"), total=2, is_one=False)
    transcripts.write("empty.mp4", unreadable_sample)
    transcripts.write("gone.mp4", Refusal(name="gone.mp4", error=InputNotFoundError("no such file")))
    assert names(tmp_path / "vtt") == []
    heard = capsys.readouterr().err
    assert heard.count("no transcript of") == 2
    assert "gone.mp4: it was not screened" in heard


@pytest.mark.parametrize(
    ("place", "is_one", "total", "is_folder"),
    [
        ("out", True, 1, False),
        ("out/", True, 1, True),
        ("there", True, 1, True),
        ("out", False, 1, True),
        ("out.vtt", False, 1, False),
        ("out", False, 5, True),
    ],
)
def test_a_place_is_a_file_or_a_folder_by_what_was_asked_for(
    tmp_path: Path, spoken_sample: Screened, place: str, is_one: bool, total: int, is_folder: bool
) -> None:
    (tmp_path / "there").mkdir()
    Transcripts(f"{tmp_path}/{place}", total=total, is_one=is_one).write("clip.mp4", spoken_sample)
    path = tmp_path / place
    assert path.is_dir() is is_folder
    assert "WEBVTT" in (path / "clip.vtt" if is_folder else path).read_text()


@pytest.mark.parametrize(("place", "what"), [("out.vtt", "cannot be one file"), ("-", "stdout holds one")])
def test_several_transcripts_need_a_folder(place: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        Transcripts(place, total=2, is_one=False)


def test_a_place_that_cannot_be_a_folder_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(UsageError, match="cannot be made"):
        Transcripts(str(tmp_path / "taken"), total=2, is_one=False)
    with pytest.raises(UsageError, match="cannot be written there"):
        Transcripts(str(tmp_path / "no" / "such" / "a.vtt"), total=1, is_one=True)


def test_the_transcript_alone_is_on_stdout_if_that_is_wanted(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(video), *CHEAP, "--transcript", "-"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == "WEBVTT"
    assert f"{video}  ALLOWED" in err
    assert "no detector of speech ran" in err


def test_the_transcript_on_stdout_is_utf_8_in_any_terminal(
    spoken_sample: Screened, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Transcripts("-", total=1, is_one=True).write("stdin", spoken_sample)
    assert "안녕하세요" in raw.getvalue().decode("utf-8")


def test_a_folder_of_videos_has_a_folder_of_transcripts_and_results_stay_on_stdout(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.link(video, tmp_path / "other.mp4")
    assert run(["screen", str(tmp_path), *CHEAP, "--json", "--transcript", str(tmp_path / "vtt")]) == 0
    assert len([json.loads(line) for line in capsys.readouterr().out.splitlines()]) == 2
    assert names(tmp_path / "vtt") == ["clip.vtt", "other.vtt"]


def test_stdout_cannot_hold_json_and_a_transcript(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(video), *CHEAP, "--json", "--transcript", "-"]) == 2
    assert "both write to stdout" in "".join(capsys.readouterr())
