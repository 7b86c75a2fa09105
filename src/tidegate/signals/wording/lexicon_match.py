"""Finds the words of a lexicon in a text: whole words, compounds, particles, masks, splits and look-alike digits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from tidegate.signals.wording.harmless import HARMLESS_PHRASES
from tidegate.signals.wording.leet import readings
from tidegate.signals.wording.lexicon_data import Entry, Lexicon, Mode
from tidegate.signals.wording.mapping import Edit, Mapped

_TOKEN = re.compile(r"[ㄱ-ㅣ]+|[가-힣]+|[^\W_ㄱ-ㅣ가-힣]+")
_LEET_TOKEN = re.compile(r"(?<![\w@#/.:])[a-z0-9@$!|]{3,16}(?![\w@/])")
_MASKED = re.compile(r"(?<![\w*#@.])[a-z]{1,9}(?:[*•∗✱✖×%&#@$!?+-]|\.(?=[a-z*])){1,6}[a-z]{0,9}(?![\w*@])")
_STAR = re.compile("[*•∗✱✖×%&#]")
_SPLIT = re.compile(r"(?<![\w@.:/-])[a-z]{1,9}(?:[.\-_*'’·~,/•|+^=;]{1,2}[a-z]{1,9}){1,4}(?![\w@/:]|[.-][a-z])")
_APART = re.compile(r"(?<![\w@'])[a-z](?: [a-z]){2}(?![\w'])(?! [a-z](?!\w))")
_NO_LETTERS = re.compile(r"[^a-z]+")
_NO_VOWELS = re.compile(r"[b-df-hj-np-tv-xz]{1,3}\Z")
_HANGUL_NOISE = re.compile(r"(?<=[가-힣ㄱ-ㅣ])(?:[^\w\s]{1,3}|[0-9]{1,2}|[_^~]{1,3})(?=[가-힣ㄱ-ㅣ])")
_KATAKANA_ONLY = re.compile("[ァ-ヶー]+\\Z")
_KO_PREFIX = re.compile("(?:아이|이런|진짜|완전|[아이와야에개왜뭔참존])")
_HARMLESS = re.compile("|".join(sorted(map(re.escape, HARMLESS_PHRASES), key=len, reverse=True)))
_BLANKLESS = ("ja", "zh", "th")
_MAX_DOUBLES = 4
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word at `[start_char, end_char)` of the original; `score` is lowered where letters were guessed."""

    entry: Entry
    start_char: int
    end_char: int
    score: float
    how: str = ""


