from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.changes import Area, ChangeGate, letters, merged
from tidegate.signals.onscreen.lettering import grey
from tidegate.testing.drawing import Picture, lettering, picture

Write = Callable[..., Picture]
pytest.importorskip("cv2")


def covers(areas: list[Area], left: int, top: int, right: int, bottom: int) -> bool:
    return any(a.left <= left and a.top <= top and a.right >= right and a.bottom >= bottom for a in areas)


@pytest.mark.parametrize("height_px", [14, 22, 40, 70])
def test_new_words_lie_inside_an_area_and_cost_a_part_of_the_picture(write: Write, height_px: int) -> None:
    text = "low tide" if height_px < 50 else "tide"
    down, across = lettering(text, height_px).shape
    areas = ChangeGate().look(grey(write(text, height_px=height_px, y=200)))
    left = (288 - across) // 2
    assert covers(areas, left, 200, left + across, 200 + down)
    assert sum(area.size_px for area in areas) < 0.6 * 288 * 512


def test_what_was_read_is_not_looked_at_again(write: Write) -> None:
    gate, page = ChangeGate(), grey(write("low tide at six"))
    assert gate.look(page) != []
    assert gate.look(page) == []
    noisy = np.clip(page.astype(int) + np.random.default_rng(1).integers(-3, 4, page.shape), 0, 255).astype(np.uint8)
    assert gate.look(noisy) == []


def test_other_words_in_the_same_place_are_looked_at(write: Write) -> None:
    gate = ChangeGate()
    gate.look(grey(write("low tide at six")))
    assert covers(gate.look(grey(write("low tide at ten"))), 70, 300, 210, 316)


def test_words_that_are_known_to_stay_are_left_out(write: Write) -> None:
    gate = ChangeGate()
    upper = write("the upper line", y=100)
    gate.look(grey(upper))
    both = write("the lower line", ground=np.clip(upper.astype(int) + 20, 0, 255).astype(np.uint8), y=400)
    areas = gate.look(grey(both), [(40.0, 90.0, 250.0, 130.0)])
    assert covers(areas, 80, 400, 200, 416)
    assert all(area.top > 130 for area in areas)


def test_forgetting_means_looking_at_everything_again(write: Write) -> None:
    gate, page = ChangeGate(), grey(write("low tide at six"))
    first = gate.look(page)
    gate.forget()
    assert gate.look(page) == first


def test_a_change_without_letters_costs_nothing() -> None:
    gate = ChangeGate()
    for seed in (1, 2, 3):
        assert gate.look(grey(picture(seed, 288, 512))) == []


def test_texture_everywhere_is_looked_at_as_a_whole() -> None:
    noise = np.random.default_rng(5).integers(0, 2, (128, 72), dtype=np.uint8).repeat(4, 0).repeat(4, 1) * 200
    assert ChangeGate().look(noise) == [Area(left=0, top=0, right=288, bottom=512)]


@given(st.integers(1, 90), st.integers(1, 90))
def test_cells_cover_every_pixel_of_any_picture(height: int, width: int) -> None:
    fine, coarse = letters(np.zeros((height, width), np.uint8))
    assert fine.shape == coarse.shape == (-(-height // 8), -(-width // 8))


areas = st.builds(
    lambda left, top, across, down: Area(left=left, top=top, right=left + across, bottom=top + down),
    *(st.integers(0, 300) for _ in range(2)),
    *(st.integers(1, 120) for _ in range(2)),
)


@given(st.lists(areas, max_size=12))
def test_merged_areas_are_apart_and_hold_all_of_the_old(found: list[Area]) -> None:
    result = merged(found)
    for area in found:
        assert covers(result, area.left, area.top, area.right, area.bottom)
    for index, one in enumerate(result):
        for other in result[:index]:
            assert (
                one.left >= other.right or other.left >= one.right or one.top >= other.bottom or other.top >= one.bottom
            )
