"""Which frames are spared a look for words, and which never are."""

import numpy as np
import pytest

from tidegate.media.clip import Frame, FrameReason
from tidegate.records import Span
from tidegate.signals.onscreen.lettering import grey
from tidegate.signals.onscreen.looks import EMPTY_GAP_S, EMPTY_LOOKS, SPARING_SAME, LookGate
from tidegate.testing.drawing import lettering


def frame(at_s: float, words: str = "", shot: int = 0) -> Frame:
    """A plain frame, with words on it."""
    rgb = np.full((256, 144, 3), 90, np.uint8)
    if words:
        mask = lettering(words, 22)[:, :140]
        rgb[100 : 100 + mask.shape[0], 2 : 2 + mask.shape[1]][mask > 0] = 240
    return Frame(
        index=round(at_s * 10),
        time_s=at_s,
        span=Span(start_s=at_s, end_s=at_s + 0.5),
        rgb=rgb,
        reason=FrameReason.KEYFRAME,
        shot_index=shot,
    )


def asked(gate: LookGate, one: Frame, *, is_line_gone: bool = False) -> bool:
    return gate.wants(one, grey(one.rgb), [], is_line_gone=is_line_gone)


def empty(every_s: float = 0.0) -> LookGate:
    """A gate that has looked often enough to know that there is nothing."""
    gate = LookGate(every_s)
    for number in range(EMPTY_LOOKS):
        assert asked(gate, frame(number * 10.0))
        gate.found(has_lines=False)
    return gate


LAST_S = (EMPTY_LOOKS - 1) * 10.0


def test_the_first_frames_of_a_clip_are_all_looked_at() -> None:
    gate = LookGate()
    assert [asked(gate, frame(number * 0.5)) for number in range(EMPTY_LOOKS)] == [True] * EMPTY_LOOKS


def test_a_clip_in_which_nothing_was_found_is_looked_at_less_often() -> None:
    gate = empty()
    assert not asked(gate, frame(LAST_S + 1.0))
    assert asked(gate, frame(LAST_S + EMPTY_GAP_S))


@pytest.mark.parametrize("words", ["SALE", "look here", "w 3"])
def test_words_that_come_up_are_looked_at_at_once(words: str) -> None:
    assert asked(empty(), frame(LAST_S + 0.5, words))


def test_a_new_shot_is_looked_at_whatever_it_shows() -> None:
    assert asked(empty(), frame(LAST_S + 0.5, shot=1))


def test_a_line_that_is_gone_is_looked_for() -> None:
    assert asked(empty(), frame(LAST_S + 0.5), is_line_gone=True)


def test_a_clip_with_words_is_looked_at_frame_by_frame_unless_a_setting_spares_it() -> None:
    for every_s, wanted in ((0.0, True), (3.0, False)):
        gate = LookGate(every_s)
        assert asked(gate, frame(0.0, "SALE"))
        gate.found(has_lines=True)
        assert asked(gate, frame(1.0, "SALE")) is wanted


def test_lines_are_compared_less_strictly_only_between_looks_that_are_spared() -> None:
    gate = LookGate(3.0)
    assert gate.same_limit(frame(0.0), 0.18) == 0.18, "nothing was looked at yet"
    assert asked(gate, frame(0.0, "SALE"))
    gate.found(has_lines=True)
    assert gate.same_limit(frame(1.0), 0.18) == SPARING_SAME
    assert gate.same_limit(frame(3.0), 0.18) == 0.18, "a look is due"
    assert gate.same_limit(frame(1.0, shot=1), 0.18) == 0.18, "a new shot"
    assert LookGate().same_limit(frame(1.0), 0.18) == 0.18, "no looks are spared"
