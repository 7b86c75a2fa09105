"""A YAML document as a tree that knows its places. Built from parser events with bounds; nothing is constructed.

No tag is obeyed and no anchor followed: a scalar stays text until a reader asks for a type, so the region `NO`
stays Norway and no document can name a Python object or grow under its own references.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

MAX_SIZE_BYTES = 1_000_000
MAX_DEPTH = 12
MAX_NODES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch of the document: line and column from 1, `start` and `length` in characters of its text."""

    line: int
    column: int
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A leaf: its text, whether it was written without quotes, and its place."""

    text: str
    is_plain: bool
    place: Place


@dataclass(slots=True, kw_only=True)
class Items:
    """A YAML list."""

    place: Place
    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Entries:
    """A YAML mapping, as pairs in written order; keys may repeat until somebody checks."""

    place: Place
    pairs: list[tuple[Scalar, "Node"]] = field(default_factory=list)


Node = Scalar | Items | Entries


class TreeFault(Exception):  # noqa: N818 - never leaves this room: it becomes a diagnostic
    """Why a document has no tree: the code, the place and what to say."""

    def __init__(self, code: str, place: Place, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.place, self.message, self.hint = code, place, message, hint


def read_tree(text: str) -> Node | None:
    """The document's root node, `None` if it is empty. Raises TreeFault at the first thing that is refused.

    Cost: about 15 ms for 60 kB; time and memory grow linearly and stop at MAX_SIZE_BYTES, MAX_DEPTH, MAX_NODES.
    """
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        place = Place(line=text.count("\n", 0, error.start) + 1, column=1, start=error.start, length=1)
        raise TreeFault("TG-P002", place, "not YAML: a lone surrogate is no character") from error
    if size_bytes > MAX_SIZE_BYTES:
        message = f"the document is larger than {MAX_SIZE_BYTES} bytes"
        raise TreeFault("TG-P001", Place(line=1, column=1, start=0, length=1), message)
    try:
        return _Builder(text).build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1, mark.index) if mark else (1, 1, 0)
        place = Place(line=at[0], column=at[1], start=at[2], length=1)
        raise TreeFault("TG-P002", place, f"not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        place = Place(line=line, column=1, start=error.position, length=1)
        raise TreeFault("TG-P002", place, f"not YAML: {error.reason}") from error


class _Builder:
    """Turns events into nodes with a stack of its own, so that depth costs no recursion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[Items | Entries] = []
        self._keys: list[Scalar | None] = []
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0

    def build(self) -> Node | None:
        for event in self._events():
            self._take(event)
        return self._root

    def _events(self) -> Iterator[yaml.Event]:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events: Iterator[yaml.Event] = yaml.parse(self._text, Loader=loader)
        return events

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._fault("TG-P003", event, "a second document begins here; one policy is one document")
            case yaml.AliasEvent():
                raise self._fault("TG-P003", event, "aliases are not allowed", "write the text out")
            case yaml.ScalarEvent():
                self._check_node(event)
                node = Scalar(text=event.value, is_plain=not event.style, place=self._place(event))
                self._add(node)
            case yaml.SequenceStartEvent():
                self._begin(event, Items(place=self._place(event)))
            case yaml.MappingStartEvent():
                self._begin(event, Entries(place=self._place(event)))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._keys.pop()

    def _begin(self, event: yaml.NodeEvent, node: Items | Entries) -> None:
        self._check_node(event)
        if len(self._open) >= MAX_DEPTH:
            raise self._fault("TG-P004", event, f"nested deeper than {MAX_DEPTH} levels")
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _check_node(self, event: yaml.NodeEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._fault("TG-P004", event, f"more than {MAX_NODES} values")
        if event.anchor is not None:
            raise self._fault("TG-P003", event, "anchors are not allowed", "write the text out where it is needed")
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            raise self._fault("TG-P003", event, f"the tag {tag!r} is not allowed", "values need no tags here")

    def _add(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        holder = self._open[-1]
        if isinstance(holder, Items):
            holder.items.append(node)
            return
        key = self._keys[-1]
        if key is not None:
            holder.pairs.append((key, node))
            self._keys[-1] = None
        elif isinstance(node, Scalar):
            self._keys[-1] = node
        else:
            raise TreeFault("TG-P002", node.place, "a key must be a word, not a list or a mapping")

    def _place(self, event: yaml.Event) -> Place:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            raise TypeError("the parser gave an event without its place")
        stop = end.index if end.line == start.line else self._line_end(start.index)
        return Place(line=start.line + 1, column=start.column + 1, start=start.index, length=max(1, stop - start.index))

    def _line_end(self, start: int) -> int:
        stop = self._text.find("\n", start)
        return len(self._text) if stop < 0 else stop

    def _fault(self, code: str, event: yaml.Event, message: str, hint: str = "") -> TreeFault:
        return TreeFault(code, self._place(event), message, hint)


def place_inside(text: str, scalar: Scalar, start: int, length: int) -> Place:
    """Where characters `[start, start + length)` of a scalar's text stand in the document.

    Walks both side by side: escapes, doubled quotes, indentation and folded line ends are stepped over.
    """
    at = _begin(text, scalar)
    for index in range(min(start, len(scalar.text))):
        at = _step(text, at, scalar.text[index])
    while at < len(text) and start < len(scalar.text) and text[at] != scalar.text[start]:
        at += 1
    at = min(at, max(0, len(text) - 1))
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    room = (len(text) if line_end < 0 else line_end) - at
    return Place(
        line=text.count("\n", 0, at) + 1, column=at - line_start + 1, start=at, length=max(1, min(length, room))
    )


def _begin(text: str, scalar: Scalar) -> int:
    """Where a scalar's own characters begin: behind its quote, or behind the line of a block's header."""
    at = scalar.place.start
    if scalar.is_plain or at >= len(text):
        return at
    if text[at] in "|>":
        stop = text.find("\n", at)
        return len(text) if stop < 0 else stop + 1
    return at + 1 if text[at] in "'\"" else at


def _step(text: str, at: int, char: str) -> int:
    """The place behind `char`, which stands at `at` or after escapes and white space."""
    if char.isspace():
        while at < len(text) and text[at].isspace():
            at += 1
        return at
    found = text.find(char, at)
    return at if found < 0 else found + 1
