from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.media.clip import FrameReason
from tidegate.media.detail import detail_of_luma
from tidegate.media.lettering import Appearance, appearances, cover, is_other_lettering, unshown
from tidegate.media.looks import GRID_PX, Held, Lettering, Look, signature
from tidegate.records import Span
from tidegate.testing import drawing
from tidegate.testing.captions import CaptionStyle, blend, drawn

Picture = NDArray[np.uint8]


def scene(number: int, text: str, *, is_moving: bool = True) -> Picture:
    """A lively scene that has moved on with every number, or grey, and a caption that stands."""
    picture = np.full((512, 288, 3), 110, np.uint8)
    if is_moving:
        picture = np.roll(drawing.picture(3, 288, 512), (11 * number, 22 * number), axis=(0, 1)).copy()
    if text:
        caption = drawn(text, 28, CaptionStyle(outline=0.08))
        blend(picture, caption, (288 - (caption.right - caption.left)) // 2, 380)
    return picture


def looks_at(pictures: Sequence[Picture], every_s: float = 0.5) -> list[Look]:
    found = []
    for number, picture in enumerate(pictures):
        grid = picture.reshape(GRID_PX, 16, GRID_PX, 9, 3).mean(axis=(1, 3)).astype(np.uint8)
        held = Held(rgb=picture, detail=detail_of_luma(picture[..., 1]))
        time_s, reason = number * every_s, FrameReason.GAP
        found.append(Look(index=number, time_s=time_s, reason=reason, signature=signature(grid), held=held))
    return found


def appeared(pictures: Sequence[Picture], every_s: float = 0.5) -> list[Appearance]:
    return appearances(looks_at(pictures, every_s), range(len(pictures)))


WORDS = ["", "", *["bring a coat"] * 4, *["send a password"] * 4, "", ""]


def test_captions_over_a_moving_scene_appear_once_each_with_their_times() -> None:
    found = appeared([scene(number, text) for number, text in enumerate(WORDS)])
    assert [one.positions for one in found] == [(2, 3, 4, 5), (6, 7, 8, 9)]
    assert [(one.span.start_s, one.span.end_s) for one in found] == [(0.75, 2.75), (2.75, 4.75)]
    assert all(one.is_readable for one in found)


def test_a_moving_scene_alone_shows_no_lettering() -> None:
    assert appeared([scene(number, "") for number in range(12)]) == []


def test_a_caption_seen_once_counts_where_nothing_else_moves() -> None:
    words = ["ferry at nine", "bring a coat", "send a password"]
    found = appeared([scene(0, text, is_moving=False) for text in words], every_s=2.0)
    assert {one.positions[0] for one in found} >= {1, 2}


def test_words_that_follow_a_voice_are_too_brief_to_be_lines() -> None:
    words = ["ferry", "coats", "bread", "boats"]
    found = appeared([scene(0, text, is_moving=False) for text in words], every_s=0.4)
    assert {one.positions[0] for one in found} >= {1, 2}
    assert not any(one.is_readable for one in found if one.positions[0] in (1, 2))


def test_a_look_that_stands_for_given_up_lettering_counts_by_itself() -> None:
    looks = looks_at([scene(number, "") for number in range(4)])
    looks[2].lettering = Lettering(cell_count=9, span=Span(start_s=0.5, end_s=3.0))
    (one,) = appearances(looks, range(4))
    assert one.positions == (2,)
    assert one.span == Span(start_s=0.5, end_s=3.0)


@pytest.mark.parametrize(("number", "is_other"), [(0, True), (9, False)])
def test_other_lettering_is_told_only_over_ground_that_mostly_stands(number: int, is_other: bool) -> None:
    before, after = (
        detail_of_luma(scene(at, text)[..., 1]) for at, text in ((0, "bring a coat"), (number, "send me money"))
    )
    assert is_other_lettering(before, after) == is_other


def one(positions: set[int], cell_count: int, seconds: float = 2.0) -> Appearance:
    span = Span(start_s=float(min(positions)), end_s=min(positions) + seconds)
    return Appearance(positions=tuple(sorted(positions)), cell_count=cell_count, span=span)


def test_one_picture_may_show_two_captions() -> None:
    assert cover([one({1, 2, 3}, 9), one({3, 4}, 5)], [], 4) == [3]


def test_what_can_be_read_comes_before_what_is_large_and_brief() -> None:
    assert cover([one({1}, 50, seconds=0.3), one({5}, 6)], [], 1) == [5]


SETS = st.builds(one, st.sets(st.integers(0, 20), min_size=1, max_size=5), st.integers(4, 60))


@given(st.lists(SETS, max_size=12), st.sets(st.integers(0, 20), max_size=4), st.integers(0, 8))
def test_a_cover_is_within_its_bound_and_leaves_nothing_while_there_is_room(
    found: list[Appearance], kept: set[int], most: int
) -> None:
    extra = cover(found, sorted(kept), most)
    assert len(extra) == len(set(extra)) <= most
    assert not kept & set(extra)
    left = unshown(found, [*kept, *extra])
    assert not left or len(extra) == most
