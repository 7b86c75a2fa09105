from collections.abc import Callable

import numpy as np
import pytest

from tidegate.records import Loudness, Signal, SoundKind, SoundSpan
from tidegate.signals.base import View
from tidegate.signals.sound.bs1770 import step_powers
from tidegate.signals.sound.loudness import MOST_ONSETS, MOST_VALUES, LoudnessDetector, measured, onsets
from tidegate.testing import noises
from tidegate.testing.conformance import DetectorConformance

Heard = Callable[["np.ndarray"], View]


class TestLoudnessDetector(DetectorConformance):
    make = LoudnessDetector


def blast(seconds: float = 0.5) -> "np.ndarray":
    return noises.white_noise(seconds, 3, 0.5)


def quiet(seconds: float) -> "np.ndarray":
    return noises.music(seconds, 1, 0.01)


def test_the_record_tells_how_loud_where_and_how_high(heard: Heard) -> None:
    wave = noises.joined([noises.tone(2.0, 997.0, 0.1), noises.tone(1.0, 997.0, 0.8), noises.tone(2.0, 997.0, 0.1)])
    loudness = next(one for one in LoudnessDetector().detect(heard(wave)) if isinstance(one, Loudness))
    assert loudness.loudest_lufs == pytest.approx(-3.01 - 1.94, abs=0.05)
    assert 2.0 <= loudness.loudest_at_s <= 2.6
    assert loudness.peak_dbfs == pytest.approx(-1.94, abs=0.01)
    assert loudness.integrated_lufs == pytest.approx(-3.01 - 1.94 - 3.5, abs=3.6)
    assert loudness.detector_id == LoudnessDetector.id


def test_the_envelope_is_momentary_loudness_ten_times_a_second() -> None:
    wave = noises.joined([noises.silence(1.0), noises.tone(2.0, 997.0, 1.0)])
    loudness = measured(step_powers(wave), 1.0)
    assert loudness.envelope_step_s == 0.1
    assert len(loudness.envelope_lufs) == 30
    assert loudness.envelope_lufs[9] == -70.0
    assert loudness.envelope_lufs[13] == pytest.approx(-3.0, abs=0.1)


def test_silence_is_measured_without_infinities(heard: Heard) -> None:
    (loudness,) = LoudnessDetector().detect(heard(noises.silence(2.0)))
    assert isinstance(loudness, Loudness)
    assert (loudness.integrated_lufs, loudness.loudest_lufs, loudness.peak_dbfs) == (-70.0, -70.0, -120.0)


def test_hours_have_an_envelope_of_bounded_length() -> None:
    powers = np.full(20 * 3600, 0.01)
    loudness = measured(powers, 0.5)
    assert len(loudness.envelope_lufs) == MOST_VALUES
    assert loudness.envelope_step_s == 0.4


def test_a_blast_after_quiet_music_startles(heard: Heard) -> None:
    said = list(LoudnessDetector().detect(heard(noises.joined([quiet(4.0), blast(), quiet(4.0)]))))
    (signal,) = (one for one in said if isinstance(one, Signal))
    (span,) = (one for one in said if isinstance(one, SoundSpan))
    assert span.kind is SoundKind.LOUD_ONSET
    assert signal.evidence.span == span.span
    assert span.span.start_s == pytest.approx(4.0, abs=0.06)
    assert span.span.end_s == pytest.approx(4.5, abs=0.11)
    assert "LU above" in signal.evidence.note


def test_the_same_blast_in_loud_music_does_not() -> None:
    loud = noises.music(4.0, 1, 0.25)
    assert onsets(step_powers(noises.joined([loud, blast(), loud]))) == []


def test_a_quiet_rise_out_of_silence_does_not() -> None:
    assert onsets(step_powers(noises.joined([noises.silence(3.0), noises.music(4.0, 1, 0.05)]))) == []


def test_a_slow_swell_does_not() -> None:
    swell = noises.white_noise(12.0, 1, 0.4) * np.geomspace(0.001, 1.0, 12 * noises.RATE_HZ).astype(np.float32)
    assert onsets(step_powers(swell)) == []


def test_what_is_loud_from_the_start_does_not() -> None:
    assert onsets(step_powers(blast(3.0))) == []


def test_a_bigger_rise_scores_higher() -> None:
    (small,) = onsets(step_powers(noises.joined([noises.music(4.0, 1, 0.03), blast()])))
    (big,) = onsets(step_powers(noises.joined([noises.music(4.0, 1, 0.003), blast()])))
    assert big.jump_lu > small.jump_lu + 10


def test_a_hundred_blasts_are_told_as_the_strongest_few() -> None:
    wave = np.tile(noises.joined([noises.silence(2.2), blast(0.3)]), 40)
    found = onsets(step_powers(wave))
    assert len(found) == MOST_ONSETS
    assert [one.jump_lu for one in found] == sorted((one.jump_lu for one in found), reverse=True)


def test_speech_after_silence_at_an_ordinary_level_does_not_startle(spoken: Callable[..., "np.ndarray"]) -> None:
    line = spoken("Good morning everyone, today we walk along the harbour.", "en", "en-us")
    assert onsets(step_powers(noises.joined([noises.silence(3.0), line]))) == []
