import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.speech.judge import MOST_COMPRESSION, Verdict, compression, judged, loop_start
from tidegate.signals.speech.recogniser import Heard, HeardWord

SENTENCE = " The boats leave for the islands when the tide comes in, and the gulls follow them out."


def words(text: str) -> tuple[HeardWord, ...]:
    return tuple(
        HeardWord(text=f" {word}", start_s=0.3 * index, end_s=0.3 * index + 0.2, probability=0.9)
        for index, word in enumerate(text.split())
    )


def heard(text: str = SENTENCE, *, log_probability: float = -0.2, no_speech: float = 0.1) -> Heard:
    return Heard(
        words=words(text),
        language="en",
        language_probability=0.9,
        mean_log_probability=log_probability,
        no_speech_probability=no_speech,
    )


@pytest.mark.parametrize(
    ("what", "voice", "verdict"),
    [
        (heard(), 0.9, Verdict.HEARD),
        (heard(log_probability=-1.1), 0.9, Verdict.DOUBTFUL),
        (heard(log_probability=-0.9), 0.9, Verdict.HEARD),
        (heard(log_probability=-0.9), 0.3, Verdict.DOUBTFUL),
        (heard(log_probability=-1.5, no_speech=0.8), 0.9, Verdict.SILENT),
        (heard(log_probability=-0.6, no_speech=0.8), 0.9, Verdict.HEARD),
        (heard(log_probability=-0.6, no_speech=0.8), 0.3, Verdict.SILENT),
        (heard(no_speech=0.5), 0.3, Verdict.SILENT),
        (heard(""), 0.9, Verdict.SILENT),
        (heard("... ..."), 0.9, Verdict.SILENT),
        (heard("I know " + "no " * 30), 0.9, Verdict.LOOPING),
    ],
)
def test_what_was_heard_is_judged_by_how_sure_recogniser_and_voice_are(
    what: Heard, voice: float, verdict: Verdict
) -> None:
    assert judged(what, voice_s=8.0, voice_confidence=voice) is verdict


def test_more_words_than_fit_the_time_were_not_spoken() -> None:
    assert judged(heard(), voice_s=1.0, voice_confidence=0.9) is Verdict.TOO_FAST


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("we sail at noon no no no no no no no no", 6),
        ("so one two one two one two one two", 5),
        ("and row the boat row the boat row the boat row the boat row the", 7),
        ("no no no no said the boy", None),
        ("we will we will rock the boat", None),
        ("", None),
        ("la la la la", None),
    ],
)
def test_a_loop_runs_to_the_end_and_its_first_two_rounds_are_left(text: str, start: int | None) -> None:
    assert loop_start(words(text)) == start


@given(
    st.lists(st.text("abc", min_size=1, max_size=4), max_size=12),
    st.lists(st.text("xyz", min_size=1, max_size=4), min_size=1, max_size=6),
    st.integers(8, 20),
)
def test_every_loop_is_found_behind_whatever_was_said_before(before: list[str], round_: list[str], times: int) -> None:
    start = loop_start(words(" ".join(before + round_ * times)))
    assert start is not None
    assert start <= len(before) + 2 * len(round_)


def test_text_that_repeats_within_a_word_compresses_too_well() -> None:
    assert compression("Saba, " + "a-" * 100) > MOST_COMPRESSION
    assert compression(SENTENCE) < MOST_COMPRESSION
    assert compression("ha ha ha ha") == 1.0


@given(st.text())
def test_any_text_has_a_compression(text: str) -> None:
    assert compression(text) > 0.0
