"""Sentences split between caption, picture and voice."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Box, OnScreenText, Signal, Span, TextSource, Upload, Utterance, Word
from tidegate.signals.base import View
from tidegate.signals.joined import MAX_CHARS, joined_views
from tidegate.signals.readings import Readings
from tidegate.signals.text_view import TextView
from tidegate.signals.texts import heard_and_read, texts_of
from tidegate.signals.wording.patterns import PatternDetector

PLACE = Box(x=0.1, y=0.7, width=0.8, height=0.1)


def heard(text: str, start_s: float, end_s: float) -> Utterance:
    """An utterance whose words share its time evenly."""
    words, at, each_s = [], 0, (end_s - start_s) / max(1, len(text.split()))
    for index, word in enumerate(text.split()):
        start = text.index(word, at)
        at = start + len(word)
        span = Span(start_s=start_s + index * each_s, end_s=start_s + (index + 1) * each_s)
        words.append(Word(start_char=start, end_char=at, span=span, confidence=0.9))
    span = Span(start_s=start_s, end_s=end_s)
    return Utterance(text=text, span=span, language="en", confidence=0.9, words=tuple(words))


def shown(text: str, start_s: float, end_s: float) -> OnScreenText:
    return OnScreenText(text=text, span=Span(start_s=start_s, end_s=end_s), box=PLACE, language="en", confidence=0.9)


def joined(caption: str = "", voice: tuple[Utterance, ...] = (), screen: tuple[OnScreenText, ...] = ()) -> list[str]:
    submitted = texts_of(Upload(id="u", caption=caption))
    return [view.text for view in joined_views(submitted, heard_and_read(voice, screen))]


def test_one_source_alone_is_never_joined() -> None:
    assert joined("a caption") == []
    assert joined("", (heard("one two", 0, 1), heard("three", 2, 3))) == []
    assert joined("", (), (shown("one", 0, 1),)) == []


def test_words_of_voice_and_picture_are_put_together_by_time() -> None:
    voice, screen = (heard("now send it", 0, 1), heard("today", 4, 5)), (shown("to this account", 2, 3),)
    assert "now send it to this account today" in joined("", voice, screen)


def test_words_that_stand_while_somebody_speaks_are_read_before_and_after_the_voice() -> None:
    texts = joined("", (heard("send it", 0, 2),), (shown("to me", 0, 2),))
    assert "send it to me" in texts
    assert "to me send it" in texts


def test_the_caption_is_read_before_and_after_the_rest() -> None:
    texts = joined("for free", (heard("call me", 0, 2),))
    assert {"for free call me", "call me for free"} <= set(texts)


def test_a_pause_in_the_voice_lets_the_picture_finish_the_sentence() -> None:
    voice = (heard("get", 0, 0.5), heard("by tomorrow", 3, 4))
    assert "get 900 dollars by tomorrow" in joined("", voice, (shown("900 dollars", 1, 2.5),))


def test_a_long_text_is_joined_with_its_beginning_only() -> None:
    texts = joined("word " * 4000, (heard("call me", 0, 2),))
    assert texts
    assert max(map(len, texts)) < MAX_CHARS + 50


TIMES = st.floats(0, 20, allow_nan=False)


@given(
    st.text("ab .", max_size=12),
    st.lists(st.tuples(st.text("cd ", min_size=1, max_size=8), TIMES), max_size=4),
    st.lists(st.tuples(st.text("ef ", min_size=1, max_size=8), TIMES), max_size=4),
)
def test_every_piece_leads_back_to_its_own_text(
    caption: str, voice: list[tuple[str, float]], screen: list[tuple[str, float]]
) -> None:
    readings = Readings(
        utterances=[heard(text, at_s, at_s + 1) for text, at_s in voice],
        on_screen_texts=[shown(text, at_s, at_s + 1) for text, at_s in screen],
    )
    readings.settle()
    upload = Upload(id="u", caption=caption)
    view = readings.onto(View(upload=upload, texts=texts_of(upload)))
    for text in (one for one in view.texts if one.is_joined):
        for piece in text.pieces:
            assert text.text[piece.start_char : piece.end_char] == "".join(_origin(view, piece.source, piece))


def _origin(view: View, source: TextSource, piece: object) -> Iterator[str]:
    start = piece.origin_char  # type: ignore[attr-defined]
    end = start + piece.end_char - piece.start_char  # type: ignore[attr-defined]
    for text in view.texts:
        if text.source is source and text.base_char <= start and end <= text.base_char + len(text.text):
            yield text.text[start - text.base_char : end - text.base_char]


# --- with the real detector of patterns -----------------------------------------------------------

PARTS = {
    "caption": "Guaranteed returns:",
    "voice": "send one hundred dollars today",
    "screen": "get $1,000 back within 24 hours",
}


def found(parts: dict[str, str]) -> list[Signal]:
    readings = Readings()
    if "voice" in parts:
        readings.add(heard(parts["voice"], 0.5, 2.0))
    if "screen" in parts:
        readings.add(shown(parts["screen"], 2.2, 4.0))
    upload = Upload(id="u", caption=parts.get("caption", ""))
    detector = PatternDetector()
    detector.load()
    view = readings.onto(View(upload=upload, texts=texts_of(upload)))
    return [one for one in detector.detect(view) if isinstance(one, Signal) and one.label == "pattern.scam_offer"]


def test_an_offer_split_between_caption_voice_and_picture_is_found_with_a_part_for_each() -> None:
    (signal,) = found(PARTS)
    assert {quote.source for quote in signal.evidence.quotes} >= {TextSource.CAPTION, TextSource.ON_SCREEN}
    assert signal.evidence.span is not None
    for part in signal.evidence.parts:
        assert part.quote is not None
        assert any(part.quote.text in whole for whole in PARTS.values())


@pytest.mark.parametrize("kept", [*combinations(PARTS, 1)], ids=" ".join)
def test_the_same_parts_apart_are_not_found(kept: tuple[str, ...]) -> None:
    assert found({name: PARTS[name] for name in kept}) == []


def test_a_view_of_one_text_is_not_joined() -> None:
    assert not TextView(source=TextSource.SPEECH, text="a").is_joined
