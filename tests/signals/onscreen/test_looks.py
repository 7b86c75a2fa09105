"""Which frames are spared a look for words, and which never are."""

import numpy as np
import pytest

from tidegate.media.clip import Frame, FrameReason
from tidegate.records import Span
from tidegate.signals.onscreen.lettering import grey
from tidegate.signals.onscreen.looks import EMPTY_GAP_S, EMPTY_LOOKS, QUIET_GAP_S, QUIET_LOOKS, Look, LookGate
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


def asked(gate: LookGate, one: Frame, *, is_line_gone: bool = False) -> Look:
    return gate.wants(one, grey(one.rgb), [], is_line_gone=is_line_gone)


def empty(every_s: float = 0.0) -> LookGate:
    """A gate that has looked often enough to know that there is nothing."""
    gate = LookGate(every_s)
    for number in range(EMPTY_LOOKS):
        assert asked(gate, frame(number * 10.0)) is Look.FULL
        gate.found(has_lines=False, has_new=False)
    return gate


LAST_S = (EMPTY_LOOKS - 1) * 10.0


def test_the_first_frames_of_a_clip_are_all_looked_at() -> None:
    gate = LookGate()
    assert [asked(gate, frame(number * 0.5)) for number in range(EMPTY_LOOKS)] == [Look.FULL] * EMPTY_LOOKS


def test_a_clip_in_which_nothing_was_found_is_looked_at_less_often() -> None:
    gate = empty()
    assert asked(gate, frame(LAST_S + 1.0)) is Look.NONE
    assert asked(gate, frame(LAST_S + EMPTY_GAP_S)) is Look.FULL


@pytest.mark.parametrize("words", ["SALE", "look here", "w 3"])
def test_words_that_come_up_are_looked_at_at_once(words: str) -> None:
    assert asked(empty(), frame(LAST_S + 0.5, words)) is Look.FULL


def test_a_new_shot_is_looked_at_whatever_it_shows() -> None:
    assert asked(empty(), frame(LAST_S + 0.5, shot=1)) is Look.FULL


def test_a_line_that_is_gone_is_looked_for() -> None:
    assert asked(empty(), frame(LAST_S + 0.5), is_line_gone=True) is Look.FULL


def with_words(every_s: float = 0.0) -> LookGate:
    """A gate that has just found words, and then nothing new."""
    gate = LookGate(every_s)
    for number in range(1 + QUIET_LOOKS):
        assert asked(gate, frame(number * 10.0, "SALE")) is Look.FULL
        gate.found(has_lines=True, has_new=number == 0)
    return gate


def test_while_new_words_come_every_frame_is_looked_at() -> None:
    gate = LookGate()
    for number in range(5):
        assert asked(gate, frame(number * 0.5, "SALE")) is Look.FULL
        gate.found(has_lines=True, has_new=True)


def test_where_nothing_new_was_found_the_next_frames_are_looked_at_coarsely_until_a_full_look_is_due() -> None:
    gate, last_s = with_words(), QUIET_LOOKS * 10.0
    assert asked(gate, frame(last_s + 1.0, "SALE")) is Look.COARSE
    assert asked(gate, frame(last_s + QUIET_GAP_S, "SALE")) is Look.FULL


def test_new_words_found_by_a_coarse_look_end_the_sparing() -> None:
    gate, last_s = with_words(), QUIET_LOOKS * 10.0
    assert asked(gate, frame(last_s + 1.0, "SALE")) is Look.COARSE
    gate.found(has_lines=True, has_new=True)
    assert asked(gate, frame(last_s + 1.5, "SALE")) is Look.FULL


def test_a_setting_spares_whole_looks_in_clips_with_words() -> None:
    gate, last_s = with_words(every_s=6.0), QUIET_LOOKS * 10.0
    assert asked(gate, frame(last_s + 5.0, "SALE")) is Look.NONE
    assert asked(gate, frame(last_s + 6.0, "SALE")) is Look.FULL
