import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.frames import FrameBatch
from tidegate.signals.visual.choose import SAME_PICTURE, choose, distances, runs, thumbnails
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of

levels = st.lists(st.integers(0, 255), max_size=30)


def plain(values: list[int]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.repeat(np.array(values, np.float32)[:, None], 12, axis=1).reshape(len(values), 12)


@given(values=levels, most=st.integers(0, 12))
def test_no_more_frames_are_chosen_than_allowed_and_each_frame_stands_for_itself(values: list[int], most: int) -> None:
    chosen = choose(plain(values), most)
    assert len(chosen.indices) == len(set(chosen.indices)) <= min(most, len(values))
    assert list(chosen.indices) == sorted(chosen.indices)
    assert all(chosen.same_as[index] == index for index in chosen.indices)


@given(values=levels, most=st.integers(1, 12))
def test_a_frame_inherits_only_from_a_chosen_frame_that_looks_the_same(values: list[int], most: int) -> None:
    thumbs = plain(values)
    chosen = choose(thumbs, most)
    for index, other in chosen.same_as.items():
        assert other in chosen.indices
        assert distances(thumbs[index : index + 1], thumbs[other])[0] <= SAME_PICTURE


@given(values=st.lists(st.integers(100, 140), min_size=1, max_size=30), at=st.integers(0, 30))
def test_a_foreign_picture_is_among_the_first_two_chosen(values: list[int], at: int) -> None:
    foreign = min(at, len(values))
    chosen = choose(plain([*values[:foreign], 255, *values[foreign:]]), 2)
    assert foreign in chosen.indices


def test_a_still_clip_is_looked_at_once() -> None:
    chosen = choose(plain([7] * 24), 8)
    assert chosen.indices == (0,)
    assert set(chosen.same_as.values()) == {0}
    assert len(chosen.same_as) == 24


def test_no_frames_means_nothing_chosen() -> None:
    assert choose(thumbnails(FrameBatch()), 8).indices == ()


def test_a_thumbnail_holds_the_mean_colour_of_its_part() -> None:
    frame = np.zeros((256, 256, 3), np.uint8)
    frame[:16, 16:32] = (10, 20, 30)
    (thumb,) = thumbnails(FrameBatch(clip_of([frame]).frames))
    assert thumb.reshape(16, 16, 3)[0, 1].tolist() == [10, 20, 30]
    assert thumb.sum() == 60


def test_runs_are_broken_by_frames_known_to_be_negative_only() -> None:
    frames = FrameBatch(clip_of([picture(1, 32, 32).copy() for _ in range(8)]).frames)
    found = runs({0: True, 2: True, 4: False, 5: True, 7: True}, frames)
    assert [run.indices for run in found] == [(0, 2), (5, 7)]
    assert [(run.span.start_s, run.span.end_s) for run in found] == [(0.0, 3.0), (5.0, 8.0)]
    assert runs({0: False}, frames) == []
    assert runs({}, frames) == []
