"""Reads digits and signs as the letters they stand for, and leaves alone those that are what they are."""

import re
from itertools import product

from tidegate.signals.wording.wordlist import words

_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_HEXADECIMAL = re.compile("[0-9a-f]{6,}\\Z")
TOKEN = re.compile(
    rf"(?<![\w@/.:=&%$€£!|])(?=[0-9$@€£|!¡]{{0,4}}[{_LATIN}])[{_LATIN}0-9$@€£|!¡]{{3,24}}(?![\w@/=&%]|[.:][A-Za-z0-9])"
)
"""A word of letters, digits and look-alike signs that is no mention, address, amount or part of a longer code."""

_SOLID = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "$": "s", "@": "a", "€": "e", "£": "l"}
_WIDE = _SOLID | {"8": "b", "9": "g", "6": "g", "1": "i", "!": "i", "|": "i", "¡": "i", "+": "t", "(": "c"}
_STROKES = "1!|¡"
_PARTS = re.compile(rf"(?P<lead>[^{_LATIN}]*)(?P<core>[{_LATIN}].*?[{_LATIN}])(?P<tail>[^{_LATIN}]*)\Z", re.DOTALL)
_HOLE = re.compile(rf"[^{_LATIN}]+")
_NUMBERED = words(
    "ps win ios mac gen co top mk vol ep part day usb web mp gpt area room level lvl gta fifa iphone galaxy pixel "
    "android gtx rtx ver covid"
)
_ORDINARY = words("i18n l10n a11y k8s w3c b2b p2p h264 s3 h1b web3 e3 y2k 4x4 r2d2 c3po m4a")
_COUNTED = re.compile(r"(?:st|nd|rd|th|x|k|am|pm|mins?|hrs?|days?|times|mal|kg|cm|km|ml)\Z")
_TAIL_WORDS = re.compile(r"[bcfgklnprst]{1,2}(?:33|00|55)\Z|[a-z]{1,4}\$\$\Z|[a-z]{2,3}\$\Z")
_MONEY = words("us au ca nz hk sg nt tt bz r a c s")


def read_leet(token: str) -> str:
    """The word a token spells when its inner digits and signs are read as letters; the token if it is ordinary.

    Same length as `token`. Trailing numbers (`covid19`, `mp3`), leading ones (`1st`, `4ever`), model names and
    mixed-case codes stay.
    """
    if token.isalpha() or token[0] == "@" or token.casefold() in _ORDINARY or _HEXADECIMAL.match(token):
        return token
    parts = _PARTS.match(token)
    if parts is None:
        return _tail_word(token)
    lead, core, tail = parts["lead"], parts["core"], parts["tail"]
    if core.isalpha():
        return _tail_word(token) if not lead else _cash_word(token, lead, core, tail)
    if (len(token) == 3 and core.casefold() != "s3x") or not _is_leet_core(core):
        return token
    return _lead(lead, core) + _decoded(core) + _tail(core, tail)


def _is_leet_core(core: str) -> bool:
    holes = list(_HOLE.finditer(core))
    hole_chars = "".join(hole.group() for hole in holes)
    if len(core) < 2 * len(hole_chars) or not all(char in _SOLID or char in _STROKES for char in hole_chars):
        return False
    if core.isupper():
        return len(hole_chars) == 1 and hole_chars in "034$@" and not _is_numbered(core, holes[0])
    is_mixed_case = not (core.islower() or core[1:].islower())
    return (
        not is_mixed_case
        and not any(_is_number_or_sign(core, hole) for hole in holes)
        and not _is_numbered(core, holes[0])
    )


def _is_numbered(core: str, first: re.Match[str]) -> bool:
    """Whether the letters before the first digits are a series, such as `ps5pro`, or the whole is two words."""
    stem, rest = core[: first.start()].casefold(), core[first.end() :].casefold()
    if not first.group().isdigit():
        return False
    is_series = stem in _NUMBERED
    is_between_words = len(stem) > 3 and len(rest) > 3 and _HOLE.search(rest) is None
    return is_series or is_between_words or (len(stem) > 1 and _COUNTED.match(rest) is not None)


def _is_number_or_sign(core: str, hole: re.Match[str]) -> bool:
    """Whether a stretch without letters is a number of its own or an exclamation between two words."""
    run = hole.group()
    if len(run) > 2 or len(set(run)) > 1:
        return True
    if run[0] in "!|¡@":
        before = core[: hole.start()].casefold()
        has_word_before = any(char in "aeiouy" for char in before) if run[0] != "@" else len(before) > 3
        return has_word_before or len(before) > 3 or len(core) - hole.end() > 6
    return False


def _decoded(core: str) -> str:
    return "".join(_letter(core, index) for index in range(len(core)))


def _letter(core: str, index: int) -> str:
    char = core[index]
    if char in _STROKES:
        letter = _stroke(core[:index].casefold(), core[index + 1 :].casefold())
    else:
        letter = _SOLID.get(char, char)
    return letter.upper() if core.isupper() else letter


def _stroke(before: str, after: str) -> str:
    """A vertical stroke is an l after a vowel, beside another stroke, or in a cluster such as fl; else an i."""
    if before[-1:] in _STROKES or after[:1] in _STROKES:
        return "l"
    if before[-1:] in set("aeouy") or (before[-1:] in set("bfgkps") and after[:1] in set("aeou")) or after[:1] == "i":
        return "l"
    return "i"


def _lead(lead: str, core: str) -> str:
    if len(lead) == 1 and lead in _SOLID and lead not in "@€£":
        return _SOLID[lead].upper() if core.isupper() else _SOLID[lead]
    return lead


def _tail(core: str, tail: str) -> str:
    if len(tail) == 1 and tail in "34$50":
        return _SOLID[tail].upper() if core.isupper() else _SOLID[tail]
    return tail


def _cash_word(token: str, lead: str, core: str, tail: str) -> str:
    return "s" + core + tail if lead == "$" and core.islower() and len(core) >= 3 else token


def _tail_word(token: str) -> str:
    lower = token.casefold()
    if (
        not _TAIL_WORDS.match(lower)
        or (lower[-2:] != "$$" and lower.rstrip("$") in _MONEY)
        or not (token.islower() or "$" not in token)
    ):
        return token
    read = "".join(_SOLID.get(char, char) for char in token)
    return read.upper() if token.isupper() else read


def readings(token: str, limit: int = 16) -> tuple[str, ...]:
    """Every word a lower-case token could spell, each of the same length; for look-up in a word list only.

    At most `limit` readings; empty where some character stands for no letter.
    """
    choices: list[str] = []
    for char in token:
        if char in _STROKES:
            choices.append("il")
        elif char.isalpha():
            choices.append(char)
        elif char in _WIDE:
            choices.append(_WIDE[char])
        else:
            return ()
    found: list[str] = []
    for combination in product(*choices):
        if len(found) >= limit:
            break
        found.append("".join(combination))
    return tuple(found)
