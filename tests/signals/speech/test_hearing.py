from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.signals.speech.chunks import Chunk, Piece
from tidegate.signals.speech.hearing import MOST_GAPS, MOST_SECOND_LOOKS, hear
from tidegate.signals.speech.judge import Verdict
from tidegate.signals.speech.recogniser import Heard, HeardWord

Wave = NDArray[np.float32]
AUDIO = np.zeros(16_000 * 60, np.float32)


def heard(text: str, *, log_probability: float = -0.2, no_speech: float = 0.1, language: float = 0.9) -> Heard:
    words = text.split()
    return Heard(
        words=tuple(
            HeardWord(text=f" {word}", start_s=0.4 * i, end_s=0.4 * i + 0.3, probability=0.9)
            for i, word in enumerate(words)
        ),
        language="en",
        language_probability=language,
        mean_log_probability=log_probability,
        no_speech_probability=no_speech,
    )


class Scripted:
    """A recogniser that answers from a list, and keeps what it was asked."""

    def __init__(self, *answers: Heard) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, bool]] = []
        self.hints: list[str] = []

    def recognise(self, waves: Sequence[Wave], *, language: str = "", is_thorough: bool = False) -> list[Heard]:
        self.asked.append((len(waves), is_thorough))
        self.hints.append(language)
        return [self.answers.pop(0) for _ in waves]


def chunks(count: int, confidence: float = 0.9) -> list[Chunk]:
    return [
        Chunk(pieces=(Piece(start_s=10.0 * i, end_s=10.0 * i + 8.0, at_s=0.0, confidence=confidence),))
        for i in range(count)
    ]


GOOD = heard("the boats leave for the islands")
LOOP = heard("the gulls say no no no no no no no no no no")
JUNK = heard("mumble mumble something", log_probability=-1.4)
NOTHING = heard("", log_probability=-1.4, no_speech=0.9)


def test_what_was_heard_well_is_heard_once() -> None:
    first = Scripted(GOOD, GOOD)
    found = hear(chunks(2), AUDIO, first=first)
    assert [one.verdict for one in found] == [Verdict.HEARD] * 2
    assert first.asked == [(2, False)]
    assert not [missed for one in found for missed in one.missed()]


def test_what_was_heard_badly_is_heard_again_with_full_context() -> None:
    first = Scripted(GOOD, LOOP, GOOD)
    found = hear(chunks(2), AUDIO, first=first)
    assert [one.verdict for one in found] == [Verdict.HEARD] * 2
    assert first.asked == [(2, False), (1, True)]


def test_only_a_few_chunks_are_heard_again() -> None:
    count = MOST_SECOND_LOOKS + 5
    first = Scripted(*[JUNK] * count, *[JUNK] * MOST_SECOND_LOOKS)
    found = hear(chunks(count), AUDIO, first=first)
    assert first.asked == [(count, False), (MOST_SECOND_LOOKS, True)]
    assert all(not one.heard.words for one in found)
    assert [span.start_s for one in found for span, _ in one.missed()] == [10.0 * i for i in range(count)]


def test_of_a_loop_the_words_before_it_are_kept_and_the_rest_is_missed() -> None:
    (one,) = hear(chunks(1), AUDIO, first=Scripted(LOOP, LOOP))
    assert one.heard.text == " the gulls say no no"
    ((span, _),) = one.missed()
    assert (span.start_s, span.end_s) == pytest.approx((4 * 0.4 + 0.3, 8.0))


def test_noise_that_is_hardly_a_voice_is_neither_told_nor_missed_nor_heard_again() -> None:
    first = Scripted(JUNK, LOOP, NOTHING)
    found = hear(chunks(3, confidence=0.25), AUDIO, first=first)
    assert first.asked == [(3, False)]
    assert [span for one in found for span, _ in one.missed()] == []
    assert all(not one.heard.words or one.verdict is not Verdict.HEARD for one in found)


def test_what_the_recogniser_takes_for_noise_is_not_heard_again() -> None:
    first = Scripted(heard("no " * 12, no_speech=0.8))
    (one,) = hear(chunks(1), AUDIO, first=first)
    assert first.asked == [(1, False)]
    assert one.verdict is Verdict.LOOPING


def test_a_plain_voice_without_words_is_missed() -> None:
    (one,) = hear(chunks(1), AUDIO, first=Scripted(NOTHING))
    assert one.heard.words == ()
    ((span, detail),) = one.missed()
    assert (span.start_s, span.end_s) == (0.0, 8.0)
    assert "no speech" in detail


