"""From characters of a text back to seconds, boxes and quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Box, Evidence, EvidencePart, Quote, Span, TextSource, Utterance, Word
from tidegate.signals.text_view import NEAR_S, TextPiece, TextView
from tidegate.signals.texts import heard_and_read, transcript_text

BOX = Box(x=0.1, y=0.2, width=0.5, height=0.1)


def piece(
    start: int, end: int, source: TextSource, at: int = 0, span_s: tuple[float, float] | None = None
) -> TextPiece:
    span = Span(start_s=span_s[0], end_s=span_s[1]) if span_s else None
    box = BOX if source is TextSource.ON_SCREEN else None
    return TextPiece(start_char=start, end_char=end, source=source, origin_char=at, span=span, box=box)


JOINED = TextView(
    source=TextSource.JOINED,
    text="send it to my account",
    span=Span(start_s=1.0, end_s=4.0),
    pieces=(
        piece(0, 7, TextSource.CAPTION, 10),
        piece(8, 10, TextSource.SPEECH, 0, (1.0, 1.5)),
        piece(11, 13, TextSource.SPEECH, 3, (1.5, 2.0)),
        piece(14, 21, TextSource.ON_SCREEN, 0, (3.0, 4.0)),
    ),
)


def test_a_caption_is_quoted_without_a_span() -> None:
    view = TextView(source=TextSource.CAPTION, text="low tide")
    quote = Quote(source=TextSource.CAPTION, text="tide", start_char=4, end_char=8)
    assert view.evidence(4, 8, "a word") == Evidence(quote=quote, note="a word")


def test_a_word_heard_is_evidence_at_its_own_second() -> None:
    words = (
        Word(start_char=0, end_char=3, span=Span(start_s=2.0, end_s=2.4), confidence=0.9),
        Word(start_char=4, end_char=8, span=Span(start_s=2.4, end_s=3.0), confidence=0.9),
    )
    heard = Utterance(text="low tide", span=Span(start_s=2.0, end_s=3.0), language="en", confidence=0.9, words=words)
    (view,) = heard_and_read((heard,), ())
    evidence = view.evidence(4, 8)
    assert evidence is not None
    assert evidence.span == words[1].span
    assert evidence.quote == Quote(source=TextSource.SPEECH, text="tide", start_char=4, end_char=8)


def test_what_several_texts_say_together_has_a_part_for_each() -> None:
    evidence = JOINED.evidence(0, 21, "together")
    assert evidence is not None
    assert evidence.quote is None
    assert evidence.span == Span(start_s=1.0, end_s=4.0)
    assert evidence.parts == (
        EvidencePart(quote=Quote(source=TextSource.CAPTION, text="send it", start_char=10, end_char=17)),
        EvidencePart(
            span=Span(start_s=1.0, end_s=2.0),
            quote=Quote(source=TextSource.SPEECH, text="to my", start_char=0, end_char=5),
        ),
        EvidencePart(
            span=Span(start_s=3.0, end_s=4.0),
            box=BOX,
            quote=Quote(source=TextSource.ON_SCREEN, text="account", start_char=0, end_char=7),
        ),
    )


def test_what_one_text_says_alone_is_no_finding_of_the_joined_one() -> None:
    assert JOINED.evidence(0, 7) is None
    assert JOINED.evidence(8, 13) is None
    assert JOINED.evidence(5, 8) is None, "a blank of the other text says nothing"


def offer(heard_s: float) -> TextView:
    """A sentence begun on the picture at 0 to 2 s, with the caption between, and ended by the voice."""
    pieces = (
        piece(0, 9, TextSource.ON_SCREEN, 0, (0.0, 2.0)),
        piece(10, 14, TextSource.CAPTION),
        piece(15, 20, TextSource.SPEECH, 0, (heard_s, heard_s + 1.0)),
    )
    return TextView(source=TextSource.JOINED, text="we double your money", pieces=pieces)


@pytest.mark.parametrize(("gap_s", "is_told"), [(0.0, True), (NEAR_S, True), (NEAR_S + 0.1, False), (600.0, False)])
def test_parts_far_from_each_other_say_nothing_together_also_not_by_way_of_the_caption(
    gap_s: float, *, is_told: bool
) -> None:
    view = offer(2.0 + gap_s)
    assert (view.evidence(0, 20) is not None) is is_told
    assert view.evidence(0, 14) is not None
    assert view.evidence(10, 20) is not None


def test_a_text_that_stands_for_the_whole_clip_is_near_to_every_word() -> None:
    pieces = (piece(0, 9, TextSource.ON_SCREEN, 0, (0.0, 900.0)), piece(10, 20, TextSource.SPEECH, 0, (600.0, 602.0)))
    view = TextView(source=TextSource.JOINED, text="we double your money", pieces=pieces)
    assert view.evidence(0, 20) is not None


def test_a_quote_is_of_the_text_as_written() -> None:
    view = TextView(source=TextSource.ON_SCREEN, text="@low tide", as_written="@low_tide", base_char=7)
    evidence = view.evidence(1, 9)
    assert evidence is not None
    assert evidence.quote == Quote(source=TextSource.ON_SCREEN, text="low_tide", start_char=8, end_char=16)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 99)])
def test_a_place_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(IndexError, match="of 21 characters"):
        JOINED.evidence(start, end)


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[Utterance, ...]:
    found, at_s = [], 0.0
    for _ in range(draw(st.integers(1, 5))):
        text, words = "", []
        for word in draw(st.lists(st.text("abcé가ż", min_size=1, max_size=5), min_size=1, max_size=4)):
            start = len(text) + bool(text)
            text = f"{text} {word}".strip()
            words.append(
                Word(start_char=start, end_char=len(text), span=Span(start_s=at_s, end_s=at_s + 1), confidence=1)
            )
            at_s += 1.0
        span = Span(start_s=words[0].span.start_s, end_s=at_s)
        language = draw(st.sampled_from(["en", "ko", ""]))
        found.append(Utterance(text=text, span=span, language=language, confidence=0.8, words=tuple(words)))
    return tuple(found)


@given(transcripts(), st.data())
def test_every_quote_of_speech_stands_in_the_transcript_and_is_heard_then(
    utterances: tuple[Utterance, ...], data: st.DataObject
) -> None:
    whole = transcript_text(utterances)
    heard = {at_s: word for one in utterances for word in one.words for at_s in [word.span.start_s]}
    for view in heard_and_read(utterances, ()):
        start = data.draw(st.integers(0, len(view.text)))
        end = data.draw(st.integers(start, len(view.text)))
        evidence = view.evidence(start, end)
        assert evidence is not None
        assert evidence.quote is not None
        assert whole[evidence.quote.start_char : evidence.quote.end_char] == evidence.quote.text == view.text[start:end]
        assert evidence.span is not None
        if end > start:
            assert evidence.span.start_s in heard