class Matcher:
    """A lexicon prepared for look-ups. Building it costs about 5 ms; `find` is linear in the text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._parts = {language: _part_pattern(lexicon.of(language)[Mode.PART]) for language in _BLANKLESS}
        self._strong = {e.word: e for e in lexicon.of("en")[Mode.WORD].values() if e.severity == "high"}
        self._masks: dict[tuple[str, int], list[Entry]] = {}
        for entry in self._strong.values():
            if entry.word.isascii():
                self._masks.setdefault((entry.word[0], len(entry.word)), []).append(entry)
        self._long_words = {
            entry.word: entry
            for language in lexicon.entries
            for entry in lexicon.of(language)[Mode.WORD].values()
            if entry.severity == "high" and len(entry.word) >= 6 and entry.language not in ("tr", "id")
        }

    def find(self, skeleton: Mapped, languages: frozenset[str]) -> list[Hit]:
        """Every listed word in a folded text, in order of place, one hit for each stretch of the original."""
        harmless = [match.span() for match in _HARMLESS.finditer(skeleton.text)]
        words = self._words_for(languages)
        found = [*self._tokens(skeleton, words, languages), *self._disguised(skeleton, words)]
        found += [hit for language in _BLANKLESS if language in languages for hit in self._anywhere(skeleton, language)]
        if "ko" in languages:
            found += self._korean(skeleton)
        excused = [skeleton.origin(*span) for span in harmless]
        return _strongest(hit for hit in found if not _is_within(hit, excused))

    def _words_for(self, languages: frozenset[str]) -> dict[str, Entry]:
        words: dict[str, Entry] = {}
        if not languages - {"en"}:
            words.update(self._long_words)
        elif "en" not in languages:
            words.update(self._strong)
        for language in sorted(languages):
            words.update(self._lexicon.of(language)[Mode.WORD])
        for language in languages:
            for dropped in self._lexicon.drops.get(language, ()):
                if dropped in words and words[dropped].language != language:
                    del words[dropped]
        return words

    def _tokens(self, skeleton: Mapped, words: dict[str, Entry], languages: frozenset[str]) -> Iterator[Hit]:
        starts = [
            self._lexicon.of(language)[Mode.START]
            for language in languages
            if language != "ko" and self._lexicon.of(language)[Mode.START]
        ]
        tokens = list(_TOKEN.finditer(skeleton.text))
        for match in tokens:
            entry = (
                words.get(match.group()) or _by_doubles(match.group(), words) or self._by_start(match.group(), starts)
            )
            if entry:
                yield _hit(skeleton, entry, *match.span())
        for left, right in pairwise(tokens):
            entry = self._strong.get(left.group() + right.group())
            if entry and skeleton.text[left.end() : right.start()] == " " and _is_split(left.group(), right.group()):
                yield _hit(skeleton, entry, left.start(), right.end(), 0.8, "split by a blank")

    def _by_start(self, token: str, starts: list[dict[str, Entry]]) -> Entry | None:
        for entries in starts:
            for length in range(min(len(token), 14), 2, -1):
                if (entry := entries.get(token[:length])) and not self._is_allowed(token, entry.language):
                    return entry
        return None

    def _is_allowed(self, token: str, language: str) -> bool:
        return any(token.startswith(word) for word in self._lexicon.allowed.get(language, ()))

    def _disguised(self, skeleton: Mapped, words: dict[str, Entry]) -> Iterator[Hit]:
        text = skeleton.text
        for match in _LEET_TOKEN.finditer(text):
            token = match.group().rstrip("!")
            if token.isalpha() or token.isdigit():
                continue
            for reading in readings(token):
                if entry := words.get(reading):
                    end = match.start() + len(token)
                    yield _hit(skeleton, entry, match.start(), end, 0.95, "digits or signs for letters")
                    break
        yield from self._split(skeleton)
        for match in _MASKED.finditer(text):
            if entry := self._unmasked(match.group()):
                visible = sum(char.isalpha() for char in match.group())
                yield _hit(skeleton, entry, *match.span(), 0.8 if visible > 1 else 0.45, "masked letters")

    def _split(self, skeleton: Mapped) -> Iterator[Hit]:
        for match in _SPLIT.finditer(skeleton.text):
            joined = _NO_LETTERS.sub("", match.group())
            if len(joined) > 3 and (entry := self._strong.get(joined)):
                yield _hit(skeleton, entry, *match.span(), 0.95, "split by signs")
        for match in _APART.finditer(skeleton.text):
            if entry := self._strong.get(match.group().replace(" ", "")):
                yield _hit(skeleton, entry, *match.span(), 0.8, "split by blanks")

    def _unmasked(self, token: str) -> Entry | None:
        if not _STAR.search(token):
            return None
        candidates = self._masks.get((token[0], len(token)), ())
        for entry in candidates:
            if all(not char.isalpha() or char == letter for char, letter in zip(token, entry.word, strict=True)):
                return entry
        return None

    def _anywhere(self, skeleton: Mapped, language: str) -> Iterator[Hit]:
        entries = self._lexicon.of(language)[Mode.PART]
        if pattern := self._parts[language]:
            for match in pattern.finditer(skeleton.text):
                yield _hit(skeleton, entries[match.group()], *match.span())

    def _korean(self, skeleton: Mapped) -> Iterator[Hit]:
        """Korean words carry particles and endings: entries match where a word starts or after an interjection."""
        edits = [Edit(match.start(), match.end(), "") for match in _HANGUL_NOISE.finditer(skeleton.text)]
        compact = skeleton.edited(edits)
        entries = self._lexicon.of("ko")
        tokens = list(_TOKEN.finditer(compact.text))
        for match in tokens:
            token = match.group()
            if entry := entries[Mode.WORD].get(token):
                yield _hit(compact, entry, *match.span())
            elif found := self._korean_start(token, entries[Mode.START]):
                entry, offset = found
                yield _hit(compact, entry, match.start() + offset, match.end())
        for left, right in pairwise(tokens):
            is_pair = len(left.group()) == len(right.group()) == 1 and compact.text[left.end() : right.start()] == " "
            entry = entries[Mode.START].get(left.group() + right.group()) if is_pair else None
            if entry and entry.severity == "high":
                yield _hit(compact, entry, left.start(), right.end(), 0.7, "split by a blank")

    def _korean_start(self, token: str, entries: dict[str, Entry]) -> tuple[Entry, int] | None:
        offsets = [0]
        if prefix := _KO_PREFIX.match(token):
            offsets.append(prefix.end())
        for offset in offsets:
            rest = token[offset:]
            if self._is_allowed(rest, "ko"):
                continue
            for length in range(min(len(rest), 6), 0, -1):
                if (entry := entries.get(rest[:length])) and (length > 1 or len(rest) <= 4):
                    return entry, offset
        return None


def _is_split(left: str, right: str) -> bool:
    """Whether two tokens that make a listed word can hardly be words of their own."""
    is_short = len(left) <= 3 and len(right) <= 4
    has_fragment = _NO_VOWELS.match(left) is not None or _NO_VOWELS.match(right) is not None
    return (is_short and has_fragment) or (len(left) == 1 and len(right) >= 4)


def _part_pattern(entries: dict[str, Entry]) -> re.Pattern[str] | None:
    if not entries:
        return None
    parts = (
        rf"(?<![ァ-ヶー]){word}(?![ァ-ヶー])" if _KATAKANA_ONLY.match(word) else re.escape(word)
        for word in sorted(entries, key=len, reverse=True)
    )
    return re.compile("|".join(parts))


def _by_doubles(token: str, words: dict[str, Entry]) -> Entry | None:
    """The entry a token spells once doubled letters are single, for words that were stretched."""
    doubles = [index for index, (a, b) in enumerate(pairwise(token)) if a == b][:_MAX_DOUBLES]
    if not doubles or len(token) > 24:
        return None
    if len(doubles) == _MAX_DOUBLES:
        entry = words.get(_DOUBLED.sub(r"\1", token))
        return entry if entry and entry.severity == "high" else None
    for count in range(1, len(doubles) + 1):
        for chosen in combinations(doubles, count):
            shorter = "".join(char for index, char in enumerate(token) if index not in chosen)
            entry = words.get(shorter)
            if entry and len(shorter) >= 4 and entry.severity == "high":
                return entry
    return None


def _hit(mapped: Mapped, entry: Entry, start: int, end: int, factor: float = 1.0, how: str = "") -> Hit:
    return Hit(entry, *mapped.origin(start, end), round(entry.score * factor, 4), how)


def _is_within(hit: Hit, spans: list[tuple[int, int]]) -> bool:
    return any(start <= hit.start_char and hit.end_char <= end for start, end in spans)


def _strongest(hits: Iterator[Hit]) -> list[Hit]:
    """One hit for each stretch: the higher score, then the longer, wins where two overlap."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start_char, -h.score, h.start_char - h.end_char)):
        if kept and hit.start_char < kept[-1].end_char:
            if hit.score > kept[-1].score:
                kept[-1] = hit
            continue
        kept.append(hit)
    return kept
