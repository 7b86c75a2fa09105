"""Tables of characters: what is invisible, what is a letter in costume, what may carry marks.

Facts are from the Unicode Character Database that ships with Python (`unicodedata`); the tables of emoji and
enclosed letters, which Unicode gives no decomposition, follow the code charts 1F100-1F1FF.
"""

import functools
import re
import unicodedata

from tidegate.signals.wording.wordlist import words

SOFT_INVISIBLE = "\u00ad\u180e\u200b\u200e\u200f\u061c\ufeff"
"""Invisible characters that honest text also carries: soft hyphen, zero-width space, direction marks, byte order."""

HARD_INVISIBLE = "".join(
    map(
        chr,
        (
            0x034F,
            0x115F,
            0x1160,
            0x17B4,
            0x17B5,
            0x2800,
            0x3164,
            0xFFA0,
            *range(0x2060, 0x2070),
            *range(0x180B, 0x1810),
        ),
    )
) + "".join(
    map(chr, (*range(0x202A, 0x202F), *range(0xFFF0, 0xFFFC), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B)))
)
"""Invisible characters that no spelling needs: joiners of nothing, fillers, blanks, embeddings, annotation."""

JOINERS = "\u200c\u200d"
"""Zero-width non-joiner and joiner: part of Persian and Indic spelling and of emoji families, invisible elsewhere."""

_INVISIBLE_CLASS = re.escape(SOFT_INVISIBLE + HARD_INVISIBLE)
VISIBLE_BLANKS = "\u2800\u3164\uffa0"
"""Characters that look like a space but are not one."""

INVISIBLE_RUN = re.compile(f"[{_INVISIBLE_CLASS}{JOINERS}\ufe00-\ufe0f\U000e0000-\U000e0fff\U00013430-\U00013438]+")

