"""The words that offers are made of, in English, Spanish, German, French, Portuguese and Korean, read from data files.

`offer_words.tsv` lists kinds of word, `offer_phrases.tsv` phrases that are an offer on their own; both are our own,
written for folded text. Sources of the wording are named at the head of the files.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import ModelFileError

_WORDS_FILE = Path(__file__).with_name("offer_words.tsv")
_PHRASES_FILE = Path(__file__).with_name("offer_phrases.tsv")
_HANGUL = re.compile("[ㄱ-ㅣ가-힣]")
_NOT_SHAPES = ("warning", "denial")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that is an offer on its own: what a find of it says, and its pattern."""

    label: str
    score: float
    note: str
    pattern: re.Pattern[str]


@functools.cache
def kinds() -> dict[str, re.Pattern[str]]:
    """Kind of word -> its pattern, without warnings and denials. Raises ModelFileError. Cost: 0.1 s once."""
    return {kind: pattern for kind, pattern in _all_kinds().items() if kind not in _NOT_SHAPES}


@functools.cache
def phrases() -> tuple[Phrase, ...]:
    """Every phrase that is an offer on its own. Raises ModelFileError. Cost: 0.1 s once."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for label, score, note, pattern in _rows(_PHRASES_FILE, 4):
        rows.setdefault((label, score, note), []).append(pattern)
    return tuple(
        Phrase(label, float(score), note, _joined(patterns)) for (label, score, note), patterns in rows.items()
    )


def warnings_in(text: str, limit: int = 200) -> list[tuple[int, int]]:
    """Where a folded text warns of, reports or prosecutes an offer rather than making it, at most `limit` places.

    "No scam" and its like, which only offers say, do not count.
    """
    every = _all_kinds()
    denials = [match.span() for match in every["denial"].finditer(text)]
    found: list[tuple[int, int]] = []
    for match in every["warning"].finditer(text):
        if not any(start <= match.start() < end for start, end in denials):
            found.append(match.span())
        if len(found) >= limit:
            break
    return found


@functools.cache
def _all_kinds() -> dict[str, re.Pattern[str]]:
    rows: dict[str, list[str]] = {}
    for kind, pattern in _rows(_WORDS_FILE, 2):
        rows.setdefault(kind, []).append(pattern)
    return {kind: _joined(patterns) for kind, patterns in rows.items()}


def _rows(path: Path, columns: int) -> Iterator[Sequence[str]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line and not line.startswith("#"):
            row = line.split("\t")
            if len(row) != columns:
                raise ModelFileError(
                    f"{len(row)} columns instead of {columns}",
                    where=f"{path.name}:{number}",
                    next_step="part the columns by tabs",
                )
            yield row


def _joined(patterns: Sequence[str]) -> re.Pattern[str]:
    """One pattern of many: whole words in alphabets, anywhere in Hangul, where particles are written on to words."""
    words = "|".join(pattern for pattern in patterns if not _HANGUL.search(pattern))
    parts = "|".join(pattern for pattern in patterns if _HANGUL.search(pattern))
    both = [rf"(?<![\w-])(?:{words})(?!\w)"] if words else []
    return re.compile("|".join([*both, *([f"(?:{parts})"] if parts else [])]))
