"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tidegate.settings import Resolved, resolve

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """`--json`: one object a line on stdout, errors too."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")(command)


def set_option(command: F) -> F:
    """`--set NAME=VALUE`, as often as wanted; hands the command a `Resolved` under the name `resolved`."""
    return click.option(
        "--set",
        "resolved",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_resolved,
        help="Set a setting for this run; `tidegate config` lists them. May be repeated.",
    )(command)


def _resolved(_ctx: click.Context, _option: click.Parameter, flags: tuple[str, ...]) -> Resolved:
    return resolve(flags)
