"""The codes of policy findings, and how a finding is shown: the line, a caret under the place, what to write."""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from tidegate.errors import Diagnostic

CODES: Mapping[str, str] = MappingProxyType(
    {
        # the document as a file
        "TG-P001": "the document cannot be read: missing, not UTF-8, or too large",
        "TG-P002": "the document is not YAML",
        "TG-P003": "YAML that a policy may not use: anchors, aliases, tags, a second document",
        "TG-P004": "nested too deep, or too many values",
        # its shape
        "TG-P010": "an unknown key",
        "TG-P011": "a required key is missing",
        "TG-P012": "a value of the wrong kind",
        "TG-P013": "an empty text or list where something must be said",
        "TG-P014": "an id, version or format that is not well-formed",
        "TG-P015": "a key or id that stands twice",
        # its values
        "TG-P020": "an unknown word where one of a few is wanted",
        "TG-P021": "a number outside its range",
        "TG-P022": "a label that no detector is known for",
        "TG-P023": "an unknown EU category or keyword",
        "TG-P024": "an EU keyword of another category",
        "TG-P025": "a region that is no ISO 3166 code",
        # its conditions
        "TG-P030": "a condition that does not compile",
        "TG-P031": "a condition that is not true or false",
        "TG-P032": "a condition uses an unknown name",
        "TG-P033": "a condition compares with a word that never occurs",
        "TG-P034": "a condition needs a fact that may be unknown (warning)",
        # its sense
        "TG-P040": "a share to sample is missing, or stands where nothing is sampled",
        "TG-P041": "a clause that nothing speaks to must say what it is blind to and what that means",
        "TG-P042": "a rule that can never be reached",
        "TG-P043": "actions or targets that contradict each other",
        "TG-P044": "a rule whose action its moment does not allow",
        "TG-P045": "an act target that can never be met (warning)",
        "TG-P046": "cases may meet no rule and then go to a person (warning)",
        "TG-P047": "removal at low precision (warning)",
        "TG-P048": "a look target that sends nearly everything to people (warning)",
    }
)
"""Every code with its meaning. A code, once released, never changes its meaning."""

WINDOW_COLUMNS = 100
"""Longer source lines are shown around the caret only."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a question, or the known words if they are few, or nothing."""
    words = sorted(known)
    lowered = {one.lower(): one for one in words}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean {lowered[close[0]]!r}?"
    return f"one of: {', '.join(words)}" if len(words) <= 12 else ""


def render(diagnostics: Sequence[Diagnostic], text: str) -> str:
    """All findings in document order, as a person reads them in a terminal without colour; ends in a count."""
    lines = text.splitlines()
    ordered = sorted(diagnostics, key=lambda one: (one.line, one.column, one.code))
    shown = [render_one(one, lines[one.line - 1] if 0 < one.line <= len(lines) else "") for one in ordered]
    return "\n\n".join((*shown, summary(diagnostics))) + "\n"


def render_one(diagnostic: Diagnostic, source_line: str) -> str:
    """One finding: head, the source line, and the caret with the hint behind it."""
    word = "error" if diagnostic.is_error else "warning"
    place = f"{diagnostic.source}:{diagnostic.line}:{diagnostic.column}"
    head = f"{word} {diagnostic.code} {place}: {diagnostic.message}"
    start, length = diagnostic.column - 1, diagnostic.length
    line, start = _window(source_line, start)
    before, marked = line[:start], line[start : start + length] or " "
    margin = " " * len(str(diagnostic.line))
    caret = " " * _width(before) + "^" * max(1, _width(marked))
    hint = f" {diagnostic.hint}" if diagnostic.hint else ""
    return f"{head}\n  {diagnostic.line} | {_flat(line)}\n  {margin} | {caret}{hint}"


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How many errors and warnings there are, in words."""
    errors = sum(one.is_error for one in diagnostics)
    parts = [(errors, "error"), (len(diagnostics) - errors, "warning")]
    said = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts if count]
    return " and ".join(said) or "no errors"


def _window(line: str, start: int) -> tuple[str, int]:
    if len(line) <= WINDOW_COLUMNS or start < WINDOW_COLUMNS - 20:
        return line[:WINDOW_COLUMNS], start
    cut = start - 20
    return "…" + line[cut + 1 : cut + WINDOW_COLUMNS], 20


def _flat(line: str) -> str:
    """The line with each tab as one blank, so that the caret stands under its character."""
    return line.replace("\t", " ")


def _width(text: str) -> int:
    """Columns of a terminal that the text takes: wide letters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
