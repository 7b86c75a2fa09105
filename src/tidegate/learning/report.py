"""What a training run found out, as records that the card and the fusion file are written from."""

from dataclasses import dataclass
from pathlib import Path

from tidegate.learning.calibration import Curve
from tidegate.learning.evaluate import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms:
    """Held-out harmless texts of one kind: how many there were, and which share scored at or above the floor."""

    kind: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    """Everything a run learned about one label.

    `basis` is measured where a source marks both values, else assumed; `labelled_count` counts the marked rows of real
    sources; `held_out_by` says what the scoring heads had not seen; `recall` stands beside the curve's points.
    """

    label: str
    basis: str
    sources: tuple[str, ...]
    labelled_count: int
    held_out_by: str
    floor: float
    curve: Curve
    recall: tuple[float, ...]
    slices: tuple[Slice, ...]
    false_alarms: tuple[FalseAlarms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """How many sampled rows of one source and language went in; `licence_group` is the folder they came from."""

    source: str
    licence_group: str
    lang: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """What a run read, found and wrote. The same data, `seed` and `per_cell` repeat it."""

    seed: int
    per_cell: int
    sources: tuple[SourceCount, ...]
    labels: tuple[LabelReport, ...]
    heads_folder: Path
    fusion_path: Path
