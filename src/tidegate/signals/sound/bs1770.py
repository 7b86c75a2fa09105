"""Loudness after ITU-R BS.1770-5: K-weighting, momentary loudness, gated integration; in numpy, on mono at 16 kHz.

The standard states its two filters as coefficients for 48 kHz only. Here their frequency response itself, taken from
those coefficients, is applied in the frequency domain, so that below 8 kHz the weighting is the standard's to
rounding and no filter is designed anew. What mono at 16 kHz changes: nothing above 8 kHz is heard (cymbals, hiss: of
little weight), and a stereo file reads as its mono mix, 3 LU lower than its stereo loudness where both channels are
the same and about 6 LU where they are unrelated.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ

SILENCE_LUFS = -70.0
"""Absolute gate of the standard, and the floor of everything here."""

RELATIVE_GATE_LU = 10.0
STEP_S = 0.05
MOMENTARY_STEPS = 8
"""0.4 s; blocks of the standard overlap by 75%, so every other step starts one."""

_OFFSET_LUFS = -0.691
_STANDARD_RATE_HZ = 48_000.0
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Numerators and denominators of tables 1 and 2 of ITU-R BS.1770-5, for 48 kHz."""

_PIECE = 1 << 19
_RING = AUDIO_RATE_HZ // 2
"""Half a second, in which the high-pass has died away by more than 100 dB: heard before each piece of 33 s."""


def k_response(frequency_hz: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Complex response of the K-weighting at these frequencies in Hz, as the standard's filters have it at 48 kHz."""
    delay = np.exp(-2j * np.pi * np.asarray(frequency_hz, np.float64) / _STANDARD_RATE_HZ)
    response: NDArray[np.complex128] = np.ones(delay.shape, np.complex128)
    for above, below in (_SHELF, _HIGH_PASS):
        response *= np.polynomial.polynomial.polyval(delay, above) / np.polynomial.polynomial.polyval(delay, below)
    return response


def step_powers(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean square of K-weighted sound in each 0.05 s; the last step is filled up with silence.

    `audio` is float32 mono at 16 kHz in [-1, 1], finite. About 15 ms for 30 s; 25 MiB at most, however long.
    """
    per_step = round(STEP_S * AUDIO_RATE_HZ)
    count = -(-audio.size // per_step)
    powers = np.zeros(count)
    piece = (_PIECE - 2 * _RING) // per_step * per_step
    for start in range(0, audio.size, piece):
        before = max(0, start - _RING)
        part = audio[before : start + piece]
        if not part.any():
            continue
        size = _fast_size(part.size + _RING)
        weighted = np.fft.irfft(np.fft.rfft(part, size) * _weights(size), size)[start - before : part.size]
        steps = -(-weighted.size // per_step)
        padded = np.zeros(steps * per_step, weighted.dtype)
        padded[: weighted.size] = weighted
        rows = padded.reshape(steps, per_step)
        first = start // per_step
        powers[first : first + steps] = np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / per_step
    return powers


def loudness(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean squares of K-weighted mono sound in LUFS, at least -70."""
    return np.maximum(SILENCE_LUFS, _OFFSET_LUFS + 10 * np.log10(np.maximum(power, 1e-12)))


def block_powers(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean square of each block of 0.4 s, one starting every 0.05 s; shorter sound is one block ending in silence."""
    if powers.size < MOMENTARY_STEPS:
        powers = np.pad(powers, (0, MOMENTARY_STEPS - powers.size))
    sums = np.cumsum(np.concatenate([[0.0], powers]))
    blocks: NDArray[np.float64] = np.maximum(sums[MOMENTARY_STEPS:] - sums[:-MOMENTARY_STEPS], 0.0) / MOMENTARY_STEPS
    return blocks


def integrated_lufs(powers: NDArray[np.float64]) -> float:
    """Loudness of the whole from its step powers: blocks of 0.4 s overlapping by 75%, gated at -70 LUFS and then
    at 10 LU below what is left; -70 where nothing is left.
    """
    blocks = block_powers(powers)[:: MOMENTARY_STEPS // 4]
    kept = blocks[loudness(blocks) > SILENCE_LUFS]
    if not kept.size:
        return SILENCE_LUFS
    gate_lufs = float(loudness(kept.mean(keepdims=True))[0]) - RELATIVE_GATE_LU
    return float(loudness(kept[loudness(kept) > gate_lufs].mean(keepdims=True))[0])


@functools.lru_cache(maxsize=2)
def _weights(size: int) -> NDArray[np.complex64]:
    return k_response(np.asarray(np.fft.rfftfreq(size, 1 / AUDIO_RATE_HZ), np.float64)).astype(np.complex64)


def _fast_size(least: int) -> int:
    """The smallest size of the form 2^a or 3 * 2^a that holds `least` samples."""
    power = 1 << max(1, (least - 1).bit_length())
    return 3 * power // 4 if 3 * power // 4 >= least else power
