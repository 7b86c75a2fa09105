import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.signals.sound.bs1770 import integrated_lufs, k_response, loudness, step_powers
from tidegate.testing import noises

RATE_HZ = 16_000
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))


def sine(frequency_hz: float, seconds: float, level_dbfs: float = 0.0) -> "np.ndarray":
    at_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * at_s)).astype(np.float32)


def lufs(wave: "np.ndarray") -> float:
    return integrated_lufs(step_powers(wave))


def filtered(wave: list[float]) -> list[float]:
    """The standard's two filters in their direct form, sample by sample at 48 kHz."""
    for (b0, b1, b2), (a1, a2) in (SHELF, HIGH_PASS):
        x1 = x2 = y1 = y2 = 0.0
        out = []
        for x in wave:
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out.append(y)
        wave = out
    return wave


def test_a_full_scale_sine_of_997_hz_in_one_channel_is_at_minus_3_01_lufs() -> None:
    """ITU-R BS.1770-5, annex 1."""
    assert lufs(sine(997.0, 10.0)) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("level_dbfs", [-23.0, -33.0, -60.0])
def test_loudness_follows_the_level(level_dbfs: float) -> None:
    assert lufs(sine(997.0, 5.0, level_dbfs)) == pytest.approx(-3.01 + level_dbfs, abs=0.02)


@pytest.mark.parametrize("frequency_hz", [40.0, 120.0, 997.0, 3000.0, 6500.0])
def test_the_response_is_that_of_the_standards_filters_run_at_48_khz(frequency_hz: float) -> None:
    count = 24_000
    wave = [math.sin(2 * math.pi * frequency_hz * at / 48_000) for at in range(count)]
    settled = np.array(filtered(wave)[count // 2 :])
    gain_db = 20 * math.log10(math.sqrt(2 * float(np.mean(settled**2))))
    response_db = 20 * math.log10(abs(k_response(np.array([frequency_hz]))[0]))
    assert response_db == pytest.approx(gain_db, abs=0.05)


def test_the_weighting_falls_to_the_low_and_rises_by_four_decibels_to_the_high() -> None:
    gain_db = 20 * np.log10(np.abs(k_response(np.array([20.0, 38.0, 1000.0, 8000.0]))))
    assert gain_db[0] < -13
    assert gain_db[1] == pytest.approx(-6.0, abs=0.1)
    assert gain_db[2] == pytest.approx(0.7, abs=0.05)
    assert gain_db[3] == pytest.approx(4.04, abs=0.05)


@pytest.mark.parametrize("frequency_hz", [60.0, 1000.0, 5000.0])
def test_a_tone_reads_as_its_level_and_its_weight(frequency_hz: float) -> None:
    weight_db = 20 * math.log10(abs(k_response(np.array([frequency_hz]))[0]))
    assert lufs(sine(frequency_hz, 6.0, -20.0)) == pytest.approx(-20 - 3.01 - 0.691 + weight_db, abs=0.05)


def test_pauses_do_not_make_a_clip_quieter() -> None:
    """The relative gate: EBU Tech 3341 cases 3 and 4 have -36, -23 and -36 LUFS in a row read as -23."""
    parts = [sine(997.0, 5.0, -33.0), sine(997.0, 20.0, -20.0), sine(997.0, 5.0, -33.0)]
    assert lufs(np.concatenate(parts)) == pytest.approx(-23.0, abs=0.1)


def test_silence_is_at_the_gate() -> None:
    assert lufs(np.zeros(RATE_HZ * 3, np.float32)) == -70.0
    assert lufs(np.full(RATE_HZ * 3, 0.0001, np.float32)) == -70.0


def test_a_constant_offset_is_not_heard() -> None:
    wave = sine(997.0, 5.0, -20.0)
    assert lufs(wave + np.float32(0.5)) == pytest.approx(lufs(wave), abs=0.3)


def test_long_sound_is_the_same_in_pieces() -> None:
    """Longer than one piece of the transform: its seams are not heard."""
    wave = np.tile(noises.music(7.0, 1), 12)
    whole, alone = step_powers(wave), step_powers(wave[: RATE_HZ * 7])
    again = whole[140 * 8 + 20 : 140 * 9]
    assert loudness(again) == pytest.approx(loudness(alone[20:140]), abs=0.05)


@given(st.integers(1, 4000), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_any_length_gives_a_finite_loudness_no_lower_than_the_gate(size: int, seed: int) -> None:
    wave = np.random.default_rng(seed).uniform(-1, 1, size).astype(np.float32)
    powers = step_powers(wave)
    assert powers.shape == (-(-size // 800),)
    assert -70.0 <= integrated_lufs(powers) < 6.0
