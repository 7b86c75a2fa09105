"""Typed reading of a document tree: every fault becomes a finding with its place, and reading goes on."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from tidegate.errors import Diagnostic
from tidegate.policy.diagnostics import did_you_mean
from tidegate.policy.expressions import condition
from tidegate.policy.tree import Entries, Items, Node, Place, Scalar, place_inside
from tidegate.policy.variables import VARIABLES

E = TypeVar("E", bound=StrEnum)
Path = tuple[str | int, ...]
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\Z")


class Reader:
    """Reads nodes of one document. Unreadable values come back as `None` or empty and leave a finding.

    `nodes` and `keys` remember what stood at each path, so that later checks can point at it; `unread` are the paths
    whose words could not be read, about which later checks should be silent.
    """

    def __init__(self, text: str, source: str) -> None:
        self.text_of_document = text
        self.source = source
        self.found: list[Diagnostic] = []
        self.nodes: dict[Path, Node] = {}
        self.keys: dict[Path, Scalar] = {}
        self.unread: set[Path] = set()

    def note(self, code: str, place: Place, message: str, hint: str = "", *, is_error: bool = True) -> None:
        """Add a finding at a place."""
        self.found.append(
            Diagnostic(
                code=code,
                source=self.source,
                line=place.line,
                column=place.column,
                length=place.length,
                message=message,
                hint=hint,
                is_error=is_error,
            )
        )

    def note_at(self, code: str, path: Path, message: str, hint: str = "", *, is_error: bool = True) -> None:
        """Add a finding at the value of a path, or at the nearest key above it if the path has no value."""
        self.note(code, self.place_of(path), message, hint, is_error=is_error)

    def note_inside(self, code: str, path: Path, start: int, length: int, message: str, hint: str = "") -> None:
        """Add an error at characters of a text value."""
        node = self.nodes[path]
        place = place_inside(self.text_of_document, node, start, length) if isinstance(node, Scalar) else node.place
        self.note(code, place, message, hint)

    def place_of(self, path: Path) -> Place:
        """Where a path's value stands: the scalar itself, else its key, else the nearest key above."""
        while path:
            node = self.nodes.get(path)
            if isinstance(node, Scalar):
                return node.place
            if path in self.keys:
                return self.keys[path].place
            if node is not None:
                return node.place
            path = path[:-1]
        return Place(line=1, column=1, start=0, length=1)

    def raw(self, path: Path) -> str:
        """The text of a scalar exactly as its document gives it, empty for anything else."""
        node = self.nodes.get(path)
        return node.text if isinstance(node, Scalar) else ""

    def fields(self, node: Node, path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
        """The values of a mapping with known keys. Unknown, repeated and missing keys are noted."""
        known = (*required, *optional)
        found: dict[str, Node] = {}
        for key, value in self.pairs(node, path):
            if key.text not in known:
                self.note("TG-P010", key.place, f"unknown key {key.text!r}", did_you_mean(key.text, known))
            else:
                found[key.text] = value
        for name in required:
            if name not in found and isinstance(node, Entries):
                self.note("TG-P011", self.place_of(path), f"the key {name!r} is missing", "add it")
        return found

    def pairs(self, node: Node, path: Path) -> list[tuple[Scalar, Node]]:
        """The entries of a mapping with open keys, repeated ones noted and dropped, places remembered."""
        self.nodes.setdefault(path, node)
        if not isinstance(node, Entries):
            self._wrong_kind(node, "a mapping")
            return []
        pairs: list[tuple[Scalar, Node]] = []
        for key, value in node.pairs:
            here = (*path, key.text)
            if here in self.keys:
                first = self.keys[here].place.line
                self.note("TG-P015", key.place, f"{key.text!r} stands twice", f"first on line {first}")
                continue
            self.keys[here], self.nodes[here] = key, value
            pairs.append((key, value))
        return pairs

    def text(self, node: Node | None, path: Path, *, max_chars: int = 10_000) -> str:
        """A text that says something; surrounding white space is dropped."""
        if node is None:
            return ""
        self.nodes[path] = node
        if not isinstance(node, Scalar):
            self._wrong_kind(node, "a text")
            return ""
        value = node.text.strip()
        if not value:
            self.note_at("TG-P013", path, "nothing is said here", "write a text or drop the key")
        elif len(value) > max_chars:
            self.note("TG-P013", node.place, f"{len(value)} characters, at most {max_chars} are allowed")
        return value

    def id(self, node: Node | None, path: Path, pattern: re.Pattern[str], form: str) -> str:
        """A text of a given form, such as an id or a version."""
        value = self.text(node, path)
        if value and isinstance(node, Scalar):
            self.check_id(node, pattern, form)
        return value

    def check_id(self, scalar: Scalar, pattern: re.Pattern[str], form: str) -> bool:
        """Whether a scalar has the form; noted if not."""
        is_good = bool(pattern.match(scalar.text))
        if not is_good:
            self.note("TG-P014", scalar.place, f"{scalar.text[:60]!r} is not well-formed", f"wanted {form}")
        return is_good

    def texts(self, node: Node | None, path: Path) -> tuple[str, ...]:
        """A list of texts; repeated ones are noted."""
        return tuple(self.placed_texts(node, path))

    def placed_texts(self, node: Node | None, path: Path) -> dict[str, Path]:
        """A list of texts, each with the path it stands at; repeated ones are noted."""
        texts: dict[str, Path] = {}
        for index, item in enumerate(self.items(node, path)):
            here = (*path, index)
            value = self.text(item, here)
            if value and value in texts:
                self.note("TG-P015", item.place, f"{value[:40]!r} stands twice in this list")
            elif value:
                texts[value] = here
        return texts

    def condition(self, node: Node | None, path: Path) -> str:
        """A condition in CEL, compiled to see that it is right; its faults are noted at their characters."""
        value = self.text(node, path)
        if not value or not isinstance(node, Scalar):
            return ""
        for fault in condition(node.text).faults:
            if fault.name:
                hint = did_you_mean(fault.name, VARIABLES)
                code = "TG-P032"
            else:
                code, hint = ("TG-P031", "") if fault.is_wrong_type else ("TG-P030", fault.hint)
            self.note_inside(code, path, fault.start, fault.length, fault.message, hint)
        return value

    def items(self, node: Node | None, path: Path) -> list[Node]:
        """The items of a list."""
        if node is None:
            return []
        self.nodes[path] = node
        if not isinstance(node, Items):
            self._wrong_kind(node, "a list")
            return []
        for index, item in enumerate(node.items):
            self.nodes[(*path, index)] = item
        return node.items

    def number(self, node: Node | None, path: Path, *, below: float, is_closed: bool = False) -> float | None:
        """A number above 0 and under `below`, or up to and with it if closed."""
        if node is None:
            return None
        self.nodes[path] = node
        if not isinstance(node, Scalar) or not _NUMBER.match(node.text.strip()):
            self._wrong_kind(node, "a number")
            return None
        value = float(node.text)
        if not (0.0 < value < below or (is_closed and value == below)):
            end = f"{below:g}]" if is_closed else f"{below:g})"
            self.note("TG-P021", node.place, f"{node.text} is outside (0, {end}", _as_share(value))
            return None
        return value

    def word(self, node: Node | None, path: Path, words: type[E]) -> E | None:
        """One word of an enumeration."""
        if node is None:
            return None
        self.nodes[path] = node
        if not isinstance(node, Scalar):
            self._wrong_kind(node, "a word")
            self.unread.add(path)
            return None
        word = self.one_of(node, words)
        if word is None:
            self.unread.add(path)
        return word

    def one_of(self, scalar: Scalar, words: type[E]) -> E | None:
        """The enumeration's member that a scalar names; noted with the nearest word if there is none."""
        known: Iterable[str] = [word.value for word in words]
        if scalar.text in known:
            return words(scalar.text)
        self.note("TG-P020", scalar.place, f"unknown word {scalar.text[:60]!r}", did_you_mean(scalar.text, known))
        return None

    def words(self, node: Node | None, path: Path, words: type[E]) -> tuple[E, ...]:
        """A list of words of an enumeration, each once."""
        found: list[E] = []
        for index, item in enumerate(self.items(node, path)):
            word = self.word(item, (*path, index), words)
            if word in found:
                self.note("TG-P015", item.place, f"{word.value!r} stands twice in this list" if word else "")
            elif word is not None:
                found.append(word)
        return tuple(found)

    def _wrong_kind(self, node: Node, wanted: str) -> None:
        if isinstance(node, Scalar):
            found = f"{node.text[:40]!r}" if node.text else "nothing"
        else:
            found = "a list" if isinstance(node, Items) else "a mapping"
        self.note("TG-P012", node.place, f"wanted {wanted}, found {found}")


def _as_share(value: float) -> str:
    return f"did you mean {value / 100:g}?" if 1.0 < value <= 100.0 else ""
