import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.sound.stretches import at_most, merged, runs, span_of, widened

MASKS = st.lists(st.booleans(), max_size=200).map(lambda values: np.array(values, bool))


def filled(stretches: list[tuple[int, int]], size: int) -> "np.ndarray":
    mask = np.zeros(size, bool)
    for first, past in stretches:
        mask[first:past] = True
    return mask


@given(MASKS)
def test_runs_hold_exactly_where_the_mask_does_and_do_not_touch(mask: "np.ndarray") -> None:
    found = runs(mask)
    assert (filled(found, mask.size) == mask).all()
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


@given(MASKS, st.integers(0, 30))
def test_merging_loses_nothing_and_leaves_no_narrow_gap(mask: "np.ndarray", gap: int) -> None:
    found = merged(runs(mask), gap)
    assert (filled(found, mask.size) >= mask).all()
    assert all(after[0] - before[1] >= max(gap, 1) for before, after in itertools.pairwise(found))


def test_a_gap_as_wide_as_the_limit_stays() -> None:
    assert merged([(0, 5), (8, 9)], 3) == [(0, 5), (8, 9)]
    assert merged([(0, 5), (8, 9)], 4) == [(0, 9)]


@given(MASKS, st.integers(1, 8))
def test_however_much_it_flickers_few_stretches_hold_all_of_it(mask: "np.ndarray", most: int) -> None:
    found = at_most(runs(mask), most, 1)
    assert len(found) <= most
    assert (filled(found, mask.size) >= mask).all()


@given(MASKS, st.integers(0, 20))
def test_widening_adds_neighbours_and_nothing_else(mask: "np.ndarray", frames: int) -> None:
    near = [bool(mask[max(0, at - frames) : at + frames + 1].any()) for at in range(mask.size)]
    assert widened(mask, frames).tolist() == near


def test_a_span_ends_with_the_clip() -> None:
    span = span_of((100, 300), 0.01, 2.5)
    assert (span.start_s, span.end_s) == (pytest.approx(1.0), 2.5)
    assert span_of((300, 400), 0.01, 2.5).duration_s == 0.0
