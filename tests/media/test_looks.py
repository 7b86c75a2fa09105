import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.clip import FrameReason
from tidegate.media.detail import detail_of_luma
from tidegate.media.looks import GRID_PX, Held, Look, difference, is_near_identical, shows_same, signature
from tidegate.testing.captions import CaptionStyle, blend, drawn

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


def captioned(text: str, size_share: float, grain: int = 0) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Outlined letters over grey, uint8 (512, 288, 3)."""
    picture = np.full((512, 288, 3), 110, np.uint8)
    caption = drawn(text, round(size_share * 512), CaptionStyle(outline=0.08))
    blend(picture, caption, (288 - (caption.right - caption.left)) // 2, 380)
    noise = np.random.default_rng(len(text)).integers(-grain, grain + 1, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def look_at(picture: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Look:
    small = picture.reshape(GRID_PX, 16, GRID_PX, 9, 3).mean(axis=(1, 3)).astype(np.uint8)
    held = Held(rgb=picture, detail=detail_of_luma(picture[..., 1]))
    return Look(index=0, time_s=0.0, reason=FrameReason.KEYFRAME, signature=signature(small), held=held)


@pytest.mark.parametrize("size_share", [0.025, 0.035, 0.045, 0.06])
@pytest.mark.parametrize("other", ["send me your password", "call this number now", "pay with gift cards only"])
def test_another_caption_of_the_same_grey_does_not_show_the_same(size_share: float, other: str) -> None:
    here, there = (look_at(captioned(text, size_share)) for text in ("bring a warm coat", other))
    assert not shows_same(here, there)


def test_one_other_figure_in_a_price_does_not_show_the_same() -> None:
    here, there = (look_at(captioned(text, 0.035)) for text in ("only 15 coins", "only 75 coins"))
    assert not shows_same(here, there)


@pytest.mark.parametrize("grain", [0, 2, 6])
def test_the_same_caption_shows_the_same_through_grain(grain: int) -> None:
    here, there = (look_at(captioned("bring a warm coat", 0.045, grain=level)) for level in (grain, 0))
    assert shows_same(here, there)


def test_without_detail_the_ground_decides() -> None:
    here, there = look_at(captioned("bring a warm coat", 0.025)), look_at(captioned("send me money", 0.025))
    there.held.detail = None
    assert shows_same(here, there)
