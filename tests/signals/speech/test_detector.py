from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import ModelFileError
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Signal,
    SoundKind,
    SoundSpan,
    Span,
    TextSource,
    Upload,
    Utterance,
)
from tidegate.settings import Settings
from tidegate.signals.base import Said, View
from tidegate.signals.run import run_detectors
from tidegate.signals.speech.detector import MOST_SPEECH_S, SpeechDetector, fewer
from tidegate.signals.speech.recogniser import Heard, HeardWord
from tidegate.signals.texts import transcript_text
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.fakes import clip_of, view_of

Wave = NDArray[np.float32]
RATE = 16_000


class TestSpeechDetector(DetectorConformance):
    make = SpeechDetector


class Saying:
    """A recogniser that hears the same words in every wave, one for each half second, and keeps the waves."""

    def __init__(self, text: str, *, log_probability: float = -0.2, language: str = "en") -> None:
        self.text, self.log_probability, self.language = text, log_probability, language
        self.waves: list[Wave] = []
        self.hints: list[str] = []

    def recognise(self, waves: Sequence[Wave], *, language: str = "", is_thorough: bool = False) -> list[Heard]:
        self.waves += waves
        self.hints.append(language)
        return [self._heard() for _ in waves]

    def _heard(self) -> Heard:
        words = tuple(
            HeardWord(text=f" {word}", start_s=0.5 * i, end_s=0.5 * i + 0.4, probability=0.8)
            for i, word in enumerate(self.text.split())
        )
        return Heard(
            words=words,
            language=self.language,
            language_probability=0.95,
            mean_log_probability=self.log_probability,
            no_speech_probability=0.1,
        )


def sound(kind: SoundKind, start_s: float, end_s: float, confidence: float = 0.9) -> SoundSpan:
    return SoundSpan(kind=kind, span=Span(start_s=start_s, end_s=end_s), confidence=confidence)


def view(seconds: float, *sounds: SoundSpan, language: str = "", audio: Wave | None = None) -> View:
    # Too quiet for voice that words are missing in: these recognisers hear a second or two, whatever the length.
    wave = np.full(round(seconds * RATE), 0.001, np.float32) if audio is None else audio
    made = view_of(Upload(id="u", language=language), clip=clip_of((), audio=wave))
    return replace(made, sound_spans=sounds)


def heard(
    seen: View, base: Saying | None = None, *, english: Saying | None = None, most_speech_s: float = 180.0
) -> list[Said]:
    detector = SpeechDetector(
        english="auto" if english else "off",
        most_speech_s=most_speech_s,
        recogniser=base or Saying("low tide"),
        english_recogniser=english,
    )
    return list(detector.detect(seen))


def utterances(said: Sequence[Said]) -> list[Utterance]:
    return [one for one in said if isinstance(one, Utterance)]


def abstentions(said: Sequence[Said]) -> list[Abstention]:
    return [one for one in said if isinstance(one, Abstention)]


def test_words_have_times_on_the_clip_and_one_signal_tells_how_many() -> None:
    said = heard(view(20.0, sound(SoundKind.SPEECH, 10.0, 12.0)))
    (one,) = utterances(said)
    assert (one.text, one.language) == ("low tide", "en")
    assert [round(word.span.start_s, 2) for word in one.words] == [10.0, 10.25]
    (signal,) = [each for each in said if isinstance(each, Signal)]
    assert signal.score == pytest.approx(0.8)
    assert signal.evidence.span == one.span
    assert "2 words" in signal.evidence.note
    assert "tide" not in signal.evidence.note


def test_only_voices_are_listened_to() -> None:
    base = Saying("low tide")
    heard(view(600.0, sound(SoundKind.MUSIC, 0.0, 600.0), sound(SoundKind.SINGING, 100.0, 104.0)), base)
    assert [wave.size / RATE for wave in base.waves] == [pytest.approx(4.5)]
    assert heard(view(60.0, sound(SoundKind.MUSIC, 0.0, 60.0))) == []


