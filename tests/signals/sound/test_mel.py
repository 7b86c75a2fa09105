import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.signals.sound.mel import LogMel, filter_bank, log_mel
from tidegate.testing import noises

HOW = LogMel(
    fft_size=512, window_size=400, hop_size=160, mel_count=40, low_hz=100.0, high_hz=7000.0, log_offset=1e-6, power=2
)


def changed(**fields: object) -> LogMel:
    values = {name: getattr(HOW, name) for name in LogMel.__slots__} | fields
    return LogMel(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_triangles_overlap_so_that_every_frequency_between_the_outer_peaks_counts_once(scale: str) -> None:
    bank = filter_bank(changed(scale=scale, fft_size=4096))
    assert bank.shape == (40, 2049)
    peaks = bank.argmax(axis=1)
    assert (np.diff(peaks) > 0).all()
    between = bank[:, peaks[0] + 1 : peaks[-1]].sum(axis=0)
    assert between == pytest.approx(1.0, abs=1e-5)


def test_triangles_of_equal_area_weigh_white_noise_alike() -> None:
    bank = filter_bank(changed(is_area_one=True, fft_size=8192))
    areas_hz = bank.sum(axis=1) * 16_000 / 8192
    assert areas_hz == pytest.approx(1.0, abs=0.02)


def test_the_htk_scale_puts_1000_hz_near_1000_mel() -> None:
    """2595 log10(1 + 1000 / 700) = 999.99: with edges at 0 and 2,000 mel the only triangle peaks at 1 kHz."""
    top_hz = 700 * (10 ** (2000 / 2595) - 1)
    bank = filter_bank(changed(low_hz=0.0, high_hz=top_hz, mel_count=1, fft_size=16_000))
    assert int(bank[0].argmax()) == pytest.approx(1000, abs=1)


def test_the_slaney_scale_is_linear_to_1_khz() -> None:
    bank = filter_bank(changed(scale="slaney", low_hz=0.0, high_hz=1000.0, mel_count=9, fft_size=16_000))
    assert bank.argmax(axis=1).tolist() == [100 * number for number in range(1, 10)]


@pytest.mark.parametrize("frequency_hz", [300.0, 1000.0, 4000.0])
def test_a_tone_is_in_its_band(frequency_hz: float) -> None:
    bands = log_mel(noises.tone(1.0, frequency_hz), HOW)
    centre_bin = filter_bank(HOW)[bands[50].argmax()].argmax()
    assert centre_bin * 16_000 / 512 == pytest.approx(frequency_hz, rel=0.12)


def test_power_and_magnitude_differ_by_a_factor_of_two_in_the_logarithm_of_one_tone() -> None:
    quiet, loud = noises.tone(1.0, 1000.0, 0.05), noises.tone(1.0, 1000.0, 0.5)
    for power in (1, 2):
        rise = log_mel(loud, changed(power=power))[50].max() - log_mel(quiet, changed(power=power))[50].max()
        assert rise == pytest.approx(power * np.log(10), abs=0.01)


def test_silence_is_the_logarithm_of_the_offset() -> None:
    assert log_mel(np.zeros(1600, np.float32), HOW) == pytest.approx(np.log(1e-6), abs=1e-4)


def test_mean_and_deviation_are_taken_out() -> None:
    wave = noises.music(0.5, 1)
    plain = log_mel(wave, HOW)
    assert log_mel(wave, changed(mean=-3.0, deviation=2.0)) == pytest.approx((plain + 3.0) / 2.0, abs=1e-5)


@given(st.integers(0, 3000))
@settings(max_examples=50, deadline=None)
def test_there_is_a_row_for_each_whole_frame(size: int) -> None:
    wave = np.zeros(size, np.float32)
    assert log_mel(wave, HOW).shape == (HOW.frame_count(size), 40)
    assert HOW.frame_count(size) == len(range(0, size - 400 + 1, 160))
