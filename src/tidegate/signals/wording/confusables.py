"""Letters of other scripts that readers take for Latin ones, and the reading of words that mix them.

The tables are our own choice of the pairs that look alike in common fonts; the idea and the term are of
Unicode Technical Standard 39, "Unicode Security Mechanisms". A word of one script is never touched because
of its letters alone: ordinary Russian and Greek consist largely of look-alikes.
"""

import functools
import re

from tidegate.signals.wording.characters import latin_base, script
from tidegate.signals.wording.confusable_tables import (
    BRUSH,
    BRUSH_RARE,
    CLOSE,
    LOOSE,
    SYMBOLS,
    TURNED,
    TURNED_ONLY,
    table_of,
)
from tidegate.signals.wording.wordlist import words

_DECORATIVE_SCRIPTS = words(
    "CHEROKEE COPTIC LISU CANADIAN DESERET OSAGE NKO WARANG CARIAN LYCIAN OLD ELBASAN MIAO RUNIC AHOM YI"
)
"""Scripts that captions hardly use except as decoration."""

_FOLDABLE = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HEBREW", "TIFINAGH"}) | _DECORATIVE_SCRIPTS
_UNITS = re.compile(r"[μΩ](?:[mglsAVFHWCLN]|mol)?|[kMm]Ω")


@functools.cache
def close() -> dict[str, str]:
    """Letter -> the Latin letter it is hard to tell from."""
    table = table_of(CLOSE)
    cherokee_small = {chr(ord(glyph) - 0x13A0 + 0xAB70): table[glyph] for glyph in table if "Ꭰ" <= glyph <= "Ꮿ"}
    return {**table, **{small: latin.lower() for small, latin in cherokee_small.items()}}


@functools.cache
def loose() -> dict[str, str]:
    """Letter -> the Latin letter it stands for inside a word that is otherwise Latin; includes `close()`."""
    return {**table_of(LOOSE), **close()}


@functools.cache
def odd_letters() -> re.Pattern[str]:
    """A letter that may be a look-alike: any glyph of the tables."""
    return re.compile(f"[{''.join(loose())}]")


@functools.cache
def to_cyrillic() -> dict[str, str]:
    """Latin letter -> the Cyrillic letter it is hard to tell from; for Russian words with Latin letters inside."""
    table = close()
    return {latin: glyph for glyph, latin in reversed(table.items()) if script(glyph) == "CYRILLIC"}


def read_mixed(word: str, *, text_is_latin: bool) -> str:
    """The word a reader sees where scripts are mixed to deceive; the word itself where nothing is odd.

    `text_is_latin` says that the text around is Latin and uses no other alphabet in earnest; only then is a
    word that consists wholly of look-alikes read as Latin. Same length as `word`.
    """
    scripts = {script(char) for char in word} - {""}
    others = scripts - {"LATIN"}
    if not others or not others <= _FOLDABLE or _UNITS.fullmatch(word):
        return word
    if "LATIN" in scripts or len(others) > 1:
        return _fold_odd(word, scripts)
    is_decoration = others <= _DECORATIVE_SCRIPTS
    table = loose() if is_decoration else close()
    if text_is_latin and (is_decoration or len(word) > 2) and all(char in table for char in word if script(char)):
        return _mapped(word, table)
    return word


def _fold_odd(word: str, scripts: set[str]) -> str:
    table = loose()
    if len(word) < 3 and "LATIN" not in scripts:
        return word
    if all(char in table for char in word if script(char) not in ("", "LATIN")):
        latin_count = sum(script(char) == "LATIN" for char in word)
        back = to_cyrillic()
        is_mostly_cyrillic = latin_count * 2 < len(word) and all(c in back for c in word if script(c) == "LATIN")
        is_plain_latin = all(char in close() for char in word if script(char) not in ("", "LATIN"))
        if not is_mostly_cyrillic or is_plain_latin or "CYRILLIC" not in scripts:
            return _mapped(word, table)
    if scripts == {"LATIN", "CYRILLIC"}:
        back = to_cyrillic()
        if all(char in back for char in word if script(char) == "LATIN"):
            return _mapped(word, back)
    return word


