"""The truth that `write_clip` tells is what an independent reading of the file finds."""

import hashlib
import itertools
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import UsageError
from tidegate.records import Span
from tidegate.testing.captions import CaptionStyle
from tidegate.testing.clips import ClipSpec, Insert, Look, Truth, Writing, frame_times, truth_of, write_clip
from tidegate.testing.drawing import picture
from tidegate.testing.noise_mix import active_level_db
from tidegate.testing.painting import frames as painted
from tidegate.testing.sound import Background, BackgroundKind, Spoken, Tone

Make = Callable[..., Truth]
SMALL = {"width_px": 90, "height_px": 160, "frame_rate_hz": 10.0}


def decoded(truth: Truth) -> list[tuple[float, np.ndarray[Any, np.dtype[np.uint8]]]]:
    """Every frame as stored, with its time."""
    with av.open(str(truth.path)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def unlikeness(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


@pytest.mark.parametrize(
    ("suffix", "codecs"),
    [
        (".mp4", {}),
        (".mov", {}),
        (".mkv", {}),
        (".mp4", {"codec": "hevc"}),
        (".mp4", {"codec": "mpeg4"}),
        (".mp4", {"codec": "av1"}),
        (".webm", {"codec": "vp9", "audio_codec": "opus", "audio_rate_hz": 48_000}),
        (".webm", {"codec": "vp8", "has_audio": False}),
        (".mp4", {"movflags": "frag_keyframe+delay_moov"}),
    ],
)
def test_every_frame_stands_where_the_truth_says(clip: Make, suffix: str, codecs: dict[str, Any]) -> None:
    truth = clip(suffix, duration_s=1.5, **SMALL, **codecs)
    assert [time_s for time_s, _ in decoded(truth)] == pytest.approx(truth.frame_times_s, abs=0.001)


def test_a_variable_rate_is_irregular_and_told_exactly(clip: Make) -> None:
    truth = clip(duration_s=3.0, is_variable_rate=True, **SMALL)
    stays_s = np.diff(truth.frame_times_s)
    assert stays_s.max() > 2 * stays_s.min()
    assert [time_s for time_s, _ in decoded(truth)] == pytest.approx(truth.frame_times_s, abs=1e-6)


def test_an_insert_is_on_screen_exactly_during_its_span(clip: Make) -> None:
    truth = clip(duration_s=3.0, inserts=(Insert(span=Span(start_s=1.21, end_s=1.7), picture_seed=7),), **SMALL)
    (span,) = truth.inserts
    assert (span.start_s, span.end_s) == (1.3, 1.7)
    wanted = picture(7, 90, 160)
    shown = [time_s for time_s, pixels in decoded(truth) if unlikeness(pixels, wanted) < 12]
    assert shown == pytest.approx([1.3, 1.4, 1.5, 1.6])
    assert [truth.shown_at(time_s) for time_s in (1.2, 1.3, 1.69, 1.7)] == [None, 7, 7, None]


def test_a_hidden_insert_makes_no_keyframe_without_scene_cut_and_one_with_it(clip: Make) -> None:
    spec = {
        "duration_s": 4.0,
        "keyframe_every_s": 10.0,
        "inserts": (Insert(span=Span(start_s=2.0, end_s=2.5), picture_seed=7),),
        **SMALL,
    }
    assert clip(scene_cut=False, **spec).keyframe_times_s == (0.0,)
    assert 2.0 in clip(scene_cut=True, **spec).keyframe_times_s


def test_keyframes_are_as_far_apart_as_asked(clip: Make) -> None:
    truth = clip(duration_s=4.0, keyframe_every_s=2.0, scene_cut=False, **SMALL)
    assert truth.keyframe_times_s == (0.0, 2.0)


def test_pictures_change_at_cuts_and_hardly_between_them(clip: Make) -> None:
    truth = clip(duration_s=3.0, cuts_s=(1.0, 2.0), grain=0, **SMALL)
    assert [(shot.start_s, shot.end_s) for shot in truth.shots] == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
    frames = decoded(truth)
    changes = {b[0]: unlikeness(a[1], b[1]) for a, b in itertools.pairwise(frames)}
    at_cuts = min(changes.pop(1.0), changes.pop(2.0))
    assert at_cuts > 2 * max(changes.values())


def test_motion_is_real_and_zero_motion_stands_still(clip: Make) -> None:
    moving = decoded(clip(duration_s=1.0, grain=0, **SMALL))
    still = decoded(clip(duration_s=1.0, grain=0, motion=0.0, **SMALL))
    assert unlikeness(moving[0][1], moving[5][1]) > 10
    assert unlikeness(still[0][1], still[5][1]) < 2


@pytest.mark.parametrize("look", Look)
def test_every_look_moves_but_a_card_and_cuts_change_it(clip: Make, look: Look) -> None:
    frames = [pixels for _, pixels in decoded(clip(duration_s=4.0, grain=0, cuts_s=(3.0,), look=look, **SMALL))]
    moved, cut = unlikeness(frames[0], frames[28]), unlikeness(frames[29], frames[30])
    assert (moved > 2) is (look is not Look.CARD)
    assert cut > 4


def test_looks_differ_in_what_they_hold() -> None:
    spec = ClipSpec(duration_s=0.1, width_px=288, height_px=512, grain=0, seed=3)
    fine, colours = {}, {}
    for look in Look:
        pixels = next(painted(replace(spec, look=look), truth_of(Path("a.mp4"), spec)))
        luma = pixels.astype(int).mean(axis=2)
        fine[look] = float((np.abs(np.diff(luma, n=2, axis=1)) > 8).mean())
        colours[look] = len(np.unique(pixels.reshape(-1, 3), axis=0))
    assert min(fine[look] for look in (Look.BUSY, Look.TEXTURE)) > 0.1
    assert max(fine[look] for look in Look if look not in (Look.BUSY, Look.TEXTURE)) < 0.01
    assert colours[Look.CARD] == 1 < colours[Look.GAME] < 30 < colours[Look.SOFT]


def test_a_person_stands_before_the_wall(clip: Make) -> None:
    spec = {"duration_s": 0.5, "grain": 0, "motion": 0.0, "seed": 4, **SMALL}
    pictures = {look: decoded(clip(look=look, **spec))[0][1] for look in (Look.SOFT, Look.PERSON)}
    body = np.s_[-20:, 35:55]
    assert pictures[Look.PERSON][body].std(axis=(0, 1)).max() < 6
    assert pictures[Look.PERSON][:40].std() > 6


def test_words_stand_in_their_box_during_their_span(clip: Make) -> None:
    words = (Writing(text="LOW TIDE", span=Span(start_s=0.5, end_s=1.0), size=0.1),)
    with_words, without = (clip(duration_s=1.5, grain=0, writings=each, **SMALL) for each in (words, ()))
    (written,) = with_words.written
    x, y, width, height = (
        round(share * side)
        for share, side in zip(
            (written.box.x, written.box.y, written.box.width, written.box.height), (90, 160, 90, 160), strict=True
        )
    )
    pairs = list(zip(decoded(with_words), decoded(without), strict=True))
    changed = [
        a[0]
        for a, b in pairs
        if unlikeness(a[1][y : y + height, x : x + width], b[1][y : y + height, x : x + width]) > 20
    ]
    assert changed == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9])
    assert unlikeness(pairs[7][0][1][: y - 8], pairs[7][1][1][: y - 8]) < 4


