"""Facts about characters on the picture: their script, whether words need blanks, how alike two texts are."""

import unicodedata
from collections import Counter

NO_LETTERS = "Zyyy"
RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo"})
WITHOUT_BLANKS = frozenset({"Hani", "Jpan", "Thai", "Laoo", "Khmr", "Mymr"})
"""Scripts that are written without blanks between words."""

LANGUAGE_OF_SCRIPT = {"Jpan": "ja", "Hang": "ko", "Thai": "th", "Grek": "el", "Armn": "hy", "Geor": "ka", "Khmr": "km"}
"""Scripts that settle the language, as BCP 47 tags; the others are written in several."""

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
    counts = Counter(found for char in text if (found := _script_of_char(char)))
    if not counts:
        return NO_LETTERS
    if counts["Jpan"] and counts["Jpan"] + counts["Hani"] >= counts.total() / 2:
        return "Jpan"
    return max(sorted(counts), key=lambda script: counts[script])


def joint(before: str, after: str) -> str:
    """What stands between two parts of a text: nothing inside scripts without blanks, else one blank."""
    if not before or not after:
        return ""
    ends = {_script_of_char(before[-1]) or "sign", _script_of_char(after[0]) or "sign"}
    return "" if ends & WITHOUT_BLANKS and ends <= {*WITHOUT_BLANKS, "sign"} else " "


def plain(text: str) -> str:
    """The letters and digits alone, in one case: what two readings of one text should share."""
    return "".join(char for char in text.casefold() if char.isalnum())


def likeness(one: str, other: str) -> float:
    """1 - edit distance (Levenshtein) / length of the longer, over letters and digits, in [0, 1]; texts are cut at 200.

    1 for two texts without any. Cost: product of the lengths.
    """
    a, b = plain(one)[:200], plain(other)[:200]
    longest = max(len(a), len(b))
    return 1.0 if longest == 0 else 1.0 - edit_distance(a, b) / longest


def edit_distance(one: str, other: str) -> int:
    """Fewest insertions, deletions and replacements that turn one into the other (Levenshtein 1965)."""
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        above, row[0] = row[0], at
        for place, wanted in enumerate(other, 1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (char != wanted))
    return row[-1]


def _script_of_char(char: str) -> str:
    if not char.isalpha():
        return ""
    return _NAMES.get(unicodedata.name(char, "").split(" ", 1)[0].split("-", 1)[0], "")
