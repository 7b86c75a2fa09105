"""Mounted audio taggers: networks that name sounds such as shots, screams and sirens, run over windows of a clip."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ModelFileError
from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import Abstention, AbstentionReason, Evidence, Signal, Span
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.network import BATCH, Network
from tidegate.signals.sound.levels import (
    LEAST_SAMPLES,
    LEVEL_FRAME_S,
    SILENT_DBFS,
    audio_of,
    end_of,
    levels_dbfs,
    too_short,
)
from tidegate.signals.sound.mel import log_mel
from tidegate.signals.sound.stretches import Mask, runs
from tidegate.signals.sound.tagger_form import FILE_NAME, Output, Tagger, read

BUILT_IN_FOLDER = Path(__file__).parents[2] / "models" / "sound_tagger"
MOST_WINDOWS = 1_000
"""Most windows of one clip that a tagger listens to: 15 minutes at one each 0.9 s."""

MOST_SPANS = 24
"""Most signals of one label, the surest first."""


@dataclass(frozen=True, slots=True)
class _Mounted:
    """A tagger and which of its outputs are used."""

    tagger: Tagger
    outputs: tuple[Output, ...]


class TaggerDetector:
    """Names sounds by the taggers mounted at `paths` and by the small one that comes with Tidegate.

    `emits` are exactly the labels that the mounted taggers and the built-in one (sirens) map: a label that no tagger
    knows, such as `sound.gunshot`, is not emitted, and nobody is told that it was looked for. For a label that a
    mounted tagger maps too, the built-in one is silent. `labels` holds the meanings of labels that the forms bring.
    Forms are read and digests compared when it is made, networks opened in `load`.

    A signal's score is the highest score of any window in its stretch, as the network gave it: not calibrated. The
    built-in tagger takes about 0.02 CPU-s for 30 s; silence costs nothing. Raises ModelFileError on a form that is
    wrong, naming file and field.
    """

    id = "sound.tagger@1"
    needs = frozenset({Need.AUDIO})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.02, memory_mib=60.0)
    requires: tuple[Requirement, ...] = (Requirement(package="onnxruntime", extra="speech"),)
    when: When | None = None

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        taggers = [read(Path(path)) for path in paths]
        for tagger in taggers:
            tagger.model_bytes()  # Read here for its digest: a network that was changed must not wait for an upload.
        mounted = [_Mounted(tagger, tagger.outputs) for tagger in taggers]
        taken = frozenset[str]().union(*(tagger.labels for tagger in taggers))
        own = read(BUILT_IN_FOLDER)
        if left := tuple(output for output in own.outputs if output.label not in taken):
            mounted.append(_Mounted(own, left))
        self._mounted = tuple(mounted)
        self._networks: dict[Path, Network] = {}
        outputs = [output for one in mounted for output in one.outputs]
        self.emits = frozenset(output.label for output in outputs)
        self.labels: Mapping[str, str] = {output.label: output.meaning for output in outputs if output.meaning}

    def load(self) -> None:
        """Open every network and try it on silence. Raises MissingDependencyError or ModelFileError."""
        for one in self._mounted:
            self._opened(one.tagger)

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """A signal for each stretch of windows at or above a label's threshold."""
        audio = audio_of(view)
        if audio.size < LEAST_SAMPLES:
            yield too_short(self.id, self.emits)
            return
        end_s = end_of(view, audio)
        is_loud = levels_dbfs(audio) > SILENT_DBFS
        for one in self._mounted:
            starts = _starts(one.tagger, is_loud, audio.size)
            if len(starts) > MOST_WINDOWS:
                yield self._unheard(one, starts[MOST_WINDOWS] / AUDIO_RATE_HZ, end_s)
                starts = starts[:MOST_WINDOWS]
            if starts:
                scores = tagged(self._opened(one.tagger), one.tagger, audio, starts)
                for output in one.outputs:
                    yield from self._say(one.tagger, output, starts, scores[:, output.index], end_s)

    def _opened(self, tagger: Tagger) -> Network:
        network = self._networks.get(tagger.folder)
        if network is None:
            network = Network(tagger.model_bytes(), name=f"the tagger {tagger.name}", extra="speech")
            _try(network, tagger)
            self._networks[tagger.folder] = network
        return network

    def _say(
        self, tagger: Tagger, output: Output, starts: list[int], scores: NDArray[np.float32], end_s: float
    ) -> Iterator[Signal]:
        hop = round(tagger.hop_s * AUDIO_RATE_HZ)
        stretches: list[tuple[int, int]] = []
        for first, past in runs(scores >= output.threshold):
            breaks = [index + 1 for index in range(first, past - 1) if starts[index + 1] - starts[index] > hop]
            edges = [first, *breaks, past]
            stretches += itertools.pairwise(edges)
        least = min(output.least_windows, len(starts))
        stretches = [(first, past) for first, past in stretches if past - first >= least]
        ranked = sorted(stretches, key=lambda stretch: (-float(scores[slice(*stretch)].max()), stretch))
        for first, past in ranked[:MOST_SPANS]:
            stop_s = min(end_s, (starts[past - 1] + tagger.window_samples) / AUDIO_RATE_HZ)
            span = Span(start_s=min(starts[first] / AUDIO_RATE_HZ, stop_s), end_s=stop_s)
            note = f"tagger {tagger.name} {tagger.version}, {past - first} of {scores.size} windows"
            score = float(scores[first:past].max())
            yield Signal(label=output.label, score=score, evidence=Evidence(span=span, note=note), detector_id=self.id)

    def _unheard(self, one: _Mounted, start_s: float, end_s: float) -> Abstention:
        return Abstention(
            detector_id=self.id,
            reason=AbstentionReason.OVER_BUDGET,
            labels=tuple(sorted({output.label for output in one.outputs})),
            span=Span(start_s=min(start_s, end_s), end_s=end_s),
            detail=f"tagger {one.tagger.name}: more than {MOST_WINDOWS} windows",
        )


