from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.signals.speech.chunks import Chunk, Piece
from tidegate.signals.speech.hearing import MOST_SECOND_LOOKS, hear
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

    def recognise(self, waves: Sequence[Wave], *, language: str = "", is_thorough: bool = False) -> list[Heard]:
        self.asked.append((len(waves), is_thorough))
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
