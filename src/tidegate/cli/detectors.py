"""`tidegate detectors`: what looks at an upload, what it needs and says, when it runs, and whether it can."""

import importlib.util
from typing import TYPE_CHECKING

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines
from tidegate.errors import PluginError
from tidegate.explain.visible import one_line
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tidegate.signals.base import Detector


@click.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@set_option
@json_option
def detectors(names: tuple[str, ...], resolved: Resolved, as_json: bool) -> int:
    """List every detector: needs, labels, cost, when it runs, availability.

    ID is a detector or a family; without one, all are listed in running order. Cost is CPU time for one item.
    Exit 3 when an installed plugin cannot be used; it is listed last, with the reason.
    """
    from tidegate.assembly import as_set
    from tidegate.signals.registry import chosen, usable

    made, broken = usable()
    for detector in as_set(resolved, chosen(made, names)):
        if as_json:
            emit(_as_json(detector))
        else:
            print_lines(_lines(detector))
    for error in broken:
        if as_json:
            emit({"error": error.to_json()})
        else:
            print_lines(_broken(error))
    return PluginError.exit_code if broken else 0


def missing(detector: "Detector") -> str:
    """Why a detector cannot run: the packages that are not installed and what brings them; empty if none is."""
    absent = [need for need in detector.requires if importlib.util.find_spec(need.package) is None]
    commands = dict.fromkeys(need.install or f"pip install 'tidegate[{need.extra}]'" for need in absent)
    return f"unavailable: needs {' and '.join(commands)}" if absent else ""


def _broken(error: PluginError) -> "RenderableType":
    from rich.text import Text

    line = Text(f"{one_line(error.where, 100)}  ", style="bold")
    line.append(f"broken: {error.code} {one_line(error.what, 300)}", style="bold red")
    line.append(f"\n  next: {one_line(error.next_step, 200)}; nothing is screened without it", style="yellow")
    return line


def _family(detector: "Detector") -> str:
    return detector.id.partition(".")[0]


def _as_json(detector: "Detector") -> dict[str, object]:
    why_not = missing(detector)
    return {
        "id": detector.id,
        "family": _family(detector),
        "tier": detector.resources.tier.value,
        "needs": sorted(need.value for need in detector.needs),
        "emits": sorted(detector.emits),
        "when": str(detector.when) if detector.when else "",
        "cpu_s_per_item": detector.resources.cpu_s_per_item,
        "memory_mib": detector.resources.memory_mib,
        "requires": [need.package for need in detector.requires],
        "is_available": not why_not,
        "why_not": why_not,
    }


def _lines(detector: "Detector") -> "RenderableType":
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    why_not = missing(detector)
    resources = detector.resources
    line = Text(f"{detector.id:<24}", style="bold")
    line.append(f"{_family(detector):<12}{resources.tier.value:<7}")
    line.append(f"{', '.join(sorted(detector.needs)):<9}", style="")
    milliseconds = 1000 * resources.cpu_s_per_item
    cost = f"{milliseconds:.3g}" if milliseconds < 1000 else f"{milliseconds:,.0f}"
    line.append(f"{cost:>7} ms an item {resources.memory_mib:>6.4g} MiB  ")
    line.append(why_not or "available", style="yellow" if why_not else "green")
    says = Text(f"says {', '.join(sorted(detector.emits))}", style="dim")
    runs = Text(f"runs {f'when {detector.when}' if detector.when else 'always'}", style="dim")
    return Group(line, Padding(Group(says, runs), (0, 0, 0, 2)))
