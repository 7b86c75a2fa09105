"""Every kind of clip that people upload goes through the whole pipeline, is understood, and passes when benign."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.cli.main import run
from tidegate.records import Span
from tidegate.testing.clips import Truth
from tidegate.testing.sound import Tone

SMALL = {"duration_s": 2.0, "width_px": 180, "height_px": 320, "frame_rate_hz": 15.0}
OPUS = {"audio_codec": "opus", "audio_rate_hz": 48_000}

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": (".mp4", {}),
    "mov": (".mov", {}),
    "mkv": (".mkv", {}),
    "fragmented": (".mp4", {"movflags": "frag_keyframe+delay_moov"}),
    "index first": (".mp4", {"movflags": "+faststart"}),
    "vp9": (".webm", {"codec": "vp9", **OPUS}),
    "av1": (".mp4", {"codec": "av1"}),
    "hevc": (".mp4", {"codec": "hevc"}),
    "turned right": (".mp4", {"rotation_deg": 90}),
    "turned over": (".mp4", {"rotation_deg": 180}),
    "turned left": (".mp4", {"rotation_deg": 270}),
    "wide pixels": (".mp4", {"sample_aspect": (3, 2)}),
    "uneven times": (".mp4", {"is_variable_rate": True}),
    "full range": (".mp4", {"is_full_range": True}),
    "hdr": (".mp4", {"is_hdr": True, "codec": "hevc"}),
    "letterboxed": (".mp4", {"letterbox": (0.0, 0.2, 0.0, 0.2)}),
    "silent": (".mp4", {"has_audio": False}),
    "odd size": (".mp4", {"width_px": 181, "height_px": 321}),
    "tiny": (".mp4", {"width_px": 16, "height_px": 16}),
    "lying": (".mp4", {"width_px": 320, "height_px": 180}),
    "one frame": (".mp4", {"duration_s": 1 / 15, "has_audio": False}),
    "noise": (".mp4", {"tones": (Tone(span=Span(start_s=0.5, end_s=1.5), frequency_hz=0.0),)}),
    "jpeg": (".jpg", {}),
    "png": (".png", {}),
    "webp": (".webp", {}),
    "gif": (".gif", {"frame_rate_hz": 10.0}),
}


def screened(path: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(["screen", path, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result: dict[str, Any] = json.loads(line)
    return result


def assert_passes(result: dict[str, Any]) -> None:
    """Allowed, or held for nothing but the policy's random sample."""
    asked = {clause["outcome"] for clause in result["decision"]["clauses"]} - {"clear", "excepted"}
    assert asked <= {"sampled"}
    assert result["screening"]["problems"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_benign_clip_of_any_kind_passes_and_is_seen_as_it_is(
    clip: Callable[..., Truth], capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    suffix, fields = KINDS[kind]
    truth = clip(suffix, **(SMALL | fields))
    result = screened(str(truth.path), capsys)
    assert_passes(result)
    video, coverage = result["screening"]["media"]["video"], result["screening"]["coverage"]
    assert (video["width_px"], video["height_px"]) == (truth.spec.width_px, truth.spec.height_px)
    assert coverage["decode_errors"] == 0
    assert coverage["frames_sampled"] >= 1
    assert [gap for gap in coverage["gaps"] if gap["reason"] == "damaged"] == []
    assert coverage["longest_unseen_s"] <= max(2.0, 1 / 15) + 1e-6


@pytest.mark.parametrize("suffix", [".m4a", ".mp4", ".mkv"])
def test_sound_alone_is_heard_and_passes(
    clip: Callable[..., Truth], capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    result = screened(str(clip(suffix, duration_s=3.0, has_video=False).path), capsys)
    assert_passes(result)
    assert result["screening"]["media"]["video"] is None
    assert result["screening"]["coverage"]["seconds_heard"] == pytest.approx(3.0, abs=0.15)


@pytest.mark.slow
def test_ten_minutes_pass_with_gaps_no_longer_than_the_budget_allows(
    clip: Callable[..., Truth], capsys: pytest.CaptureFixture[str]
) -> None:
    fields = {"duration_s": 600.0, "width_px": 144, "height_px": 256, "frame_rate_hz": 4.0, "keyframe_every_s": 5.0}
    result = screened(str(clip(**fields).path), capsys)
    assert_passes(result)
    assert result["screening"]["media"]["duration_s"] == pytest.approx(600.0, abs=0.1)
    assert result["screening"]["coverage"]["seconds_heard"] == pytest.approx(600.0, abs=0.5)
    assert result["screening"]["coverage"]["longest_unseen_s"] <= 5.0
