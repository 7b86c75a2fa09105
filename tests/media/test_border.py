import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.media.border import WHOLE, content_box
from tidegate.testing import drawing

HEIGHT_PX, WIDTH_PX = 200, 120


def picture(seed: int = 1) -> NDArray[np.uint8]:
    return np.array(drawing.picture(seed, WIDTH_PX, HEIGHT_PX))


def barred(left: int, top: int, right: int, bottom: int, seed: int = 1, shade: int = 0) -> NDArray[np.uint8]:
    """A picture with bars of so many pixels."""
    out = np.full((HEIGHT_PX, WIDTH_PX, 3), shade, np.uint8)
    inner = drawing.picture(seed, WIDTH_PX - left - right, HEIGHT_PX - top - bottom)
    out[top : HEIGHT_PX - bottom, left : WIDTH_PX - right] = inner
    return out


@given(st.integers(4, 40), st.integers(4, 60), st.integers(4, 40), st.integers(4, 60), st.sampled_from([0, 255, 90]))
def test_bars_are_found_to_the_pixel_or_nearly(left: int, top: int, right: int, bottom: int, shade: int) -> None:
    x, y, width, height = content_box([barred(left, top, right, bottom, shade=shade)])
    assert x * WIDTH_PX == pytest.approx(left, abs=3)
    assert y * HEIGHT_PX == pytest.approx(top, abs=3)
    assert (x + width) * WIDTH_PX == pytest.approx(WIDTH_PX - right, abs=3)
    assert (y + height) * HEIGHT_PX == pytest.approx(HEIGHT_PX - bottom, abs=3)


def test_a_picture_without_bars_is_content_all_over() -> None:
    assert content_box([picture()]) == WHOLE


def test_noise_of_the_coder_does_not_hide_a_bar() -> None:
    rng = np.random.default_rng(2)
    noisy = np.clip(barred(0, 40, 0, 40).astype(int) + rng.integers(-4, 5, (HEIGHT_PX, WIDTH_PX, 3)), 0, 255)
    assert content_box([noisy.astype(np.uint8)])[1] == pytest.approx(0.2, abs=0.02)


def test_only_what_all_pictures_of_a_shot_share_is_a_bar() -> None:
    assert content_box([barred(0, 60, 0, 60), barred(0, 20, 0, 20)])[1] == pytest.approx(0.1, abs=0.02)


def test_a_dark_picture_does_not_widen_the_bars_of_the_others() -> None:
    black = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    assert content_box([black, barred(0, 40, 0, 40)]) == content_box([barred(0, 40, 0, 40)])


def test_writing_in_a_bar_is_content() -> None:
    marked = barred(0, 60, 0, 60)
    marked[20:30, 30:90] = 255
    assert content_box([marked])[1] == pytest.approx(0.1, abs=0.02)


def test_something_small_on_a_plain_ground_is_not_cut_out() -> None:
    spot = np.full((HEIGHT_PX, WIDTH_PX, 3), 30, np.uint8)
    spot[95:105, 55:65] = 250
    assert content_box([spot]) == WHOLE


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (2, 3, 3), (500, 1, 3)])
def test_pictures_of_any_size_have_a_box(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(1)
    x, y, width, height = content_box([rng.integers(0, 256, shape, dtype=np.uint8)])
    assert 0 <= x <= x + width <= 1 + 1e-9
    assert 0 <= y <= y + height <= 1 + 1e-9


def test_no_pictures_have_the_whole_box() -> None:
    assert content_box([]) == WHOLE
