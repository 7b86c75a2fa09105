"""Where there may be words: stretches that the sound detector calls speech or singing, or else whatever is loud."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import SoundKind, SoundSpan, Span

PADDING_S = 0.25
"""Heard with each stretch on both sides: soft starts and ends of words."""

CONTINUES_S = 0.3
"""Stretches closer together than this are one."""

LEVEL_FRAME_S = 0.02
QUIET_RMS = 10.0 ** (-50.0 / 20.0)
"""Below -50 dBFS nobody is heard speaking."""

NOISE_FLATNESS = 0.35
"""Spectral flatness, the geometric over the arithmetic mean of power, averaged over three frames: voiced speech lies
well below, white noise about exp(-0.577) = 0.56."""

VOICES = frozenset({SoundKind.SPEECH, SoundKind.SINGING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the clip in which there may be words; `confidence` in [0, 1] that somebody speaks or sings."""

    start_s: float
    end_s: float
    confidence: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def voiced(sounds: Sequence[SoundSpan], *, duration_s: float) -> list[Stretch]:
    """The stretches of speech and singing, padded, merged, inside the clip and in order.

    The confidence of a merged stretch is the mean of its spans' confidences, weighted by length.
    """
    voices = [one for one in sounds if one.kind in VOICES and one.span.start_s < duration_s]
    return _merged(
        [
            Stretch(
                start_s=max(0.0, one.span.start_s - PADDING_S),
                end_s=min(duration_s, one.span.end_s + PADDING_S),
                confidence=min(1.0, max(0.0, one.confidence)),
            )
            for one in voices
        ]
    )


def loud(audio: NDArray[np.float32], *, confidence: float) -> list[Stretch]:
    """What is neither quiet nor plain noise, for clips whose kinds of sound nobody told: padded, merged, in order.

    `audio` is float32 mono at 16 kHz. A frame of 20 ms counts where its level is above -50 dBFS; seconds without one
    frame whose spectrum has peaks are noise and do not count. About 3 ms for a minute.
    """
    size = round(LEVEL_FRAME_S * AUDIO_RATE_HZ)
    frame_count = audio.size // size
    if frame_count == 0:
        return []
    duration_s = audio.size / AUDIO_RATE_HZ
    is_loud = levels(audio) > QUIET_RMS
    second = round(1.0 / LEVEL_FRAME_S)
    for start in range(0, frame_count, second):
        frames = audio[start * size : min(start + second, frame_count) * size].reshape(-1, size)
        if is_loud[start : start + second].any() and _is_noise(frames):
            is_loud[start : start + second] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_loud, [False])).astype(np.int8)))
    return _merged(
        [
            Stretch(
                start_s=max(0.0, float(start) * LEVEL_FRAME_S - PADDING_S),
                end_s=min(duration_s, float(end) * LEVEL_FRAME_S + PADDING_S),
                confidence=confidence,
            )
            for start, end in edges.reshape(-1, 2)
        ]
    )


def levels(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square of each whole 20 ms of float32 mono 16 kHz audio."""
    size = round(LEVEL_FRAME_S * AUDIO_RATE_HZ)
    frames = audio[: audio.size // size * size].reshape(-1, size)
    found: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", frames, frames) / size)
    return found


def kept(stretches: Sequence[Stretch], *, most_s: float) -> tuple[list[Stretch], Span | None]:
    """The first `most_s` seconds of the stretches, and from where to where the rest lies, `None` without a rest."""
    inside: list[Stretch] = []
    left_s = most_s
    rest: Span | None = None
    for one in stretches:
        cut_s = min(one.end_s, one.start_s + max(0.0, left_s))
        if cut_s > one.start_s:
            inside.append(Stretch(start_s=one.start_s, end_s=cut_s, confidence=one.confidence))
        if cut_s < one.end_s:
            missed = Span(start_s=cut_s, end_s=one.end_s)
            rest = missed if rest is None else rest.union(missed)
        left_s -= one.duration_s
    return inside, rest


def share_within(span: Span, sounds: Sequence[SoundSpan], kind: SoundKind) -> float:
    """The share of a span, in [0, 1], that stretches of one kind cover; 0 for an instant."""
    parts = sorted(
        (max(one.span.start_s, span.start_s), min(one.span.end_s, span.end_s))
        for one in sounds
        if one.kind is kind and one.span.overlaps(span)
    )
    covered_s, done_s = 0.0, span.start_s
    for start_s, end_s in parts:
        covered_s += max(0.0, end_s - max(start_s, done_s))
        done_s = max(done_s, end_s)
    return min(1.0, covered_s / span.duration_s) if span.duration_s > 0.0 else 0.0


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    ordered = sorted(stretches, key=lambda one: (one.start_s, one.end_s))
    breaks = [0]
    reach_s = ordered[0].end_s if ordered else 0.0
    for index, (_, following) in enumerate(pairwise(ordered), start=1):
        if following.start_s > reach_s + CONTINUES_S:
            breaks.append(index)
        reach_s = max(reach_s, following.end_s)
    groups = [ordered[start:end] for start, end in pairwise([*breaks, len(ordered)]) if start < end]
    return [
        Stretch(
            start_s=group[0].start_s,
            end_s=max(one.end_s for one in group),
            confidence=_weighted(group),
        )
        for group in groups
        if max(one.end_s for one in group) > group[0].start_s
    ]


def _weighted(group: Sequence[Stretch]) -> float:
    total_s = sum(one.duration_s for one in group)
    if total_s <= 0.0:
        return max(one.confidence for one in group)
    return min(1.0, sum(one.confidence * one.duration_s for one in group) / total_s)


def _is_noise(frames: NDArray[np.float32]) -> bool:
    """Whether no part of a second, float32 (n, 320), has a spectrum with peaks."""
    power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)[:, 2:]) ** 2 + 1e-12
    flatness = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
    steady = np.convolve(flatness, np.ones(3) / 3, mode="valid") if flatness.size >= 3 else flatness
    return bool(steady.min() > NOISE_FLATNESS)
