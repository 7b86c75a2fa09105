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
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from tidegate.errors import RecordJsonError, SchemaVersionError

R = TypeVar("R")

SCHEMA_VERSION = 1
"""Version of every record's JSON form; a field added with a default keeps it, any other change raises it."""


def to_json(record: object) -> dict[str, Any]:
    """A record as plain JSON values, fields in declared order.

    Raises RecordJsonError when `record` is not a record. Cost: linear in the record's size.
    """
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        raise RecordJsonError(f"{type(record).__name__} is not a record", next_step="pass one of tidegate.records")
    return {field.name: _plain(getattr(record, field.name)) for field in dataclasses.fields(record)}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if dataclasses.is_dataclass(value):
        return to_json(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def from_json(cls: type[R], data: object, *, where: str = "$") -> R:
    """Build the record `cls` from JSON values; the inverse of `to_json`.

    Unknown and missing fields, wrong types and values out of range raise RecordJsonError or
    RecordError naming the JSON path. Fields with defaults may be absent.
    """
    if not isinstance(data, Mapping):
        raise _wrong(where, f"an object for {cls.__name__}", data)
    hints = _hints(cls)
    if unknown := sorted(str(key) for key in data if key not in hints):
        raise RecordJsonError(
            f"{cls.__name__} has no field {unknown[0]!r}", where=where, next_step=f"known fields: {', '.join(hints)}"
        )
    values = {name: _typed(hint, data[name], f"{where}.{name}") for name, hint in hints.items() if name in data}
    missing = [name for name in _required(cls) if name not in values]
    if missing:
        raise RecordJsonError(
            f"{cls.__name__} needs the field {missing[0]!r}", where=where, next_step="add it, or regenerate the file"
        )
    return cls(**values)


def dumps(record: object) -> str:
    """One line of JSON: the record under its name and schema version. ASCII only, so any text survives."""
    envelope = {"schema": f"{type(record).__name__}@{SCHEMA_VERSION}", **to_json(record)}
    return json.dumps(envelope, separators=(",", ":"), allow_nan=False)


def loads(cls: type[R], text: str) -> R:
    """Read what `dumps` wrote. Raises RecordJsonError on other text, SchemaVersionError on another version."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
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


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    if not dataclasses.is_dataclass(cls):
        raise RecordJsonError(f"{cls.__name__} is not a record")
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


@functools.cache
def _required(cls: type) -> tuple[str, ...]:
    missing = dataclasses.MISSING
    return tuple(f.name for f in dataclasses.fields(cls) if f.default is missing and f.default_factory is missing)


def _typed(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _optional(hint, value, where)
    if origin is tuple:
        return _tuple(hint, value, where)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(hint, value, where)
    if dataclasses.is_dataclass(hint):
        return from_json(typing.cast(type, hint), value, where=where)
    return _scalar(hint, value, where)


def _optional(hint: Any, value: Any, where: str) -> Any:
    if value is None:
        return None
    inner = next(part for part in typing.get_args(hint) if part is not type(None))
    return _typed(inner, value, where)


def _tuple(hint: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _wrong(where, "a list", value)
    inner = typing.get_args(hint)[0]
    return tuple(_typed(inner, item, f"{where}[{index}]") for index, item in enumerate(value))


def _mapping(hint: Any, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, "an object", value)
    inner = typing.get_args(hint)[1]
    return {key: _typed(inner, item, f"{where}.{key}") for key, item in value.items()}


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError:
            raise _wrong(where, f"one of {', '.join(hint)}", value) from None
    if hint is float and type(value) in (int, float):
        if not math.isfinite(value):
            raise _wrong(where, "a finite number", value)
        return float(value)
    if hint in (str, int, bool) and type(value) is hint:
        return value
    raise _wrong(where, {str: "a string", int: "an integer", bool: "true or false"}.get(hint, "a number"), value)


def _wrong(where: str, wanted: str, value: object) -> RecordJsonError:
    shown = repr(value)
    return RecordJsonError(f"wanted {wanted}, found {shown[:60]}{'…' if len(shown) > 60 else ''}", where=where)
