import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.clip import FrameReason
from tidegate.media.looks import GRID_PX, LookBook, difference, is_near_identical, signature
from tidegate.testing import drawing

Grid = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"


def grid(seed: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """A picture's 32 x 32 miniature: broad patches, as pictures have, not noise."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return patches.repeat(GRID_PX // 8, axis=0).repeat(GRID_PX // 8, axis=1)


def test_a_picture_is_no_different_from_itself() -> None:
    assert difference(signature(grid(1)), signature(grid(1))) == 0.0


def test_another_scene_is_far_and_a_moved_one_near() -> None:
    here = grid(1)
    moved = np.roll(here, 1, axis=1)
    assert difference(signature(here), signature(grid(2))) > 0.4
    assert difference(signature(here), signature(moved)) < 0.2


def test_a_change_in_one_corner_is_enough_not_to_be_near_identical() -> None:
    here, there = grid(1), grid(1)
    there[:4, :4] = 255 - there[:4, :4]
    assert not is_near_identical(signature(here), signature(there))


def test_coding_noise_leaves_pictures_near_identical() -> None:
    rng = np.random.default_rng(5)
    here = grid(1)
    noisy = np.clip(here.astype(int) + rng.integers(-2, 3, here.shape), 0, 255).astype(np.uint8)
    assert is_near_identical(signature(here), signature(noisy))


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_difference_is_a_distance(a: int, b: int, c: int) -> None:
    one, two, three = (signature(grid(seed)) for seed in (a, b, c))
    assert difference(one, two) == pytest.approx(difference(two, one), abs=1e-6)
    assert difference(one, three) <= difference(one, two) + difference(two, three) + 1e-5


def frame(seed: int) -> object:
    import av

    return av.VideoFrame.from_ndarray(np.ascontiguousarray(drawing.picture(seed, 64, 96)), format="rgb24")


def book(capacity: int = 8) -> LookBook:
    return LookBook(side_px=96, aspect=1.0, capacity=capacity)


def test_near_identical_looks_share_one_picture() -> None:
    looks = book()
    for number in range(5):
        looks.look(frame(3), number, number / 10, FrameReason.KEYFRAME)
    pictures = {id(look.rgb) for look in looks.looks}
    assert len(looks.looks) == 5
    assert len(pictures) == 1
    assert looks.looks[4].rgb is not None


def test_frames_seen_in_passing_are_kept_only_when_they_differ() -> None:
    looks = book()
    looks.look(frame(1), 0, 0.0, FrameReason.KEYFRAME)
    looks.look(frame(1), 1, 0.1, FrameReason.GAP, keep=False)
    looks.look(frame(2), 2, 0.2, FrameReason.GAP, keep=False)
    assert looks.looks[1].rgb is looks.looks[0].rgb
    assert looks.looks[2].rgb is not None
    assert looks.looks[2].rgb is not looks.looks[0].rgb


def test_memory_is_bounded_however_many_pictures_differ() -> None:
    looks = book(capacity=8)
    for number in range(60):
        looks.look(frame(number), number, number / 10, FrameReason.KEYFRAME)
    kept = {id(look.rgb) for look in looks.looks if look.rgb is not None}
    assert len(looks.looks) == 60
    assert 2 <= len(kept) <= 8


def test_of_two_looks_at_one_frame_the_one_with_a_picture_stays() -> None:
    looks = book()
    looks.look(frame(1), 7, 0.7, FrameReason.KEYFRAME)
    looks.look(frame(2), 3, 0.3, FrameReason.GAP)
    looks.look(frame(1), 7, 0.7, FrameReason.GAP)
    assert [look.index for look in looks.in_order()] == [3, 7]
