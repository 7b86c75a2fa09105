"""Benign sound made by code: tones and noise, any stretch of it on its own. Deterministic by seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Span

_NOISE_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """A sine of `frequency_hz` during `span`, or noise where the frequency is zero; `level` is its peak in [0, 1]."""

    span: Span
    frequency_hz: float = 440.0
    level: float = 0.2


def samples(tones: Sequence[Tone], seed: int, first: int, count: int, rate_hz: int) -> NDArray[np.float32]:
    """Samples [first, first + count) of the sum of `tones`, float32 mono in [-1, 1]; silence outside of them."""
    at_s = (first + np.arange(count)) / rate_hz
    mixed = np.zeros(count, np.float64)
    for index, tone in enumerate(tones):
        sounding = (at_s >= tone.span.start_s) & (at_s < tone.span.end_s)
        if not sounding.any():
            continue
        if tone.frequency_hz:
            mixed += sounding * tone.level * np.sin(2 * math.pi * tone.frequency_hz * at_s)
        else:
            mixed += sounding * tone.level * _noise(seed + index, first, count)
    return np.clip(mixed, -1.0, 1.0).astype(np.float32)


def _noise(seed: int, first: int, count: int) -> NDArray[np.float64]:
    """White noise in [-1, 1] that does not depend on how it is cut into stretches."""
    blocks = range(first // _NOISE_BLOCK, (first + count - 1) // _NOISE_BLOCK + 1)
    drawn = np.concatenate([np.random.default_rng([seed, 3, block]).uniform(-1, 1, _NOISE_BLOCK) for block in blocks])
    offset = first - blocks[0] * _NOISE_BLOCK
    return drawn[offset : offset + count]
