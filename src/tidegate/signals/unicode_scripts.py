"""The script that a text is written in, by the Unicode names of its letters, as ISO 15924 codes."""

import unicodedata
from collections import Counter

NO_LETTERS = "Zyyy"

SENTENCE_ENDS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "।", "؟", "۔", "።")
"""Signs that end a sentence: European, Chinese and Japanese, Indic, Arabic, Urdu, Amharic."""

_NAMES = {
    "LATIN": "Latn",
    "FULLWIDTH": "Latn",
    "CJK": "Hani",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "HALFWIDTH": "Jpan",
    "HANGUL": "Hang",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "ARABIC": "Arab",
    "HEBREW": "Hebr",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "GURMUKHI": "Guru",
    "GUJARATI": "Gujr",
    "ORIYA": "Orya",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "KANNADA": "Knda",
    "MALAYALAM": "Mlym",
    "SINHALA": "Sinh",
    "THAI": "Thai",
    "LAO": "Laoo",
    "KHMER": "Khmr",
    "MYANMAR": "Mymr",
    "GEORGIAN": "Geor",
    "ARMENIAN": "Armn",
    "ETHIOPIC": "Ethi",
    "TIBETAN": "Tibt",
}
"""First word of a letter's Unicode name -> ISO 15924 code."""


def script_of(text: str) -> str:
    """The script of most letters, as an ISO 15924 code; `Jpan` for any kana beside Chinese; `Zyyy` without letters."""
    counts = Counter(found for char in text if (found := script_of_char(char)))
    if not counts:
        return NO_LETTERS
    if counts["Jpan"] and counts["Jpan"] + counts["Hani"] >= counts.total() / 2:
        return "Jpan"
    return max(sorted(counts), key=lambda script: counts[script])


def script_of_char(char: str) -> str:
    """The script of one letter; empty for what is no letter or in a script without a code here."""
    if not char.isalpha():
        return ""
    return _NAMES.get(unicodedata.name(char, "").split(" ", 1)[0].split("-", 1)[0], "")
