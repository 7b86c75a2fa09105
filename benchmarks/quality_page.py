"""Writes measured tables into docs/quality.md, each between two marks of its own, so that a run can be repeated."""

import datetime
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from tidegate.errors import UsageError

PAGE = Path(__file__).parent.parent / "docs" / "quality.md"
TEXTS = Path(__file__).parent / "quality_texts"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, columns aligned by the number of characters."""
    widths = [max(len(row[index]) for row in [headings, *rows]) for index in range(len(headings))]
    lines = [list(headings), ["-" * width for width in widths], *(list(row) for row in rows)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def percent(rate: float) -> str:
    """A rate as whole percent, with one decimal below ten."""
    return f"{100 * rate:.1f}%" if rate < 0.0995 else f"{100 * rate:.0f}%"


def run_line(what: str) -> str:
    """What was measured, when and where, in one sentence."""
    day = datetime.datetime.now(tz=datetime.UTC).date()
    return f"{what} Run of {day.day} {day:%B %Y} on {os.cpu_count()} cores ({platform.machine()})."


def with_section(page: str, name: str, body: str) -> str:
    """The page with `body` between `<!-- NAME -->` and `<!-- end of NAME -->`. Raises UsageError without the marks."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise UsageError(f"no marks {begin} and {end}", where="docs/quality.md", next_step="add both lines to the page")
    return f"{before}{begin}\n\n{body.strip()}\n\n{end}{after}"


def publish(name: str, body: str, *, is_written: bool) -> None:
    """Print the section, and write it into the page if asked to."""
    print(body, flush=True)
    if is_written:
        PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), name, body), encoding="utf-8")
        print(f"\nwritten into {PAGE}", flush=True)
