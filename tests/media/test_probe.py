import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.errors import (
    DamagedContainerError,
    MediaError,
    RefusedCodecError,
    TooLongError,
    TooManyFramesError,
    TooManyPixelsError,
    TooManyStreamsError,
)
from tidegate.media.limits import MediaLimits
from tidegate.media.probe import probe
from tidegate.testing.clips import Truth

LIMITS = MediaLimits()
SMALL = {"duration_s": 1.0, "width_px": 96, "height_px": 160, "frame_rate_hz": 15.0}


def test_an_mp4_says_what_it_holds(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL)
    info = probe(truth.path, LIMITS)
    content = truth.path.read_bytes()
    assert (info.container, info.size_bytes) == ("mp4", len(content))
    assert info.sha256 == hashlib.sha256(content).hexdigest()
    assert info.duration_s == pytest.approx(truth.duration_s, abs=0.1)
    assert info.video is not None
    assert (info.video.codec, info.video.width_px, info.video.height_px) == ("h264", 96, 160)
    assert info.video.frame_count == len(truth.frame_times_s)
    assert info.video.keyframe_count == len(truth.keyframe_times_s)
    assert info.video.frame_rate_hz == pytest.approx(15.0, abs=0.2)
    assert info.audio is not None
    assert (info.audio.codec, info.audio.sample_rate_hz) == ("aac", 44_100)


@pytest.mark.parametrize(
    ("suffix", "fields", "container", "codecs"),
    [
        (".webm", {"codec": "vp9", "audio_codec": "opus", "audio_rate_hz": 48_000}, "webm", ("vp9", "opus")),
        (".mkv", {}, "matroska", ("h264", "aac")),
        (".mov", {}, "mov", ("h264", "aac")),
        (".mp4", {"codec": "hevc"}, "mp4", ("hevc", "aac")),
        (".mp4", {"codec": "av1"}, "mp4", ("av1", "aac")),
        (".mp4", {"codec": "mpeg4"}, "mp4", ("mpeg4", "aac")),
        (".mp4", {"has_audio": False}, "mp4", ("h264", None)),
        (".m4a", {"has_video": False}, "mp4", (None, "aac")),
        (".mp3", {"has_video": False, "audio_codec": "mp3"}, "mp3", (None, "mp3")),
        (".wav", {"has_video": False, "audio_codec": "pcm_s16le"}, "wav", (None, "pcm_s16le")),
        (".flac", {"has_video": False, "audio_codec": "flac"}, "flac", (None, "flac")),
        (".gif", {"has_audio": False}, "gif", ("gif", None)),
        (".png", {}, "png", ("png", None)),
        (".jpg", {}, "jpeg", ("mjpeg", None)),
        (".webp", {}, "webp", ("webp", None)),
    ],
)
def test_every_container_is_probed_without_decoding(
    clip: Callable[..., Truth],
    suffix: str,
    fields: dict[str, object],
    container: str,
    codecs: tuple[str | None, str | None],
) -> None:
    info = probe(clip(suffix, **{**SMALL, **fields}).path, LIMITS)
    assert info.container == container
    assert (info.video and info.video.codec, info.audio and info.audio.codec) == codecs
    if info.video is not None:
        assert (info.video.width_px, info.video.height_px) == (96, 160)
        assert info.video.is_still == (suffix in (".png", ".jpg", ".webp"))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_size_is_upright(clip: Callable[..., Truth], turn: int) -> None:
    video = probe(clip(**SMALL, rotation_deg=turn).path, LIMITS).video
    assert video is not None
    assert (video.width_px, video.height_px, video.rotation_deg) == (96, 160, turn)


@pytest.mark.parametrize(
    ("limits", "error", "setting"),
    [
        (replace(LIMITS, max_size_bytes=1000), MediaError, "max_size_bytes"),
        (replace(LIMITS, max_duration_s=0.5), TooLongError, "media.max_duration_s"),
        (replace(LIMITS, max_pixels=96 * 160 - 1), TooManyPixelsError, "max_pixels"),
        (replace(LIMITS, max_side_px=159), TooManyPixelsError, "max_side_px"),
        (replace(LIMITS, max_frames=14), TooManyFramesError, ""),
        (replace(LIMITS, max_streams=1), TooManyStreamsError, ""),
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_each_limit_is_a_setting(
    clip: Callable[..., Truth], suffix: str, limits: MediaLimits, error: type[MediaError], setting: str
) -> None:
    path = clip(suffix, **SMALL).path
    if suffix == ".mkv" and error is TooManyFramesError:
        pytest.skip("a Matroska header declares no frame count; decoding counts")
    with pytest.raises(error) as caught:
        probe(path, limits)
    assert caught.value.where == str(path)
    assert setting in caught.value.next_step


def test_a_codec_off_the_list_is_refused(tmp_path: Path) -> None:
    import av

    path = tmp_path / "rare.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        out.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        out.mux(stream.encode(None))
    with pytest.raises(RefusedCodecError, match="ffv1"):
        probe(path, LIMITS)


def test_a_header_cut_in_the_middle_is_damaged(clip: Callable[..., Truth], tmp_path: Path) -> None:
    path = tmp_path / "cut.mkv"
    path.write_bytes(clip(".mkv", **SMALL).path.read_bytes()[:60])
    with pytest.raises(DamagedContainerError):
        probe(path, LIMITS)


def test_a_still_without_a_size_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(DamagedContainerError, match="picture size"):
        probe(path, LIMITS)
