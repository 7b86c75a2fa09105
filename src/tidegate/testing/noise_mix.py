"""Background sound made by code, and mixing it under speech at a known signal-to-noise ratio."""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import UsageError

Wave = NDArray[np.float32]
"""Mono samples in [-1, 1]."""

_CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
"""Semitones above the key: the turn I-vi-IV-V, as common as chords get."""

_FRAME_S = 0.02
_SILENT_DB = -40.0


@functools.lru_cache(maxsize=8)
def music(seed: int, duration_s: float, rate_hz: int = 16_000) -> Wave:
    """Music of chords, a bass and drums, float32 mono with its highest sample at 0.7; read-only, the same each time.

    Key, tempo (84 to 132 beats a minute) and patterns follow the seed. No voice sings. Cost: about 20 ms a second.
    """
    rng = np.random.default_rng([seed, 31])
    count = round(duration_s * rate_hz)
    beat = round(60.0 / float(rng.uniform(84, 132)) * rate_hz)
    key_hz = 110.0 * 2 ** (int(rng.integers(0, 12)) / 12)
    total = np.zeros(count + 4 * beat, np.float64)
    for number, start in enumerate(range(0, count, beat)):
        chord = _CHORDS[number // 4 % 4]
        _add(total, start, _bass(key_hz / 2 * 2 ** (chord[0] % 12 / 12), beat, rate_hz))
        if number % 4 == 0:
            _add(total, start, _chord(key_hz, chord, 4 * beat, rate_hz))
        _add(total, start, _kick(rate_hz) if number % 2 == 0 else _snare(rng, rate_hz))
        for half in (0, beat // 2):
            _add(total, start + half, _hat(rng, rate_hz))
        if rng.random() < 0.7:
            note_hz = 2 * key_hz * 2 ** (chord[int(rng.integers(0, 3))] / 12)
            _add(total, start + int(rng.integers(0, 2)) * (beat // 2), _lead(note_hz, beat, rate_hz))
    total = total[:count]
    wave: Wave = (total * (0.7 / max(1e-9, float(np.abs(total).max(initial=0.0))))).astype(np.float32)
    wave.setflags(write=False)
    return wave


@functools.lru_cache(maxsize=8)
def street(seed: int, duration_s: float, rate_hz: int = 16_000) -> Wave:
    """A street: a steady rumble and cars that pass, float32 mono with its highest sample at 0.7; read-only.

    The rumble's power falls with the square of frequency above 40 Hz; each car is noise of tyres and engine that swells
    and fades over 4 to 9 seconds. Nobody speaks and nothing hoots. Cost: about 5 ms a second.
    """
    rng = np.random.default_rng([seed, 32])
    count = round(duration_s * rate_hz)
    at_s = _seconds(count, rate_hz)
    total = _coloured(rng, count, rate_hz, low_hz=40.0, high_hz=rate_hz / 2, slope=1.0)
    for _ in range(max(1, round(duration_s / 4.0))):
        middle_s, width_s = float(rng.uniform(0, duration_s)), float(rng.uniform(4.0, 9.0)) / 4
        swell = np.exp(-0.5 * ((at_s - middle_s) / width_s) ** 2)
        tyres = _coloured(rng, count, rate_hz, low_hz=float(rng.uniform(250, 500)), high_hz=2500.0, slope=0.5)
        engine_hz = float(rng.uniform(40, 90))
        total += swell * (1.5 * tyres + 0.3 * _tone(engine_hz, at_s, 5))
    wave: Wave = (total * (0.7 / max(1e-9, float(np.abs(total).max(initial=0.0))))).astype(np.float32)
    wave.setflags(write=False)
    return wave


def active_level_db(wave: Wave, rate_hz: int = 16_000) -> float:
    """RMS in decibel below full scale over the frames of 20 ms that are not silent; -inf for silence.

    A frame is silent 40 dB below the loudest one: pauses between words must not make speech look quiet.
    """
    size = max(1, round(_FRAME_S * rate_hz))
    frames = wave[: len(wave) // size * size].reshape(-1, size).astype(np.float64)
    powers = (frames**2).mean(axis=1)
    loudest = float(powers.max(initial=0.0))
    if not loudest:
        return -math.inf
    return 10 * math.log10(float(powers[powers > loudest * 10 ** (_SILENT_DB / 10)].mean()))


def at_level(wave: Wave, level_db: float, rate_hz: int = 16_000) -> Wave:
    """The wave made louder or quieter until its active level is `level_db`; silence stays as it is."""
    now_db = active_level_db(wave, rate_hz)
    return wave if now_db == -math.inf else (wave * np.float32(10 ** ((level_db - now_db) / 20))).astype(np.float32)


def mixed(speech: Wave, background: Wave, snr_db: float, rate_hz: int = 16_000) -> Wave:
    """Speech over as much of the background as it needs, `snr_db` louder than it by active level.

    The sum is scaled down where it would clip. Raises UsageError where the background is shorter than the speech.
    """
    if len(background) < len(speech):
        raise UsageError("the background is shorter than the speech", where="noise_mix.mixed")
    under = at_level(background[: len(speech)], active_level_db(speech, rate_hz) - snr_db, rate_hz)
    total = speech + under
    peak = float(np.abs(total).max(initial=0.0))
    return (total * np.float32(0.95 / peak)).astype(np.float32) if peak > 0.95 else total.astype(np.float32)


def _add(target: NDArray[np.float64], start: int, sound: NDArray[np.float64]) -> None:
    end = min(len(target), start + len(sound))
    target[start:end] += sound[: max(0, end - start)]


def _coloured(
    rng: np.random.Generator, count: int, rate_hz: int, *, low_hz: float, high_hz: float, slope: float
) -> NDArray[np.float64]:
    """Noise of RMS 1 between two frequencies, whose amplitude falls with frequency to the power of `slope`."""
    frequencies_hz = np.fft.rfftfreq(count, 1 / rate_hz)
    gain = (frequencies_hz <= high_hz) / np.maximum(frequencies_hz, low_hz) ** slope * (frequencies_hz >= low_hz / 2)
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=count)) * gain, count)
    coloured: NDArray[np.float64] = noise / max(1e-12, float(np.sqrt(np.mean(noise**2))))
    return coloured


def _seconds(count: int, rate_hz: int) -> NDArray[np.float64]:
    return np.arange(count) / rate_hz


def _tone(frequency_hz: float, at_s: NDArray[np.float64], harmonics: int) -> NDArray[np.float64]:
    total = np.zeros(len(at_s))
    for number in range(1, harmonics + 1):
        total += np.sin(2 * math.pi * frequency_hz * number * at_s) / number
    return total


def _chord(key_hz: float, chord: tuple[int, ...], count: int, rate_hz: int) -> NDArray[np.float64]:
    at_s = _seconds(count, rate_hz)
    swell = np.minimum(1.0, at_s / 0.05) * np.minimum(1.0, (at_s[-1] - at_s) / 0.1)
    total = np.zeros(count)
    for semitones in chord:
        total += _tone(key_hz * 2 ** (semitones / 12), at_s, 6)
    sounding: NDArray[np.float64] = 0.12 * swell * total
    return sounding


def _bass(frequency_hz: float, count: int, rate_hz: int) -> NDArray[np.float64]:
    at_s = _seconds(count, rate_hz)
    return 0.4 * np.exp(-2.5 * at_s) * _tone(frequency_hz, at_s, 3)


def _lead(frequency_hz: float, count: int, rate_hz: int) -> NDArray[np.float64]:
    at_s = _seconds(count, rate_hz)
    vibrato = frequency_hz * (1 + 0.004 * np.sin(2 * math.pi * 5.5 * at_s))
    return 0.22 * np.exp(-3.0 * at_s) * np.sin(2 * math.pi * np.cumsum(vibrato) / rate_hz)


def _kick(rate_hz: int) -> NDArray[np.float64]:
    at_s = _seconds(round(0.18 * rate_hz), rate_hz)
    falling_hz = 45 + 110 * np.exp(-30 * at_s)
    return 0.8 * np.exp(-16 * at_s) * np.sin(2 * math.pi * np.cumsum(falling_hz) / rate_hz)


def _snare(rng: np.random.Generator, rate_hz: int) -> NDArray[np.float64]:
    at_s = _seconds(round(0.16 * rate_hz), rate_hz)
    return np.exp(-22 * at_s) * (0.35 * rng.uniform(-1, 1, len(at_s)) + 0.2 * np.sin(2 * math.pi * 190 * at_s))


def _hat(rng: np.random.Generator, rate_hz: int) -> NDArray[np.float64]:
    at_s = _seconds(round(0.05 * rate_hz), rate_hz)
    noise = rng.uniform(-1, 1, len(at_s) + 1)
    return 0.12 * np.exp(-80 * at_s) * np.diff(noise)
