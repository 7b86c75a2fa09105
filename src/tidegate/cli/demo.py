"""`tidegate demo`: clips with known truth, screened for real, compared with the truth, with a report to look at."""

import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli.options import json_option, set_option
from tidegate.cli.terminal import emit, print_lines, say
from tidegate.errors import UsageError
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tidegate.cli.demo_case import Made
    from tidegate.cli.demo_truth import Answer, Fact

EXIT_MISSED = 1
_STYLES = {"hit": "green", "MISS": "bold red", "blind": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One truth of one clip beside what was found."""

    clip: str
    fact: "Fact"
    answer: "Answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the demo keeps its files."""

    folder: Path

    @property
    def clips(self) -> Path:
        """Clips and their sidecars."""
        return self.folder / "clips"

    @property
    def bank(self) -> Path:
        """The bank file made for this demo."""
        return self.folder / "bank.jsonl"

    @property
    def report(self) -> Path:
        """The report of this demo."""
        return self.folder / "report.html"


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@set_option
@json_option
def demo(out: Path | None, resolved: Resolved, as_json: bool) -> int:
    """Make clips with known truth, screen them, compare, write a report.

    The clips hold shapes, letters and tones; nothing in them is harmful. Exit 1 when a truth was missed.
    """
    place = Place(folder=(out or resolved.settings.home / "demo").absolute())
    start_s = time.monotonic()
    made = _make(place)
    made_s = time.monotonic() - start_s
    say(f"made {len(made)} clips in {made_s:.1f} s; screening them")
    compared, screened_text = _screen(made, place, resolved)
    if as_json:
        for one in compared:
            emit(_as_json(one))
    else:
        print_lines(_table(compared))
    say(screened_text)
    _say_the_end(compared, place, time.monotonic() - start_s)
    return EXIT_MISSED if any(one.answer.result == "MISS" for one in compared) else 0


def _make(place: Place) -> "list[Made]":
    from tidegate.cli.demo_readings import unspoken
    from tidegate.cli.demo_scenario import bank_lines, cases
    from tidegate.cli.progress import Progress

    wanted = cases()
    if silent := unspoken():
        say(f"left out what is spoken in {', '.join(silent)}: no voice for it; next: pip install 'tidegate[voices]'")
    progress = Progress(len(wanted))
    made = []
    try:
        place.clips.mkdir(parents=True, exist_ok=True)
        for case in wanted:
            made.append(case.make(place.clips))
            progress.advance(case.name)
        place.bank.write_bytes(bank_lines(made))
    except OSError as error:
        raise UsageError(
            f"the demo cannot be written: {error.strerror}", where=str(place.folder), next_step="name another --out"
        ) from error
    finally:
        progress.clear()
    return made


def _screen(made: "Sequence[Made]", place: Place, resolved: Resolved) -> tuple[list[Compared], str]:
    """Screen the clips the way `tidegate screen CLIPS --bank BANK --report REPORT` does."""
    from tidegate.assembly import open_screener
    from tidegate.cli.batch import Tally, fed, screen_each
    from tidegate.cli.inputs import Given, plan
    from tidegate.cli.paths import Refusal
    from tidegate.cli.progress import Progress
    from tidegate.cli.report.build import ReportBuilder

    facts = {str(one.path): one.facts for one in made}
    total, items = plan(tuple(facts), None, Given())
    compared, tally, progress = [], Tally(), Progress(total)
    start_s = time.monotonic()
    with open_screener(resolved, banks=(place.bank,)) as (screener, ahead):
        report = ReportBuilder(screener.policy, made_at_s=time.time(), expected=total)
        for name, result in screen_each(fed(items, ahead), screener):
            tally.add(result)
            report.add(Path(name).name, result)
            progress.advance(name)
            if isinstance(result, Refusal):
                raise result.error
            clip = Path(name).name
            compared += [Compared(clip=clip, fact=fact, answer=fact.compare(result)) for fact in facts[name]]
        progress.clear()
        report.write(place.report)
        report.close()
    return compared, tally.text(time.monotonic() - start_s)


def _table(compared: Sequence[Compared]) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in ("clip", "what is true", "what was found"):
        table.add_column(heading, overflow="fold")
    table.add_column("result", no_wrap=True)
    last = ""
    for one in compared:
        name = one.clip if one.clip != last else ""
        last = one.clip
        result = Text(one.answer.result.value, style=_STYLES[one.answer.result.value])
        table.add_row(Text(name), Text(one.fact.what), Text(one.answer.found), result)
    return table


def _as_json(one: Compared) -> dict[str, object]:
    return {
        "clip": one.clip,
        "truth": one.fact.what,
        "found": one.answer.found,
        "result": one.answer.result.value.lower(),
    }


def _say_the_end(compared: Sequence[Compared], place: Place, wall_s: float) -> None:
    counts = {result: sum(one.answer.result == result for one in compared) for result in ("hit", "MISS", "blind")}
    missed = f", {counts['MISS']} MISSED" if counts["MISS"] else ""
    blind = f", {counts['blind']} that nothing here can see" if counts["blind"] else ""
    say(f"{counts['hit']} of {len(compared)} truths found{missed}{blind}, in {wall_s:.1f} s with making the clips")
    clips, bank = shlex.quote(str(place.clips)), shlex.quote(str(place.bank))
    say(f"report: {place.report}")
    say("next:")
    command = shlex.quote(own_command())
    say(f"  {command} screen {clips} --bank {bank}")
    say(f"  {command} screen {clips}/hidden-flash.mp4 --bank {bank} --explain")
    say(f"  {command} policy show")
    say(f"  {command} detectors")


def own_command() -> str:
    """What to type to run this very `tidegate`: its name where the PATH finds it, else the file that is running."""
    for candidate in (Path(sys.argv[0]), Path(sys.executable).with_name("tidegate")):
        running = candidate.absolute()
        if running.name == "tidegate" and running.is_file():
            found = shutil.which("tidegate")
            is_found = found is not None and Path(found).resolve() == running.resolve()
            return "tidegate" if is_found else str(running)
    return "tidegate"