def test_a_moving_caption_stands_in_its_box_at_every_frame(clip: Make) -> None:
    style = CaptionStyle(colour=(240, 20, 20), plate=(20, 20, 20), rotation_deg=10)
    span = Span(start_s=0.2, end_s=1.0)
    words = (Writing(text="LOW TIDE", span=span, y=0.2, size=0.08, style=style, motion=(0.1, 0.3)),)
    truth = clip(duration_s=1.2, grain=0, motion=0.0, writings=words, **SMALL)
    (written,) = truth.written
    assert [timed.time_s for timed in written.path] == pytest.approx([0.2 + 0.1 * number for number in range(8)])
    assert written.box == written.path[0].box
    frames = {round(time_s, 1): pixels.astype(int) for time_s, pixels in decoded(truth)}
    for timed in written.path:
        pixels = frames[round(timed.time_s, 1)]
        red = (pixels[..., 0] > 140) & (pixels[..., 1] < 90) & (pixels[..., 2] < 90)
        x, y = round(timed.box.x * 90), round(timed.box.y * 160)
        x1, y1 = x + round(timed.box.width * 90), y + round(timed.box.height * 160)
        without = frames[0.0]
        red &= ~((without[..., 0] > 140) & (without[..., 1] < 90) & (without[..., 2] < 90))
        inside = red[y:y1, x:x1].sum()
        assert inside > 30
        assert inside > 0.8 * red.sum()


