"""Where evidence lies: spans, the frame clock, boxes and quotes."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import RecordError
from tidegate.records import Box, FrameClock, Quote, Span, TextSource

SECONDS = st.floats(0, 1e6)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start_s, end_s = sorted((draw(SECONDS), draw(SECONDS)))
    return Span(start_s=start_s, end_s=end_s)


@st.composite
def clocks(draw: st.DrawFn) -> FrameClock:
    times = sorted(draw(st.lists(SECONDS, min_size=1, max_size=30)))
    return FrameClock(times_s=tuple(times), end_s=times[-1] + draw(st.floats(0, 10)))


@given(spans())
def test_a_span_is_as_long_as_its_ends_are_apart(span: Span) -> None:
    assert span.duration_s == span.end_s - span.start_s >= 0


@given(spans(), spans())
def test_overlap_does_not_depend_on_who_asks(a: Span, b: Span) -> None:
    assert a.overlaps(b) == b.overlaps(a)


@given(spans())
def test_a_span_overlaps_itself(span: Span) -> None:
    assert span.overlaps(span)


@given(spans(), spans())
def test_a_union_holds_both_and_nothing_more(a: Span, b: Span) -> None:
    both = a.union(b)
    assert both == b.union(a)
    assert both.start_s in (a.start_s, b.start_s)
    assert both.end_s in (a.end_s, b.end_s)
    assert both.start_s <= min(a.start_s, b.start_s)
    assert both.end_s >= max(a.end_s, b.end_s)


def test_spans_that_only_touch_do_not_overlap_but_an_instant_overlaps_what_it_touches() -> None:
    first, second = Span(start_s=0, end_s=1), Span(start_s=1, end_s=2)
    assert not first.overlaps(second)
    assert Span(start_s=1, end_s=1).overlaps(first)
    assert Span(start_s=1, end_s=1).overlaps(second)
    assert not Span(start_s=3, end_s=3).overlaps(second)


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(-0.1, 1), (2, 1), (math.nan, 1), (0, math.nan), (0, math.inf), (-math.inf, 0)]
)
def test_a_span_that_is_no_stretch_of_a_clip_cannot_be_built(start_s: float, end_s: float) -> None:
    with pytest.raises(RecordError, match="TG-R001 Span: span"):
        Span(start_s=start_s, end_s=end_s)


@given(clocks(), st.data())
def test_a_moment_lies_in_the_span_of_the_frame_shown_at_it(clock: FrameClock, data: st.DataObject) -> None:
    time_s = data.draw(st.floats(clock.times_s[0], clock.end_s))
    span = clock.span_of(clock.frame_at(time_s))
    assert span.start_s <= time_s <= span.end_s


@given(clocks())
def test_frames_follow_each_other_without_gap_from_the_first_to_the_end(clock: FrameClock) -> None:
    all_spans = [clock.span_of(index) for index in range(len(clock.times_s))]
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(all_spans))
    assert all_spans[0].start_s == clock.times_s[0]
    assert all_spans[-1].end_s == clock.end_s


@given(clocks())
def test_the_frame_at_a_frames_own_time_is_that_frame_or_a_later_one_at_the_same_time(clock: FrameClock) -> None:
    for index, time_s in enumerate(clock.times_s):
        found = clock.frame_at(time_s)
        assert found >= index
        assert clock.times_s[found] == time_s


@given(clocks(), st.floats(1, 1e6))
def test_before_the_first_frame_stands_the_first_and_after_the_end_the_last(clock: FrameClock, more_s: float) -> None:
    assert clock.frame_at(clock.times_s[0] - more_s) == 0
    assert clock.frame_at(clock.end_s + more_s) == len(clock.times_s) - 1


def test_a_variable_frame_rate_is_converted_by_the_real_times() -> None:
    clock = FrameClock(times_s=(0.0, 0.04, 1.0), end_s=1.5)
    assert clock.span_of(1) == Span(start_s=0.04, end_s=1.0)
    assert clock.frame_at(0.99) == 1
    assert clock.frame_at(1.0) == 2


@pytest.mark.parametrize("index", [-1, 3, 99])
def test_a_frame_outside_the_clip_has_no_span(index: int) -> None:
    with pytest.raises(RecordError, match=f"frame {index} of 3"):
        FrameClock(times_s=(0.0, 0.5, 1.0), end_s=1.5).span_of(index)


def test_an_empty_clip_has_no_frame_at_any_time() -> None:
    with pytest.raises(RecordError, match="without frames"):
        FrameClock(times_s=(), end_s=0.0).frame_at(0.0)


def test_a_clock_that_runs_backwards_or_ends_early_cannot_be_built() -> None:
    with pytest.raises(RecordError, match="not ascending"):
        FrameClock(times_s=(0.0, 2.0, 1.0), end_s=3.0)
    with pytest.raises(RecordError, match="before the last frame"):
        FrameClock(times_s=(0.0, 2.0), end_s=1.0)


SHARES = st.floats(0, 1)


@given(SHARES, SHARES, SHARES, SHARES)
def test_a_box_can_be_built_exactly_when_it_lies_on_the_picture(
    x: float, y: float, width: float, height: float
) -> None:
    inside = x + width <= 1 and y + height <= 1
    if inside:
        assert Box(x=x, y=y, width=width, height=height).x == x
    elif x + width > 1.001 or y + height > 1.001:
        with pytest.raises(RecordError, match="leaves the picture"):
            Box(x=x, y=y, width=width, height=height)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan, math.inf])
@pytest.mark.parametrize("side", ["x", "y", "width", "height"])
def test_a_box_with_a_side_outside_the_picture_cannot_be_built(side: str, wrong: float) -> None:
    with pytest.raises(RecordError, match="TG-R001 Box"):
        Box(**{**dict.fromkeys(("x", "y", "width", "height"), 0.0), side: wrong})


@given(st.text(max_size=40), st.data())
def test_a_quote_cut_from_a_text_points_back_at_its_own_characters(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = Quote(source=TextSource.CAPTION, text=text[start:end], start_char=start, end_char=end)
    assert text[quote.start_char : quote.end_char] == quote.text


@pytest.mark.parametrize(("start", "end"), [(0, 2), (-1, 2), (5, 4), (3, 7)])
def test_a_quote_whose_length_is_not_its_text_cannot_be_built(start: int, end: int) -> None:
    with pytest.raises(RecordError, match="quote of 3 characters"):
        Quote(source=TextSource.CAPTION, text="abc", start_char=start, end_char=end)
