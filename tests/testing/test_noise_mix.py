"""Music differs by seed and stays within bounds; a mix has the ratio that was asked for."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import UsageError
from tidegate.testing.noise_mix import active_level_db, at_level, mixed, music, street

RATE_HZ = 16_000


def words_with_pauses(seconds: float = 3.0) -> np.ndarray:  # type: ignore[type-arg]
    at_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * 200 * at_s) * (at_s % 1.0 < 0.4)).astype(np.float32)


def test_music_is_the_same_for_a_seed_and_another_for_another() -> None:
    one, other = music(1, 4.0), music(2, 4.0)
    music.cache_clear()
    np.testing.assert_array_equal(one, music(1, 4.0))
    assert np.corrcoef(one, other)[0, 1] < 0.5
    assert len(one) == 64_000
    assert float(np.abs(one).max()) == pytest.approx(0.7, abs=0.001)


def test_music_has_low_middle_and_high_parts() -> None:
    power = np.abs(np.fft.rfft(music(3, 8.0))) ** 2
    hz = np.fft.rfftfreq(8 * RATE_HZ, 1 / RATE_HZ)
    shares = [
        power[(hz >= low) & (hz < high)].sum() / power.sum() for low, high in ((30, 250), (250, 2000), (2000, 8000))
    ]
    assert min(shares) > 0.001
    assert max(shares) < 0.97


def test_a_street_is_the_same_for_a_seed_and_another_for_another() -> None:
    one, other = street(1, 6.0), street(2, 6.0)
    street.cache_clear()
    np.testing.assert_array_equal(one, street(1, 6.0))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2
    assert len(one) == 96_000
    assert float(np.abs(one).max()) == pytest.approx(0.7, abs=0.001)


@pytest.mark.parametrize("seed", range(4))
def test_a_street_is_deep_and_never_silent_and_cars_come_and_go(seed: int) -> None:
    wave = street(seed, 24.0)
    power = np.abs(np.fft.rfft(wave)) ** 2
    hz = np.fft.rfftfreq(len(wave), 1 / RATE_HZ)
    assert power[(hz > 20) & (hz < 1000)].sum() > 0.6 * power.sum()
    assert power[hz > 4000].sum() < 0.05 * power.sum()
    loud = np.sqrt((wave.reshape(-1, RATE_HZ // 2).astype(np.float64) ** 2).mean(axis=1))
    assert loud.min() > 0.005
    assert loud.max() > 1.5 * loud.min()


def test_pauses_do_not_make_speech_look_quiet() -> None:
    assert active_level_db(words_with_pauses()) == pytest.approx(20 * math.log10(0.3 / math.sqrt(2)), abs=0.5)


def test_silence_has_no_level_and_stays_silent() -> None:
    silence = np.zeros(RATE_HZ, np.float32)
    assert active_level_db(silence) == -math.inf
    assert not at_level(silence, -20.0).any()


@given(level_db=st.floats(-60.0, -6.0))
def test_a_wave_is_brought_to_the_level_asked_for(level_db: float) -> None:
    assert active_level_db(at_level(words_with_pauses(), level_db)) == pytest.approx(level_db, abs=0.1)


@given(snr_db=st.floats(-10.0, 40.0), seed=st.integers(0, 5))
def test_a_mix_has_the_ratio_asked_for_and_does_not_clip(snr_db: float, seed: int) -> None:
    speech = words_with_pauses()
    total = mixed(speech, music(seed, 3.0), snr_db)
    assert float(np.abs(total).max()) <= 0.951
    gain = float(np.linalg.lstsq(np.stack([speech, music(seed, 3.0)], axis=1), total, rcond=None)[0][0])
    under = total / gain - speech
    assert active_level_db(speech) - active_level_db(under) == pytest.approx(snr_db, abs=0.5)


def test_a_background_that_is_too_short_is_refused() -> None:
    with pytest.raises(UsageError, match="shorter"):
        mixed(words_with_pauses(), music(1, 1.0), 10.0)
