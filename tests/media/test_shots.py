import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.clip import FrameReason
from tidegate.media.looks import GRID_PX, Held, Look, signature
from tidegate.media.shots import choose, cuts, shots


def look(index: int, scene: int, *, shift: int = 0, has_picture: bool = True) -> Look:
    """A look at frame `index` (one a second) of a scene, moved sideways by `shift` of 32 columns."""
    patches = np.random.default_rng(scene).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    grid = np.roll(patches.repeat(GRID_PX // 8, axis=0).repeat(GRID_PX // 8, axis=1), shift, axis=1)
    held = Held(np.full((2, 2, 3), scene % 256, np.uint8) if has_picture else None)
    return Look(index=index, time_s=float(index), reason=FrameReason.KEYFRAME, signature=signature(grid), held=held)


def scenes(*numbers: int) -> list[Look]:
    return [look(index, scene) for index, scene in enumerate(numbers)]


def test_a_shot_begins_where_the_scene_changes() -> None:
    looks = scenes(1, 1, 2, 2, 2, 1)
    assert cuts(looks, [2.0, 5.0]) == [0, 2, 5]


def test_motion_makes_no_shots() -> None:
    looks = [look(index, 1, shift=index) for index in range(8)]
    assert cuts(looks, []) == [0]


def test_shots_cover_the_clip_and_begin_at_the_marked_moment() -> None:
    looks = scenes(1, 1, 2, 2)
    found = shots(looks, cuts(looks, [1.4]), [1.4], end_s=4.5)
    assert [(shot.span.start_s, shot.span.end_s) for shot in found] == [(0.0, 1.4), (1.4, 4.5)]
    assert [shot.frame_times_s for shot in found] == [(0.0, 1.0), (2.0, 3.0)]


def test_without_a_mark_a_shot_begins_at_the_look_that_shows_it() -> None:
    looks = scenes(1, 1, 2)
    found = shots(looks, [0, 2], [], end_s=3.0)
    assert found[1].span.start_s == 2.0


def test_no_looks_make_no_shots() -> None:
    assert cuts([], []) == []
    assert shots([], [], [], 0.0) == []


def shot_numbers(looks: list[Look], starts: list[int]) -> list[int]:
    return [sum(start <= position for start in starts) - 1 for position in range(len(looks))]


def test_every_shot_keeps_a_frame_however_short_it_is() -> None:
    looks = scenes(*([1] * 20), 2, *([1] * 20))
    numbers = shot_numbers(looks, [0, 20, 21])
    kept = choose(looks, numbers, most=4).kept
    assert {numbers[position] for position in kept} == {0, 1, 2}


def test_repeats_within_a_shot_are_dropped_first() -> None:
    looks = scenes(*([1] * 30))
    assert choose(looks, [0] * 30, most=24).kept == (0,)


def test_longer_and_livelier_shots_get_more_frames() -> None:
    looks = [look(index, 1, shift=index) for index in range(20)] + [look(20 + index, 2) for index in range(3)]
    numbers = shot_numbers(looks, [0, 20])
    kept = [numbers[position] for position in choose(looks, numbers, most=8).kept]
    assert kept.count(0) == 7
    assert kept.count(1) == 1


def test_a_look_that_lost_its_picture_is_not_chosen() -> None:
    looks = [look(0, 1), look(1, 2, has_picture=False), look(2, 3)]
    assert choose(looks, [0, 1, 2], most=5).kept == (0, 2)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(1, 12))
def test_the_choice_is_ordered_within_budget_and_spends_it(numbers: list[int], most: int) -> None:
    looks = scenes(*numbers)
    starts = cuts(looks, [float(index) for index in range(len(looks))])
    shot_of = shot_numbers(looks, starts)
    kept = choose(looks, shot_of, most).kept
    assert list(kept) == sorted(set(kept))
    assert len(kept) <= most
    if len(starts) <= most:
        assert {shot_of[position] for position in kept} == set(shot_of)
    else:
        assert len(kept) == most


@pytest.mark.parametrize("most", [1, 3])
def test_with_more_shots_than_frames_the_most_unlike_are_kept(most: int) -> None:
    looks = scenes(*range(10))
    assert len(choose(looks, list(range(10)), most).kept) == most
