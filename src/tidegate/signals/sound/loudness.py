"""How loud a clip is over time, and where it startles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Evidence, Loudness, Signal, SoundKind, SoundSpan, Span
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.sound.bs1770 import (
    MOMENTARY_STEPS,
    STEP_S,
    block_powers,
    integrated_lufs,
    loudness,
    step_powers,
)
from tidegate.signals.sound.levels import LEAST_SAMPLES, audio_of, end_of, too_short

LABEL = "sound.loud_onset"

MOST_VALUES = 9_000
"""Most values of the envelope: 15 minutes at 0.1 s; longer clips are told in wider steps."""

MOST_ONSETS = 24
LOUD_LUFS = -6.0
"""Least loudness of 0.05 s that can startle. Speech and music mastered at -16 LUFS reach -10 to -7 in such a moment, so
a voice that begins after silence stays below; a full-scale sine has -3."""

JUMP_LU = 20.0
"""Least rise over the two seconds before. Ten units are heard as about twice as loud, so this is about four times
(the sone scale, ISO 532). That it startles is an assumption of our own, as is `LOUD_LUFS`."""

FULL_JUMP_LU = 40.0
RESTING_LUFS = -50.0
"""Two seconds more silent than this count as this: the ear does not rest lower, and a room is never empty."""

_BEFORE_STEPS = 40
_LEAST_BEFORE_STEPS = 10
_APART_STEPS = 20
_LONGEST_STEPS = 40
_FALL_LU = 10.0
_FLOOR_DBFS = -120.0
_ENVELOPE_STRIDE = 2


@dataclass(frozen=True, slots=True)
class Onset:
    """A sudden loud sound: steps `[first, past)` of 0.05 s, its loudness there, and the rise over the two seconds
    before it.
    """

    first: int
    past: int
    level_lufs: float
    jump_lu: float


class LoudnessDetector:
    """Measures loudness (ITU-R BS.1770-5, on the mono sound) and finds sudden loud sounds.

    The Loudness record's `envelope_lufs[k]` is momentary loudness, over the 0.4 s that end at `(k + 1)` steps, as a
    meter shows it; `loudest_at_s` is where the loudest 0.4 s start. An onset's score is its rise over the two seconds
    before it, in units of 40 LU, so 0.5 is the least told. Sound at the very start of a clip has nothing before it
    and is no onset. About 20 ms for 30 s.
    """

    id = "sound.loudness@1"
    needs = frozenset({Need.AUDIO})
    emits = frozenset({LABEL})
    assigns = frozenset({Need.SOUND_SPANS})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.02, memory_mib=40.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Nothing to make ready."""

    def detect(self, view: View) -> Iterator[Said]:
        """One Loudness, then the strongest onsets, each as a record and a signal."""
        audio = audio_of(view)
        if audio.size < LEAST_SAMPLES:
            yield too_short(self.id, self.emits)
            return
        end_s = end_of(view, audio)
        powers = step_powers(audio)
        yield measured(powers, max(float(audio.max()), -float(audio.min())), self.id)
        for onset in onsets(powers):
            stop_s = min(end_s, onset.past * STEP_S)
            span = Span(start_s=min(onset.first * STEP_S, stop_s), end_s=stop_s)
            score = min(1.0, onset.jump_lu / FULL_JUMP_LU)
            note = f"{onset.jump_lu:.0f} LU above the 2 s before it, {onset.level_lufs:.0f} LUFS"
            yield SoundSpan(kind=SoundKind.LOUD_ONSET, span=span, confidence=score, detector_id=self.id)
            yield Signal(label=LABEL, score=score, evidence=Evidence(span=span, note=note), detector_id=self.id)


def measured(powers: NDArray[np.float64], peak: float, detector_id: str = "") -> Loudness:
    """The record for a clip from its step powers and its highest sample."""
    blocks = block_powers(powers)
    loudest = int(blocks.argmax())
    trailing = block_powers(np.concatenate([np.zeros(MOMENTARY_STEPS - _ENVELOPE_STRIDE), powers]))[::_ENVELOPE_STRIDE]
    width = -(-trailing.size // MOST_VALUES)
    padded = np.pad(trailing, (0, -trailing.size % width))
    envelope = loudness(padded.reshape(-1, width).max(axis=1))
    return Loudness(
        integrated_lufs=round(integrated_lufs(powers), 2),
        loudest_lufs=round(float(loudness(blocks[loudest : loudest + 1])[0]), 2),
        loudest_at_s=round(loudest * STEP_S, 3),
        peak_dbfs=round(max(_FLOOR_DBFS, 20 * float(np.log10(max(peak, 1e-12)))), 2),
        envelope_lufs=tuple(round(float(value), 1) for value in envelope),
        envelope_step_s=round(STEP_S * _ENVELOPE_STRIDE * width, 3),
        detector_id=detector_id,
    )


def onsets(powers: NDArray[np.float64]) -> list[Onset]:
    """Sudden loud sounds in step powers, the greatest rise first, at least a second apart, at most 24."""
    level_lufs = loudness(powers)
    jump_lu = level_lufs - _before_lufs(powers)
    candidates = np.flatnonzero((jump_lu >= JUMP_LU) & (level_lufs >= LOUD_LUFS))
    found: list[Onset] = []
    at = 0
    while at < candidates.size:
        first = int(candidates[at])
        past = _end_of_sound(level_lufs, first)
        strongest = float(jump_lu[first:past].max())
        found.append(Onset(first, past, float(level_lufs[first:past].max()), strongest))
        at = int(np.searchsorted(candidates, max(past, first + _APART_STEPS)))
    return sorted(found, key=lambda onset: (-onset.jump_lu, onset.first))[:MOST_ONSETS]


def _before_lufs(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loudness of the two seconds before each step, at least -50; unbounded where less than half a second is known."""
    sums = np.cumsum(np.concatenate([[0.0], powers]))
    at = np.arange(powers.size)
    start = np.maximum(0, at - _BEFORE_STEPS)
    count = at - start
    mean = np.maximum(sums[at] - sums[start], 0.0) / np.maximum(count, 1)
    return np.where(count < _LEAST_BEFORE_STEPS, np.inf, np.maximum(RESTING_LUFS, loudness(mean)))


def _end_of_sound(level_lufs: NDArray[np.float64], first: int) -> int:
    """The step where it has fallen by 10 LU from its loudest so far, two seconds on at the latest."""
    window = level_lufs[first : first + _LONGEST_STEPS]
    fallen = window < np.maximum.accumulate(window) - _FALL_LU
    return first + (int(fallen.argmax()) if fallen.any() else window.size)