GENERIC_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Combining marks of no one script: accents, overlays, enclosures. As the inside of a character class."""

MARKED = re.compile(f"([^{GENERIC_MARKS}])([{GENERIC_MARKS}]+)", re.DOTALL)
JAMO_RUN = re.compile("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")

_COSTUMES = ("<font>", "<circle>", "<square>", "<wide>", "<narrow>", "<super>", "<sub>", "<small>")
_FORMS = ("<isolated>", "<initial>", "<medial>", "<final>")
_LIGATURE_RANGES = ((0xFB00, 0xFB07), (0x2160, 0x2180), (0x249C, 0x24B6), (0x1F110, 0x1F12A), (0x017F, 0x0180))
_EMOJI_LETTERS = {
    "\U0001f18e": "ab",
    "\U0001f191": "cl",
    "\U0001f192": "cool",
    "\U0001f193": "free",
    "\U0001f195": "new",
    "\U0001f197": "ok",
    "\U0001f198": "sos",
    "\U0001f199": "up",
    "\U0001f19a": "vs",
    "\u2139": "i",
    "\U0001f4af": "100",
}
_LETTER_SHAPES = {
    "❌": "x",
    "✖": "x",
    "⭕": "o",
    "💲": "s",
    "❗": "i",
    "➕": "t",
    "✝": "t",
    "⚽": "o",
    "🌀": "o",
    "🍩": "o",
}


def _is_in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code < high for low, high in ranges)


_COSTUME_BLOCKS = (
    (0x00AA, 0x0250),
    (0x0250, 0x0300),
    (0x1D00, 0x1DC0),
    (0x2070, 0x2190),
    (0x2460, 0x2500),
    (0xA720, 0xA800),
    (0xAB5C, 0xAB60),
    (0xFB00, 0xFE00),
    (0xFE50, 0xFFF0),
    (0x1D400, 0x1D800),
    (0x1EE00, 0x1EF00),
    (0x1F100, 0x1F190),
    (0x1FBF0, 0x1FBFA),
)
_KEPT = frozenset("ªº²³¹\u0e33\u0eb3")


def plain(char: str) -> str:
    """The everyday form of a letter or digit in costume (bold, circled, full-width, small capital), else itself.

    Fractions, ordinal signs, squared words, Thai and Lao vowels and Hangul letters stay: taking them apart
    would damage text.
    """
    code = ord(char)
    if _is_in(code, ((0x1F150, 0x1F16A), (0x1F170, 0x1F18A))):
        return chr(ord("A") + (code - 0x1F150) % 32)
    tag, _, parts = unicodedata.decomposition(char).partition(" ")
    if char in _KEPT or tag not in _COSTUMES + _FORMS + ("<compat>",):
        return _small_capital(char)
    if tag == "<compat>" and not _is_in(code, _LIGATURE_RANGES):
        return char
    text = "".join(chr(int(part, 16)) for part in parts.split())
    is_word = len(text) > 1 and tag in ("<square>", "<super>")
    return char if is_word or not _is_text(text) else _without_brackets(text)


@functools.cache
def costumes() -> tuple[dict[str, str], re.Pattern[str]]:
    """Every character that `plain` changes with its plain form, and a pattern for a run of them. Cost: 10 ms once."""
    table = {
        chr(code): plain(chr(code))
        for low, high in _COSTUME_BLOCKS
        for code in range(low, high)
        if plain(chr(code)) != chr(code)
    }
    return table, re.compile(f"[{re.escape(''.join(table))}]+")


def _without_brackets(text: str) -> str:
    return text[1:-1] if len(text) == 3 and text[0] in "([" and text[2] in ")]" else text


def _is_text(text: str) -> bool:
    return bool(text) and all(
        part.isalnum() or part in "()[]" or "!" <= part <= "~" or unicodedata.category(part)[0] == "M" for part in text
    )


def _small_capital(char: str) -> str:
    if char in "ᴤᴦ":
        return "s" if char == "ᴤ" else "r"
    head, _, letter = unicodedata.name(char, "").rpartition("LATIN LETTER SMALL CAPITAL ")
    return letter.lower() if not head and len(letter) == 1 and letter.isascii() else char


_BASE_NAME = re.compile(
    r"LATIN (SMALL|CAPITAL) LETTER (?:SCRIPT |TURNED |REVERSED |OPEN |DOTLESS |LONG |TONE )?([A-Z])(?: WITH .+)?\Z"
)
_PHONETIC = {
    "ɑ": "a",
    "ʃ": "s",
    "ʒ": "z",
    "ŋ": "n",
    "ɣ": "y",
    "ʊ": "u",
    "ɩ": "i",
    "ə": "e",
    "ɪ": "i",
    "ƨ": "s",
    "ƽ": "s",
}
_PHONETIC |= {"ƚ": "t", "ɯ": "w", "ʅ": "l", "ɮ": "b", "ꭇ": "r", "ɾ": "r", "ʍ": "m", "ʄ": "f", "ꬽ": "o", "ꬲ": "e"}


@functools.lru_cache(maxsize=2048)
def latin_base(char: str) -> str:
    """The plain letter a Latin letter is made from (`ƈ` -> `c`, `Ɽ` -> `R`), else the character itself."""
    if char.isascii():
        return char
    if char in _PHONETIC:
        return _PHONETIC[char]
    if found := _BASE_NAME.match(unicodedata.name(char, "")):
        return found[2].lower() if found[1] == "SMALL" else found[2]
    return char


def emoji_letter(char: str) -> str:
    """The letters an emoji or enclosed word spells, empty if it spells none."""
    return _EMOJI_LETTERS.get(char, "")


def letter_shape(char: str) -> str:
    """The letter an emoji looks like when it stands inside a word, empty if none."""
    return _LETTER_SHAPES.get(char, "")


LETTER_SHAPES = "".join(_LETTER_SHAPES)
EMOJI_LETTERS = "".join(_EMOJI_LETTERS)


REGION_CODES = words(
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
    "BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES "
    "ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC "
    "MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS "
    "XK YE YT ZA ZM ZW"
)
"""Two-letter codes that Unicode shows as flags: ISO 3166-1 and the exceptional reservations of UTS 51."""


@functools.lru_cache(maxsize=8192)
def script(char: str) -> str:
    """The script of a letter as the first word of its Unicode name, such as `LATIN`; empty if not a letter."""
    if not char.isalpha():
        return ""
    return unicodedata.name(char, "").partition(" ")[0]


def takes_joiner(char: str) -> bool:
    """Whether a zero-width joiner or non-joiner belongs to ordinary spelling beside this letter."""
    code = ord(char)
    return 0x0600 <= code < 0x1100 or 0x1700 <= code < 0x18B0 or 0xA800 <= code < 0xAC00 or 0xFB50 <= code < 0xFF00


def is_emoji_part(char: str) -> bool:
    """Whether a character can stand in an emoji sequence: pictographs, skin tones, selectors, keycap bases."""
    code = ord(char)
    return code >= 0x1F000 or 0x2190 <= code < 0x2C00 or code in (0xFE0F, 0x20E3, 0x3030, 0x303D, 0xA9, 0xAE)
