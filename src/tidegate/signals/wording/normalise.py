"""Reads a text as its viewers do: evasion undone, with an exact way back to the original characters.

>>> read = normalise("fr\u200bee m0ney")
>>> read.text
'free money'
>>> read.mapped.quote(TextSource.CAPTION, 5, 10).text
'm0ney'
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.records import Quote, TextSource
from tidegate.signals.wording import glyphs, spelling
from tidegate.signals.wording.characters import GENERIC_MARKS, latin_base
from tidegate.signals.wording.mapping import Change, Edit, Mapped, Trick

MAX_CHARS = 20_000
"""Characters of one text that detectors look at; beyond it they abstain. About ten times the longest caption allowed
by large platforms, and two hours of subtitles."""

_ROUNDS = 3

Step = Callable[[str], Iterable[Edit]]

_GLYPH_STEPS: tuple[Step, ...] = (
    glyphs.surrogates,
    glyphs.overrides,
    glyphs.emoji_letters,
    glyphs.invisibles,
    glyphs.marks,
    glyphs.accented,
    glyphs.costumed,
    glyphs.compositions,
    glyphs.loose_jamo,
    glyphs.look_alikes,
    glyphs.drawn_words,
)
_WORD_STEPS: tuple[Step, ...] = (spelling.spread, spelling.leet, spelling.stretched, spelling.coded_words)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text as its viewers read it. `mapped` leads back to the original; `changes` are the tricks undone, in order.

    `skeleton` is the same text in lower case without accents, for look-ups; it has its own way back.
    """

    mapped: Mapped
    skeleton: Mapped
    changes: tuple[Change, ...]

    @property
    def text(self) -> str:
        """The plain text; case, accents and punctuation are kept."""
        return self.mapped.text

    @property
    def original(self) -> str:
        """The text as submitted."""
        return self.mapped.original

    def quote(self, source: TextSource, start: int, end: int) -> Quote:
        """The original characters behind `text[start:end]`. Raises IndexError outside the text."""
        return self.mapped.quote(source, start, end)

    @property
    def hidden(self) -> tuple[Change, ...]:
        """The changes that hid a word from a reader of characters."""
        return tuple(change for change in self.changes if change.is_hiding)


@functools.lru_cache(maxsize=64)
def normalise(text: str) -> Normalised:
    """Undo evasion in `text`. Never raises on a string; cost is linear: 0.1 to 0.3 ms for a caption.

    The last 64 texts are remembered, so detectors that share a text pay once.
    """
    mapped = Mapped(text, text)
    changes: list[Change] = []
    steps = _WORD_STEPS if text.isascii() else (*_GLYPH_STEPS, *_WORD_STEPS)
    for _ in range(_ROUNDS):
        before = mapped
        for step in steps:
            mapped = _apply(mapped, list(step(mapped.text)), changes)
        if mapped is before:
            break
    return Normalised(mapped, _skeleton(mapped), tuple(sorted(changes, key=lambda c: (c.start_char, c.end_char))))


def _apply(mapped: Mapped, edits: list[Edit], changes: list[Change]) -> Mapped:
    changes += (
        Change(edit.trick, *mapped.origin(edit.start, edit.end), edit.is_hiding) for edit in edits if edit.trick
    )
    return mapped.edited(edits)


LIGATURES = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}
"""Letters that a skeleton spells out as two."""


_UNEVEN = re.compile(f"[{''.join(LIGATURES)}]|(?<=[a-zA-Z\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff])[{GENERIC_MARKS}]+")


class _Folding(dict[int, str]):
    """Code point -> its lower-case base letter, worked out on first sight; only alphabets with case lose accents.

    The Spanish eñe stays: it is a letter of its own, and words differ by it alone.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = char.lower()[:1]
        if (0x00C0 <= code < 0x0530 or 0x1E00 <= code < 0x2000 or 0xA720 <= code < 0xAB70) and folded != "ñ":
            folded = latin_base(unicodedata.normalize("NFD", folded)[:1])
        self[code] = folded
        return folded


_FOLDING = _Folding()


def _skeleton(mapped: Mapped) -> Mapped:
    if mapped.text.isascii():
        return Mapped(mapped.original, mapped.text.lower(), mapped.starts, mapped.ends)
    found = _UNEVEN.finditer(mapped.text)
    whole = mapped.edited([Edit(match.start(), match.end(), LIGATURES.get(match.group(), "")) for match in found])
    return Mapped(whole.original, whole.text.translate(_FOLDING), whole.starts, whole.ends)


def warm_up() -> None:
    """Make the tables and patterns of the normaliser now rather than on the first text. Cost: 0.1 s once."""
    normalise("\u00e9 m0ney")


def fold_text(text: str) -> Mapped:
    """A text in lower case without accents, ligatures spelled out, nothing else undone; with its way back."""
    return _skeleton(Mapped(text, text))


def fold(word: str) -> str:
    """A word as it stands in a skeleton."""
    return fold_text(word).text


__all__ = ["MAX_CHARS", "Change", "Mapped", "Normalised", "Trick", "fold", "fold_text", "normalise", "warm_up"]
