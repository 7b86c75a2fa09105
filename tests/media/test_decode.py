import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tidegate.errors import NothingDecodedError, OutputTooLargeError, TooLongError, TooManyFramesError
from tidegate.media.clip import AUDIO_RATE_HZ, Clip, Frame, FrameReason
from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.records import GapReason, Modality, Span
from tidegate.testing import boxes as forge
from tidegate.testing import drawing
from tidegate.testing.clips import Insert, Truth

LIMITS = MediaLimits()
BUDGET = SamplingBudget()
SMALL = {"duration_s": 3.0, "width_px": 144, "height_px": 256, "frame_rate_hz": 15.0}


def gaps(clip: Clip) -> set[tuple[str, str]]:
    return {(gap.modality.value, gap.reason.value) for gap in clip.coverage.gaps}


def likeness(frame: Frame, other: NDArray[np.uint8]) -> float:
    """Correlation of two pictures of one shape: 1 for the same, about 0 for unlike ones."""
    a, b = frame.rgb.astype(float).ravel(), other.astype(float).ravel()
    return float(np.corrcoef(a, b)[0, 1])


def shows(frame: Frame, picture_seed: int) -> bool:
    height, width = frame.rgb.shape[:2]
    return likeness(frame, drawing.picture(picture_seed, width, height)) > 0.9


def test_a_clip_is_decoded_with_frames_shots_sound_and_clock(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, cuts_s=(1.4,))
    got = decode(truth.path, LIMITS, BUDGET)
    assert got.clock.times_s == pytest.approx(truth.frame_times_s, abs=1e-3)
    assert got.info.sha256
    assert got.info.video is not None
    assert got.info.video.keyframe_count == len(truth.keyframe_times_s)
    assert [shot.span.start_s for shot in got.shots] == pytest.approx([s.start_s for s in truth.shots], abs=0.08)
    assert got.audio is not None
    assert got.audio.dtype == np.float32
    assert len(got.audio) / AUDIO_RATE_HZ == pytest.approx(3.0, abs=0.1)
    assert got.coverage.gaps == ()
    assert got.coverage.decode_errors == 0
    assert got.decode_cpu_s > 0.0


def test_frames_are_upright_rgb_that_together_stand_for_the_whole_clip(clip: Callable[..., Truth]) -> None:
    got = decode(clip(**SMALL, cuts_s=(1.4,)).path, LIMITS, BUDGET)
    assert all(frame.rgb.shape == (256, 144, 3) and frame.rgb.dtype == np.uint8 for frame in got.frames)
    assert [frame.time_s for frame in got.frames] == sorted(frame.time_s for frame in got.frames)
    assert got.frames[0].span.start_s == 0.0
    assert got.frames[-1].span.end_s == pytest.approx(3.0, abs=0.1)
    for before, after in zip(got.frames, got.frames[1:], strict=False):
        assert before.span.end_s == pytest.approx(after.span.start_s)
    for frame in got.frames:
        assert got.clock.times_s[frame.index] == pytest.approx(frame.time_s)
        assert frame.span.start_s <= frame.time_s <= frame.span.end_s
        assert got.shots[frame.shot_index].span.overlaps(frame.span)


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
@pytest.mark.parametrize(("motion", "grain"), [(0.0, 0), (0.2, 2), (1.0, 4)])
def test_a_picture_shown_for_half_a_second_between_keyframes_is_seen(
    clip: Callable[..., Truth], codec: str, motion: float, grain: int
) -> None:
    """Keyframes lie at 0, 4 and 8 s; the money is for 240 pictures of 1920 x 1080, not for everything."""
    truth = clip(
        duration_s=10.0,
        width_px=180,
        height_px=320,
        frame_rate_hz=30.0,
        has_audio=False,
        codec=codec,
        keyframe_every_s=4.0,
        scene_cut=False,
        motion=motion,
        grain=grain,
        inserts=(Insert(span=Span(start_s=5.7, end_s=6.2), picture_seed=77),),
    )
    budget = replace(BUDGET, between_keyframes_frames=15, max_gap_s=100.0)
    got = decode(truth.path, LIMITS, budget)
    found = [frame for frame in got.frames if shows(frame, 77)]
    assert found
    assert all(truth.inserts[0].start_s - 0.05 <= frame.time_s < truth.inserts[0].end_s for frame in found)
    assert {frame.reason for frame in found} <= {FrameReason.CHANGE, FrameReason.GAP}
    (flash,) = [shot for shot in got.shots if shot.index == found[0].shot_index]
    assert flash.span.start_s == pytest.approx(truth.inserts[0].start_s, abs=0.15)
    assert flash.span.end_s == pytest.approx(truth.inserts[0].end_s, abs=0.15)
    assert got.coverage.frames_decoded < len(truth.frame_times_s)


