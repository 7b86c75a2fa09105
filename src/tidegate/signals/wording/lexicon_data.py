"""The word lists behind the lexicon detector: our own file, and the dictionaries of the package `terlik` (MIT).

Both are read at `load()`; neither is printed. Our own file is base64 so that nobody reads it by accident:
`python -m tidegate.signals.wording.lexicon_data encode WORD...` makes a column of it, `decode` reads one.
"""

import base64
import functools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.signals.wording.normalise import fold

OWN_FILE = Path(__file__).with_name("lexicon.tsv")
PACKAGE = "terlik"
PACKAGE_LANGUAGES = ("de", "en", "es", "tr")
SEVERITY_SCORE: Mapping[str, float] = {"high": 0.9, "medium": 0.6, "low": 0.3}
"""Severity in the lists -> score of the signal. `high` is what a broadcaster would bleep, `low` what it might."""

_ENGLISH_ENDINGS = ("s", "es", "ed", "er", "ers", "ing", "in", "y")


class Mode(StrEnum):
    """How an entry matches: a whole word, the beginning of one, or anywhere."""

    WORD = "word"
    START = "start"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed word in its folded form; `root` is the listed form that it is a variant or inflection of."""

    word: str
    root: str
    language: str
    severity: str
    category: str
    mode: Mode = Mode.WORD

    @property
    def score(self) -> float:
        """The score of a signal for this entry alone, in [0, 1]."""
        return SEVERITY_SCORE[self.severity]


@dataclass(slots=True)
class Lexicon:
    """Entries by language, then by mode and folded word.

    `drops` are words that are harmless in texts of that language, `allowed` harmless words that begin like an entry.
    """

    entries: dict[str, dict[Mode, dict[str, Entry]]] = field(default_factory=dict)
    drops: dict[str, set[str]] = field(default_factory=dict)
    allowed: dict[str, set[str]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Add an entry or replace the one of that word."""
        self.entries.setdefault(entry.language, {mode: {} for mode in Mode})[entry.mode][entry.word] = entry

    def drop(self, language: str, word: str) -> None:
        """Take out a word with its variants, and remember that texts of this language use it harmlessly."""
        self.drops.setdefault(language, set()).add(word)
        for words in self.of(language).values():
            for key in [key for key, entry in words.items() if word in (key, entry.root)]:
                del words[key]

    def of(self, language: str) -> dict[Mode, dict[str, Entry]]:
        """The entries of a language by mode and word; empty for a language without a list."""
        return self.entries.get(language, {mode: {} for mode in Mode})


@functools.cache
def load_lexicon() -> Lexicon:
    """Read both lists once per process. Raises MissingDependencyError, ModelFileError. Cost: 30 ms, 3 MB."""
    lexicon = Lexicon()
    for entry in package_entries():
        lexicon.add(entry)
    add_rows(lexicon, OWN_FILE.read_text("utf-8"), where=str(OWN_FILE.name))
    return lexicon


def add_rows(lexicon: Lexicon, text: str, *, where: str) -> None:
    """Apply the rows of a list in our own form, in order. Raises ModelFileError naming the line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            language, severity, category, mode, words = line.split("\t")
            _apply(lexicon, language, severity, category, mode, [fold(decode(word)) for word in words.split()])
        except (ValueError, KeyError) as error:
            raise ModelFileError(
                f"a row of the word list cannot be read: {error}",
                where=f"{where}:{number}",
                next_step="write language, severity, category, mode and words, parted by tabs",
            ) from error


def _apply(lexicon: Lexicon, language: str, severity: str, category: str, mode: str, words: list[str]) -> None:
    if severity == "drop":
        for word in words:
            lexicon.drop(language, word)
    elif severity == "allow":
        lexicon.allowed.setdefault(language, set()).update(words)
    else:
        SEVERITY_SCORE[severity]
        kept = Mode.WORD if mode == "exact" else Mode(mode)
        has_endings = language == "en" and mode == "word" and severity == "high"
        for word in words:
            endings = ("", *_ENGLISH_ENDINGS) if has_endings and len(word) > 3 else ("",)
            for ending in endings:
                lexicon.add(Entry(word + ending, word, language, severity, category, kept))


def package_entries() -> Iterator[Entry]:
    """The entries of `terlik` with their variants and endings. Raises MissingDependencyError, ModelFileError."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError(
            f"the package {PACKAGE} is not installed", next_step="pip install 'tidegate[wording]'"
        )
    for language in PACKAGE_LANGUAGES:
        path = Path(spec.submodule_search_locations[0]) / "lang" / language / "dictionary.json"
        try:
            yield from _dictionary_entries(json.loads(path.read_text("utf-8")), language)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelFileError(
                f"the {language} dictionary of {PACKAGE} cannot be read: {error}",
                where=str(path),
                next_step=f"reinstall {PACKAGE} at the version of requirements",
            ) from error


def _dictionary_entries(dictionary: dict[str, Any], language: str) -> Iterator[Entry]:
    harmless = {fold(word) for word in dictionary["whitelist"]}
    for item in dictionary["entries"]:
        endings = ("", *dictionary["suffixes"]) if item["suffixable"] else ("",)
        forms = {item["root"] + ending for ending in endings} | set(item["variants"])
        root = fold(item["root"])
        for form in sorted(forms):
            word = fold(form)
            if len(word) > 1 and word not in harmless:
                yield Entry(word, root, language, item["severity"], item["category"])


def encode(word: str) -> str:
    """A word as it stands in our own file."""
    return base64.b64encode(word.encode("utf-8")).decode("ascii")


def decode(column: str) -> str:
    """The word behind a column of our own file. Raises ValueError when it is none."""
    return base64.b64decode(column.encode("ascii"), validate=True).decode("utf-8")


if __name__ == "__main__":
    verb, *words = sys.argv[1:] or ["help"]
    if verb not in ("encode", "decode"):
        raise SystemExit("usage: python -m tidegate.signals.wording.lexicon_data encode|decode WORD...")
    sys.stdout.write(" ".join(encode(word) if verb == "encode" else decode(word) for word in words) + "\n")
