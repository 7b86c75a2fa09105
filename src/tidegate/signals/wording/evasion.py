"""Scores how far a text hides words from filters, from the tricks that normalising undid."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.signals.wording.normalise import Change, Normalised, Trick

TRICK_SCORE: Mapping[Trick, float] = MappingProxyType(
    {
        Trick.BIDI: 0.8,
        Trick.HOMOGLYPH: 0.7,
        Trick.INVISIBLE: 0.6,
        Trick.EMOJI_LETTER: 0.5,
        Trick.SPACED: 0.5,
        Trick.MARKS: 0.5,
        Trick.STYLED: 0.5,
        Trick.CODED_WORD: 0.5,
        Trick.LEET: 0.4,
    }
)
"""Score of one word hidden by one trick; our own choice, in order of how rarely the trick happens by accident."""

ON_LISTED_WORD = 0.95
"""Score where the hidden word is in the lexicon: the change had a reason."""

_PER_FURTHER_TRICK = 0.1
_WORD_AROUND = re.compile(r"\S{0,60}\Z")
_WORD_AFTER = re.compile(r"\S{0,60}")


@dataclass(frozen=True, slots=True)
class HiddenWord:
    """A stretch of the original in which a word was hidden, the tricks used and the score."""

    start_char: int
    end_char: int
    tricks: tuple[Trick, ...]
    score: float


def hidden_words(read: Normalised, listed: Iterable[tuple[int, int]], limit: int) -> list[HiddenWord]:
    """The hidden words of a text, best first, at most `limit`; `listed` are stretches that hold a lexicon word."""
    spans = list(listed)
    found: list[HiddenWord] = []
    for start, end, tricks in _grouped(read):
        if any(start < listed_end and listed_start < end for listed_start, listed_end in spans):
            score = ON_LISTED_WORD
        else:
            score = max(TRICK_SCORE[trick] for trick in tricks) + _PER_FURTHER_TRICK * (len(tricks) - 1)
        found.append(HiddenWord(start, end, tricks, min(score, ON_LISTED_WORD)))
    return sorted(found, key=lambda word: (-word.score, word.start_char))[:limit]


def _grouped(read: Normalised) -> list[tuple[int, int, tuple[Trick, ...]]]:
    """Hiding changes gathered by the written word they touch; changes of one joined run fall into one group."""
    groups: list[tuple[int, int, list[Trick]]] = []
    for change in read.hidden:
        start, end = _word_around(read.original, change)
        if groups and _continues(groups[-1], start, change.trick):
            known_start, known_end, tricks = groups[-1]
            groups[-1] = (min(start, known_start), max(end, known_end), tricks)
            if change.trick not in tricks:
                tricks.append(change.trick)
        else:
            groups.append((start, end, [change.trick]))
    return [(start, end, tuple(tricks)) for start, end, tricks in groups]


def _continues(group: tuple[int, int, list[Trick]], start: int, trick: Trick) -> bool:
    _, end, tricks = group
    return start < end or (start <= end + 1 and trick is Trick.SPACED and Trick.SPACED in tricks)


def _word_around(original: str, change: Change) -> tuple[int, int]:
    before = _WORD_AROUND.search(original, max(0, change.start_char - 60), change.start_char)
    after = _WORD_AFTER.match(original, change.end_char)
    start = before.start() if before else change.start_char
    return start, after.end() if after else change.end_char
