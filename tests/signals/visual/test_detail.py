import numpy as np
import pytest

from tidegate.records import Upload
from tidegate.signals.visual.detail import ENOUGH, DetailDetector, detail
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of


class TestDetailDetector(DetectorConformance):
    make = DetailDetector


def squares(*pictures: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> "np.ndarray":
    return np.stack(pictures)


def test_one_colour_has_no_detail_and_noise_is_all_detail() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    flat = np.full((256, 256, 3), 77, np.uint8)
    assert detail(squares(flat, noise)).tolist() == [0.0, 1.0]


def test_compression_noise_on_one_colour_is_no_detail() -> None:
    noise = np.random.default_rng(2).integers(126, 131, (1, 256, 256, 3)).astype(np.uint8)
    assert detail(noise)[0] < ENOUGH


def test_half_a_picture_of_texture_counts_half() -> None:
    half = np.zeros((256, 256, 3), np.uint8)
    half[:, :128] = np.random.default_rng(3).integers(0, 256, (256, 128, 3))
    assert detail(half[None])[0] == pytest.approx(0.5)


def test_the_most_detailed_frame_speaks_for_the_clip() -> None:
    black = np.zeros((256, 256, 3), np.uint8)
    view = view_of(Upload(id="u"), clip=clip_of([black, picture(1, 256, 256).copy(), black.copy()]))
    (signal,) = DetailDetector().detect(view)
    assert signal.evidence.span is not None
    assert signal.evidence.span.start_s == 1.0
    assert signal.score >= ENOUGH
