from collections.abc import Callable

import numpy as np
import pytest

from tidegate.signals.onscreen.prints import ALIKE, SAME, correlation, difference, is_alike, print_of
from tidegate.signals.onscreen.regions import Region, region_of
from tidegate.testing.drawing import Picture, picture

Write = Callable[..., Picture]
pytest.importorskip("cv2")


def place(width: float) -> Region:
    return region_of((144.0, 309.0), (width, 26.0), 0.0)


def test_the_same_words_under_noise_are_the_same(write: Write) -> None:
    page = write("price 10 now")
    noisy = np.clip(page + np.random.default_rng(2).normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    assert difference(print_of(page, place(140)), print_of(noisy, place(140))) < SAME


def test_the_same_light_words_on_another_dark_ground_are_the_same(write: Write) -> None:
    one, other = ((picture(seed, 288, 512) // 2).astype(np.uint8) for seed in (3, 4))
    a, b = (write("price 10 now", ground=ground, ink=(255, 255, 255)) for ground in (one, other))
    assert difference(print_of(a, place(140)), print_of(b, place(140))) < SAME


@pytest.mark.parametrize(
    ("before", "after"), [("price 10 now", "price 19 now"), ("I will go", "I will do"), ("meet at 6", "meet at 9")]
)
def test_one_other_letter_is_another_text(write: Write, before: str, after: str) -> None:
    a, b = write(before, x=80), write(after, x=80)
    region = region_of((145.0, 309.0), (140.0, 26.0), 0.0)
    assert difference(print_of(a, region), print_of(b, region)) > SAME


def test_words_that_are_gone_are_not_there(write: Write) -> None:
    page = write("price 10 now")
    assert difference(print_of(page, place(140)), print_of(np.full_like(page, 70), place(140))) > SAME


def on_ground(write: Write, words: str, seed: int) -> Picture:
    """Outlined words through a lossy encoder, on a ground of its own."""
    import cv2

    page = write(words, ground=(picture(seed, 288, 512) // 3).astype(np.uint8), ink=(250, 250, 250), x=80)
    ok, coded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 40])
    assert ok
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


REGION = region_of((145.0, 309.0), (140.0, 26.0), 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_words_on_an_encoded_moving_ground_look_alike(write: Write, seed: int) -> None:
    one, other = (print_of(on_ground(write, "they love cats", at), REGION) for at in (seed, seed + 4))
    assert is_alike(one, other)


@pytest.mark.parametrize("after", ["they hate cats", "they love dogs", "buy it for ten", "."])
def test_one_other_word_does_not_look_alike(write: Write, after: str) -> None:
    before, later = (print_of(on_ground(write, words, 3), REGION) for words in ("they love cats", after))
    assert correlation(before, later) < ALIKE


@pytest.mark.parametrize(
    ("before", "after"), [("price 10 now", "price 19 now"), ("I will go", "I will do"), ("meet at 6", "meet at 9")]
)
def test_one_other_letter_does_not_look_alike_where_the_rest_stayed(write: Write, before: str, after: str) -> None:
    one, other = (print_of(on_ground(write, words, 3), REGION) for words in (before, after))
    assert not is_alike(one, other)


def test_prints_whose_width_trembles_are_compared(write: Write) -> None:
    page = on_ground(write, "they love cats", 3)
    wider = region_of((145.0, 309.0), (143.0, 26.0), 0.0)
    assert is_alike(print_of(page, REGION), print_of(page, wider))


def test_letters_are_not_like_an_empty_place(write: Write) -> None:
    page = write("they love cats", x=80)
    assert not is_alike(print_of(page, REGION), print_of(np.full_like(page, 70), REGION))
