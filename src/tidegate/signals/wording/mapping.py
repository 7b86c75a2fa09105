"""Text that remembers where each of its characters came from, so that evidence is quoted as it was written."""

import bisect
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tidegate.records import Quote, TextSource


class Trick(StrEnum):
    """What an edit undid. `EXPRESSIVE` and `STYLED` are ordinary in captions; the others hide a word from a reader."""

    BIDI = "bidi"
    INVISIBLE = "invisible"
    MARKS = "marks"
    STYLED = "styled"
    EMOJI_LETTER = "emoji_letter"
    HOMOGLYPH = "homoglyph"
    SPACED = "spaced"
    LEET = "leet"
    EXPRESSIVE = "expressive"
    CODED_WORD = "coded_word"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `[start, end)` of a text by `text`.

    A replacement of equal length maps character by character; any other maps as one block. `trick` is what
    was undone, `None` for plain tidying; `is_hiding` tells whether it hid a word.
    """

    start: int
    end: int
    text: str
    trick: Trick | None = None
    is_hiding: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One trick undone, at `[start_char, end_char)` of the original; `is_hiding` when it hid a word."""

    trick: Trick
    start_char: int
    end_char: int
    is_hiding: bool


@dataclass(frozen=True, slots=True)
class Mapped:
    """`text` derived from `original`; character `i` stands for `original[starts[i]:ends[i]]`.

    Both arrays ascend (not strictly). `None` arrays mean that nothing has changed: `i` stands for itself.
    """

    original: str
    text: str
    starts: "array[int] | None" = None
    ends: "array[int] | None" = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that `text[start:end]` stands for; an empty stretch lies at its start.

        Raises IndexError when `0 <= start <= end <= len(text)` does not hold.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"[{start}, {end}) of {len(self.text)} characters")
        if self.starts is None or self.ends is None:
            return start, end
        if start == end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def place_of(self, start_char: int, end_char: int) -> tuple[int, int]:
        """The stretch of this text that stands for `original[start_char:end_char]`; the inverse of `origin`."""
        if self.starts is None or self.ends is None:
            return start_char, end_char
        return bisect.bisect_right(self.ends, start_char), bisect.bisect_left(self.starts, end_char)

    def quote(self, source: TextSource, start: int, end: int) -> Quote:
        """The original characters behind `text[start:end]` as evidence. Raises IndexError outside the text."""
        start_char, end_char = self.origin(start, end)
        return Quote(source=source, text=self.original[start_char:end_char], start_char=start_char, end_char=end_char)

    def edited(self, edits: Sequence[Edit]) -> "Mapped":
        """The text with `edits` applied; they must ascend and not overlap. Cost: linear in the text."""
        if not edits:
            return self
        old_starts = self.starts if self.starts is not None else array("i", range(len(self.text)))
        old_ends = self.ends if self.ends is not None else array("i", range(1, len(self.text) + 1))
        parts: list[str] = []
        starts, ends = array("i"), array("i")
        done = 0
        for edit in edits:
            parts += (self.text[done : edit.start], edit.text)
            starts += old_starts[done : edit.start]
            ends += old_ends[done : edit.start]
            if len(edit.text) == edit.end - edit.start:
                starts += old_starts[edit.start : edit.end]
                ends += old_ends[edit.start : edit.end]
            elif edit.text:
                starts += array("i", [old_starts[edit.start]]) * len(edit.text)
                ends += array("i", [old_ends[edit.end - 1]]) * len(edit.text)
            done = edit.end
        parts.append(self.text[done:])
        starts += old_starts[done:]
        ends += old_ends[done:]
        return Mapped(self.original, "".join(parts), starts, ends)
