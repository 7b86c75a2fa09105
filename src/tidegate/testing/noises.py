"""Made-up sounds for tests and training: music, noise, sirens, beeps, clicks, a room. Deterministic by seed.

Everything is float32 mono in [-1, 1] at 16 kHz, silence around it left to the caller. None of it is a recording:
what is measured on it holds for real sound only as far as the two are alike.
"""

import math
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000

Wave = NDArray[np.float32]

_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))
_LOWEST_PITCH_HZ = 110.0


class Siren(StrEnum):
    """How the pitch of a siren moves: up and down over seconds, several times a second, or between two notes."""

    WAIL = "wail"
    YELP = "yelp"
    HI_LO = "hi_lo"


def silence(seconds: float) -> Wave:
    """Nothing."""
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def tone(seconds: float, frequency_hz: float = 1000.0, level: float = 0.25, *, ramp_s: float = 0.005) -> Wave:
    """A sine with soft ends; `level` is its peak."""
    at_s = _times(seconds)
    return _softened(level * np.sin(2 * math.pi * frequency_hz * at_s), ramp_s)


def white_noise(seconds: float, seed: int, level: float = 0.1) -> Wave:
    """Gaussian noise of RMS `level`."""
    return _kept(np.random.default_rng([seed, 11]).normal(0.0, level, round(seconds * RATE_HZ)))


def pink_noise(seconds: float, seed: int, level: float = 0.1) -> Wave:
    """Noise whose power falls with frequency (1/f) above 20 Hz, of RMS `level`."""
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng([seed, 12]).normal(size=count))
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)), count)
    return _kept(level * shaped / max(1e-12, float(np.sqrt(np.mean(shaped**2)))))


def clicks(seconds: float, seed: int, *, each_second: float = 4.0, level: float = 0.8) -> Wave:
    """Decaying ticks of 5 ms at random moments."""
    rng = np.random.default_rng([seed, 13])
    wave = np.zeros(round(seconds * RATE_HZ))
    tick = np.exp(-np.arange(80) / 12.0)
    for start in rng.integers(0, max(1, wave.size - tick.size), round(seconds * each_second)):
        part = wave[start : start + tick.size]
        part += level * (tick * rng.choice([-1.0, 1.0], tick.size))[: part.size]
    return _kept(wave)


def music(seconds: float, seed: int, level: float = 0.1, *, drums: bool = True) -> Wave:
    """Chords, a bass and a melody of harmonic tones over a steady beat, with hi-hat and drum; RMS `level`."""
    rng = np.random.default_rng([seed, 14])
    beat_s = 60.0 / rng.uniform(70, 150)
    scale = _SCALES[rng.integers(len(_SCALES))]
    root_hz = _LOWEST_PITCH_HZ * 2 ** (rng.integers(0, 12) / 12)
    brightness, wave = rng.uniform(0.3, 0.9), np.zeros(round(seconds * RATE_HZ))
    for bar in range(math.ceil(seconds / (4 * beat_s))):
        degree = int(rng.integers(len(scale)))
        for step in (0, 2, 4):
            _add(wave, bar * 4 * beat_s, _note(_pitch(root_hz, scale, degree + step), 4 * beat_s, brightness, 2.0), 0.5)
        for beat in range(4):
            start_s = (bar * 4 + beat) * beat_s
            pitch_hz = _pitch(root_hz * 2, scale, degree + int(rng.integers(-3, 5)))
            _add(wave, start_s, _note(pitch_hz, beat_s * rng.choice([0.5, 1.0, 2.0]), brightness, 4.0), 0.6)
            _add(wave, start_s, _note(_pitch(root_hz / 2, scale, degree), beat_s, 0.3, 3.0), 0.8)
            if drums:
                _add(wave, start_s + beat_s / 2, rng.normal(size=1200) * np.exp(-np.arange(1200) / 200.0), 0.25)
                _add(wave, start_s, _drum(), 1.0)
    return _kept(level * wave / max(1e-12, float(np.sqrt(np.mean(wave**2)))))


