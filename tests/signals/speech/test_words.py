from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import SoundKind, SoundSpan, Span, Utterance
from tidegate.signals.speech.chunks import Chunk, Piece
from tidegate.signals.speech.recogniser import Heard, HeardWord
from tidegate.signals.speech.words import SUNG_CONFIDENCE, joined, utterances

CHUNK = Chunk(
    pieces=(
        Piece(start_s=5.0, end_s=9.0, at_s=0.0, confidence=1.0),
        Piece(start_s=20.0, end_s=24.0, at_s=4.4, confidence=1.0),
    )
)
BY = "speech.whisper@1"


def word(text: str, start_s: float, end_s: float, probability: float = 0.9) -> HeardWord:
    return HeardWord(text=text, start_s=start_s, end_s=end_s, probability=probability)


def heard(*words: HeardWord, language: str = "en", language_probability: float = 0.9) -> Heard:
    return Heard(words=words, language=language, language_probability=language_probability)


def said(what: Heard, *sounds: SoundSpan) -> list[Utterance]:
    return list(utterances(CHUNK, what, sounds, detector_id=BY))


def sound(kind: SoundKind, start_s: float, end_s: float) -> SoundSpan:
    return SoundSpan(kind=kind, span=Span(start_s=start_s, end_s=end_s), confidence=0.9)


texts = st.lists(st.text(min_size=0, max_size=8), max_size=12)


@given(texts)
def test_every_word_stands_at_its_place_in_the_text(words: list[str]) -> None:
    text, places = joined(words)
    assert text == text.strip()
    assert [text[start:end] for start, end in places if start < end] == [one.strip() for one in words if one.strip()]
    assert all(0 <= start <= end for start, end in places)
    assert all(a[1] <= b[0] for a, b in pairwise(places))


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=6), st.floats(0.0, 9.0), st.floats(0.0, 2.0), st.floats(0.0, 1.0)),
        max_size=20,
    )
)
def test_words_of_any_utterance_are_in_order_of_text_and_time(
    rows: list[tuple[str, float, float, float]],
) -> None:
    found = said(heard(*(word(text, at_s, at_s + length_s, p) for text, at_s, length_s, p in rows)))
    for one in found:
        assert one.text == one.text.strip()
        assert all(0.0 <= each.confidence <= 1.0 for each in one.words)
        assert all(a.end_char <= b.start_char and a.span.start_s <= b.span.start_s for a, b in pairwise(one.words))
        for each in one.words:
            assert one.text[each.start_char : each.end_char].strip() == one.text[each.start_char : each.end_char]
            assert one.span.start_s <= each.span.start_s
            assert each.span.end_s <= one.span.end_s <= CHUNK.span.end_s + 1e-9


def test_words_get_their_place_on_the_clip_and_punctuation_goes_with_them() -> None:
    first, second = said(
        heard(word(" Hello", 0.2, 0.6), word(",", 0.6, 0.7), word(" boats", 0.8, 1.2), word(" Gulls", 4.9, 5.4))
    )
    assert (first.text, second.text) == ("Hello, boats", "Gulls")
    assert [first.text[w.start_char : w.end_char] for w in first.words] == ["Hello,", "boats"]
    assert first.words[0].span.start_s == pytest.approx(5.2)
    assert second.span.start_s == pytest.approx(20.5)
    assert first.detector_id == BY


def test_an_opening_mark_goes_with_the_word_behind_it() -> None:
    (one,) = said(heard(word(" ¿", 0.0, 0.1), word("Qué", 0.1, 0.4), word(" tal", 0.4, 0.6), word("?", 0.6, 0.6)))
    assert one.text == "¿Qué tal?"
    assert [one.text[w.start_char : w.end_char] for w in one.words] == ["¿Qué", "tal?"]


def test_writing_without_blanks_keeps_its_characters_together() -> None:
    (one,) = said(heard(word("大家", 0.0, 0.4), word("早上", 0.4, 0.8), word("好", 0.8, 1.0), word("。", 1.0, 1.0)))
    assert one.text == "大家早上好。"
    assert [one.text[w.start_char : w.end_char] for w in one.words] == ["大家", "早上", "好。"]


def test_words_where_nobody_spoke_are_left_out() -> None:
    (one,) = said(heard(word(" boats", 0.0, 0.5), word(" ghost", 4.05, 4.35), word(" after", 9.0, 9.5)))
    assert one.text == "boats"


def test_a_word_under_a_beep_was_not_heard() -> None:
    (one,) = said(
        heard(word(" you", 0.0, 0.4), word(" tide", 0.4, 1.0), word(" boat", 1.0, 1.4)),
        sound(SoundKind.BEEP, 5.45, 6.0),
    )
    assert one.text == "you boat"


def test_what_is_sung_is_told_and_trusted_less() -> None:
    words = (word(" low", 0.0, 0.5, 0.95), word(" tide", 0.5, 1.0, 0.95))
    (sung,) = said(heard(*words), sound(SoundKind.SINGING, 4.0, 9.0), sound(SoundKind.MUSIC, 0.0, 30.0))
    (spoken,) = said(heard(*words), sound(SoundKind.SINGING, 4.0, 5.2), sound(SoundKind.SPEECH, 4.0, 9.0))
    assert (sung.is_sung, spoken.is_sung) == (True, False)
    assert sung.confidence == SUNG_CONFIDENCE < spoken.confidence


def test_an_unsure_language_lowers_confidence() -> None:
    (sure,) = said(heard(word(" tide", 0.0, 0.5)))
    (unsure,) = said(heard(word(" tide", 0.0, 0.5), language_probability=0.2))
    assert unsure.confidence == pytest.approx(0.7 * sure.confidence)


def test_a_pause_ends_an_utterance_and_so_does_a_sentence_after_a_while() -> None:
    paused = said(heard(word(" one", 0.0, 0.4), word(" two", 1.3, 1.6)))
    assert [one.text for one in paused] == ["one", "two"]
    wide = Chunk(pieces=(Piece(start_s=0.0, end_s=12.0, at_s=0.0, confidence=1.0),))
    words = [word(f" w{i}", 0.5 * i, 0.5 * i + 0.4) for i in range(20)]
    words[17] = word(" end.", 8.5, 8.9)
    found = list(utterances(wide, heard(*words), (), detector_id=BY))
    assert [len(one.words) for one in found] == [18, 2]


def test_a_word_that_is_a_symbol_is_a_word() -> None:
    (one,) = said(heard(word(" 50", 0.0, 0.4), word(" €", 0.4, 0.6), word(" -", 0.6, 0.6)))
    assert [one.text[w.start_char : w.end_char] for w in one.words] == ["50", "€"]


def test_words_begin_and_end_with_the_voice_and_not_with_the_quiet_around_it() -> None:
    first, last = said(
        heard(word(" hello", 0.0, 0.9), word(" harbour", 1.0, 2.25)), sound(SoundKind.SPEECH, 5.25, 7.0)
    )[0].words
    assert (first.span.start_s, last.span.end_s) == (5.25, 7.0)


def test_a_word_inside_a_voice_keeps_its_times_though_another_voice_begins() -> None:
    (only,) = said(
        heard(word(" hello", 0.4, 1.2)),
        sound(SoundKind.SPEECH, 5.0, 5.5),
        sound(SoundKind.SPEECH, 5.55, 7.0),
    )[0].words
    assert (only.span.start_s, only.span.end_s) == (5.4, 6.2)
