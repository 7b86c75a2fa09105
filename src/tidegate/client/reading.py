"""Builds results from a server's JSON: fields it does not know yet are passed over, wrong types are not."""

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Hashable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from tidegate.errors import RecordError, UnexpectedAnswerError

R = TypeVar("R")
_MOMENTS = ("at_s", "until_s", "deadline_s")
"""How the names of fields end that are moments rather than durations."""
_UPGRADE = "check that the address is a Tidegate server; if it is a newer one, install the client of its version"


def read(cls: type[R], value: object, where: str = "$") -> R:
    """Build the dataclass `cls`, whose field types are those of records, from JSON values.

    Unknown fields are passed over. A word that a `StrEnum` lacks stays a plain string. A field that is absent
    or null takes its default. A field `started_at_s` also reads `started_at`, in Unix seconds or as ISO 8601.
    Raises UnexpectedAnswerError with the JSON path. Cost: linear in the value's size.
    """
    if not isinstance(value, Mapping):
        raise unexpected(where, f"an object for {cls.__name__}", value)
    values: dict[str, object] = {}
    for name, (hint, has_default) in _fields(cast("Hashable", cls)).items():
        found = _found(value, name)
        if found is None and has_default:
            continue
        values[name] = _typed(hint, found, f"{where}.{name}")
    try:
        return cls(**values)
    except RecordError as error:
        raise UnexpectedAnswerError(error.what, where=f"{where}, {error.where}", next_step=_UPGRADE) from error


def read_list(cls: type[R], value: object, where: str = "$") -> tuple[R, ...]:
    """A JSON list of such objects. Raises UnexpectedAnswerError."""
    if not isinstance(value, list):
        raise unexpected(where, "a list", value)
    return tuple(read(cls, item, f"{where}[{index}]") for index, item in enumerate(value))


def read_object(value: object, where: str = "$") -> dict[str, Any]:
    """A JSON object as it is. Raises UnexpectedAnswerError."""
    if not isinstance(value, dict):
        raise unexpected(where, "an object", value)
    return value


def read_time_s(value: object, where: str = "$") -> float:
    """A moment in Unix seconds, from a number or ISO 8601 with its zone. Raises UnexpectedAnswerError."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise unexpected(where, "a time in ISO 8601", value) from None
        if moment.tzinfo is None:
            raise unexpected(where, "a time with its zone", value)
        return moment.timestamp()
    return _float(value, where)


def unexpected(where: str, wanted: str, value: object) -> UnexpectedAnswerError:
    """The error that says what was wanted and what kind of value came; never the value, which may hold words."""
    kind = "nothing" if value is None else type(value).__name__
    return UnexpectedAnswerError(f"wanted {wanted}, found {kind}", where=where, next_step=_UPGRADE)


def _found(value: Mapping[str, object], name: str) -> object:
    if value.get(name) is None and name.endswith("_s"):
        return value.get(name.removesuffix("_s"))
    return value.get(name)


@functools.cache
def _fields(cls: Any) -> dict[str, tuple[object, bool]]:  # noqa: ANN401 - dataclasses.fields wants its own protocol
    hints = typing.get_type_hints(cls)
    missing = dataclasses.MISSING
    return {
        one.name: (hints[one.name], one.default is not missing or one.default_factory is not missing)
        for one in dataclasses.fields(cls)
    }


def _typed(hint: object, value: object, where: str) -> object:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = next(part for part in typing.get_args(hint) if part is not type(None))
        return None if value is None else _typed(inner, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise unexpected(where, "a list", value)
        item_hint = typing.get_args(hint)[0]
        return tuple(_typed(item_hint, item, f"{where}[{index}]") for index, item in enumerate(value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        item_hint = typing.get_args(hint)[1]
        return {key: _typed(item_hint, item, f"{where}.{key}") for key, item in read_object(value, where).items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return read(hint, value, where)
    return _scalar(hint, value, where)


def _scalar(hint: object, value: object, where: str) -> object:
    if hint in (Any, object):
        return value
    if isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(value, str):
        return hint(value) if value in tuple(hint) else value
    if hint is float:
        return read_time_s(value, where) if where.endswith(_MOMENTS) else _float(value, where)
    if hint in (str, int, bool) and type(value) is hint:
        return value
    wanted = {str: "a string", int: "an integer", bool: "true or false"}
    raise unexpected(where, wanted.get(typing.cast("type", hint), "a word"), value)


def _float(value: object, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise unexpected(where, "a number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise unexpected(where, "a finite number", value)
    return number