def test_what_is_too_dear_to_see_is_a_gap(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, keyframe_every_s=3.0, scene_cut=False)
    budget = replace(BUDGET, between_keyframes_frames=0, max_gap_s=1.0)
    got = decode(truth.path, LIMITS, budget)
    assert gaps(got) == {("picture", "over_budget")}
    assert got.coverage.longest_unseen_s == pytest.approx(3.0, abs=0.2)
    assert got.coverage.frames_decoded == 1


def test_long_stretches_are_topped_up_when_there_is_money(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, keyframe_every_s=3.0, scene_cut=False)
    got = decode(truth.path, LIMITS, replace(BUDGET, max_gap_s=1.0))
    assert gaps(got) == set()
    assert got.coverage.longest_unseen_s <= 1.3


def test_no_more_frames_are_kept_than_asked_and_every_shot_has_one(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, cuts_s=(0.6, 1.2, 1.8, 2.4))
    got = decode(truth.path, LIMITS, replace(BUDGET, max_frames=5))
    assert len(got.frames) == 5
    assert {frame.shot_index for frame in got.frames} == {0, 1, 2, 3, 4}


def test_shots_beyond_the_frame_budget_are_a_gap(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, cuts_s=(0.6, 1.2, 1.8, 2.4))
    got = decode(truth.path, LIMITS, replace(BUDGET, max_frames=2))
    assert len(got.frames) == 2
    assert ("picture", "over_budget") in gaps(got)


def test_full_decode_looks_at_every_frame(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL)
    got = decode(truth.path, LIMITS, BUDGET, is_full=True)
    assert got.coverage.frames_decoded == len(truth.frame_times_s)
    assert got.coverage.longest_unseen_s == 0.0
    assert got.audio is not None


@pytest.mark.parametrize(
    ("suffix", "fields"),
    [
        (".mp4", {"rotation_deg": 90}),
        (".mov", {"rotation_deg": 180}),
        (".mp4", {"rotation_deg": 270}),
        (".mp4", {"sample_aspect": (4, 3)}),
        (".mkv", {"sample_aspect": (3, 4)}),
        (".mp4", {"is_full_range": True}),
        (".mp4", {"codec": "hevc"}),
        (".mp4", {"codec": "mpeg4"}),
        (".webm", {"codec": "vp9", "audio_codec": "opus", "audio_rate_hz": 48_000}),
        (".mp4", {"movflags": "frag_keyframe+delay_moov"}),
        (".mp4", {"movflags": "+faststart"}),
        (".jpg", {}),
        (".png", {}),
        (".webp", {}),
    ],
)
def test_however_it_is_stored_the_first_picture_looks_the_same(
    clip: Callable[..., Truth], suffix: str, fields: dict[str, object]
) -> None:
    plain = decode(clip(**SMALL).path, LIMITS, BUDGET).frames[0]
    got = decode(clip(suffix, **SMALL, **fields).path, LIMITS, BUDGET).frames[0]
    assert got.rgb.shape == plain.rgb.shape
    assert np.abs(got.rgb.astype(int) - plain.rgb).mean() < 6


def test_an_hdr_clip_is_plausible(clip: Callable[..., Truth]) -> None:
    plain = decode(clip(**SMALL).path, LIMITS, BUDGET).frames[0]
    got = decode(clip(**SMALL, codec="hevc", is_hdr=True).path, LIMITS, BUDGET)
    assert got.info.video is not None
    assert got.info.video.is_hdr
    assert likeness(got.frames[0], plain.rgb) > 0.9
    assert got.frames[0].rgb.mean() == pytest.approx(plain.rgb.mean(), abs=25)


def test_a_variable_frame_rate_keeps_its_times(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, is_variable_rate=True)
    got = decode(truth.path, LIMITS, BUDGET)
    assert got.clock.times_s == pytest.approx(truth.frame_times_s, abs=2e-3)


def test_letterbox_bars_are_found(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, letterbox=(0.0, 0.2, 0.0, 0.2))
    x, y, width, height = decode(truth.path, LIMITS, BUDGET).frames[0].content_box
    box = truth.content_box
    assert (x, y, width, height) == pytest.approx((box.x, box.y, box.width, box.height), abs=0.03)


@pytest.mark.parametrize("size", [(2, 2), (16, 400), (401, 17), (97, 161)])
def test_odd_sizes_work(clip: Callable[..., Truth], size: tuple[int, int]) -> None:
    width, height = size
    got = decode(clip(duration_s=0.5, width_px=width, height_px=height, frame_rate_hz=10.0).path, LIMITS, BUDGET)
    assert got.frames
    assert got.frames[0].rgb.shape[2] == 3


