import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.regions import Region, crop, region_of

sides = st.floats(2.0, 400.0)
angles = st.floats(-360.0, 360.0)
places = st.floats(0.0, 500.0)
regions = st.builds(lambda x, y, w, h, a: region_of((x, y), (w, h), a), places, places, sides, sides, angles)


@given(places, places, sides, sides, angles)
def test_a_region_keeps_the_rectangle_it_was_made_of(x: float, y: float, width: float, height: float, a: float) -> None:
    region = region_of((x, y), (width, height), a)
    assert -80.0 < region.angle_deg <= 100.0
    assert sorted((region.width_px, region.height_px)) == sorted((width, height))
    same = Region(x_px=x, y_px=y, width_px=width, height_px=height, angle_deg=a, score=1.0)
    assert region.bounds() == pytest.approx(same.bounds(), abs=0.01)


@given(regions)
def test_a_line_that_runs_down_is_a_column_only_when_it_is_long(region: Region) -> None:
    if region.is_on_its_side:
        assert region.width_px >= 1.5 * region.height_px - 1e-6


@given(regions, regions)
def test_overlap_is_the_same_from_both_sides(one: Region, other: Region) -> None:
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert 0.0 <= one.overlap(other) <= 1.0
    assert one.overlap(one) == pytest.approx(1.0)


@given(regions, st.integers(1, 600), st.integers(1, 600))
def test_a_box_never_leaves_the_picture(region: Region, width_px: int, height_px: int) -> None:
    box = region.box(width_px, height_px)
    assert 0.0 <= box.x <= box.x + box.width <= 1.0
    assert 0.0 <= box.y <= box.y + box.height <= 1.0


@pytest.mark.parametrize("quarter", [0, 1])
def test_a_crop_is_the_region_turned_level(quarter: int) -> None:
    cv2 = pytest.importorskip("cv2")
    line = np.random.default_rng(1).integers(0, 256, (6, 24, 3), dtype=np.uint8)
    line = cv2.resize(line, (96, 24), interpolation=cv2.INTER_LINEAR)
    page = np.zeros((200, 200, 3), np.uint8)
    if quarter:
        page[20:116, 50:74] = np.rot90(line, -1)
        region = region_of((62, 68), (24, 96), 0.0)
    else:
        page[50:74, 20:116] = line
        region = region_of((68, 62), (96, 24), 0.0)
    assert region.is_on_its_side == bool(quarter)
    cut = crop(page, region, 24)
    assert cut.shape == line.shape
    assert np.abs(cut[2:-2, 2:-2].astype(int) - line[2:-2, 2:-2]).mean() < 8


def test_a_crop_of_an_endless_line_is_bounded() -> None:
    pytest.importorskip("cv2")
    page = np.zeros((10, 500, 3), np.uint8)
    assert crop(page, region_of((250, 5), (500, 1), 0.0), 48).shape == (48, 4096, 3)
