"""The fusion model: base rate per clause and calibration per label, read from JSON files and checked as a whole."""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeVar

from tidegate.errors import FusionModelError
from tidegate.judgement.calibration import Calibration
from tidegate.judgement.rows import BaseRate, FusionFile, Group, read_file

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionModel:
    """Everything `judge` needs to know that is not in the upload. Build with `bundled`, `load` or `from_files`.

    `fallback` calibrates labels no row names, `fallback_rate` serves clauses no row names; both are assumed.
    `version` names the files it came from; `digest` is the SHA-256 of its rows, whatever file or order they came in.
    """

    calibrations: Mapping[tuple[str, str], Calibration]
    base_rates: Mapping[str, BaseRate]
    groups: Mapping[str, Group]
    fallback: Calibration
    fallback_rate: BaseRate
    version: str = ""
    digest: str = ""

    @classmethod
    def bundled(cls) -> "FusionModel":
        """The model of this version: every JSON file of `tidegate/models/fusion`. Raises FusionModelError."""
        folder = resources.files("tidegate") / "models" / "fusion"
        names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".json"))
        return cls.from_files({name: (folder / name).read_bytes() for name in names})

    @classmethod
    def load(cls, paths: Iterable[Path]) -> "FusionModel":
        """The model in these files together. Raises FusionModelError naming file, row and field."""
        contents: dict[str, bytes] = {}
        for path in sorted(paths):
            try:
                contents[str(path)] = path.read_bytes()
            except OSError as error:
                raise FusionModelError(f"cannot be read: {error.strerror}", where=str(path)) from error
        return cls.from_files(contents)

    @classmethod
    def from_files(cls, contents: Mapping[str, bytes]) -> "FusionModel":
        """Merge files given as name -> bytes. A row that stands in two files is an error naming both."""
        files = [read_file(name, contents[name]) for name in sorted(contents)]
        fallbacks = [file for file in files if file.fallback is not None]
        if len(fallbacks) != 1 or fallbacks[0].fallback is None or fallbacks[0].fallback_rate is None:
            raise FusionModelError(
                f"{len(fallbacks)} of {len(files)} files have `fallback` rows, exactly one must",
                where=", ".join(file.name for file in fallbacks or files),
                next_step="keep base_rates.json among the files",
            )
        return cls(
            calibrations=_merged(
                files, lambda file: [((row.label, row.detector_id), row) for row in file.calibrations]
            ),
            base_rates=_merged(files, lambda file: [(row.clause, row) for row in file.base_rates]),
            groups=_merged(files, lambda file: [(row.group, row) for row in file.groups]),
            fallback=fallbacks[0].fallback,
            fallback_rate=fallbacks[0].fallback_rate,
            version=" ".join(sorted(file.id for file in files)),
            digest=_digest(contents),
        )

    def calibration(self, label: str, detector_id: str) -> Calibration:
        """The row for this detector's scores of `label`, else for any detector's, else the assumed fallback."""
        exact = self.calibrations.get((label, detector_id))
        return exact or self.calibrations.get((label, "")) or self.fallback

    def base_rate(self, clause_id: str) -> BaseRate:
        """The share of uploads thought to violate the clause before anything is looked at."""
        return self.base_rates.get(clause_id, self.fallback_rate)

    def discount(self, group: str) -> float:
        """The weight of each further label of a group: 1, d, d squared and so on. 0.5 unless a row tells."""
        row = self.groups.get(group)
        return row.discount if row else 0.5

    @property
    def measured_labels(self) -> frozenset[str]:
        """Labels with at least one calibration that rests on labelled data."""
        return frozenset(row.label for row in self.calibrations.values() if row.basis == "measured")


def _merged(files: Sequence[FusionFile], rows_of: Callable[[FusionFile], list[tuple[K, R]]]) -> dict[K, R]:
    merged: dict[K, R] = {}
    owners: dict[K, str] = {}
    for file in files:
        for key, row in rows_of(file):
            if key in owners:
                shown = " of ".join(part for part in key if part) if isinstance(key, tuple) else str(key)
                raise FusionModelError(
                    f"{shown} stands in {owners[key]} and again in {file.name}",
                    where=file.name,
                    next_step="keep one of the two rows",
                )
            owners[key] = file.name
            merged[key] = row
    return merged


def _digest(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over the files' JSON values, so that white space and file names do not count."""
    values = sorted(json.dumps(json.loads(data), sort_keys=True) for data in contents.values())
    return hashlib.sha256("\n".join(values).encode()).hexdigest()
