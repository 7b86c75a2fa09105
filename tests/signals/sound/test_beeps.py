from collections.abc import Callable

import numpy as np
import pytest

from tidegate.signals.sound.beeps import Beep, beeps
from tidegate.testing import near_sirens, noises


def put(over: "np.ndarray", tone: "np.ndarray", at_s: float, keep: float = 1.0) -> "np.ndarray":
    wave = over.copy()
    start = round(at_s * noises.RATE_HZ)
    part = wave[start : start + tone.size]
    part[:] = keep * part + tone
    return wave


def the_one(found: list[Beep]) -> Beep:
    (beep,) = found
    return beep


@pytest.mark.parametrize("seconds", [0.12, 0.3, 1.0, 2.0, 20.0])
@pytest.mark.parametrize("frequency_hz", [440.0, 1000.0, 2200.0])
def test_a_tone_is_one_beep_with_its_pitch_and_place(seconds: float, frequency_hz: float) -> None:
    beep = the_one(beeps(noises.joined([noises.silence(0.5), noises.tone(seconds, frequency_hz), noises.silence(0.5)])))
    assert beep.frequency_hz == pytest.approx(frequency_hz, abs=2)
    assert beep.start_s == pytest.approx(0.5, abs=0.03)
    assert beep.end_s == pytest.approx(0.5 + seconds, abs=0.03)
    assert 0.9 < beep.share <= 1.0


def test_a_tone_over_music_that_is_as_loud_is_found() -> None:
    wave = put(noises.music(6.0, 4), noises.tone(0.6, 1000.0, 0.2), 2.0)
    beep = the_one(beeps(wave))
    assert beep.start_s == pytest.approx(2.0, abs=0.1)
    assert beep.end_s == pytest.approx(2.6, abs=0.1)


def test_a_tone_that_clips_is_still_a_beep() -> None:
    assert the_one(beeps(np.clip(4 * noises.tone(1.0, 1000.0, 0.9), -1, 1))).frequency_hz == pytest.approx(1000, abs=2)


def test_two_tones_of_different_pitch_are_two_beeps() -> None:
    found = beeps(noises.joined([noises.tone(0.4, 800.0), noises.tone(0.4, 1200.0)]))
    assert [round(beep.frequency_hz, -2) for beep in found] == [800, 1200]


@pytest.mark.parametrize("frequency_hz", [200.0, 3500.0])
def test_tones_outside_the_range_are_none(frequency_hz: float) -> None:
    assert beeps(noises.tone(1.0, frequency_hz)) == []


def test_a_click_of_tone_is_too_short() -> None:
    assert beeps(noises.joined([noises.silence(0.5), noises.tone(0.04), noises.silence(0.5)])) == []


@pytest.mark.parametrize("drums", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_music_has_no_beeps(seed: int, drums: bool) -> None:
    assert beeps(noises.music(10.0, seed, drums=drums)) == []


@pytest.mark.parametrize(
    "wave",
    [
        noises.white_noise(5.0, 1),
        noises.pink_noise(5.0, 1),
        noises.clicks(5.0, 1),
        noises.siren(5.0, noises.Siren.WAIL, period_s=4.0, harmonics=1),
        noises.siren(5.0, noises.Siren.YELP, period_s=0.3, harmonics=1),
        noises.siren(5.0, noises.Siren.HI_LO, period_s=1.2),
        near_sirens.glide(np.random.default_rng(1), 5.0),
        np.zeros(80_000, np.float32),
        np.ones(80_000, np.float32),
    ],
    ids=["white", "pink", "clicks", "wail", "yelp", "horns", "glide", "silence", "offset"],
)
def test_noise_sirens_and_glides_are_no_beeps(wave: "np.ndarray") -> None:
    assert beeps(wave) == []


def test_speech_has_no_beeps(spoken: Callable[..., "np.ndarray"]) -> None:
    assert beeps(spoken("Good morning, today we walk along the harbour.", "en", "en-us")) == []


@pytest.mark.parametrize("size", [0, 1, 1023, 1024])
def test_sound_shorter_than_a_frame_is_survived(size: int) -> None:
    assert beeps(noises.white_noise(1.0, 1)[:size]) == []