def test_only_words_with_a_style_move() -> None:
    with pytest.raises(UsageError, match="style"):
        Writing(text="LOW TIDE", span=Span(start_s=0, end_s=1), motion=(0.1, 0.0))


def test_the_letterbox_is_black_and_the_content_box_is_not(clip: Make) -> None:
    truth = clip(duration_s=0.5, letterbox=(0.0, 0.25, 0.0, 0.25), **SMALL)
    pixels = decoded(truth)[0][1]
    assert pixels[:36].max() < 24 and pixels[-36:].max() < 24
    assert pixels[44:116].mean() > 60
    assert (truth.content_box.y, truth.content_box.height) == (0.25, 0.5)


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_rotation_is_metadata_that_turns_the_picture_upright(clip: Make, rotation_deg: int) -> None:
    upright, turned = clip(duration_s=0.5, **SMALL), clip(duration_s=0.5, rotation_deg=rotation_deg, **SMALL)
    with av.open(str(turned.path)) as container:
        frame = next(container.decode(video=0))
    assert frame.rotation % 360 == -rotation_deg % 360
    shown = np.rot90(frame.to_ndarray(format="rgb24"), k=-rotation_deg // 90)
    assert unlikeness(shown, decoded(upright)[0][1]) < 6


def test_sample_aspect_narrows_what_is_coded(clip: Make) -> None:
    truth = clip(duration_s=0.5, sample_aspect=(3, 2), **SMALL)
    with av.open(str(truth.path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.sample_aspect_ratio) == (60, 160, 1.5)


def test_hdr_and_full_range_are_tagged(clip: Make) -> None:
    for fields, wanted in (({"is_hdr": True}, (16, 9, 1)), ({"is_full_range": True}, (1, 1, 2))):
        with av.open(str(clip(duration_s=0.5, **SMALL, **fields).path)) as container:
            context = container.streams.video[0].codec_context
            assert (context.color_trc, context.color_primaries, context.color_range) == wanted


@pytest.mark.parametrize("size", [(91, 161), (16, 16), (17, 300)])
def test_odd_and_small_sizes_are_kept(clip: Make, size: tuple[int, int]) -> None:
    truth = clip(duration_s=0.3, width_px=size[0], height_px=size[1], frame_rate_hz=10.0)
    assert decoded(truth)[0][1].shape == (size[1], size[0], 3)


def test_one_frame_is_one_frame(clip: Make) -> None:
    assert len(decoded(clip(duration_s=0.1, **SMALL))) == 1


def test_streams_are_left_out_when_asked(clip: Make) -> None:
    for fields, kinds in (({"has_audio": False}, ["video"]), ({"has_video": False}, ["audio"])):
        with av.open(str(clip(duration_s=0.5, **SMALL, **fields).path)) as container:
            assert [stream.type for stream in container.streams] == kinds


def test_a_tone_sounds_during_its_span_at_its_pitch(clip: Make) -> None:
    tone = Tone(span=Span(start_s=1.0, end_s=2.0), frequency_hz=1000.0, level=0.5)
    truth = clip(".wav", duration_s=3.0, has_video=False, tones=(tone,), audio_rate_hz=16_000)
    with av.open(str(truth.path)) as container:
        wave = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]) / 32768
    loud = np.abs(wave) > 0.01
    assert np.flatnonzero(loud)[[0, -1]] / 16_000 == pytest.approx([1.0, 2.0], abs=0.001)
    assert np.argmax(np.abs(np.fft.rfft(wave[16_000:32_000]))) == 1000


@pytest.mark.parametrize("kind", BackgroundKind)
def test_a_background_sounds_during_its_span_at_its_level(clip: Make, kind: BackgroundKind) -> None:
    background = Background(kind=kind, span=Span(start_s=1.0, end_s=4.0), seed=2, level_db=-26.0)
    truth = clip(".wav", duration_s=5.0, has_video=False, backgrounds=(background,), audio_rate_hz=16_000)
    with av.open(str(truth.path)) as container:
        wave = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]) / 32768
    loud = np.flatnonzero(np.abs(wave) > 0.001) / 16_000
    assert 1.0 <= loud[0] < 1.1
    assert 3.5 < loud[-1] <= 4.0
    assert active_level_db(wave.astype(np.float32), 16_000) == pytest.approx(-26.0, abs=0.5)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="the program espeak-ng is not installed")
