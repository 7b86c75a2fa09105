"""How wrong a reading is: word and character errors against what was really said or written."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my"})
"""Languages written without spaces between words: their errors are counted in characters."""

_SAME = str.maketrans({"œ": "oe", "æ": "ae", "ё": "е", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"'})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCount:
    """Errors (replaced, left out, put in) in how many words or characters; `rate` may exceed 1. Counts add up."""

    errors: int = 0
    length: int = 0

    @property
    def rate(self) -> float:
        """Errors for each word or character that was there; 0 where there was nothing and nothing was read."""
        return self.errors / self.length if self.length else float(bool(self.errors))

    def __add__(self, other: "ErrorCount") -> "ErrorCount":
        return ErrorCount(errors=self.errors + other.errors, length=self.length + other.length)


def distance(wanted: Sequence[object], read: Sequence[object]) -> int:
    """The least number of replaced, left out and put in items that turns one sequence into the other (Levenshtein)."""
    if len(wanted) < len(read):
        wanted, read = read, wanted
    above = list(range(len(read) + 1))
    for number, item in enumerate(wanted, 1):
        row = [number]
        for column, other in enumerate(read, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (item != other)))
        above = row
    return above[-1]


def heard_errors(wanted: str, heard: str, language: str, also_written: str = "") -> ErrorCount:
    """Word errors of a transcript, or character errors in languages without spaces between words.

    Case, punctuation and the spelling of ligatures do not count. `also_written` is `wanted` in another writing of the
    same length (traditional beside simplified characters); its characters count as right too.
    """
    fold = str.maketrans(dict(zip(also_written, wanted, strict=True))) if also_written else {}
    a, b = (_spoken_form(text.translate(fold)) for text in (wanted, heard))
    if language.partition("-")[0] in UNSPACED:
        return _count(a.replace(" ", ""), b.replace(" ", ""))
    return _count(a.split(), b.split())


def read_errors(wanted: str, read: str, language: str) -> ErrorCount:
    """Character errors of words on a picture. Case and the form of quotation marks and spaces do not count.

    Line breaks count as spaces; where a language does not separate words, spaces do not count at all.
    """
    a, b = (" ".join(_folded(text).split()) for text in (wanted, read))
    if language.partition("-")[0] in UNSPACED:
        a, b = a.replace(" ", ""), b.replace(" ", "")
    return _count(a, b)


def _count(wanted: Sequence[object], read: Sequence[object]) -> ErrorCount:
    return ErrorCount(errors=distance(wanted, read), length=len(wanted))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_SAME)


def _spoken_form(text: str) -> str:
    """Letters, marks and digits only; an apostrophe inside a word goes, anything else separates."""
    kept = (
        letter if unicodedata.category(letter)[0] in "LMN" else "" if letter == "'" else " " for letter in _folded(text)
    )
    return " ".join("".join(kept).split())