def _mapped(word: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in word)


def is_earnest(word: str) -> bool:
    """Whether a word of another alphabet has a letter that no Latin one resembles, so that it is meant as such."""
    scripts = {script(char) for char in word}
    is_other = bool(scripts & _FOLDABLE) and not scripts & (_DECORATIVE_SCRIPTS | {"LATIN"})
    return is_other and any(script(char) in _FOLDABLE and char not in close() for char in word)


@functools.cache
def symbols() -> tuple[dict[str, str], re.Pattern[str]]:
    """Signs read as letters inside a word, and a pattern for words that may hold some."""
    table = table_of(SYMBOLS)
    glyphs = "".join(map(re.escape, table))
    return table, re.compile(rf"(?<![\w{glyphs}])[A-Za-z\u00c0-\u024f\u2c60-\u2c7f{glyphs}]{{3,40}}(?![\w{glyphs}])")


_COMMON_SIGNS = frozenset("$€£¥¢×∨∪√∆∑∩∈")


def read_symbols(word: str) -> str:
    """A word drawn with currency and other signs ("₥₳Ɽ₭") in letters; the word itself where signs are signs."""
    table, _ = symbols()
    drawn = [char for char in word if char in table]
    rare = {char for char in word if (char in table and char not in _COMMON_SIGNS) or _is_rare(char)}
    letters = len(word) - len(drawn)
    is_inside = any(char in table for char in word[1:-1]) or bool(rare)
    is_one_sign = len(drawn) == 1 and letters >= 3 and is_inside and not word.isupper()
    if not drawn or not (len(rare) >= 2 or is_one_sign):
        return word
    return "".join("i" if char == "ł" else table.get(char) or latin_base(char) for char in word)


@functools.cache
def brush() -> tuple[dict[str, str], re.Pattern[str]]:
    """Han, kana and bopomofo drawn as letters, and a pattern for a run of them with other letters."""
    table = table_of(BRUSH)
    return table, re.compile(f"[A-Za-z{''.join(table)}]{{3,40}}")


def read_brush(word: str) -> str:
    """A word drawn with Han strokes in letters; the word itself where it may be Chinese or Japanese."""
    table, _ = brush()
    drawn = [char for char in word if char in table]
    rare = BRUSH_RARE.intersection(drawn)
    is_mostly_drawn = len(drawn) * 2 >= len(word) and len(rare) >= 2
    is_inside_latin = bool(rare) and len(drawn) <= 3 and sum(char.isascii() for char in word) >= 2
    if not (is_mostly_drawn or is_inside_latin):
        return word
    return _mapped(word, table)


_TURNED_TABLE = table_of(TURNED)
TURNED_WORD = re.compile(f"[{''.join(_TURNED_TABLE)}]{{3,40}}")
"""A word that may be upside down."""


def read_turned(word: str) -> str:
    """An upside-down word the right way round; the word itself where it is not one."""
    turned = sum(char in TURNED_ONLY for char in word)
    if turned < 1 or (turned == 1 and (len(word) < 4 or not set(word) & set("ǝʇɥʞƃᴉ"))):
        return word
    return _mapped(word[::-1], _TURNED_TABLE)


_AFRICAN = frozenset("ŋɔɛɓɗƙəǝɣʋƒɖɲơưƠƯĐđĦħŁłØøŦŧı")


def read_latin(word: str) -> str:
    """A word drawn with rare Latin letters (hooks, bars, phonetic signs) in plain ones; ordinary spelling stays."""
    odd = [char for char in word if char not in _AFRICAN and _is_rare(char)]
    if len(odd) < 2 or len(odd) * 3 < len(word):
        return word
    return "".join(latin_base(char) for char in word)


def _is_rare(char: str) -> bool:
    code = ord(char)
    return 0x0180 <= code < 0x0370 or 0x1E00 <= code < 0x1E9A or 0x2C60 <= code < 0x2C80 or 0xA720 <= code < 0xAB70