@pytest.mark.parametrize(
    ("answer", "why"),
    [(heard("ein boot", language=0.2), "language"), (heard("ein boot", log_probability=-0.9), "badly")],
)
def test_words_that_nobody_should_rely_on_are_told_and_missed(answer: Heard, why: str) -> None:
    (one,) = hear(chunks(1), AUDIO, first=Scripted(answer))
    assert one.heard.words
    ((_, detail),) = one.missed()
    assert why in detail


def test_the_second_recogniser_hears_only_what_the_first_is_unsure_of() -> None:
    unsure = heard("eye am going to see you", log_probability=-0.6)
    doubting = heard("eye am going to see you", no_speech=0.55)
    better = heard("voy a enseñar la sopa", log_probability=-0.7)
    first, second = Scripted(GOOD, unsure, doubting), Scripted(better, better)
    found = hear(chunks(3), AUDIO, first=first, second=second)
    assert first.asked == [(3, False)]
    assert second.asked == [(2, False)]
    assert [one.heard.text.split()[0] for one in found] == ["the", "voy", "voy"]


def test_when_nobody_hears_it_well_the_better_answer_stands() -> None:
    (one,) = hear(chunks(1), AUDIO, first=Scripted(heard("boats sail", log_probability=-0.9)), second=Scripted(NOTHING))
    assert one.heard.text == " boats sail"


def test_no_chunks_ask_nobody() -> None:
    first = Scripted()
    assert hear([], AUDIO, first=first) == []
    assert first.asked == []


def test_words_in_letters_of_another_language_are_told_and_not_relied_on() -> None:
    hindi = replace(heard("har subah tazi roti milti hai"), language="hi")
    (one,) = hear(chunks(1), AUDIO, first=Scripted(hindi))
    assert one.verdict is Verdict.HEARD
    ((span, why),) = one.missed()
    assert (span.start_s, span.end_s) == (0.0, 8.0)
    assert "written in letters of another language" in why


VOICE = np.full(16_000 * 400, 0.2, np.float32)


def spoken(text: str, start_s: float, end_s: float, *, language: str = "en") -> Heard:
    """A text with its words evenly between two seconds of the wave."""
    words = text.split()
    step_s = (end_s - start_s) / len(words)
    placed = tuple(
        HeardWord(text=f" {word}", start_s=start_s + i * step_s, end_s=start_s + (i + 1) * step_s, probability=0.9)
        for i, word in enumerate(words)
    )
    return replace(heard(""), words=placed, language=language)


FIRST_HALF = spoken("the boats leave for them", 0.0, 3.8)
GUTEN = spoken("guten morgen liebe leute alle", 0.1, 4.3, language="de")


def test_voice_without_words_is_heard_again_by_itself_and_told_no_language() -> None:
    first = Scripted(FIRST_HALF, GUTEN)
    found = hear(chunks(1), VOICE, first=first, language="en")
    assert first.asked == [(1, False), (1, False)]
    assert first.hints == ["en", ""]
    assert [(one.heard.language, one.verdict) for one in found] == [("en", Verdict.HEARD), ("de", Verdict.HEARD)]
    span = found[1].chunk.span
    assert (span.start_s, span.end_s) == pytest.approx((3.7, 8.0))
    assert not [missed for one in found for missed in one.missed()]


@pytest.mark.parametrize("answer", [JUNK, NOTHING, heard("no " * 12)])
def test_voice_that_gives_no_words_again_is_missed_with_its_span(answer: Heard) -> None:
    found = hear(chunks(1), VOICE, first=Scripted(FIRST_HALF, answer))
    ((span, _),) = [missed for one in found for missed in one.missed()]
    assert span.end_s == pytest.approx(8.0)
    assert 3.6 <= span.start_s <= 8.0
    assert [one.heard.text for one in found if one.verdict is Verdict.HEARD] == [FIRST_HALF.text]


def test_three_languages_in_one_chunk_are_all_heard() -> None:
    second = spoken("hola", 0.0, 0.8, language="es")
    first = Scripted(FIRST_HALF, second, spoken("guten morgen leute alle", 0.1, 3.3, language="de"))
    found = hear(chunks(1), VOICE, first=first)
    assert first.asked == [(1, False)] * 3
    assert [one.heard.language for one in found] == ["en", "es", "de"]
    assert not [missed for one in found for missed in one.missed()]


def test_only_so_many_stretches_are_heard_again_and_the_others_are_missed() -> None:
    count = MOST_GAPS + 3
    first = Scripted(*[FIRST_HALF] * count, *[GUTEN] * MOST_GAPS)
    found = hear(chunks(count), VOICE, first=first)
    assert first.asked == [(count, False), (MOST_GAPS, False)]
    missed = [span for one in found for span, _ in one.missed()]
    assert [round(span.start_s, 1) for span in missed] == [10.0 * i + 3.7 for i in range(MOST_GAPS, count)]


