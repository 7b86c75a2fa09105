"""Undoes tricks at the level of words: letters pulled apart, digits for letters, stretched letters, coded words.

Each step reads a text whose characters are already plain and returns edits. Patterns are bounded and linear.
"""

import re
from collections.abc import Iterator

from tidegate.signals.wording.coded import CODED_WORDS
from tidegate.signals.wording.leet import TOKEN, read_leet
from tidegate.signals.wording.mapping import Edit, Trick

_GAP = r"(?:[ \t]{0,3}[.\-_*·•/|~'’^][ \t]{0,3}|[,+]|[ \t\u00a0\u2000-\u200a\u202f\u3000]{1,6})"
_SPREAD = re.compile(rf"(?<![^\W_])(?<![@#.$'’_])[^\W_](?:{_GAP}(?:[^\W_]|[@$!€])(?![^\W_])){{2,400}}")
_GAPS = re.compile(r"[\W_]*[ \t.\-_*·•/|~'’^,+\u00a0\u2000-\u200a\u202f\u3000](?=\S)")
_SYLLABIC = re.compile("[\u3040-\u9fff\uac00-\ud7a3]")
_SYLLABIC_GAP = re.compile(r"[.*_~^'’|]+\Z")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_DOUBLED = frozenset("eolsfrtnmpdgcbz")
_CODED = re.compile(
    rf"(?<![\w@])(?:{'|'.join(sorted(map(re.escape, CODED_WORDS), key=len, reverse=True))})(?!\w)", re.I
)


def spread(text: str) -> Iterator[Edit]:
    """Letters set apart by blanks or signs ("s p a m", "s.p.a.m") are joined; acronyms, lists and scales stay."""
    for match in _SPREAD.finditer(text):
        yield from _joined(match.group(), match.start())


def _joined(run: str, offset: int) -> Iterator[Edit]:
    letters, gaps = _letters_and_gaps(run)
    if _is_ordinary_list("".join(letters), [gap for _, _, gap in gaps]):
        return
    narrow = min(len(gap) for _, _, gap in gaps)
    is_acronym = "".join(letters).isupper() and len(letters) <= 6 and all(gap == "." for _, _, gap in gaps)
    skip = 1 if len(letters) >= 5 and letters[0] in "aAI" and gaps[0][2].isspace() else 0
    for start, end, gap in gaps[skip:]:
        is_break = gap.isspace() and len(gap) > narrow
        is_dot = gap.strip() == "." and any("." not in other for _, _, other in gaps)
        text = "." if is_dot else " " if is_break else ""
        yield Edit(offset + start, offset + end, text, Trick.SPACED, is_hiding=not is_acronym)


def _letters_and_gaps(run: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    letters, gaps, start = [run[0]], [], 1
    is_letter = re.compile(r"[^\W_]|[@$!€](?=$|[ \t.\-_*·•/|~'’^,+\u00a0\u2000-\u200a\u202f\u3000])")
    while start < len(run):
        found = is_letter.search(run, start + 1)
        if found is None:
            break
        gaps.append((start, found.start(), run[start : found.start()]))
        letters.append(found.group())
        start = found.end()
    return letters, gaps


def _is_ordinary_list(letters: str, gaps: list[str]) -> bool:
    """Whether single letters in a row are meant as such: a list, initials, chords, the alphabet, an equation."""
    if not gaps or sum(char.isalpha() for char in letters) * 5 < len(letters) * 3 or set(letters) & set("26"):
        return True
    if _SYLLABIC.search(letters):
        return not all(_SYLLABIC_GAP.match(gap) for gap in gaps)
    lower = letters.casefold()
    is_scale = lower in "abcdefghijklmnopqrstuvwxyz" or lower == "aeiou" or set(letters) <= set("ABCDEFG")
    is_initials = letters.isupper() and any(gap.startswith(". ") for gap in gaps)
    is_short = len(letters) == 3 and any(gap.isspace() or gap != gaps[0] for gap in gaps)
    return is_scale or is_initials or is_short or len(set(lower)) == 1


def leet(text: str) -> Iterator[Edit]:
    """Digits and signs that stand for letters inside a word are read as those letters."""
    for match in TOKEN.finditer(text):
        read = read_leet(match.group())
        if read != match.group():
            yield Edit(match.start(), match.end(), read, Trick.LEET, is_hiding=True)


def stretched(text: str) -> Iterator[Edit]:
    """A letter written three times or more is cut to one or two; a word of one repeated letter to three."""
    for match in _STRETCHED.finditer(text):
        start, end, char = match.start(), match.end(), match.group(1)
        has_left = start > 0 and text[start - 1].isalpha()
        has_right = end < len(text) and text[end].isalpha()
        keep = 2 if char.lower() in _DOUBLED or not char.isascii() else 1
        if not (has_left or has_right) or "ㄱ" <= char <= "ㅣ":
            keep = 3
        elif end - start == 3 and has_left and has_right and char.lower() in _DOUBLED:
            continue
        if end - start > keep:
            yield Edit(start, end, match.group()[:keep], Trick.EXPRESSIVE)


def coded_words(text: str) -> Iterator[Edit]:
    """Words that communities use in place of ones that filters know are read as those."""
    for match in _CODED.finditer(text):
        yield Edit(match.start(), match.end(), CODED_WORDS[match.group().casefold()], Trick.CODED_WORD, is_hiding=True)