def tagged(network: Network, tagger: Tagger, audio: NDArray[np.float32], starts: Sequence[int]) -> NDArray[np.float32]:
    """float32 (windows, classes) in [0, 1]: the tagger's scores for windows that begin at these samples.

    A window that reaches over the end is filled up with silence. Raises ModelFileError when the network's answer has
    another form than the tagger's form says, or is no number.
    """
    parts = []
    for at in range(0, len(starts), BATCH):
        rows = [_input(tagger, audio[start : start + tagger.window_samples]) for start in starts[at : at + BATCH]]
        parts.append(_activated(_answer(network, tagger, np.stack(rows)), tagger.activation))
    return np.concatenate(parts)


def _input(tagger: Tagger, window: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(window, (0, tagger.window_samples - window.size))
    if tagger.log_mel is None:
        return padded
    mels = log_mel(padded, tagger.log_mel)
    if tagger.layout.endswith("mel_time"):
        mels = mels.T
    return mels[None] if tagger.layout.startswith("channel_") else mels


def _answer(network: Network, tagger: Tagger, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    form = tagger.folder / FILE_NAME
    try:
        answer = np.asarray(network.run(batch)[0])
    except Exception as error:
        raise ModelFileError(
            f"input: the network {tagger.file} does not take {batch.shape[1:]}: {type(error).__name__}",
            where=str(form),
            next_step="correct 'input' and 'window_s' in the tagger's form",
        ) from error
    most = max(output.index for output in tagger.outputs)
    if answer.ndim != 2 or len(answer) != len(batch) or answer.shape[1] <= most or not np.isfinite(answer).all():
        raise ModelFileError(
            f"outputs: the network {tagger.file} answers {answer.shape}, not finite ({len(batch)}, more than {most})",
            where=str(form),
            next_step="correct 'outputs' in the tagger's form, or the network",
        )
    return answer


def _activated(answer: NDArray[np.float32], activation: str) -> NDArray[np.float32]:
    values = answer.astype(np.float64)
    if activation == "sigmoid":
        values = 0.5 * (1.0 + np.tanh(values / 2))
    elif activation == "softmax":
        values = np.exp(values - values.max(axis=1, keepdims=True))
        values /= values.sum(axis=1, keepdims=True)
    return np.clip(values, 0.0, 1.0).astype(np.float32)


def _try(network: Network, tagger: Tagger) -> None:
    tagged(network, tagger, np.zeros(tagger.window_samples, np.float32), [0])


def _starts(tagger: Tagger, is_loud: Mask, sample_count: int) -> list[int]:
    """Where windows begin that are not silent all through; they cover the clip to its end."""
    hop = round(tagger.hop_s * AUDIO_RATE_HZ)
    reach = max(0, sample_count - tagger.window_samples)
    sums = np.concatenate([[0], np.cumsum(is_loud)])
    per_frame = round(LEVEL_FRAME_S * AUDIO_RATE_HZ)
    starts = np.arange(-(-reach // hop) + 1) * hop
    low = np.minimum(starts // per_frame, is_loud.size)
    high = np.minimum(-(-(starts + tagger.window_samples) // per_frame), is_loud.size)
    return [int(start) for start in starts[sums[high] > sums[low]]]