def test_singing_is_told_from_speech() -> None:
    said = heard(view(20.0, sound(SoundKind.SINGING, 1.0, 5.0), sound(SoundKind.SPEECH, 10.0, 14.0)))
    assert [one.is_sung for one in utterances(said)] == [True]
    assert utterances(said)[0].confidence <= 0.6


def test_when_nobody_told_voices_from_music_all_that_is_loud_is_listened_to() -> None:
    audio = np.zeros(20 * RATE, np.float32)
    at_s = np.arange(4 * RATE) / RATE
    audio[8 * RATE : 12 * RATE] = 0.2 * np.sin(2 * np.pi * 200 * at_s)
    for sounds in ((), (sound(SoundKind.LOUD_ONSET, 8.0, 8.2),)):
        base = Saying("low tide")
        (one,) = utterances(heard(view(20.0, *sounds, audio=audio), base))
        assert 7.7 <= one.span.start_s <= 8.3
        assert sum(wave.size for wave in base.waves) < 5 * RATE


def test_silence_and_white_noise_are_not_listened_to_at_any_length() -> None:
    base = Saying("low tide")
    noise = np.random.default_rng(5).normal(0.0, 0.1, 120 * RATE).astype(np.float32)
    assert heard(view(120.0, audio=noise), base) == []
    assert heard(view(1200.0, audio=np.zeros(1200 * RATE, np.float32)), base) == []
    assert base.waves == []


def test_voice_beyond_the_budget_is_an_abstention_with_its_span() -> None:
    base = Saying("low tide")
    said = heard(view(400.0, sound(SoundKind.SPEECH, 0.0, 400.0)), base, most_speech_s=60.0)
    (over,) = abstentions(said)
    assert over.reason is AbstentionReason.OVER_BUDGET
    assert over.span == Span(start_s=60.0, end_s=400.0)
    assert sum(wave.size for wave in base.waves) <= 61 * RATE


def test_a_voice_that_is_not_understood_is_an_abstention_with_its_span() -> None:
    said = heard(view(20.0, sound(SoundKind.SPEECH, 4.0, 9.0)), Saying("mumble", log_probability=-1.5))
    (one,) = said
    assert isinstance(one, Abstention)
    assert one.reason is AbstentionReason.LOW_CONFIDENCE
    assert one.span == Span(start_s=3.75, end_s=9.25)


def test_a_beep_within_speech_is_an_abstention_and_never_reaches_the_recogniser() -> None:
    base = Saying("low tide today boats")
    sounds = (sound(SoundKind.SPEECH, 2.0, 6.0), sound(SoundKind.BEEP, 2.3, 2.7), sound(SoundKind.BEEP, 15.0, 16.0))
    seen = view(20.0, *sounds)
    said = heard(seen, base)
    assert utterances(said)[0].text == "low today boats"
    (one,) = abstentions(said)
    assert one.span == sounds[1].span
    (wave,) = base.waves
    assert not wave[round(0.55 * RATE) : round(0.95 * RATE)].any()
    assert seen.clip is not None
    assert seen.clip.audio is not None
    assert seen.clip.audio.all()


def test_a_doubtful_beep_covers_nothing() -> None:
    said = heard(view(20.0, sound(SoundKind.SPEECH, 2.0, 6.0), sound(SoundKind.BEEP, 2.3, 2.7, 0.7)))
    assert utterances(said)[0].text == "low tide"
    assert abstentions(said) == []


def test_the_english_model_hears_first_where_english_is_declared() -> None:
    base, english = Saying("base"), Saying("english")
    speech = sound(SoundKind.SPEECH, 1.0, 5.0)
    assert utterances(heard(view(9.0, speech, language="en-GB"), base, english=english))[0].text == "english"
    assert base.waves == []
    assert utterances(heard(view(9.0, speech, language="es"), base, english=english))[0].text == "base"
    assert utterances(heard(view(9.0, speech), base, english=english))[0].text == "base"


def test_the_multilingual_model_hears_what_the_english_one_is_unsure_of() -> None:
    base, english = Saying("marea baja", language="es"), Saying("mary bach", log_probability=-0.8)
    (one,) = utterances(heard(view(9.0, sound(SoundKind.SPEECH, 1.0, 5.0), language="en"), base, english=english))
    assert (one.text, one.language) == ("marea baja", "es")


