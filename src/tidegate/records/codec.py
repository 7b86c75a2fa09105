"""Exact JSON both ways for every record, driven by the record's own type hints.

Supported field types: `str int float bool`, `StrEnum`, records, `tuple[T, ...]`,
`Mapping[str, T]`, and `T | None`. Nothing is coerced but an integer where a float is due.
"""

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from tidegate.errors import RecordError, RecordJsonError, SchemaVersionError

R = TypeVar("R")
_ATOMS = frozenset({str, int, float, bool, type(None)})

SCHEMA_VERSION = 1
"""Version of every record's JSON form; a field added with a default keeps it, any other change raises it."""


def to_json(record: object) -> dict[str, Any]:
    """A record as plain JSON values, fields in declared order.

    Raises RecordJsonError when `record` is not a record. Cost: linear in the record's size.
    """
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        raise RecordJsonError(f"{type(record).__name__} is not a record", next_step="pass one of tidegate.records")
    return {name: _plain(getattr(record, name)) for name in _field_names(typing.cast("Hashable", type(record)))}


@functools.cache
def _field_names(cls: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(typing.cast("Any", cls)))


def _plain(value: object) -> object:
    kind = type(value)
    # Most values are these, and a decision holds thousands: the questions below are asked of the rest.
    if kind in _ATOMS:
        return value
    if kind is tuple:
        return [_plain(item) for item in typing.cast("tuple[object, ...]", value)]
    if isinstance(value, StrEnum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _field_names(typing.cast("Hashable", kind))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def from_json(cls: type[R], data: object, *, where: str = "$") -> R:
    """Build the record `cls` from JSON values; the inverse of `to_json`.

    Unknown and missing fields and wrong types raise RecordJsonError, values out of range RecordError;
    both name the JSON path. Fields with defaults may be absent.
    """
    if not isinstance(data, Mapping):
        raise _wrong(where, f"an object for {cls.__name__}", data)
    key = typing.cast("Hashable", cls)
    hints = _hints(key)
    if unknown := sorted(str(key) for key in data if key not in hints):
        raise RecordJsonError(
            f"{cls.__name__} has no field {unknown[0]!r}", where=where, next_step=f"known fields: {', '.join(hints)}"
        )
    if missing := [name for name in _required(key) if name not in data]:
        raise RecordJsonError(
            f"{cls.__name__} needs the field {missing[0]!r}", where=where, next_step="add it, or regenerate the file"
        )
    values = {name: _typed(hint, data[name], f"{where}.{name}") for name, hint in hints.items() if name in data}
    try:
        return cls(**values)
    except RecordError as error:
        raise RecordError(error.what, where=f"{where}, {error.where}", next_step=error.next_step) from error


def dumps(record: object) -> str:
    """One line of JSON: the record under its name and schema version.

    ASCII only, so lone surrogates survive; a surrogate pair that was split into two characters comes back
    as the one character it spells. Raises RecordJsonError when the record holds a number that is not finite.
    """
    envelope = {"schema": f"{type(record).__name__}@{SCHEMA_VERSION}", **to_json(record)}
    try:
        return json.dumps(envelope, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise RecordJsonError(str(error), where=type(record).__name__, next_step="keep NaN out of records") from error


def loads(cls: type[R], text: str) -> R:
    """Read what `dumps` wrote. Raises RecordJsonError on other text, SchemaVersionError on another version."""
    try:
        data = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise RecordJsonError(f"not JSON: {error}", next_step="check that the line is whole") from error
    if not isinstance(data, dict):
        raise _wrong("$", f"an object for {cls.__name__}", data)
    name, _, version = str(data.pop("schema", "")).partition("@")
    if name != cls.__name__:
        raise RecordJsonError(f"expected a {cls.__name__}, found {name or 'no schema'!r}", where="$.schema")
    if version != str(SCHEMA_VERSION):
        raise SchemaVersionError(
            f"{name} is written under schema {version!r}, this version reads {SCHEMA_VERSION}",
            where="$.schema",
            next_step="read it with the Tidegate version that wrote it",
        )
    return from_json(cls, data)


def _without_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object's fields; a repeated name would silently lose one of two values, so it is an error."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the name {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return fields


@functools.cache
def _hints(cls: Hashable) -> dict[str, object]:
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        raise RecordJsonError(f"{getattr(cls, '__name__', cls)} is not a record")
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


@functools.cache
def _required(cls: Any) -> tuple[str, ...]:  # noqa: ANN401 - dataclasses.fields wants its own protocol
    missing = dataclasses.MISSING
    return tuple(f.name for f in dataclasses.fields(cls) if f.default is missing and f.default_factory is missing)


def _typed(hint: object, value: object, where: str) -> object:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = next(part for part in typing.get_args(hint) if part is not type(None))
        return None if value is None else _typed(inner, value, where)
    if origin is tuple:
        return _tuple(hint, value, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(hint, value, where)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_json(hint, value, where=where)
    return _scalar(hint, value, where)


def _tuple(hint: object, value: object, where: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise _wrong(where, "a list", value)
    inner = typing.get_args(hint)[0]
    return tuple(_typed(inner, item, f"{where}[{index}]") for index, item in enumerate(value))


def _mapping(hint: object, value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(where, "an object", value)
    inner = typing.get_args(hint)[1]
    return {key: _typed(inner, item, f"{where}.{key}") for key, item in value.items()}


def _scalar(hint: object, value: object, where: str) -> object:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if isinstance(value, str) and value in tuple(hint):
            return hint(value)
        raise _wrong(where, f"one of {', '.join(hint)}", value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _float(value, where)
    if hint in (str, int, bool) and type(value) is hint:
        return value
    wanted = {str: "a string", int: "an integer", bool: "true or false"}
    raise _wrong(where, wanted.get(typing.cast("type", hint), "a number"), value)


def _float(value: float, where: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _wrong(where, "a finite number", value)
    return number


def _wrong(where: str, wanted: str, value: object) -> RecordJsonError:
    try:
        shown = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        shown = f"a {type(value).__name__} too long to show"
    return RecordJsonError(f"wanted {wanted}, found {shown[:60]}{'…' if len(shown) > 60 else ''}", where=where)