def test_a_spoken_line_sounds_where_the_truth_says_at_its_level(clip: Make) -> None:
    line = Spoken(text="Low tide is at noon.", language="en", voice="en", at_s=1.0, level_db=-20.0)
    truth = clip(".wav", duration_s=4.0, has_video=False, speech=(line,), audio_rate_hz=22_050)
    (said,) = truth.said
    with av.open(str(truth.path)) as container:
        wave = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]) / 32768
    loud = np.flatnonzero(np.abs(wave) > 0.003) / 22_050
    assert said.span.start_s == 1.0
    assert 1.0 <= loud[0] < 1.2
    assert said.span.end_s - 0.5 < loud[-1] <= said.span.end_s
    assert active_level_db(wave.astype(np.float32), 22_050) == pytest.approx(-20.0, abs=0.5)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="the program espeak-ng is not installed")
def test_a_spoken_line_is_cut_at_the_end_of_the_clip(clip: Make) -> None:
    line = Spoken(text="Low tide is at noon.", language="en", voice="en", at_s=0.5)
    truth = clip(".wav", duration_s=1.0, has_video=False, speech=(line,))
    assert truth.said[0].span == Span(start_s=0.5, end_s=1.0)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif"])
def test_stills_open_at_their_size(clip: Make, suffix: str) -> None:
    from PIL import Image

    truth = clip(suffix, duration_s=0.5, **SMALL)
    with Image.open(truth.path) as image:
        assert image.size == (90, 160)
        assert getattr(image, "n_frames", 1) == (5 if suffix == ".gif" else 1)


@pytest.mark.parametrize(
    "fields", [{}, {"scene_cut": False, "writings": (Writing(text="a", span=Span(start_s=0, end_s=1)),)}]
)
def test_the_same_spec_writes_the_same_bytes(tmp_path: Path, fields: dict[str, Any]) -> None:
    spec = ClipSpec(duration_s=1.0, **SMALL, **fields)
    digests = {hashlib.sha256(write_clip(tmp_path / "a.mp4", spec).path.read_bytes()).hexdigest() for _ in range(3)}
    assert len(digests) == 1


def test_seeds_differ() -> None:
    assert all(unlikeness(picture(a, 64, 64), picture(b, 64, 64)) > 25 for a, b in itertools.combinations(range(8), 2))


def test_a_spec_that_cannot_be_is_refused(tmp_path: Path) -> None:
    for fields in ({"duration_s": 0.0}, {"rotation_deg": 45}, {"has_video": False, "has_audio": False}):
        with pytest.raises(UsageError):
            ClipSpec(**fields)
    with pytest.raises(UsageError, match="cannot encode"):
        write_clip(tmp_path / "a.mp4", ClipSpec(codec="no-such-codec", duration_s=0.1))


@given(
    duration_s=st.floats(0.05, 20.0),
    frame_rate_hz=st.sampled_from([1.0, 23.976, 29.97, 30.0, 60.0]),
    is_variable_rate=st.booleans(),
    cuts=st.lists(st.floats(0.0, 25.0), max_size=4),
    seed=st.integers(0, 1000),
)
def test_shots_tile_the_clip_whatever_the_cuts(
    duration_s: float, frame_rate_hz: float, is_variable_rate: bool, cuts: list[float], seed: int
) -> None:
    spec = ClipSpec(
        duration_s=duration_s,
        frame_rate_hz=frame_rate_hz,
        is_variable_rate=is_variable_rate,
        cuts_s=tuple(cuts),
        seed=seed,
    )
    truth = truth_of(Path("a.mp4"), spec)
    times_s, end_s = frame_times(spec)
    assert list(times_s) == sorted(set(times_s)) and times_s[-1] < end_s
    assert truth.shots[0].start_s == 0.0 and truth.shots[-1].end_s == truth.duration_s
    assert all(a.end_s == b.start_s and a.duration_s > 0 for a, b in itertools.pairwise(truth.shots))
