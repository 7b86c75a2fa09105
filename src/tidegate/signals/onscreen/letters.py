"""Facts about characters on the picture: whether words need blanks, how alike two texts are."""

from tidegate.signals.unicode_scripts import script_of_char

RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo"})
WITHOUT_BLANKS = frozenset({"Hani", "Jpan", "Thai", "Laoo", "Khmr", "Mymr"})
"""Scripts that are written without blanks between words."""

LANGUAGE_OF_SCRIPT = {"Jpan": "ja", "Hang": "ko", "Thai": "th", "Grek": "el", "Armn": "hy", "Geor": "ka", "Khmr": "km"}
"""Scripts that settle the language, as BCP 47 tags; the others are written in several."""


def joint(before: str, after: str) -> str:
    """What stands between two parts of a text: nothing inside scripts without blanks, else one blank."""
    if not before or not after:
        return ""
    ends = {script_of_char(before[-1]) or "sign", script_of_char(after[0]) or "sign"}
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
