"""Where the command line writes: results to stdout, narration to stderr, colour only for people."""

import json
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console, RenderableType

PIPED_WIDTH = 120
"""Columns of a table that no terminal shows, so that files and tests get the same lines everywhere."""


def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches this stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colour(stream: TextIO) -> bool:
    """Whether to colour: a terminal, and the person did not set NO_COLOR (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def console(stream: TextIO | None = None) -> "Console":
    """A rich console on stdout (or `stream`): plain and 120 columns wide unless a terminal shows it."""
    from rich.console import Console

    out = stream or sys.stdout
    colour = has_colour(out)
    return Console(
        file=out,
        width=None if is_terminal(out) else PIPED_WIDTH,
        color_system="auto" if colour else None,
        force_terminal=colour,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
    )


def print_lines(shown: "RenderableType", stream: TextIO | None = None) -> None:
    """Print something rich to stdout, without the blanks that pad lines to the width."""
    drawing = console(stream)
    with drawing.capture() as capture:
        drawing.print(shown)
    out = stream or sys.stdout
    out.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
    out.flush()


def say(text: str = "") -> None:
    """A line of narration on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def emit(result: "Mapping[str, object]") -> None:
    """One JSON object as one line on stdout, ASCII only, at once."""
    sys.stdout.write(json.dumps(result, separators=(",", ":"), allow_nan=False) + "\n")
    sys.stdout.flush()
