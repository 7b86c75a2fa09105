from collections.abc import Callable

import numpy as np
import pytest

from tidegate.testing import near_sirens, noises

MADE: dict[str, Callable[[int], "np.ndarray"]] = {
    "music": lambda seed: noises.music(2.0, seed),
    "white": lambda seed: noises.white_noise(2.0, seed),
    "pink": lambda seed: noises.pink_noise(2.0, seed),
    "clicks": lambda seed: noises.clicks(2.0, seed),
    **{
        make.__name__: lambda seed, make=make: make(np.random.default_rng(seed), 2.0)  # type: ignore[misc]
        for make in near_sirens.ALL
    },
}


def centre_hz(wave: "np.ndarray", at_s: float) -> float:
    part = wave[round(at_s * 16_000) :][:2048] * np.hanning(2048)
    return float(np.abs(np.fft.rfft(part)).argmax()) * 16_000 / 2048


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_made_up_sound_is_the_same_each_time_and_another_with_another_seed(name: str) -> None:
    first, again, other = MADE[name](3), MADE[name](3), MADE[name](4)
    assert first.dtype == np.float32
    assert first.size == 32_000
    assert np.abs(first).max() <= 1.0
    assert (first == again).all()
    assert not (first == other).all()


def test_pink_noise_has_as_much_in_each_octave() -> None:
    power = np.abs(np.fft.rfft(noises.pink_noise(20.0, 1))) ** 2
    hz = np.fft.rfftfreq(320_000, 1 / 16_000)
    octaves = [power[(hz >= low) & (hz < 2 * low)].sum() for low in (100, 400, 1600)]
    assert max(octaves) / min(octaves) < 1.5


def test_a_wail_moves_between_its_two_pitches_and_back() -> None:
    wave = noises.siren(4.0, noises.Siren.WAIL, period_s=4.0, low_hz=500, high_hz=1500, harmonics=1)
    assert centre_hz(wave, 0.0) == pytest.approx(500, abs=40)
    assert centre_hz(wave, 1.94) == pytest.approx(1500, abs=40)
    assert centre_hz(wave, 3.86) == pytest.approx(500, abs=40)


def test_two_tones_alternate() -> None:
    wave = noises.siren(2.0, noises.Siren.HI_LO, period_s=1.0, low_hz=500, high_hz=800, harmonics=1)
    assert [round(centre_hz(wave, at_s), -2) for at_s in (0.1, 0.6, 1.1, 1.6)] == [500, 800, 500, 800]


@pytest.mark.parametrize("ratio_db", [-10.0, 0.0, 20.0])
def test_a_mixture_has_the_ratio_that_was_asked_for(ratio_db: float) -> None:
    wanted, other = noises.tone(2.0, 500.0, 0.05), noises.tone(2.0, 3000.0, 0.4)
    spectrum = np.abs(np.fft.rfft(noises.mixed(wanted, other, ratio_db)))
    assert 20 * np.log10(spectrum[1000] / spectrum[6000]) == pytest.approx(ratio_db, abs=0.1)


def test_a_room_rings_on_and_keeps_the_length() -> None:
    dry = noises.joined([noises.tone(0.5), noises.silence(0.5)])
    wet = noises.in_a_room(dry, 1, decay_s=0.6)
    assert wet.size == dry.size
    tail = np.abs(wet[8_200:]).reshape(-1, 600).max(axis=1)
    assert tail[0] > 0.01
    assert tail[0] > 3 * tail[6] > 0
