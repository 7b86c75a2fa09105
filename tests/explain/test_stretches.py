"""Thin bars of what was heard and read: inside the clip, never on each other, and what is not drawn is counted."""

from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.scale import TimeScale
from tidegate.explain.stretches import (
    MOST_ROWS,
    MOST_STRETCHES,
    heard_stretches,
    rows_of,
    shown_stretches,
    sound_stretches,
)
from tidegate.explain.words import script
from tidegate.records import MediaCoverage, Screening, SoundKind, SoundSpan, Span
from tidegate.screening import Screened

SCALE = TimeScale(duration_s=30.0)


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0, 20)), max_size=60))
def test_stretches_stay_inside_and_never_lie_on_each_other(spans: list[tuple[float, float]]) -> None:
    sounds = tuple(
        SoundSpan(kind=SoundKind.MUSIC, span=Span(start_s=start, end_s=start + length), confidence=0.9)
        for start, length in spans
    )
    screening = Screening(upload_id="u", media=None, coverage=MediaCoverage(), sound_spans=sounds)
    rows, hidden = rows_of(sound_stretches(screening, "music", SCALE))
    assert len(rows) + hidden == len(sounds)
    for one in rows:
        assert one.left >= 0.0
        assert one.left + one.width <= 100.001
        assert one.row < MOST_ROWS
        assert all(
            other is one
            or other.row != one.row
            or one.left >= other.left + other.width - 0.002
            or other.left >= one.left + one.width - 0.002
            for other in rows
        )


def test_each_leads_to_its_line_if_the_line_is_listed(spoken_sample: Screened) -> None:
    told = script(spoken_sample.screening, (), most=600)
    assert [one.anchor for one in heard_stretches(told, SCALE)] == ["v1", "v2", "v3", "v4", "v5"]
    assert [one.anchor for one in shown_stretches(told, SCALE)] == ["t1", "t2", "t3", "t4", "t5", "t6"]
    few = script(spoken_sample.screening, (), most=2)
    assert [one.anchor for one in heard_stretches(few, SCALE)] == ["v1", "", "", "", ""]


def test_what_was_heard_without_certainty_is_told_apart(spoken_sample: Screened) -> None:
    told = script(spoken_sample.screening, (), most=600)
    assert [one.is_unsure for one in heard_stretches(told, SCALE)] == [False, False, False, True, False]
    assert [one.kind for one in heard_stretches(told, SCALE)][-1] == "sung"


def test_no_more_are_drawn_than_a_lane_can_hold() -> None:
    sounds = tuple(
        SoundSpan(kind=SoundKind.BEEP, span=Span(start_s=index / 100, end_s=index / 100), confidence=0.9)
        for index in range(1000)
    )
    screening = Screening(upload_id="u", media=None, coverage=MediaCoverage(), sound_spans=sounds)
    assert len(sound_stretches(screening, "beep", SCALE)) == MOST_STRETCHES
