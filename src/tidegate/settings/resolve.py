"""Every setting in one table, and where each value came from: flag, environment, `tidegate.toml` or default.

A setting is a field of one of the section dataclasses of `settings.sections`; its metadata carries the `doc` line, the
least value and the choices. Nothing else defines settings. Standard library only, so the command line starts fast.
"""

import dataclasses
import difflib
import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tidegate.errors import SettingError
from tidegate.settings.sections import HOME_DEFAULT, Settings

CONFIG_NAME = "tidegate.toml"
CONFIG_ENV = "TIDEGATE_CONFIG"
HUB_PREFIX = "hub:"
"""What the name of a model on the model hub begins with; without it, a model is a folder and nothing is asked."""

Value = int | float | str | Path | tuple[str, ...] | tuple[Path, ...] | None


class SettingType(StrEnum):
    """What a value may be, in the words that `tidegate config` and the docs use."""

    INTEGER = "integer"
    NUMBER = "number"
    PATH = "path"
    PATHS = "list of paths"
    NAMES = "list of names"
    TEXT = "text"
    MODEL = "folder or hub:owner/name"


_TYPES: dict[object, SettingType] = {
    int: SettingType.INTEGER,
    float: SettingType.NUMBER,
    Path: SettingType.PATH,
    Path | None: SettingType.PATH,
    tuple[Path, ...]: SettingType.PATHS,
    tuple[str, ...]: SettingType.NAMES,
    str: SettingType.TEXT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the settings table. `least` is the smallest number allowed, `None` for settings that are no number;
    `choices` are the only texts allowed, empty where any is.
    """

    name: str
    type: SettingType
    default: Value
    doc: str
    least: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "TIDEGATE_" + self.name.replace(".", "_").upper()


class Source(StrEnum):
    """Where a value came from; the first that has one wins, in this order."""

    FLAG = "flag"
    ENV = "env"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one setting's value came from: the source, and which flag, variable, or file and line."""

    source: Source
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """All values, and the origin of each by setting name."""

    settings: Settings
    origins: Mapping[str, Origin]

    def value(self, name: str) -> Value:
        """The value of the setting `name`. Raises KeyError if the table has none."""
        _BY_NAME[name]
        section, _, key = name.rpartition(".")
        holder = getattr(self.settings, section) if section else self.settings
        found: Value = getattr(holder, key)
        return found


def _rows(cls: type, prefix: str = "") -> list[Setting]:
    rows: list[Setting] = []
    for f in dataclasses.fields(cls):
        if dataclasses.is_dataclass(f.type) and isinstance(f.type, type):
            rows += _rows(f.type, f"{f.name}.")
            continue
        kind = SettingType.MODEL if f.metadata.get("is_model") else _TYPES[f.type]
        is_number = kind in (SettingType.INTEGER, SettingType.NUMBER)
        least = float(f.metadata.get("least", 1 if kind is SettingType.INTEGER else 0)) if is_number else None
        default: Any = f.default
        choices = tuple(f.metadata.get("choices", ()))
        doc = str(f.metadata["doc"])
        rows.append(Setting(name=prefix + f.name, type=kind, default=default, doc=doc, least=least, choices=choices))
    return rows


TABLE: tuple[Setting, ...] = tuple(_rows(Settings))
"""Every setting, in the order of the sections."""

_BY_NAME = {setting.name: setting for setting in TABLE}
_SECTIONS = sorted({setting.name.partition(".")[0] for setting in TABLE if "." in setting.name})


def all_settings() -> tuple[Setting, ...]:
    """The settings table; the same as `TABLE`."""
    return TABLE


def resolve(
    flags: Sequence[str] = (), environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Resolved:
    """Work out every setting: `flags` ("name=value") before `environ` before the file before the default.

    The file is the one `TIDEGATE_CONFIG` names, else `tidegate.toml` in `folder` (the current one), else none.
    Relative paths in the file start at the file's folder. An empty variable counts as unset. Raises SettingError
    with the place of the mistake.
    """
    env = os.environ if environ is None else environ
    texts: dict[str, tuple[object, Origin, Path]] = {}
    start = folder or Path.cwd()
    for name, value, origin, base in (*_from_file(env, start), *_from_env(env, start), *_from_flags(flags, start)):
        texts[name] = (value, origin, base)
    values: dict[str, Value] = {"home": _default_home(env)}
    origins = {setting.name: Origin(source=Source.DEFAULT) for setting in TABLE}
    for name, (value, origin, base) in texts.items():
        values[name] = _parse(_BY_NAME[name], value, origin, base)
        origins[name] = origin
    return Resolved(settings=_build(values), origins=origins)


_Row = tuple[str, object, Origin, Path]


def _from_flags(flags: Sequence[str], base: Path) -> list[_Row]:
    rows: list[_Row] = []
    for flag in flags:
        name, equals, value = flag.partition("=")
        if not equals:
            raise SettingError(
                f"{flag!r} has no value", where="--set", next_step="write name=value, for example media.max_frames=1000"
            )
        rows.append((known(name.strip(), "--set"), value.strip(), Origin(source=Source.FLAG, where="--set"), base))
    return rows


def _from_env(env: Mapping[str, str], base: Path) -> list[_Row]:
    by_env = {setting.env: setting.name for setting in TABLE}
    rows: list[_Row] = []
    for variable in sorted(env):
        if not env[variable]:
            continue
        if variable in by_env:
            rows.append((by_env[variable], env[variable], Origin(source=Source.ENV, where=variable), base))
        elif variable.startswith(tuple(f"TIDEGATE_{section.upper()}_" for section in _SECTIONS)):
            raise SettingError(
                f"no setting answers to {variable}", where="environment", next_step=_suggest(variable, list(by_env))
            )
    return rows


def _from_file(env: Mapping[str, str], folder: Path) -> list[_Row]:
    named = env.get(CONFIG_ENV, "")
    path = Path(named) if named else folder / CONFIG_NAME
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        if not named:
            return []
        raise SettingError("the settings file does not exist", where=named, next_step=f"correct {CONFIG_ENV}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"the settings file cannot be read: {error}", where=str(path)) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(
            f"not TOML: {error}", where=str(path), next_step="see https://toml.io for the form"
        ) from error
    return [
        (
            known(name, _place(path, text, name)),
            value,
            Origin(source=Source.FILE, where=_place(path, text, name)),
            path.parent,
        )
        for name, value in _flatten(data)
    ]


def _flatten(data: Mapping[str, object]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for key, value in data.items():
        if isinstance(value, dict):
            rows += [(f"{key}.{inner}", item) for inner, item in value.items()]
        else:
            rows.append((key, value))
    return rows


def _place(path: Path, text: str, name: str) -> str:
    """`file:line` of a key: TOML's parser keeps no positions, so the line is looked up by section and key."""
    section, _, key = name.rpartition(".")
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.\-\"']+)\s*\]", line):
            current = header[1].strip("\"'")
        else:
            written = key if current == section else name
            if current in (section, "") and re.match(rf"\s*[\"']?{re.escape(written)}[\"']?\s*=", line):
                return f"{path}:{number}"
    return str(path)


def as_flags(resolved: Resolved) -> tuple[str, ...]:
    """Every value that is not the default as "name=value", paths in full: the same settings for another process."""
    return tuple(
        f"{setting.name}={_written(resolved.value(setting.name))}"
        for setting in TABLE
        if resolved.origins[setting.name].source is not Source.DEFAULT or setting.name == "home"
    )


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        is_path = any(isinstance(item, Path) for item in value)
        return (os.pathsep if is_path else ",").join(str(item) for item in value)
    return "" if value is None else str(value.absolute() if isinstance(value, Path) else value)


def known(name: str, where: str) -> str:
    """`name` if the table has it. Raises SettingError at `where`, with the nearest name, if not."""
    if name not in _BY_NAME:
        raise SettingError(f"no setting {name!r}", where=where, next_step=_suggest(name, list(_BY_NAME)))
    return name


def _suggest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else "`tidegate config` lists every setting"


def _default_home(env: Mapping[str, str]) -> Path:
    # The XDG specification says that a relative XDG_STATE_HOME is to be ignored.
    state = env.get("XDG_STATE_HOME", "")
    return Path(state) / "tidegate" if state.startswith("/") else Path(HOME_DEFAULT).expanduser()


def _parse(setting: Setting, value: object, origin: Origin, base: Path) -> Value:
    match setting.type:
        case SettingType.INTEGER | SettingType.NUMBER:
            return _number(setting, value, origin)
        case SettingType.PATH:
            return _path(setting, value, origin, base)
        case SettingType.PATHS:
            parts = value.split(os.pathsep) if isinstance(value, str) else value
            paths = (_path(setting, part, origin, base) for part in _list(setting, parts, origin))
            return tuple(path for path in paths if path is not None)
        case SettingType.NAMES:
            parts = value.split(",") if isinstance(value, str) else value
            return tuple(part.strip() for part in _list(setting, parts, origin))
        case SettingType.TEXT:
            return _text(setting, value, origin)
        case SettingType.MODEL:
            return _model(setting, value, origin, base)


def _number(setting: Setting, value: object, origin: Origin) -> int | float:
    wanted = int if setting.type is SettingType.INTEGER else float
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ValueError
        number = wanted(value)
        if not math.isfinite(number) or (wanted is int and isinstance(value, float) and number != value):
            raise ValueError
    except (ValueError, OverflowError):
        raise _wrong(setting, f"wanted {'an integer' if wanted is int else 'a number'}", value, origin) from None
    if setting.least is not None and number < setting.least:
        raise _wrong(setting, f"wanted {setting.least:g} or more", value, origin)
    return number


def _path(setting: Setting, value: object, origin: Origin, base: Path) -> Path | None:
    if not isinstance(value, str) or "\0" in value or (not value and setting.default is not None):
        raise _wrong(setting, "wanted a path", value, origin)
    # An empty text means "unset" and must not become the folder it would be relative to.
    try:
        return base / Path(value).expanduser() if value else None
    except RuntimeError:
        raise _wrong(setting, "wanted a path, and nobody here has that home folder", value, origin) from None


def _text(setting: Setting, value: object, origin: Origin) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise _wrong(setting, "wanted a text", value, origin)
    if setting.choices and value not in setting.choices:
        raise _wrong(setting, f"wanted one of {', '.join(setting.choices)}", value, origin)
    return value


def _model(setting: Setting, value: object, origin: Origin, base: Path) -> str:
    text = _text(setting, value, origin)
    if text.startswith(HUB_PREFIX):
        return text
    path = _path(setting, text, origin, base) if text else None
    return str(path) if path else ""


def _list(setting: Setting, value: object, origin: Origin) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(setting, f"wanted a {setting.type}", value, origin)
    return [item for item in value if item.strip()]


def _wrong(setting: Setting, wanted: str, value: object, origin: Origin) -> SettingError:
    shown = ascii(value)
    found = f"{shown[:60]}{'…' if len(shown) > 60 else ''}"
    return SettingError(
        f"{setting.name}: {wanted}, found {found}", where=origin.where, next_step=f"set {setting.name}: {setting.doc}"
    )


def _build(values: Mapping[str, Value]) -> Settings:
    sections: dict[str, Any] = {}
    for f in dataclasses.fields(Settings):
        if dataclasses.is_dataclass(f.type) and isinstance(f.type, type):
            prefix = f"{f.name}."
            own = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
            sections[f.name] = f.type(**own)
        elif f.name in values:
            sections[f.name] = values[f.name]
    return Settings(**sections)
