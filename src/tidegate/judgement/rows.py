"""One fusion file: its JSON form, read strictly, every fault named by file, row and field."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, cast

from tidegate.errors import FusionModelError
from tidegate.judgement.calibration import Basis, Calibration
from tidegate.records.signal import DETECTOR_ID_PATTERN, LABEL_PATTERN

FORMAT = "tidegate.fusion@1"
DEFAULT_SHIFT: Mapping[str, float] = {"measured": 0.15, "assumed": 0.5}
"""Relative standard deviation of a weight on a platform it was not measured on; the project's own assumption."""
Z95 = 1.959964
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """The share of uploads that violate a clause, with its 95% interval, each in (0, 1)."""

    clause: str
    rate: float
    low: float
    high: float
    basis: Basis
    labelled_count: int
    source: str

    def __post_init__(self) -> None:
        if not 0.0 < self.low <= self.rate <= self.high < 1.0:
            raise FusionModelError(
                f"0 < low <= rate <= high < 1 does not hold for {self.low}, {self.rate}, {self.high}", where="rate"
            )

    @property
    def log_odds(self) -> float:
        """The rate in natural-log odds."""
        return math.log(self.rate / (1.0 - self.rate))

    @property
    def standard_error(self) -> float:
        """Half the 95% interval's width in log odds over 1.96."""
        low, high = (math.log(rate / (1.0 - rate)) for rate in (self.low, self.high))
        return (high - low) / (2.0 * Z95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Labels that speak about the same thing: each further one counts `discount` times the one before."""

    group: str
    discount: float
    source: str

    def __post_init__(self) -> None:
        if not 0.0 <= self.discount <= 1.0:
            raise FusionModelError(f"{self.discount} is outside [0, 1]", where="discount")


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionFile:
    """The rows of one file."""

    name: str
    id: str
    calibrations: tuple[Calibration, ...] = ()
    base_rates: tuple[BaseRate, ...] = ()
    groups: tuple[Group, ...] = ()
    fallback: Calibration | None = None
    fallback_rate: BaseRate | None = None


def read_file(name: str, data: bytes) -> FusionFile:
    """Read one file. Raises FusionModelError whose `where` is like `patterns.json: labels[3].points[1]`."""
    try:
        content = json.loads(data, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise FusionModelError(f"not JSON: {error}", where=name) from error
    row = _Row(content, name)
    row.only("format", "id", "labels", "base_rates", "groups", "fallback")
    if row.text("format") != FORMAT:
        raise row.wrong("format", f"wanted {FORMAT!r}, found {row.text('format')!r}")
    fallback = row.row("fallback") if "fallback" in row.values else None
    return FusionFile(
        name=name,
        id=row.text("id"),
        calibrations=tuple(_checked(item, _calibration) for item in row.rows("labels")),
        base_rates=tuple(_checked(item, _base_rate) for item in row.rows("base_rates")),
        groups=tuple(_checked(item, _group) for item in row.rows("groups")),
        fallback=_checked(fallback.row("label"), _fallback) if fallback else None,
        fallback_rate=_checked(fallback.row("base_rate"), _fallback_rate) if fallback else None,
    )


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the field {repeated[0]!r} stands twice")
    return dict(pairs)


class _Row:
    """One JSON object with the place it stands at; every reader names the field it could not read."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, dict):
            raise FusionModelError(f"wanted an object, found {type(values).__name__}", where=where)
        self.values = cast("dict[str, object]", values)
        self.where = where

    def wrong(self, field: str, what: str) -> FusionModelError:
        return FusionModelError(what, where=self.place(field))

    def place(self, field: str) -> str:
        return f"{self.where}.{field}" if ": " in self.where else f"{self.where}: {field}"

    def only(self, *known: str) -> None:
        if unknown := sorted(self.values.keys() - set(known)):
            raise FusionModelError(
                f"unknown field {unknown[0]!r}", where=self.where, next_step=f"known fields: {', '.join(known)}"
            )

    def text(self, field: str, default: str | None = None) -> str:
        value = self.values.get(field, default)
        if not isinstance(value, str) or not (value or default is not None):
            raise self.wrong(field, "wanted a text that is not empty")
        return value

    def number(self, field: str, default: float | None = None) -> float:
        return self._number(self.values.get(field, default), field)

    def _number(self, value: object, field: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not -1e300 < value < 1e300:
            raise self.wrong(field, "wanted a finite number")
        return float(value)

    def count(self, field: str, default: int) -> int:
        value = self.values.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(field, "wanted a count")
        return value

    def basis(self) -> Basis:
        value = self.text("basis")
        if value not in ("measured", "assumed"):
            raise self.wrong("basis", f"wanted measured or assumed, found {value!r}")
        return cast("Literal['measured', 'assumed']", value)

    def row(self, field: str) -> "_Row":
        return _Row(self.values.get(field), self.place(field))

    def rows(self, field: str) -> list["_Row"]:
        return [_Row(item, f"{self.place(field)}[{index}]") for index, item in enumerate(self._list(field))]

    def tuples(self, field: str, size: int) -> tuple[tuple[float, ...], ...]:
        rows = []
        for index, item in enumerate(self._list(field)):
            if not isinstance(item, list) or len(item) != size:
                raise self.wrong(f"{field}[{index}]", f"wanted a list of {size} numbers")
            rows.append(tuple(self._number(value, f"{field}[{index}]") for value in item))
        return tuple(rows)

    def _list(self, field: str) -> list[object]:
        value = self.values.get(field, [])
        if not isinstance(value, list):
            raise self.wrong(field, "wanted a list")
        return value


def _checked(row: _Row, build: Callable[[_Row], R]) -> R:
    """Build a row's record; a fault found by the record itself is given the row's place."""
    try:
        return build(row)
    except FusionModelError as error:
        if error.where.startswith(row.where):
            raise
        raise FusionModelError(error.what, where=row.place(error.where), next_step=error.next_step) from error


def _calibration(row: _Row) -> Calibration:
    row.only("label", "detector_id", "group", "points", "basis", "labelled_count", "shift", "recall", "source")
    label, detector_id, basis = row.text("label"), row.text("detector_id", ""), row.basis()
    if not LABEL_PATTERN.match(label):
        raise row.wrong("label", f"{label!r} is not family.name")
    if detector_id and not DETECTOR_ID_PATTERN.match(detector_id):
        raise row.wrong("detector_id", f"{detector_id!r} is not family.name@version")
    return Calibration(
        label=label,
        detector_id=detector_id,
        group=row.text("group"),
        points=cast("tuple[tuple[float, float, float], ...]", row.tuples("points", 3)),
        basis=basis,
        labelled_count=row.count("labelled_count", 0),
        shift=row.number("shift", DEFAULT_SHIFT[basis]),
        recall=cast("tuple[tuple[float, float], ...]", row.tuples("recall", 2)),
        source=row.text("source"),
    )


def _fallback(row: _Row) -> Calibration:
    row.only("group", "points", "source")
    return Calibration(
        label="*",
        group=row.text("group"),
        points=cast("tuple[tuple[float, float, float], ...]", row.tuples("points", 3)),
        basis="assumed",
        labelled_count=0,
        shift=DEFAULT_SHIFT["assumed"],
        source=row.text("source"),
    )


def _base_rate(row: _Row) -> BaseRate:
    row.only("clause", "rate", "low", "high", "basis", "labelled_count", "source")
    return BaseRate(
        clause=row.text("clause"),
        rate=row.number("rate"),
        low=row.number("low"),
        high=row.number("high"),
        basis=row.basis(),
        labelled_count=row.count("labelled_count", 0),
        source=row.text("source"),
    )


def _fallback_rate(row: _Row) -> BaseRate:
    return _base_rate(_Row({"clause": "*", "basis": "assumed", **row.values}, row.where))


def _group(row: _Row) -> Group:
    row.only("group", "discount", "source")
    return Group(group=row.text("group"), discount=row.number("discount"), source=row.text("source"))
