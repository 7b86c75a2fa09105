from collections.abc import Callable

import numpy as np
import pytest

from tidegate.signals.onscreen.lettering import grey
from tidegate.signals.onscreen.small_print import TILE_PX, has_rows
from tidegate.testing.drawing import Picture, Scene, picture

Write = Callable[..., Picture]


def page_of(write: Write, height_px: int, ground: int = 240) -> Picture:
    page = np.full((512, 288, 3), ground, np.uint8)
    for row in range(20, 480, 2 * height_px):
        page = write("many words in a row " * 6, ground=page, ink=(20, 20, 20), height_px=height_px, x=10, y=row)
    return page


@pytest.mark.parametrize("height_px", [7, 8, 10])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_page_of_small_letters_has_rows(write: Write, height_px: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 3, (512, 288, 3))
    page = np.clip(page_of(write, height_px) + noise, 0, 255).astype(np.uint8)
    assert has_rows(grey(page))
    assert has_rows(255 - grey(page)), "light letters on a dark page too"


@pytest.mark.parametrize("seed", range(8))
def test_photographs_drawn_scenes_and_noise_have_none(seed: int) -> None:
    assert not has_rows(grey(picture(seed, 288, 512)))
    assert not has_rows(grey(Scene(seed, 288, 512).draw(0.5)))
    assert not has_rows(np.random.default_rng(seed).integers(0, 256, (512, 288)).astype(np.uint8))


def test_one_caption_is_no_page(write: Write) -> None:
    assert not has_rows(grey(write("low tide at six")))


@pytest.mark.parametrize("shape", [(0, 0), (1, 400), (TILE_PX - 1, 900), (TILE_PX, TILE_PX)])
def test_a_picture_of_any_size_is_survived(shape: tuple[int, int]) -> None:
    assert not has_rows(np.zeros(shape, np.uint8))
