from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tidegate.records import Signal
from tidegate.signals.onscreen.lettering import (
    ENOUGH,
    WHEN_SOMETHING_LOOKS_LIKE_LETTERS,
    LetteringDetector,
    grey,
    lettering,
)
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import Picture, picture
from tidegate.testing.fakes import clip_of, view_of

Write = Callable[..., Picture]


class TestLetteringDetector(DetectorConformance):
    make = LetteringDetector


def of(page: Picture) -> float:
    return lettering(grey(page))


@pytest.mark.parametrize(
    ("turn_deg", "height_px"),
    [(0, 14), (90, 14), (180, 14), *((turn, height) for turn in (0, 15, 45, 75, 90, 180, 270) for height in (20, 40))],
)
def test_words_are_seen_at_any_turn_and_size(write: Write, turn_deg: int, height_px: int) -> None:
    assert of(write("low tide", height_px=height_px, y=150, turn_deg=turn_deg)) >= ENOUGH


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ((90, 90, 90), (60, 60, 60)),
        ((200, 30, 30), (20, 20, 160)),
        ((250, 220, 0), (255, 255, 255)),
        ((0, 0, 200), (0, 0, 0)),
    ],
)
def test_words_are_seen_in_low_contrast_and_in_colours(
    write: Write, ink: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    assert of(write("meet at the pier", ink=ink, ground=ground)) >= ENOUGH


def test_words_on_a_picture_are_seen(write: Write) -> None:
    for seed in range(6):
        assert of(write("meet at the pier", ground=picture(seed, 288, 512))) >= ENOUGH


def test_plain_shapes_gradients_and_empty_pictures_are_not_letters() -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 288).astype(np.uint8)[None, :, None], (512, 288, 3))
    black = np.zeros((512, 288, 3), np.uint8)
    square = black.copy()
    square[100:300, 60:200] = 230
    line = black.copy()
    line[250:254] = 255
    for page in (ramp, black, square, line, *(picture(seed, 288, 512) for seed in range(12))):
        assert of(page) < ENOUGH


def test_faint_noise_is_not_letters() -> None:
    noise = np.random.default_rng(3).normal(128, 3, (512, 288, 1)).astype(np.uint8).repeat(3, axis=2)
    assert of(noise) < ENOUGH


def test_the_signal_points_at_the_frame_with_words(write: Write) -> None:
    pictures = [picture(1, 288, 512).copy(), write("low tide at six"), picture(2, 288, 512).copy()]
    (signal,) = LetteringDetector().detect(view_of(clip=clip_of(pictures)))
    assert isinstance(signal, Signal)
    assert signal.evidence.span is not None
    assert signal.evidence.span.start_s == 1.0
    assert WHEN_SOMETHING_LOOKS_LIKE_LETTERS.holds([signal])


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_any_picture_has_a_share_of_strokes(luma: np.ndarray) -> None:
    assert 0.0 <= lettering(luma) <= 1.0