def test_the_english_model_alone_hears_everything_when_so_set() -> None:
    english = Saying("english")
    detector = SpeechDetector(english="only", english_recogniser=english)
    said = list(detector.detect(view(9.0, sound(SoundKind.SPEECH, 1.0, 5.0), language="es")))
    assert utterances(said)[0].text == "english"


def test_samples_that_are_no_numbers_are_survived() -> None:
    audio = np.full(9 * RATE, 0.1, np.float32)
    audio[::1000] = np.nan
    audio[500::1000] = np.inf
    base = Saying("low tide")
    heard(view(9.0, sound(SoundKind.SPEECH, 1.0, 5.0), audio=audio), base)
    assert all(np.isfinite(wave).all() for wave in base.waves)


class SayingOneLanguage:
    """A recogniser that writes only the second half of a wave of 8 s or more, and of shorter ones everything."""

    def recognise(self, waves: Sequence[Wave], *, language: str = "", is_thorough: bool = False) -> list[Heard]:
        return [self._heard(wave.size / RATE) for wave in waves]

    def _heard(self, length_s: float) -> Heard:
        start_s, tag = (length_s / 2, "es") if length_s >= 8.0 else (0.0, "en")
        step_s = (length_s - start_s) / 6
        words = tuple(
            HeardWord(
                text=f" {tag}{i}", start_s=start_s + i * step_s, end_s=start_s + (i + 1) * step_s, probability=0.8
            )
            for i in range(6)
        )
        return Heard(words=words, language=tag, language_probability=0.9, mean_log_probability=-0.2)


def test_what_a_recogniser_left_out_is_told_in_its_place() -> None:
    audio = np.full(20 * RATE, 0.1, np.float32)
    detector = SpeechDetector(english="off", recogniser=SayingOneLanguage())
    said = list(detector.detect(view(20.0, sound(SoundKind.SPEECH, 2.0, 10.0), audio=audio)))
    first, second = utterances(said)
    assert (first.language, second.language) == ("en", "es")
    assert first.span.end_s <= second.span.start_s + 0.2
    (signal,) = [each for each in said if isinstance(each, Signal)]
    assert signal.evidence.span == first.span.union(second.span)
    assert "12 words in 2 utterances (en, es)" in signal.evidence.note
    assert abstentions(said) == []


def test_the_setting_and_the_detector_hear_as_much_when_nobody_says_how_much() -> None:
    assert Settings().speech.max_speech_s == MOST_SPEECH_S


def test_a_folder_that_is_no_model_is_told() -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(ModelFileError, match="does not exist"):
        SpeechDetector(model="/nowhere/at/all").load()


def test_what_is_heard_becomes_texts_whose_quotes_find_their_seconds() -> None:
    seen = view(20.0, sound(SoundKind.SPEECH, 10.0, 12.0))
    detector = SpeechDetector(english="off", recogniser=Saying("low tide"))
    detector.when = None
    findings = run_detectors([detector], seen)
    assert not findings.problems
    found = findings.readings.onto(seen)
    (text,) = [one for one in found.texts if one.source is TextSource.SPEECH]
    assert text.text == transcript_text(found.utterances) == "low tide"
    evidence = text.evidence(4, 8)
    assert evidence is not None
    assert evidence.span is not None
    assert evidence.span.start_s == pytest.approx(10.25)


spans = [(Span(start_s=float(i), end_s=i + 0.5), "a") for i in range(3)]


def test_neighbouring_stretches_with_one_reason_are_one_abstention() -> None:
    apart = (Span(start_s=30.0, end_s=31.0), "a")
    assert fewer([*spans, apart]) == [(Span(start_s=0.0, end_s=2.5), "a"), apart]
    assert len(fewer([spans[0], (spans[1][0], "b")])) == 2


def test_very_many_stretches_are_one_abstention() -> None:
    many = [(Span(start_s=10.0 * i, end_s=10.0 * i + 1), "a") for i in range(100)]
    ((span, detail),) = fewer(many)
    assert (span.start_s, span.end_s) == (0.0, 991.0)
    assert "100" in detail
