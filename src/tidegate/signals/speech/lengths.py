"""How long a word can last: what a recogniser stretches over other speech is cut back to its likelier end; pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from tidegate.signals.speech.chunks import Piece
from tidegate.signals.speech.recogniser import HeardWord
from tidegate.signals.unicode_scripts import SENTENCE_ENDS

SLOWEST_S_PER_LETTER, SHORTEST_LIMIT_S, LONGEST_WORD_S = 0.12, 0.4, 2.0
"""A word may last 0.4 s and 0.12 s a letter, at most 2 s. Of 1,198 words that whisper-base heard of synthetic speech in
11 languages, clean and over music 10 dB below it, one was longer; what is longer holds a pause or other speech."""

WORDY = 4.0
"""Letters that a digit, a symbol or a character of writing without blanks counts for: it is a syllable or a word."""

_SYLLABIC = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL")
_DOUBT_FROM = 2.0
_CLEARLY_S = 0.05


def is_spoken(text: str) -> bool:
    """Whether a text has a letter, mark, number or symbol, not punctuation and blanks alone."""
    return any(unicodedata.category(character)[0] in "LMNS" for character in text)


def letters(text: str) -> float:
    """How many letters a text is worth in speech; marks, punctuation and blanks are worth none."""
    return sum(map(_worth, text))


def longest_s(text: str) -> float:
    """The most seconds that a word is believed to last."""
    return min(LONGEST_WORD_S, SHORTEST_LIMIT_S + SLOWEST_S_PER_LETTER * letters(text))


def bounded(words: Sequence[HeardWord], pieces: Sequence[Piece]) -> tuple[HeardWord, ...]:
    """The words of a chunk with these pieces, none longer than it can last.

    A word is kept at its start where punctuation or nothing follows, at its end where a sentence or the chunk begins
    with it, and else at the end that lies in a voice; with voice at both, at its end, because pauses are written to the
    word behind them. Beyond twice the limit its probability falls with its length: nobody knows where it was.
    """
    found: list[HeardWord] = []
    for before, word, after in zip((None, *words), words, (*words[1:], None), strict=False):
        most_s = longest_s(word.text)
        length_s = word.end_s - word.start_s
        if not is_spoken(word.text) or length_s <= most_s:
            found.append(word)
            continue
        start_s = word.start_s if _is_early(before, word, after, pieces, most_s) else word.end_s - most_s
        probability = word.probability * min(1.0, _DOUBT_FROM * most_s / length_s)
        found.append(replace(word, start_s=start_s, end_s=start_s + most_s, probability=probability))
    return tuple(found)


def _is_early(
    before: HeardWord | None, word: HeardWord, after: HeardWord | None, pieces: Sequence[Piece], most_s: float
) -> bool:
    if before is None or before.text.rstrip().endswith(SENTENCE_ENDS):
        return False
    if after is None or not is_spoken(after.text):
        return True
    early_s = _voice_s(pieces, word.start_s, word.start_s + most_s)
    return early_s > _voice_s(pieces, word.end_s - most_s, word.end_s) + _CLEARLY_S


def _voice_s(pieces: Sequence[Piece], start_s: float, end_s: float) -> float:
    return sum(max(0.0, min(end_s, one.at_s + one.duration_s) - max(start_s, one.at_s)) for one in pieces)


def _worth(character: str) -> float:
    kind = unicodedata.category(character)[0]
    if kind in "NS" or (kind == "L" and unicodedata.name(character, "").startswith(_SYLLABIC)):
        return WORDY
    return 1.0 if kind == "L" else 0.0
