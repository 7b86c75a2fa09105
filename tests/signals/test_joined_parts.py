"""Cutting texts into parts, and putting what stands around their meetings together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Span, TextSource
from tidegate.signals.joined_parts import LONGEST_CHARS, Part, parts_of, stretches, view_of
from tidegate.signals.text_view import NEAR_S, TextPiece, TextView


def voice(words: list[tuple[str, float, float]]) -> TextView:
    text, pieces = "", []
    for word, start_s, end_s in words:
        start = len(text)
        text += f" {word}" if text else word
        span = Span(start_s=start_s, end_s=end_s)
        piece = TextPiece(start_char=start, end_char=len(text), source=TextSource.SPEECH, origin_char=start, span=span)
        pieces.append(piece)
    return TextView(source=TextSource.SPEECH, text=text, pieces=tuple(pieces))


def part(text: str, source: TextSource, start_s: float = 0.0, end_s: float = 1.0) -> Part:
    span = None if source is TextSource.CAPTION else Span(start_s=start_s, end_s=end_s)
    (one,) = parts_of(TextView(source=source, text=text, span=span))
    return one


def texts(view: TextView) -> list[str]:
    return [one.text.strip() for one in parts_of(view)]


def test_the_voice_is_cut_at_pauses_and_behind_sentences() -> None:
    words = [("one", 0, 0.3), ("two.", 0.3, 0.6), ("three", 0.6, 0.9), ("four", 1.5, 1.8)]
    assert texts(voice(words)) == ["one two.", "three", "four"]


def test_a_voice_that_never_pauses_is_cut_after_some_seconds() -> None:
    parts = list(parts_of(voice([(f"w{at}", at * 0.5, at * 0.5 + 0.5) for at in range(100)])))
    assert len(parts) == 10
    assert all(one.end_s - one.start_s <= 5.0 for one in parts)


def test_blank_texts_have_no_parts() -> None:
    assert texts(TextView(source=TextSource.CAPTION, text=" \n ")) == []


def test_what_stands_within_reach_of_a_meeting_is_cut_out_in_whole_words() -> None:
    order = [part("far away the old pier", TextSource.CAPTION), part("low tide tomorrow", TextSource.SPEECH)]
    (one,) = stretches(order, 10)
    assert one.text == "old pier low tide"
    assert [(cut.start_char, cut.end_char) for cut in one.cuts] == [(13, 21), (0, 8)]


def test_nothing_goes_on_over_a_gap_in_time() -> None:
    early = part("early", TextSource.ON_SCREEN, 0, 1)
    near, far = (part("late", TextSource.SPEECH, 1 + gap_s, 20) for gap_s in (NEAR_S, NEAR_S + 0.1))
    assert [one.text for one in stretches([early, near], 50)] == ["early late"]
    assert list(stretches([early, far], 50)) == []


def test_only_meetings_of_the_named_source_count() -> None:
    order = [part("c", TextSource.CAPTION), part("v" * 50, TextSource.SPEECH), part("s", TextSource.ON_SCREEN)]
    assert len(list(stretches(order, 5))) == 2
    (one,) = stretches(order, 5, TextSource.CAPTION)
    assert one.text == "c vvvvv"


def test_one_source_alone_meets_nothing() -> None:
    assert list(stretches([part("a", TextSource.SPEECH), part("b", TextSource.SPEECH)], 50)) == []


@pytest.mark.parametrize("text", ["海" * 300, "word " * 60])
def test_the_way_back_leads_to_the_characters_that_were_cut_out(text: str) -> None:
    order = [part(text, TextSource.SPEECH), part("at noon", TextSource.ON_SCREEN)]
    (one,) = stretches(order, 40)
    first, second = view_of(one).pieces
    assert 20 <= first.end_char - first.start_char <= 40
    assert text[first.origin_char :].startswith(one.text[first.start_char : first.end_char])
    assert one.text[second.start_char : second.end_char] == "at noon"


sources = st.sampled_from([TextSource.SPEECH, TextSource.ON_SCREEN, TextSource.CAPTION])


@given(
    st.lists(st.tuples(st.text("ab .", min_size=1, max_size=400), sources, st.integers(0, 60)), max_size=8),
    st.integers(1, 400),
)
def test_stretches_are_bounded_and_hold_two_sources_or_the_rest_is_blank(
    given_: list[tuple[str, TextSource, int]], reach: int
) -> None:
    order = [part(text, source, at, at + 1) for text, source, at in given_ if text.strip()]
    for one in stretches(order, reach):
        assert len(one.text) <= max(LONGEST_CHARS, 2 * reach + 1)
        view = view_of(one)
        for piece in view.pieces:
            whole = next(cut.part for cut in one.cuts if cut.part.source is piece.source)
            assert len(view.text[piece.start_char : piece.end_char]) <= max(len(one.text), len(whole.text))
        assert all(a.end_char <= b.start_char for a, b in zip(view.pieces, view.pieces[1:], strict=False))
