"""Benign sound made by code: tones, noise, music, a street and spoken lines, any stretch of it on its own.

Deterministic by seed.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Span
from tidegate.testing.noise_mix import at_level, music, street
from tidegate.testing.voices import SPEECH_RATE_HZ, say

_NOISE_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """A sine of `frequency_hz` during `span`, or noise where the frequency is zero; `level` is its peak in [0, 1]."""

    span: Span
    frequency_hz: float = 440.0
    level: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A line spoken from `at_s` on, `level_db` below full scale by the RMS of what is not pause.

    `language` and `voice` are those of `voices.say`, which needs one of two synthesisers to be installed.
    """

    text: str
    language: str = "en"
    voice: str = ""
    at_s: float = 0.0
    level_db: float = -20.0

    def wave(self, rate_hz: int = SPEECH_RATE_HZ) -> NDArray[np.float32]:
        """The line at that rate and at its level, float32 mono."""
        return at_level(say(self.text, self.language, self.voice, rate_hz=rate_hz), self.level_db, rate_hz)

    def duration_s(self) -> float:
        """How long it takes to say, in seconds."""
        return len(self.wave()) / SPEECH_RATE_HZ


class BackgroundKind(StrEnum):
    """What sounds in the background: `noise_mix.music` or `noise_mix.street`."""

    MUSIC = "music"
    STREET = "street"


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Music or a street during `span`, `level_db` as for `Spoken`; `seed` says which music, which street."""

    kind: BackgroundKind
    span: Span
    seed: int = 0
    level_db: float = -23.0

    @property
    def at_s(self) -> float:
        """When it begins, in seconds."""
        return self.span.start_s

    def wave(self, rate_hz: int = SPEECH_RATE_HZ) -> NDArray[np.float32]:
        """The sound at that rate and at its level, float32 mono."""
        made = (music if self.kind is BackgroundKind.MUSIC else street)(self.seed, self.span.duration_s, rate_hz)
        return at_level(made, self.level_db, rate_hz)


def placed_samples(sounds: Sequence[Spoken | Background], first: int, count: int, rate_hz: int) -> NDArray[np.float32]:
    """Samples [first, first + count) of the sum of these sounds, float32 mono; silence outside of them."""
    total = np.zeros(count, np.float32)
    for sound in sounds:
        wave = _at_rate(sound, rate_hz)
        start = round(sound.at_s * rate_hz) - first
        begin, end = max(0, start), min(count, start + len(wave))
        if begin < end:
            total[begin:end] += wave[begin - start : end - start]
    return total


@functools.lru_cache(maxsize=64)
def _at_rate(sound: Spoken | Background, rate_hz: int) -> NDArray[np.float32]:
    return sound.wave(rate_hz)


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