def test_a_clip_of_one_frame_works(clip: Callable[..., Truth]) -> None:
    got = decode(clip(duration_s=0.1, frame_rate_hz=10.0, width_px=96, height_px=96).path, LIMITS, BUDGET)
    assert (len(got.frames), len(got.shots), len(got.clock.times_s)) == (1, 1, 1)


def test_a_still_is_one_frame_at_an_instant(clip: Callable[..., Truth]) -> None:
    got = decode(clip(".png", **SMALL).path, LIMITS, BUDGET)
    assert got.info.video is not None
    assert got.info.video.is_still
    assert len(got.frames) == 1
    assert got.info.duration_s == 0.0
    assert gaps(got) == {("sound", "no_stream")}


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize(
    ("turn", "undo"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_still_is_turned_as_its_exif_says(
    tmp_path: Path, suffix: str, turn: int, undo: Image.Transpose | None
) -> None:
    upright = Image.fromarray(np.array(drawing.picture(5, 120, 80)))
    exif = Image.Exif()
    exif[274] = turn
    path = tmp_path / f"still{suffix}"
    (upright if undo is None else upright.transpose(undo)).save(path, quality=95, exif=exif)
    got = decode(path, LIMITS, BUDGET)
    assert got.frames[0].rgb.shape == (80, 120, 3)
    assert likeness(got.frames[0], np.asarray(upright)) > 0.98
    assert got.info.video is not None
    assert (got.info.video.width_px, got.info.video.height_px) == (120, 80)


def test_cover_art_is_the_picture_of_a_sound_file(tmp_path: Path, clip: Callable[..., Truth]) -> None:
    import av

    cover = tmp_path / "cover.jpg"
    Image.fromarray(np.array(drawing.picture(6, 64, 64))).save(cover)
    path = tmp_path / "song.m4a"
    sound = clip(".m4a", **SMALL, has_video=False).path
    with av.open(str(sound)) as song, av.open(str(cover)) as art, av.open(str(path), "w", format="mp4") as out:
        copies = {0: out.add_stream_from_template(song.streams.audio[0])}
        picture = out.add_stream_from_template(art.streams.video[0])
        picture.disposition = 1 << 10
        for source, target in ((art, picture), (song, copies[0])):
            for packet in source.demux():
                if packet.size:
                    packet.stream = target
                    out.mux(packet)
    got = decode(path, LIMITS, BUDGET)
    assert shows(got.frames[0], 6)
    assert got.audio is not None


def test_a_second_picture_stream_is_named(tmp_path: Path) -> None:
    import av

    path = tmp_path / "two.mp4"
    with av.open(str(path), "w") as out:
        streams = [out.add_stream("libx264", rate=10) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for stream in streams:
            for number in range(5):
                frame = av.VideoFrame(64, 64, "yuv420p")
                frame.pts = number
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    got = decode(path, LIMITS, BUDGET)
    assert any("1 further picture" in gap.detail for gap in got.coverage.gaps)


def test_a_picture_that_only_claims_to_be_a_keyframe_is_not_taken_for_one(
    clip: Callable[..., Truth], tmp_path: Path
) -> None:
    truth = clip(**SMALL, has_audio=False, scene_cut=False, keyframe_every_s=1.0)
    data = truth.path.read_bytes()
    (table,) = forge.find(data, "stss")
    honest = struct.unpack_from(">3I", data, table.start + 8)
    path = tmp_path / "lying.mp4"
    path.write_bytes(forge.patched(data, (table.start + 8, struct.pack(">3I", honest[0], honest[0] + 7, honest[2]))))
    got = decode(path, LIMITS, BUDGET)
    claimed = honest[0] - 1 + 7
    assert not [frame for frame in got.frames if frame.index == claimed and frame.reason is FrameReason.KEYFRAME]
    whole = decode(truth.path, LIMITS, BUDGET, is_full=True)
    for frame in got.frames:
        nearest = min(whole.frames, key=lambda other: abs(other.time_s - frame.time_s))
        assert likeness(frame, nearest.rgb) > 0.8


def test_an_animated_gif_is_decoded_in_order(clip: Callable[..., Truth]) -> None:
    truth = clip(".gif", duration_s=2.0, width_px=96, height_px=96, frame_rate_hz=10.0, cuts_s=(1.0,))
    got = decode(truth.path, LIMITS, BUDGET)
    assert got.coverage.frames_decoded == len(truth.frame_times_s) == len(got.clock.times_s)
    assert len(got.shots) == 2
    assert gaps(got) == {("sound", "no_stream")}


def test_a_clip_without_sound_says_so_and_one_without_pictures_too(clip: Callable[..., Truth]) -> None:
    mute = decode(clip(**SMALL, has_audio=False).path, LIMITS, BUDGET)
    blind = decode(clip(".m4a", **SMALL, has_video=False).path, LIMITS, BUDGET)
    assert (mute.audio, gaps(mute)) == (None, {("sound", "no_stream")})
    assert (blind.frames, blind.shots, gaps(blind)) == ((), (), {("picture", "no_stream")})
    assert blind.audio is not None


def test_a_damaged_tail_is_screened_as_far_as_it_goes(clip: Callable[..., Truth], tmp_path: Path) -> None:
    whole = clip(**SMALL, movflags="+faststart").path.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) * 6 // 10])
    got = decode(path, LIMITS, BUDGET)
    assert got.frames
    assert ("picture", "damaged") in gaps(got)
    (gap,) = [g for g in got.coverage.gaps if g.modality is Modality.PICTURE]
    assert gap.span is not None
    assert gap.span.end_s == pytest.approx(3.0, abs=0.1)
    assert gap.span.start_s == pytest.approx(got.clock.end_s)


def test_a_hole_in_the_middle_is_a_gap_even_if_every_keyframe_is_sound(
    clip: Callable[..., Truth], tmp_path: Path
) -> None:
    import av

    truth = clip(**SMALL, has_audio=False, keyframe_every_s=3.0, scene_cut=False)
    data = bytearray(truth.path.read_bytes())
    with av.open(str(truth.path)) as opened:
        for packet in opened.demux(video=0):
            if packet.size and packet.pos is not None and 15 <= (packet.dts or 0) * packet.time_base * 15 < 25:
                data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    path = tmp_path / "hole.mp4"
    path.write_bytes(data)
    got = decode(path, LIMITS, replace(BUDGET, between_keyframes_frames=0, max_gap_s=100.0))
    assert ("picture", "damaged") in gaps(got)
    assert got.coverage.decode_errors >= 8


def test_a_file_of_which_nothing_comes_out_is_an_error(clip: Callable[..., Truth], tmp_path: Path) -> None:
    import av

    truth = clip(**SMALL)
    data = bytearray(truth.path.read_bytes())
    with av.open(str(truth.path)) as opened:
        for packet in opened.demux():
            if packet.size and packet.pos is not None:
                data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    path = tmp_path / "blank.mp4"
    path.write_bytes(data)
    with pytest.raises(NothingDecodedError):
        decode(path, LIMITS, BUDGET)


def test_more_than_was_declared_is_refused_while_it_is_read(clip: Callable[..., Truth]) -> None:
    path = clip(".mkv", **SMALL).path
    with pytest.raises(TooManyFramesError):
        decode(path, replace(LIMITS, max_frames=20), BUDGET)


def test_sound_past_the_longest_duration_is_refused_though_it_is_not_declared(
    clip: Callable[..., Truth], tmp_path: Path
) -> None:
    path = tmp_path / "denied.mp4"
    path.write_bytes(forge.with_duration(clip(".m4a", **SMALL, has_video=False).path.read_bytes(), 400))
    with pytest.raises(TooLongError):
        decode(path, replace(LIMITS, max_duration_s=1.5), BUDGET)


def test_more_output_than_allowed_is_an_error(clip: Callable[..., Truth]) -> None:
    with pytest.raises(OutputTooLargeError, match="bytes of frames and sound"):
        decode(clip(**SMALL).path, replace(LIMITS, max_output_bytes=100_000), BUDGET)


def test_when_time_runs_out_what_was_seen_is_handed_over(clip: Callable[..., Truth]) -> None:
    truth = clip(duration_s=10.0, width_px=180, height_px=320, frame_rate_hz=30.0, has_audio=False, motion=0.2)
    got = decode(truth.path, replace(LIMITS, cpu_limit_s=0.08), BUDGET, is_full=True)
    assert 0 < len(got.clock.times_s) < len(truth.frame_times_s)
    assert any(gap.reason is GapReason.TIME_LIMIT for gap in got.coverage.gaps)


def test_the_same_file_gives_the_same_clip(clip: Callable[..., Truth]) -> None:
    path = clip(**SMALL, cuts_s=(1.4,)).path
    one, two = (decode(path, LIMITS, BUDGET) for _ in range(2))
    assert one.coverage == two.coverage
    assert one.shots == two.shots
    assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(one.frames, two.frames, strict=True))
    assert np.array_equal(one.audio, two.audio)  # type: ignore[arg-type]
