"""Lines are spoken by what is installed, the same each time, and what is missing is named."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import MissingDependencyError, UsageError
from tidegate.testing import voices
from tidegate.testing.voices import resampled, say

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="the program espeak-ng is not installed")
needs_pico = pytest.mark.skipif(not voices.has_pico(), reason="the package py-nanotts is not installed")
LINE = "Low tide is at noon today."


@needs_espeak
@pytest.mark.parametrize("voice", ["en", "en-us+f3", "tr", "ko"])
def test_a_line_is_spoken_at_sixteen_kilohertz_and_its_peak_is_known(voice: str) -> None:
    wave = say(LINE, "en", voice)
    assert wave.dtype == np.float32
    assert 0.8 < len(wave) / 16_000 < 6
    assert float(np.abs(wave).max()) == pytest.approx(0.7, abs=0.05)


@needs_espeak
def test_a_longer_line_takes_longer_and_another_voice_sounds_different() -> None:
    assert len(say(f"{LINE} {LINE}", "en", "en")) > 1.7 * len(say(LINE, "en", "en"))
    one, other = say(LINE, "en", "en"), say(LINE, "en", "en+f3")
    length = min(len(one), len(other))
    assert np.corrcoef(one[:length], other[:length])[0, 1] < 0.5


@needs_espeak
def test_the_same_line_is_the_same_wave_when_it_is_spoken_anew() -> None:
    first = say(LINE, "en", "en")
    voices._spoken.cache_clear()
    np.testing.assert_array_equal(first, say(LINE, "en", "en"))


@needs_espeak
def test_a_line_at_another_rate_lasts_as_long() -> None:
    seconds = len(say(LINE, "en", "en")) / 16_000
    assert len(say(LINE, "en", "en", rate_hz=44_100)) / 44_100 == pytest.approx(seconds, abs=0.001)


@needs_espeak
def test_a_voice_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="no-such-voice"):
        say(LINE, "en", "no-such-voice")


@needs_espeak
def test_a_text_that_looks_like_an_option_is_spoken() -> None:
    assert len(say("--version", "en", "en")) > 4_000


@needs_pico
@pytest.mark.parametrize("language", ["de", "es-ES", "fr", "it", "en-GB"])
def test_pico_speaks_its_languages_when_no_voice_is_named(language: str) -> None:
    assert voices.default_voice(language) == voices.PICO_VOICES[language[:2]]
    assert len(say(LINE, language)) > 16_000


@needs_pico
def test_a_pico_voice_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="de-DE"):
        say(LINE, "xx", "xx-XX")


@pytest.mark.parametrize("text", ["", "  \n", "t" * 3000])
def test_a_line_that_cannot_be_spoken_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="characters"):
        say(text, "en")


def test_a_missing_synthesiser_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "has_pico", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert not voices.can_say("de")
    assert not voices.can_say("de", "de-DE")
    for voice, package in (("", "espeak-ng"), ("de-DE", "voices")):
        with pytest.raises(MissingDependencyError, match=package):
            say("Never spoken before.", "de", voice)


@given(
    seconds=st.floats(0.05, 1.0),
    rates=st.permutations([8_000, 16_000, 22_050, 24_000, 44_100]),
    pitch_hz=st.floats(150.0, 3_000.0),
)
def test_resampling_keeps_length_pitch_and_strength(seconds: float, rates: list[int], pitch_hz: float) -> None:
    from_hz, to_hz = rates[:2]
    count = round(seconds * from_hz)
    fade = np.hanning(count)
    wave = (fade * np.sin(2 * np.pi * pitch_hz * np.arange(count) / from_hz)).astype(np.float32)
    new = resampled(wave, from_hz, to_hz)
    assert abs(len(new) - count * to_hz / from_hz) <= 1
    wanted = np.sin(2 * np.pi * pitch_hz * np.arange(len(new)) / to_hz) * np.interp(
        np.arange(len(new)) / to_hz, np.arange(count) / from_hz, fade
    )
    assert float(np.abs(new - wanted).max()) < 0.03


def test_resampling_down_removes_what_the_lower_rate_cannot_hold() -> None:
    at_s = np.arange(44_100) / 44_100
    wave = (np.hanning(44_100) * np.sin(2 * np.pi * 12_000 * at_s)).astype(np.float32)
    assert float(np.abs(resampled(wave, 44_100, 16_000)).max()) < 0.01


@needs_pico
def test_a_line_sounds_the_same_whether_or_not_it_is_the_first_of_a_process() -> None:
    line = "The boats come back at noon, and the market opens right behind them."
    code = f"from tidegate.testing.voices import say; print(len(say({line!r}, 'en', 'en-GB')))"
    first = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    say("Another line first.", "en", "en-GB")
    assert int(first) == len(say(line, "en", "en-GB"))
