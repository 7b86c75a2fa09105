import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import (
    DamagedContainerError,
    MediaError,
    RefusedContainerError,
    TooLongError,
    TooManyFramesError,
    TooManyPixelsError,
    TooManyStreamsError,
)
from tidegate.media.boxes import check_boxes, read_header, rotation_deg
from tidegate.media.limits import MediaLimits
from tidegate.media.source import open_source
from tidegate.testing import boxes as forge
from tidegate.testing.clips import ClipSpec, Truth, write_clip

LIMITS = MediaLimits()
SMALL = {"duration_s": 1.0, "width_px": 96, "height_px": 160, "frame_rate_hz": 15.0}


@pytest.fixture
def small(clip: Callable[..., Truth]) -> bytes:
    return clip(**SMALL).path.read_bytes()


def check(folder: Path, data: bytes, limits: MediaLimits = LIMITS) -> None:
    path = folder / "forged.mp4"
    path.write_bytes(data)
    with open_source(path, limits) as source:
        check_boxes(source, limits)


def test_the_header_says_tracks_sizes_counts_and_durations(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL)
    with open_source(truth.path, LIMITS) as source:
        header = read_header(source)
    picture, sound = header.tracks
    assert (picture.handler, sound.handler) == (b"vide", b"soun")
    assert (picture.width_px, picture.height_px) == (96, 160)
    assert picture.sample_count == len(truth.frame_times_s)
    assert picture.keyframe_count == len(truth.keyframe_times_s)
    assert picture.duration_s == pytest.approx(truth.duration_s, abs=0.05)
    assert not header.is_fragmented


def test_fragments_are_seen(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL, movflags="frag_keyframe+delay_moov")
    with open_source(truth.path, LIMITS) as source:
        assert read_header(source).is_fragmented


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_rotation_is_read_from_the_track_header(clip: Callable[..., Truth], turn: int) -> None:
    with open_source(clip(**SMALL, rotation_deg=turn).path, LIMITS) as source:
        assert read_header(source).tracks[0].rotation_deg == turn


def test_a_matrix_of_zeros_turns_nothing() -> None:
    assert rotation_deg(0, 0, 0, 0) == 0


def test_declared_millions_of_frames_are_refused(tmp_path: Path, small: bytes) -> None:
    with pytest.raises(TooManyFramesError):
        check(tmp_path, forge.with_sample_count(small, 50_000_000))


def test_a_declared_giant_picture_is_refused(tmp_path: Path, small: bytes) -> None:
    with pytest.raises(TooManyPixelsError, match="40000 x 40000"):
        check(tmp_path, forge.with_display_size(small, 40_000, 40_000))


def test_a_declared_month_is_refused(tmp_path: Path, small: bytes) -> None:
    with pytest.raises(TooLongError, match=r"media\.max_duration_s"):
        check(tmp_path, forge.with_duration(small, 2**32 - 2))


def test_more_tracks_than_allowed_are_refused(tmp_path: Path, small: bytes) -> None:
    with pytest.raises(TooManyStreamsError):
        check(tmp_path, small, MediaLimits(max_streams=1))


def test_a_file_cut_before_its_header_is_damaged(tmp_path: Path, small: bytes) -> None:
    with pytest.raises(DamagedContainerError, match="movie header"):
        check(tmp_path, small[: small.index(b"moov") - 4])


def with_outside_samples(data: bytes) -> bytes:
    """The file with the first track's data reference naming another file instead of this one."""
    at = data.index(b"url ") - 4
    reference = struct.pack(">I4sI", 24, b"url ", 0) + b"file:///x\0\0\0"
    grown = data[:at] + reference + data[at + 12 :]
    for kind in ("dref", "dinf", "minf", "mdia", "trak", "moov"):
        box = next(box for box in forge.find(data, kind) if box.start <= at < box.end)
        size = struct.unpack_from(">I", grown, box.start - 8)[0]
        grown = forge.patched(grown, (box.start - 8, struct.pack(">I", size + 12)))
    return grown


def test_a_track_that_keeps_its_samples_elsewhere_is_refused(tmp_path: Path, small: bytes) -> None:
    with pytest.raises(RefusedContainerError, match="another file"):
        check(tmp_path, with_outside_samples(small))


def test_a_compressed_header_is_refused(tmp_path: Path) -> None:
    inner = struct.pack(">I4s", 8, b"cmov")
    data = b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + struct.pack(">I4s", 8 + len(inner), b"moov") + inner
    with pytest.raises(RefusedContainerError, match="compressed"):
        check(tmp_path, data)


@pytest.mark.parametrize("size", [1, 4, 7])
def test_boxes_smaller_than_their_own_header_end_the_walk(tmp_path: Path, size: int) -> None:
    with pytest.raises(DamagedContainerError):
        check(tmp_path, b"\0\0\0\x14ftypisom\0\0\2\0isom" + struct.pack(">I4s", size, b"free") * 4000)


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("boxes") / "tiny.mp4"
    write_clip(path, ClipSpec(duration_s=0.4, width_px=64, height_px=64, frame_rate_hz=10.0, has_audio=False))
    return path


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_any_damage_ends_in_a_header_or_a_coded_error(tiny_file: Path, damage: list[tuple[int, bytes]]) -> None:
    data = bytearray(tiny_file.read_bytes())
    moov = data.index(b"moov")
    for offset, new in damage:
        at = moov + offset % (len(data) - moov)
        data[at : at + len(new)] = new
    path = tiny_file.with_name("damaged.mp4")
    path.write_bytes(data)
    with open_source(path, LIMITS) as source:
        try:
            check_boxes(source, LIMITS)
        except MediaError as error:
            assert error.where == source.name
