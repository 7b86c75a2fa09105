"""Conditions in CEL, the Common Expression Language, behind one small class.

Names and types are checked when a policy is read. At run time only a plain true or false counts: everything else,
an unknown name, a missing key, a division by zero, a spent budget, is *cannot be told*, which the policy treats
as a matter for a person. Compiling costs 0.1 ms, an answer 50 us; the engine itself loads on the first condition.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.policy.variables import VARIABLES

MAX_CONDITION_CHARS = 1000
_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
_SYNTAX = re.compile(
    r"Syntax error: (?:mismatched|extraneous) input '(.*?)' expecting|no viable alternative at input '(.*?)'"
)
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")
_TEXT_OR_COMMENT = re.compile(
    r"""(?P<text>[rRbB]{0,2}('''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))"""
    r"|//[^\n]*",
    re.DOTALL,
)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_GROWING = re.compile(r"\.\s*map\s*\(")
_LITERALS = (
    ("label", re.compile(r"\bscore\s*\[\s*(['\"])([^'\"\n]*)\1\s*\]")),
    ("clause", re.compile(r"\bjudged\s*\[\s*(['\"])([^'\"\n]*)\1\s*\]")),
    ("name", re.compile(r"(['\"])([^'\"\n]*)\1\s+in\s+known\b")),
    ("surface", re.compile(r"\bupload\.surface\s*[!=]=\s*(['\"])([^'\"\n]*)\1")),
    ("region", re.compile(r"\bupload\.region\s*[!=]=\s*(['\"])([^'\"\n]*)\1")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a condition does not compile: `start` and `length` in characters of its text.

    `name` is set where an unknown name is the reason, `is_wrong_type` where it is no true-or-false expression.
    """

    start: int
    length: int
    message: str
    hint: str = ""
    name: str = ""
    is_wrong_type: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a condition said: held or not, or `problem` says why that cannot be told (then `held` is false)."""

    held: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A text in a condition that names a label, clause, name, surface or region, with its place in the text."""

    kind: str
    value: str
    start: int


class Condition:
    """One condition, compiled once. `faults` is empty exactly if it compiled to a true-or-false expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.faults: tuple[Fault, ...] = ()
        self._program: Any = None
        # Handing over only what is used halves the cost of an answer.
        self._names = tuple(name for name in VARIABLES if name in _code(text))
        if fault := _refused(text):
            self.faults = (fault,)
            return
        try:
            self._program = _environment().compile(text)
        except (RuntimeError, TypeError, ValueError) as error:
            self.faults = _faults(text, str(error))
            return
        kind = self._program.return_type().name()
        if kind != "BOOL":
            message = f"a condition must be true or false, this is {kind.lower()}"
            self.faults = (Fault(start=0, length=len(text), message=message, is_wrong_type=True),)

    def answer(self, values: Mapping[str, object]) -> Answer:
        """Whether the condition holds for these values. Never raises: what cannot be told says why."""
        if self.faults:
            return Answer(problem=self.faults[0].message)
        try:
            result = self._program.eval(data={name: values[name] for name in self._names if name in values})
            kind, value = result.type().name(), result.value()
        except (RuntimeError, TypeError, ValueError, OverflowError, MemoryError) as error:
            return Answer(problem=_plain(str(error)))
        if kind != "BOOL" or not isinstance(value, bool):
            return Answer(problem=_plain(str(value)))
        return Answer(held=value)


@functools.lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """The compiled condition of this text; the same text is compiled once per process."""
    return Condition(text)


def names_in(text: str) -> frozenset[str]:
    """The declared names a condition uses outside its texts and comments."""
    code = _code(text)
    return frozenset(name for name in VARIABLES if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", code))


def literals_in(text: str) -> tuple[Literal, ...]:
    """Texts of a condition that stand for something Tidegate knows, in order."""
    found = [
        Literal(kind=kind, value=match[2], start=match.start(2))
        for kind, pattern in _LITERALS
        for match in pattern.finditer(text)
    ]
    return tuple(sorted(found, key=lambda literal: literal.start))


def _masked(text: str) -> str:
    """The condition with its texts and comments blanked, every other character at its place."""
    return _TEXT_OR_COMMENT.sub(lambda match: " " * len(match[0]), text)


def _code(text: str) -> str:
    """The condition without its texts and comments, dotted names drawn together."""
    return re.sub(r"\s*\.\s*", ".", _masked(text))


def _refused(text: str) -> Fault | None:
    """What is refused before the engine sees it: long conditions, characters nobody sees, and `map`.

    The results of `map` can double at each step, which the engine's budget of iterations does not bound.
    """
    if len(text) > MAX_CONDITION_CHARS:
        message = f"{len(text)} characters, at most {MAX_CONDITION_CHARS} are allowed"
        return Fault(start=0, length=1, message=message)
    if unseen := _UNSEEN.search(text):
        message = f"the character U+{ord(unseen[0]):04X} cannot be seen and is not allowed"
        return Fault(start=unseen.start(), length=1, message=message)
    if growing := _GROWING.search(_masked(text)):
        message = "map is not allowed in conditions; use exists, all or filter"
        return Fault(start=growing.start(), length=len(growing[0]), message=message)
    return None


@functools.cache
def _environment() -> Any:  # noqa: ANN401 - the engine has no types of its own
    from cel_expr_python import cel

    kinds = {
        "string": cel.Type.STRING,
        "double": cel.Type.DOUBLE,
        "int": cel.Type.INT,
        "bool": cel.Type.BOOL,
        "list(string)": cel.Type.List(cel.Type.STRING),
        "map(string, string)": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
        "map(string, double)": cel.Type.Map(cel.Type.STRING, cel.Type.DOUBLE),
    }
    return cel.NewEnv(variables={name: kinds[variable.type] for name, variable in VARIABLES.items()})


def _faults(text: str, report: str) -> tuple[Fault, ...]:
    """The engine's report as faults with places; a report without places marks the whole condition."""
    faults = []
    for line, column, message in _ERROR.findall(report):
        start = _offset(text, int(line), int(column))
        if undeclared := _UNDECLARED.search(message):
            faults.append(_unknown_name(text, start, undeclared[1]))
        else:
            hint = (
                "write numbers of one kind: 1.0 beside a double, 1 beside an int"
                if "double, int" in message or "int, double" in message
                else ""
            )
            faults.append(Fault(start=start, length=1, message=_friendly(message), hint=hint))
    unique = {(fault.start, fault.message): fault for fault in faults}
    return tuple(unique.values()) or (Fault(start=0, length=len(text), message=_plain(report)),)


def _offset(text: str, line: int, column: int) -> int:
    if line < 1 or column < 1:
        return 0
    before = text.split("\n")[: line - 1]
    return min(len(text), sum(len(part) + 1 for part in before) + column - 1)


def _unknown_name(text: str, start: int, name: str) -> Fault:
    """The engine points into a dotted name or behind it; the fault marks the whole name."""
    at = text.rfind(name, 0, start + len(name))
    begin = at if at >= 0 and at <= start <= at + len(name) else start
    return Fault(start=begin, length=max(1, len(name)), message=f"unknown name {name!r}", name=name)


def _friendly(message: str) -> str:
    if overload := _OVERLOAD.search(message):
        operator = overload[1].strip("_").replace("_", " ").replace("? :", "?:") or overload[1]
        return f"{operator!r} does not take ({overload[2]})"
    if syntax := _SYNTAX.search(message):
        found = syntax[1] or syntax[2]
        return "unexpected end" if found == "<EOF>" else f"unexpected {found[:40]!r}"
    text = _plain(message)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _plain(report: str) -> str:
    """An engine's message in one line without its status words."""
    text = re.sub(r"\s*\[[A-Z_]+\]\s*$", "", report.strip())
    text = re.sub(r"^[A-Z_]+: ", "", text).splitlines()[0] if text else "no reason given"
    if missing := re.match(r'No value with name "([^"]+)" found in Activation', text):
        return f"{missing[1]} is unknown"
    if key := re.match(r'Key not found in map : "?([^"]*)"?', text):
        return f"nothing is known under {key[1]!r}"
    return text
