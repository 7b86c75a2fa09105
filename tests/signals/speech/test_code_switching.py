"""Clips in two and three languages, heard by the real model; skipped by name where it or a voice is not installed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.records import Abstention, SoundKind, SoundSpan, Span, Upload, Utterance
from tidegate.signals.base import Said
from tidegate.signals.speech.detector import SpeechDetector
from tidegate.testing.fakes import clip_of, view_of
from tidegate.testing.reading_errors import heard_errors
from tidegate.testing.voices import SPEECH_RATE_HZ, can_say, say

Wave = NDArray[np.float32]
LINES = {
    "en": "The boats come back at noon, and the market opens right behind them.",
    "de": "Guten Morgen, heute ist das Wetter sehr schön und wir gehen spazieren.",
    "es": "Hoy vamos al mercado a comprar fruta fresca y pan para toda la familia.",
    "fr": "Demain matin, nous allons acheter du pain et du fromage au village.",
}
LEAD_S = 0.5


@pytest.fixture(scope="module")
def detector() -> SpeechDetector:
    found = SpeechDetector(english="off")
    try:
        found.load()
    except MissingDependencyError as error:
        pytest.skip(str(error))
    return found


def spoken(languages: Sequence[str], pause_s: float) -> tuple[Wave, list[Span]]:
    """The lines of these languages one behind the other, and where each is."""
    for language in languages:
        if not can_say(language):
            pytest.skip(f"no voice for {language} is installed")
    quiet = np.zeros(round(pause_s * SPEECH_RATE_HZ), np.float32)
    parts, spans = [np.zeros(round(LEAD_S * SPEECH_RATE_HZ), np.float32)], list[Span]()
    for language in languages:
        start = sum(map(len, parts))
        parts += [say(LINES[language], language), quiet]
        spans.append(Span(start_s=start / SPEECH_RATE_HZ, end_s=(start + len(parts[-2])) / SPEECH_RATE_HZ))
    return np.concatenate([*parts, quiet]), spans


def heard(detector: SpeechDetector, wave: Wave, spans: Sequence[Span]) -> list[Said]:
    """What the detector says of it; voice is known, as the sound detector tells it."""
    made = view_of(Upload(id="u"), clip=clip_of((), audio=wave))
    sounds = tuple(SoundSpan(kind=SoundKind.SPEECH, span=span, confidence=0.95) for span in spans)
    return list(detector.detect(replace(made, sound_spans=sounds)))


def word_error(said: Sequence[Said], span: Span, language: str) -> float:
    words = [
        one.text[word.start_char : word.end_char]
        for one in said
        if isinstance(one, Utterance)
        for word in one.words
        if span.start_s - 0.5 <= (word.span.start_s + word.span.end_s) / 2 <= span.end_s + 0.5
    ]
    errors = heard_errors(LINES[language], " ".join(words), language)
    return errors.errors / errors.length


@pytest.mark.parametrize("pause_s", [0.4, 0.9])
@pytest.mark.parametrize("pair", ["de en", "es en", "fr en", "en de", "en es", "en fr"])
def test_a_line_in_another_language_is_heard_or_missed_and_never_just_gone(
    detector: SpeechDetector, pair: str, pause_s: float
) -> None:
    wave, spans = spoken(pair.split(), pause_s)
    said = heard(detector, wave, spans)
    missed = [one.span for one in said if isinstance(one, Abstention) and one.span]
    for language, span in zip(pair.split(), spans, strict=True):
        is_told = any(span.overlaps(one) for one in missed)
        assert word_error(said, span, language) <= (0.2 if language == "en" else 0.4) or is_told
    assert word_error(said, spans[pair.split().index("en")], "en") <= 0.2


def test_three_languages_are_heard(detector: SpeechDetector) -> None:
    languages = ("es", "en", "de")
    wave, spans = spoken(languages, 0.9)
    said = heard(detector, wave, spans)
    assert all(word_error(said, span, language) <= 0.2 for language, span in zip(languages, spans, strict=True))
    # The words are right on every processor; which language a line between two others is told as is not: the model's
    # arithmetic differs with the instructions that the processor has.
    told = [one.language for one in said if isinstance(one, Utterance)]
    assert (told[0], told[-1]) == ("es", "de")
    assert set(told) <= set(languages)


def test_words_lie_where_they_were_said(detector: SpeechDetector) -> None:
    wave, spans = spoken(("en", "de"), 0.5)
    words = [word for one in heard(detector, wave, spans) if isinstance(one, Utterance) for word in one.words]
    assert len(words) > 15
    middles = [(word.span.start_s + word.span.end_s) / 2 for word in words]
    assert all(any(span.start_s - 0.3 <= at <= span.end_s + 0.3 for span in spans) for at in middles)
