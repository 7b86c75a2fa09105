"""The words that offers are made of, in English, Spanish, German, French, Portuguese and Korean, read from data files.

`offer_words.tsv` lists kinds of word, `offer_phrases.tsv` phrases that are an offer on their own; both are our own,
written for folded text. Sources of the wording are named at the head of the files.
"""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from tidegate.signals.wording.pattern_rows import joined, rows

_WORDS_FILE = Path(__file__).with_name("offer_words.tsv")
_PHRASES_FILE = Path(__file__).with_name("offer_phrases.tsv")
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
    patterns: dict[tuple[str, str, str], list[str]] = {}
    for label, score, note, pattern in rows(_PHRASES_FILE, 4):
        patterns.setdefault((label, score, note), []).append(pattern)
    return tuple(Phrase(label, float(score), note, joined(found)) for (label, score, note), found in patterns.items())


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
    patterns: dict[str, list[str]] = {}
    for kind, pattern in rows(_WORDS_FILE, 2):
        patterns.setdefault(kind, []).append(pattern)
    return {kind: joined(found) for kind, found in patterns.items()}
