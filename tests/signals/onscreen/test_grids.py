import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.grids import LEAST_CELLS, is_grid
from tidegate.signals.onscreen.regions import Region, region_of


def cells(columns: int, rows: int, width: float = 56.0, pitch: float = 60.0) -> list[Region]:
    return [
        region_of((40 + pitch * column, 20 + 20 * row), (width, 16.0), 0.0)
        for row in range(rows)
        for column in range(columns)
    ]


@pytest.mark.parametrize(("columns", "rows"), [(3, 6), (4, 4), (4, 25), (7, 5)])
def test_equal_cells_in_columns_and_rows_are_a_grid(columns: int, rows: int) -> None:
    assert is_grid(cells(columns, rows, 36.0, 38.0))


@pytest.mark.parametrize(("columns", "rows"), [(1, 40), (2, 20), (3, 4), (6, 3), (16, 1)])
def test_lines_pairs_and_small_tables_are_none(columns: int, rows: int) -> None:
    assert not is_grid(cells(columns, rows))


def test_cells_taken_for_one_line_do_not_hide_a_grid() -> None:
    whole = cells(4, 12)
    wide = [region_of((70, 20 + 20 * row), (116.0, 16.0), 0.0) for row in (2, 5, 7)]
    assert is_grid([one for one in whole if one.y_px not in (60.0, 120.0, 160.0) or one.x_px > 100] + wide)


def test_columns_of_long_lines_are_no_grid() -> None:
    assert not is_grid(cells(3, 20, width=160.0, pitch=170.0))


def test_equal_words_in_no_columns_are_no_grid() -> None:
    rng = np.random.default_rng(7)
    shifted = [region_of((float(rng.uniform(20, 900)), 20.0 * row), (50.0, 16.0), 0.0) for row in range(20)]
    assert not is_grid(shifted)


place = st.tuples(st.floats(0, 288), st.floats(0, 512), st.floats(1, 200), st.floats(1, 60))


@given(st.lists(place, max_size=LEAST_CELLS - 1))
def test_a_few_lines_are_never_a_grid(places: list[tuple[float, float, float, float]]) -> None:
    assert not is_grid([region_of(one[:2], one[2:], 0.0) for one in places])
