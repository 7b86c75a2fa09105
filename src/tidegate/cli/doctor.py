"""`tidegate doctor`: checks that everything Tidegate needs is here and works, by using it."""

from typing import TYPE_CHECKING

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines, say
from tidegate.errors import MissingDependencyError
from tidegate.explain.visible import one_line
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from rich.text import Text

    from tidegate.cli.checks import Check

_STYLES = {"ok": "green", "optional": "yellow", "failed": "bold red"}


@click.command()
@set_option
@json_option
def doctor(resolved: Resolved, as_json: bool) -> int:
    """Check that everything Tidegate needs is here and works.

    Exit 3 when something needed is missing or broken. What is optional is named with the command that brings it.
    """
    from tidegate.cli.checks import State, all_checks

    counts = dict.fromkeys(State, 0)
    for check in all_checks(resolved):
        counts[check.state] += 1
        if as_json:
            emit(check.to_json())
        else:
            print_lines(_line(check))
    failed, optional = counts[State.FAILED], counts[State.OPTIONAL]
    without = f", {optional} optional missing" if optional else ""
    say(f"{failed} needed missing or broken{without}" if failed else f"everything needed is here{without}")
    return MissingDependencyError.exit_code if failed else 0


def _line(check: "Check") -> "Text":
    from rich.text import Text

    line = Text(f"{check.state.value:<9}", style=_STYLES[check.state.value])
    line.append(f"{check.area:<10} ", style="dim")
    line.append(f"{check.name:<28} ", style="bold")
    line.append(one_line(check.detail, 300))
    if check.next_step:
        line.append(f"\n{'':<20} next: {one_line(check.next_step, 300)}", style="yellow")
    return line