def test_a_stretched_word_leaves_its_neighbours_voice_to_be_heard() -> None:
    stretched = replace(GUTEN, words=(HeardWord(text=" Guten", start_s=0.0, end_s=5.4, probability=0.9),))
    found = hear(chunks(1), VOICE, first=Scripted(stretched, spoken("so the boats leave now", 0.1, 4.3), NOTHING))
    assert [one.heard.language for one in found if one.verdict is Verdict.HEARD] == ["de", "en"]
    guten = found[0].heard.words[0]
    assert (guten.start_s, guten.end_s) == pytest.approx((4.4, 5.4))


def test_the_rest_of_a_neighbouring_word_is_no_second_word() -> None:
    echo = spoken("them alle hier low", 0.0, 1.5)
    found = hear(
        chunks(1),
        VOICE,
        first=Scripted(replace(FIRST_HALF, words=(*FIRST_HALF.words, *spoken("low tide comes", 5.3, 8.0).words)), echo),
    )
    assert found[1].heard.text == " alle hier"


def doubted(text: str, start_s: float, end_s: float) -> Heard:
    one = spoken(text, start_s, end_s)
    return replace(one, words=tuple(replace(word, probability=0.4) for word in one.words), language="de")


def in_german(*parts: Heard) -> Heard:
    return replace(GUTEN, words=tuple(word for part in parts for word in part.words))


def test_a_sentence_in_the_wrong_language_is_replaced_by_what_is_heard_in_its_own() -> None:
    wrong = doubted("die boots kommen back at noon.", 0.0, 3.9)
    first = Scripted(
        in_german(wrong, spoken("guten morgen liebe leute alle zusammen", 4.0, 8.0)),
        spoken("the boats come back at noon", 0.1, 3.8),
    )
    found = hear(chunks(1), VOICE, first=first, language="de")
    assert first.hints == ["de", ""]
    assert [(one.heard.language, one.heard.text) for one in found] == [
        ("de", " guten morgen liebe leute alle zusammen"),
        ("en", " the boats come back at noon"),
    ]
    assert not [missed for one in found for missed in one.missed()]


@pytest.mark.parametrize("answer", [NOTHING, doubted("die boots kommen hack an nun", 0.1, 3.8)])
def test_a_doubted_sentence_that_is_heard_no_better_is_told_and_missed(answer: Heard) -> None:
    wrong = doubted("die boots kommen back at noon.", 0.0, 3.9)
    found = hear(
        chunks(1),
        VOICE,
        first=Scripted(in_german(wrong, spoken("guten morgen liebe leute alle zusammen", 4.0, 8.0)), answer),
    )
    assert [one.heard.text for one in found if one.heard.words] == [
        " die boots kommen back at noon. guten morgen liebe leute alle zusammen"
    ]
    ((span, detail),) = [missed for one in found for missed in one.missed()]
    assert span.end_s < 4.5
    assert "unsure" in detail


def test_a_chunk_whose_sentences_are_all_heard_again_is_told_once() -> None:
    wrong = in_german(
        doubted("die boots kommen back at noon.", 0.0, 4.0), doubted("wir haben got some bread now", 4.0, 8.0)
    )
    answers = (spoken("the boats come back at noon", 0.1, 3.8), spoken("we have got some bread now", 0.1, 3.8))
    found = hear(chunks(1), VOICE, first=Scripted(wrong, *answers))
    assert [one.heard.text for one in found] == [" the boats come back at noon", " we have got some bread now"]


def test_a_chunk_too_unsure_as_a_whole_is_heard_sentence_by_sentence() -> None:
    wrong = doubted("die boots kommen back at noon.", 0.0, 4.0)
    unsure = replace(
        in_german(wrong, spoken("guten morgen liebe leute alle zusammen", 4.0, 8.0)), mean_log_probability=-1.3
    )
    first = Scripted(unsure, unsure, spoken("the boats come back at noon", 0.1, 3.8))
    found = hear(chunks(1), VOICE, first=first)
    assert first.asked == [(1, False), (1, True), (1, False)]
    assert [one.heard.language for one in found] == ["de", "en"]
    assert not [missed for one in found for missed in one.missed()]


def test_the_larger_recogniser_hears_what_the_small_one_left_out() -> None:
    first, second = Scripted(FIRST_HALF), Scripted(GUTEN)
    found = hear(chunks(1), VOICE, first=first, second=second, language="en")
    assert (first.asked, second.asked) == ([(1, False)], [(1, False)])
    assert [one.heard.language for one in found] == ["en", "de"]


def test_where_a_voice_is_doubtful_nothing_is_heard_again() -> None:
    first = Scripted(FIRST_HALF)
    hear(chunks(1, confidence=0.45), VOICE, first=first)
    assert first.asked == [(1, False)]
