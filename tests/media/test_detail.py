import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.media.colour import Converter
from tidegate.media.detail import CELL_PX, CHANGED, changes_of, detail_of, detail_of_luma

SIZES = st.tuples(st.integers(1, 600), st.integers(1, 600))


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height * 601 + width).integers(0, 256, (height, width), dtype=np.uint8)


@given(SIZES)
def test_detail_of_any_size_is_whole_cells_without_mean(size: tuple[int, int]) -> None:
    detail = detail_of_luma(noise(*size))
    rows, columns = detail.energy.shape
    assert detail.strokes.shape == (rows * CELL_PX, columns * CELL_PX)
    means = detail.strokes.reshape(rows, CELL_PX, columns, CELL_PX).mean(axis=(1, 3))
    assert np.abs(means).max() <= 1.0
    assert not changes_of(detail, detail).any()


@given(SIZES, st.integers(1, 60))
def test_brightness_alone_is_no_change(size: tuple[int, int], step: int) -> None:
    here = noise(*size) // 2
    assert changes_of(detail_of_luma(here), detail_of_luma(here + np.uint8(step))).max() < CHANGED


def test_strokes_that_average_to_the_same_grey_are_a_change() -> None:
    here = np.full((512, 288), 110, np.uint8)
    there = here.copy()
    there[240:256:4, 100:140] = 190
    there[242:256:4, 100:140] = 30
    assert here.mean() == pytest.approx(there.mean(), abs=0.01)
    assert changes_of(detail_of_luma(here), detail_of_luma(there)).max() > CHANGED


def test_pictures_of_different_size_differ_everywhere() -> None:
    assert changes_of(detail_of_luma(noise(64, 64)), detail_of_luma(noise(64, 96))).min() > CHANGED


@pytest.mark.parametrize("pixel_format", ["yuv420p", "rgb24", "gray", "yuv420p10le", "rgba"])
def test_every_kind_of_picture_has_the_same_detail(pixel_format: str) -> None:
    import av

    pixels = np.repeat(np.kron(noise(64, 48), np.ones((4, 4), np.uint8))[..., None], 3, axis=2)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    converter = Converter(256)
    wanted, got = (detail_of(converter.shrink(one, 1.0)) for one in (frame, frame.reformat(format=pixel_format)))
    assert np.abs(wanted.energy - got.energy).max() <= 0.2 * wanted.energy.max()
