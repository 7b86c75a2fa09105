"""`tidegate config`: every setting, its value, and where the value came from."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines
from tidegate.explain.visible import visible
from tidegate.settings import TABLE, Resolved, Setting, Source, Value

_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@/\s]+(?=@)@")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@set_option
@json_option
def config(names: tuple[str, ...], resolved: Resolved, as_json: bool) -> None:
    """Print every setting and where its value came from.

    A flag wins over the environment, the environment over tidegate.toml, the file over the default.
    NAME is a setting or a section; without one, all are printed.
    """
    rows = _wanted(names)
    if as_json:
        for setting in rows:
            emit(_as_json(setting, resolved))
        return
    _print(rows, resolved)


def _wanted(names: tuple[str, ...]) -> list[Setting]:
    from tidegate.settings import known

    for name in names:
        if not any(setting.name.startswith(f"{name}.") for setting in TABLE):
            known(name, "tidegate config")
    return [row for row in TABLE if not names or any(row.name == n or row.name.startswith(f"{n}.") for n in names)]


def _as_json(setting: Setting, resolved: Resolved) -> dict[str, object]:
    origin = resolved.origins[setting.name]
    return {
        "name": setting.name,
        "value": _plain(resolved.value(setting.name)),
        "source": origin.source.value,
        "where": origin.where,
        "type": setting.type.value,
        "default": _plain(setting.default),
        "env": setting.env,
        "doc": setting.doc,
    }


def _plain(value: Value) -> object:
    if isinstance(value, tuple):
        return [without_password(os.fspath(item)) for item in value]
    if isinstance(value, str):
        return without_password(value)
    return os.fspath(value) if isinstance(value, Path) else value


def without_password(text: str) -> str:
    """An address without the password in it: what a command prints ends up in tickets."""
    return _PASSWORD.sub(r"\1:***@", text)


def written(value: Value) -> str:
    """A value as a person reads it; a dash where it is unset."""
    if value is None or value == ():
        return "-"
    if isinstance(value, tuple):
        return visible(", ".join(without_password(os.fspath(item)) for item in value))
    return visible(
        f"{value:g}"
        if isinstance(value, float)
        else os.fspath(value)
        if isinstance(value, Path)
        else without_password(str(value))
    )


def _print(rows: Iterable[Setting], resolved: Resolved) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in ("setting", "value", "from", "what it is"):
        table.add_column(heading, overflow="fold")
    for setting in rows:
        origin = resolved.origins[setting.name]
        place = _near(origin.where) if origin.source is not Source.DEFAULT else "default"
        style = "" if origin.source is not Source.DEFAULT else "dim"
        table.add_row(
            Text(setting.name, style="bold" if not style else ""),
            Text(written(resolved.value(setting.name))),
            Text(visible(place), style=style),
            Text(setting.doc, style="dim"),
        )
    print_lines(table)


def _near(place: str) -> str:
    """A place in the current folder without the folder's name."""
    return place.removeprefix(f"{Path.cwd()}{os.sep}")
