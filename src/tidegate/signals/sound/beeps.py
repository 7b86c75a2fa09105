"""Steady tones that cover words: found in the spectrum, over speech and music too, without a model.

Thresholds are assumptions of our own, checked on made-up sound only: a censor tone is a clean sine between 400 and
2,500 Hz (1,000 Hz is customary) that holds its pitch and level and outweighs all else while it sounds.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.signals.sound.stretches import runs

LOWEST_HZ = 400.0
HIGHEST_HZ = 2500.0
LEAST_S = 0.1
QUIETEST_DBFS = -45.0
DOMINATING = 0.5
"""Least share of a frame's power in the tone: at least as strong as everything beside it."""

OVERTONES = 0.2
"""Most power at twice and three times the pitch for each part at the pitch itself: a clipped sine has 0.11 there,
a horn, a string or a saw 0.3 and more."""

PITCH_DRIFT_HZ = 6.0
LEVEL_DRIFT_DB = 3.0
"""Most that pitch and level may move from one frame to the next, and from the median of the tone."""

_SIZE = 1024
_HOP = 256
_LOBE = 2
"""Bins on each side that the main lobe of a Hann window covers."""

_BIN_HZ = AUDIO_RATE_HZ / _SIZE
_ROWS = 2048


@dataclass(frozen=True, slots=True)
class Beep:
    """One tone: where in seconds, its pitch, and the mean share of power it holds while it sounds, in [0.5, 1]."""

    start_s: float
    end_s: float
    frequency_hz: float
    share: float


@dataclass(frozen=True, slots=True)
class _Track:
    """What each frame's strongest tone is like; arrays of one length."""

    frequency_hz: NDArray[np.float32]
    level_db: NDArray[np.float32]
    share: NDArray[np.float32]
    overtones: NDArray[np.float32]


def beeps(audio: NDArray[np.float32]) -> list[Beep]:
    """Every beep of at least 0.1 s, in order. `audio` is float32 mono at 16 kHz. About 25 ms for 30 s."""
    if audio.size < _SIZE:
        return []
    track = _tracked(audio)
    is_tone = (track.share >= DOMINATING) & (track.overtones <= OVERTONES) & (track.level_db >= QUIETEST_DBFS)
    found = []
    for first, past in runs(is_tone):
        for start, stop in _steady_parts(track, first, past):
            beep = _beep(track, start, stop)
            if beep is not None:
                found.append(beep)
    return found


def _tracked(audio: NDArray[np.float32]) -> _Track:
    windows = np.lib.stride_tricks.sliding_window_view(audio, _SIZE)[::_HOP]
    window = np.hanning(_SIZE + 1)[:-1].astype(np.float32)
    scale = 2.0 / (_SIZE * float(np.sum(window**2)))  # of a sine's lobe, to its mean square (Parseval)
    parts = [_strongest(windows[start : start + _ROWS], window, scale) for start in range(0, len(windows), _ROWS)]
    return _Track(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _strongest(
    windows: NDArray[np.float32], window: NDArray[np.float32], scale: float
) -> tuple[NDArray[np.float32], ...]:
    power = np.abs(np.fft.rfft((windows - windows.mean(axis=1, keepdims=True)) * window, axis=1)) ** 2
    low, high = int(LOWEST_HZ / _BIN_HZ), int(np.ceil(HIGHEST_HZ / _BIN_HZ)) + 1
    rows = np.arange(len(power))
    peak = low + power[:, low:high].argmax(axis=1)
    lobe = power[rows[:, None], peak[:, None] + np.arange(-_LOBE, _LOBE + 1)].sum(axis=1)
    total = np.maximum(power.sum(axis=1), 1e-20)
    beside = np.log(np.maximum(power[rows[:, None], peak[:, None] + np.array([-1, 0, 1])], 1e-20))
    bend = beside[:, 0] - 2 * beside[:, 1] + beside[:, 2]
    shift = np.where(bend < 0, 0.5 * (beside[:, 0] - beside[:, 2]) / np.minimum(bend, -1e-9), 0.0)
    frequency_hz = (peak + np.clip(shift, -0.5, 0.5)) * _BIN_HZ
    overtones = np.zeros(len(power))
    for number in (2, 3):
        at = np.rint(number * frequency_hz / _BIN_HZ).astype(int)
        overtones += power[rows[:, None], at[:, None] + np.arange(-_LOBE, _LOBE + 1)].sum(axis=1)
    level_db = 10 * np.log10(np.maximum(scale * lobe, 1e-20))
    columns = (frequency_hz, level_db, lobe / total, overtones / np.maximum(lobe, 1e-20))
    return tuple(column.astype(np.float32) for column in columns)


def _steady_parts(track: _Track, first: int, past: int) -> list[tuple[int, int]]:
    """The run cut wherever pitch or level jump."""
    jumps = (np.abs(np.diff(track.frequency_hz[first:past])) > PITCH_DRIFT_HZ) | (
        np.abs(np.diff(track.level_db[first:past])) > LEVEL_DRIFT_DB
    )
    edges = [first, *(first + 1 + np.flatnonzero(jumps)), past]
    return list(itertools.pairwise(edges))


def _beep(track: _Track, first: int, past: int) -> Beep | None:
    """The beep in frames [first, past), or nothing if it is too short, or glides or fades."""
    frequency_hz, level_db = track.frequency_hz[first:past], track.level_db[first:past]
    pitch_hz = float(np.median(frequency_hz))
    is_level = np.abs(level_db - np.median(level_db)) <= LEVEL_DRIFT_DB
    is_steady = (np.abs(frequency_hz - pitch_hz) <= PITCH_DRIFT_HZ) & is_level
    start_s = float(first * _HOP + _SIZE / 4 - _HOP / 4) / AUDIO_RATE_HZ
    end_s = float((past - 1) * _HOP + 3 * _SIZE / 4 + _HOP / 4) / AUDIO_RATE_HZ
    if end_s - start_s < LEAST_S or is_steady.mean() < 0.9 or not LOWEST_HZ <= pitch_hz <= HIGHEST_HZ:
        return None
    share = float(np.clip(track.share[first:past].mean(), 0.0, 1.0))
    return Beep(start_s=start_s, end_s=end_s, frequency_hz=pitch_hz, share=share)