def siren(
    seconds: float,
    kind: Siren,
    *,
    period_s: float,
    low_hz: float = 600.0,
    high_hz: float = 1400.0,
    harmonics: int = 5,
    level: float = 0.3,
    phase: float = 0.0,
) -> Wave:
    """A siren: pitch between `low_hz` and `high_hz`, once around in `period_s`; `phase` in [0, 1) is where it starts.

    Overtones fall by 1/n, as those of a horn or a clipped oscillator do.
    """
    turn = (_times(seconds) / period_s + phase) % 1.0
    if kind is Siren.HI_LO:
        pitch_hz = np.where(turn < 0.5, low_hz, high_hz)
    else:
        rising = 1 - np.abs(2 * turn - 1)
        pitch_hz = low_hz * (high_hz / low_hz) ** (
            rising if kind is Siren.YELP else 0.5 - 0.5 * np.cos(math.pi * rising)
        )
    angle = 2 * math.pi * np.cumsum(pitch_hz) / RATE_HZ
    wave = sum(
        np.sin(number * angle) / number * (pitch_hz * number < RATE_HZ / 2) for number in range(1, harmonics + 1)
    )
    return _softened(level * np.asarray(wave) / max(1e-12, float(np.abs(wave).max())), 0.02)


def in_a_room(wave: Wave, seed: int, *, decay_s: float = 0.5, wet: float = 0.4) -> Wave:
    """The sound with a diffuse echo: exponentially decaying noise, down by 60 dB after `decay_s`. Length is kept."""
    count = max(1, round(decay_s * RATE_HZ))
    response = np.random.default_rng([seed, 15]).normal(size=count) * 10 ** (-3.0 * np.arange(count) / count)
    response *= wet / float(np.sqrt(np.sum(response**2)))
    response[0] += 1.0
    size = wave.size + count
    echoed = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(response, size), size)[: wave.size]
    return _kept(echoed / max(1.0, float(np.abs(echoed).max(initial=0.0))))


def mixed(wanted: Wave, other: Wave, ratio_db: float) -> Wave:
    """The sum, `wanted` being louder than `other` by `ratio_db` (RMS over what sounds of each); scaled to fit [-1, 1].

    `other` is repeated or cut to the length of `wanted`.
    """
    under = np.resize(other, wanted.size).astype(np.float64)
    gain = _rms(wanted) / max(1e-12, _rms(under)) * 10 ** (-ratio_db / 20)
    total = wanted + gain * under
    return _kept(total / max(1.0, float(np.abs(total).max(initial=0.0))))


def joined(parts: Sequence[Wave]) -> Wave:
    """One after the other."""
    return np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float32)


def _times(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _kept(wave: NDArray[np.float64]) -> Wave:
    return np.clip(wave, -1.0, 1.0).astype(np.float32)


def _softened(wave: NDArray[np.float64], ramp_s: float) -> Wave:
    count = min(round(ramp_s * RATE_HZ), wave.size // 2)
    if count:
        ramp = 0.5 - 0.5 * np.cos(math.pi * np.arange(count) / count)
        wave[:count] *= ramp
        wave[wave.size - count :] *= ramp[::-1]
    return _kept(wave)


def _rms(wave: NDArray[np.float32] | NDArray[np.float64]) -> float:
    """Root mean square over the stretches of 20 ms that are not silent, and so whatever pauses there are."""
    padded = np.pad(wave.astype(np.float64), (0, -wave.size % 320))
    power = np.mean(padded.reshape(-1, 320) ** 2, axis=1)
    sounding = power[power > 1e-8]
    return float(np.sqrt(sounding.mean())) if sounding.size else 0.0


def _pitch(root_hz: float, scale: Sequence[int], degree: int) -> float:
    octave, step = divmod(degree, len(scale))
    return float(root_hz * 2 ** (octave + scale[step] / 12))


def _note(pitch_hz: float, seconds: float, brightness: float, decay: float) -> NDArray[np.float64]:
    at_s = _times(seconds)
    harmonics = np.arange(1, 9)
    harmonics = harmonics[harmonics * pitch_hz < RATE_HZ / 2]
    body = (brightness ** (harmonics - 1))[:, None] * np.sin(2 * math.pi * pitch_hz * harmonics[:, None] * at_s)
    wave: NDArray[np.float64] = body.sum(axis=0) * np.exp(-decay * at_s) * np.minimum(1.0, at_s / 0.01)
    return wave


def _drum() -> NDArray[np.float64]:
    at_s = _times(0.15)
    drum: NDArray[np.float64] = np.sin(2 * math.pi * (50 * at_s + 6 * (1 - np.exp(-30 * at_s)))) * np.exp(-25 * at_s)
    return drum


def _add(wave: NDArray[np.float64], start_s: float, part: NDArray[np.float64], gain: float) -> None:
    start = round(start_s * RATE_HZ)
    end = min(wave.size, start + part.size)
    if start < end:
        wave[start:end] += gain * part[: end - start]
