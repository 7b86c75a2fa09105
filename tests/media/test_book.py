import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.media.book import LookBook, standing_for
from tidegate.media.clip import FrameReason
from tidegate.media.lettering import Appearance
from tidegate.records import Span
from tidegate.testing import drawing
from tidegate.testing.captions import CaptionStyle, blend, drawn


def frame(seed: int) -> object:
    import av

    return av.VideoFrame.from_ndarray(np.ascontiguousarray(drawing.picture(seed, 64, 96)), format="rgb24")


def book(capacity: int = 8) -> LookBook:
    return LookBook(side_px=96, aspect=1.0, capacity=capacity)


def test_near_identical_looks_share_one_picture() -> None:
    looks = book()
    for number in range(5):
        looks.look(frame(3), number, number / 10, FrameReason.KEYFRAME)
    pictures = {id(look.rgb) for look in looks.looks}
    assert len(looks.looks) == 5
    assert len(pictures) == 1
    assert looks.looks[4].rgb is not None


def test_frames_seen_in_passing_are_kept_only_when_they_differ() -> None:
    looks = book()
    looks.look(frame(1), 0, 0.0, FrameReason.KEYFRAME)
    looks.look(frame(1), 1, 0.1, FrameReason.GAP, keep=False)
    looks.look(frame(2), 2, 0.2, FrameReason.GAP, keep=False)
    assert looks.looks[1].rgb is looks.looks[0].rgb
    assert looks.looks[2].rgb is not None
    assert looks.looks[2].rgb is not looks.looks[0].rgb


def test_memory_is_bounded_however_many_pictures_differ() -> None:
    looks = book(capacity=8)
    for number in range(60):
        looks.look(frame(number), number, number / 10, FrameReason.KEYFRAME)
    kept = {id(look.rgb) for look in looks.looks if look.rgb is not None}
    assert len(looks.looks) == 60
    assert 2 <= len(kept) <= 8


def test_of_two_looks_at_one_frame_the_one_with_a_picture_stays() -> None:
    looks = book()
    looks.look(frame(1), 7, 0.7, FrameReason.KEYFRAME)
    looks.look(frame(2), 3, 0.3, FrameReason.GAP)
    looks.look(frame(1), 7, 0.7, FrameReason.GAP)
    assert [look.index for look in looks.in_order()] == [3, 7]


def caption_frame(text: str, ground: NDArray[np.uint8] | None = None) -> object:
    """Outlined letters of 4 % of the height, over grey where nothing else is given."""
    import av

    picture = np.full((512, 288, 3), 110, np.uint8) if ground is None else ground.copy()
    blend(picture, drawn(text, 20, CaptionStyle(outline=0.08)), 30, 380)
    return av.VideoFrame.from_ndarray(picture, format="rgb24")


def wide_book(capacity: int = 8) -> LookBook:
    return LookBook(side_px=512, aspect=1.0, capacity=capacity)


@pytest.mark.parametrize("keep", [True, False])
def test_a_caption_that_changes_over_a_still_ground_is_kept(keep: bool) -> None:
    looks = wide_book()
    for number, text in enumerate(["bring a warm coat", "bring a warm coat", "send me your password"]):
        looks.look(caption_frame(text), number, number / 2, FrameReason.GAP, keep=keep)
    assert looks.looks[1].rgb is looks.looks[0].rgb
    assert looks.looks[2].rgb is not None
    assert looks.looks[2].rgb is not looks.looks[0].rgb


def test_lettering_is_given_up_last() -> None:
    looks, words = wide_book(capacity=12), ["bring a warm coat", "send me your password", "call this number now"]
    for number in range(24):
        ground = np.roll(np.ascontiguousarray(drawing.picture(3, 288, 512)), 9 * number, axis=1)
        looks.look(caption_frame(words[number // 8], ground), number, number / 2, FrameReason.KEYFRAME)
    kept = {int(look.time_s * 2) // 8 for look in looks.looks if look.rgb is not None}
    assert kept == {0, 1, 2}
    assert looks.unread == []


def lines(count: int) -> list[str]:
    rng = np.random.default_rng(4)
    return ["".join(rng.choice(list("ABDEGHKMNRSTVXZ"), 16)) for _ in range(count)]


def test_lettering_whose_pictures_are_all_given_up_is_remembered() -> None:
    looks = wide_book(capacity=8)
    for number, line in enumerate(lines(40)):
        looks.look(caption_frame(line), number, 2.0 * number, FrameReason.KEYFRAME)
    kept = {look.index for look in looks.looks if look.rgb is not None}
    unread = {round((one.span.start_s + 1.0) / 2) for one in looks.unread}
    assert kept | unread == set(range(40))
    assert unread


def test_what_is_looked_at_again_after_giving_up_half_shares_its_picture() -> None:
    looks = book(capacity=8)
    for number in range(8):
        looks.look(frame(number), 10 * number, 10.0 * number, FrameReason.KEYFRAME)
    looks.look(frame(50), 5, 0.5, FrameReason.CHANGE)
    looks.look(frame(50), 6, 0.6, FrameReason.CHANGE)
    assert looks.looks[-1].rgb is looks.looks[-2].rgb


def test_a_picture_that_stands_for_two_captions_remembers_both() -> None:
    first = Appearance(positions=(0, 1), cell_count=20, span=Span(start_s=0.75, end_s=5.25))
    second = Appearance(positions=(1,), cell_count=15, span=Span(start_s=2.75, end_s=6.0))
    both = standing_for(standing_for(None, first), second)
    assert (both.cell_count, both.span) == (20, Span(start_s=0.75, end_s=6.0))
