"""The words of urged self-harm, threats, approaches to minors and drug sale, read from data files.

`abuse_phrases.tsv` lists phrases, `abuse_words.tsv` kinds of word; their patterns are base64, so that nobody reads them
by accident. `abuse_context.tsv` lists, in plain text, the words around them that change what they say.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from tidegate.errors import ModelFileError
from tidegate.signals.wording.lexicon_data import decode
from tidegate.signals.wording.offer_words import Phrase
from tidegate.signals.wording.pattern_rows import joined, rows

_FOLDER = Path(__file__).parent


@functools.cache
def abuse_phrases() -> tuple[Phrase, ...]:
    """Every phrase that is abuse on its own. Raises ModelFileError. Cost: 0.2 s once."""
    patterns: dict[tuple[str, str, str], list[str]] = {}
    for (label, score, note), pattern in _decoded(_FOLDER / "abuse_phrases.tsv", 4):
        patterns.setdefault((label, score, note), []).append(pattern)
    return tuple(Phrase(label, float(score), note, joined(found)) for (label, score, note), found in patterns.items())


@functools.cache
def abuse_kinds() -> dict[str, re.Pattern[str]]:
    """Kind of word -> its pattern. Raises ModelFileError. Cost: 0.1 s once."""
    patterns: dict[str, list[str]] = {}
    for (kind,), pattern in _decoded(_FOLDER / "abuse_words.tsv", 2):
        patterns.setdefault(kind, []).append(pattern)
    return {kind: joined(found) for kind, found in patterns.items()}


@functools.cache
def contexts() -> dict[str, re.Pattern[str]]:
    """Kind of context -> its pattern: report, before, after, idiom, jest. Raises ModelFileError. Cost: 0.1 s once."""
    patterns: dict[str, list[str]] = {}
    for kind, pattern in rows(_FOLDER / "abuse_context.tsv", 2):
        patterns.setdefault(kind, []).append(pattern)
    return {kind: joined(found) for kind, found in patterns.items()}


def _decoded(path: Path, columns: int) -> Iterator[tuple[tuple[str, ...], str]]:
    for row in rows(path, columns):
        try:
            yield tuple(row[:-1]), decode(row[-1])
        except ValueError as error:
            raise ModelFileError(
                f"a pattern cannot be read: {error}",
                where=path.name,
                next_step="encode it with `python -m tidegate.signals.wording.lexicon_data encode`",
            ) from error
