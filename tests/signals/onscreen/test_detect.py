import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.detect import MOST_BOXES, TextFinder, input_size, regions

pytest.importorskip("cv2")


def drawn(*bars: tuple[float, float, float, float, float]) -> np.ndarray:
    """A map with bars: x, y, width, height, clockwise turn."""
    import cv2

    ink = np.zeros((256, 256), np.float32)
    for x, y, width, height, turn_deg in bars:
        corners = cv2.boxPoints(((x, y), (width, height), turn_deg))
        cv2.fillPoly(ink, [np.round(corners).astype(np.int32)], 0.9)
    return ink


def test_each_bar_becomes_a_region_grown_to_the_letters_around_it() -> None:
    small, large = sorted(regions(drawn((60, 40, 80, 10, 0), (150, 180, 120, 20, 0))), key=lambda one: one.y_px)
    assert (small.x_px, small.y_px) == pytest.approx((60, 40), abs=1)
    assert (large.x_px, large.y_px) == pytest.approx((150, 180), abs=1)
    assert large.width_px > 120
    assert large.height_px > 20
    assert large.score == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize("turn_deg", [-60, -30, 0, 30, 60, 90])
def test_a_turned_bar_keeps_its_turn(turn_deg: float) -> None:
    (region,) = regions(drawn((128, 128, 120, 16, turn_deg)))
    assert region.angle_deg == pytest.approx(turn_deg, abs=2)


def test_a_stretched_map_gives_regions_in_the_pictures_own_pixels() -> None:
    (region,) = regions(drawn((128, 64, 100, 12, 0)), 2.0, 0.5)
    assert (region.x_px, region.y_px) == pytest.approx((256, 32), abs=2)
    assert region.width_px > 200


def test_faint_and_tiny_spots_are_no_text() -> None:
    faint = drawn((100, 100, 80, 12, 0)) * 0.4
    tiny = np.zeros((64, 64), np.float32)
    tiny[30, 30] = 1.0
    assert regions(faint) == []
    assert regions(tiny) == []


def test_a_map_full_of_spots_gives_a_bounded_number_of_regions() -> None:
    spots = np.kron(np.indices((64, 64)).sum(0) % 2, np.ones((6, 6))).astype(np.float32)
    spots[::6] = 0
    assert len(regions(np.tile(spots, (2, 2)))) <= MOST_BOXES


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([32, 128, 512]))
def test_the_networks_input_is_bounded_and_a_multiple_of_32(width_px: int, height_px: int, side_px: int) -> None:
    for side in input_size(width_px, height_px, side_px):
        assert side % 32 == 0
        assert 32 <= side <= side_px


class Heated:
    """A stand-in for the network: a map with one bar in the middle, whatever the picture."""

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        self.shape = batch.shape
        ink = np.zeros((1, 1, *batch.shape[2:]), np.float32)
        height, width = batch.shape[2:]
        ink[..., height // 2 - 6 : height // 2 + 6, width // 4 : -width // 4] = 0.8
        return [ink]


def test_what_the_finder_finds_lies_in_the_pictures_own_pixels() -> None:
    network = Heated()
    (region,) = TextFinder(network).find(np.zeros((1024, 576, 3), np.uint8), 512)  # type: ignore[arg-type]
    assert network.shape == (1, 3, 512, 288)
    assert (region.x_px, region.y_px) == pytest.approx((288, 512), abs=4)
