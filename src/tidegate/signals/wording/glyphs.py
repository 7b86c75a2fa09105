"""Undoes tricks at the level of characters: direction overrides, invisibles, mark floods, costumes, look-alikes.

Each step reads a text and returns the edits that undo one family of tricks. No step raises on any string,
and each is linear in its length.
"""

import re
import unicodedata
from collections.abc import Iterator

from tidegate.signals.wording.characters import (
    EMOJI_LETTERS,
    GENERIC_MARKS,
    INVISIBLE_RUN,
    JAMO_RUN,
    JOINERS,
    LETTER_SHAPES,
    MARKED,
    REGION_CODES,
    SOFT_INVISIBLE,
    VISIBLE_BLANKS,
    costumes,
    emoji_letter,
    is_emoji_part,
    letter_shape,
    plain,
    script,
    takes_joiner,
)
from tidegate.signals.wording.confusables import (
    TURNED_WORD,
    brush,
    is_earnest,
    odd_letters,
    read_brush,
    read_latin,
    read_mixed,
    read_symbols,
    read_turned,
    symbols,
)
from tidegate.signals.wording.mapping import Edit, Trick

_SURROGATE = re.compile("[\ud800-\udfff]")
_OVERRIDDEN = re.compile("\u202e([^\u202a-\u202e\n]{2,2000})[\u202a-\u202e]?")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_SELECTORS_ONLY = re.compile("[\ufe00-\ufe0f]+\\Z")
_JOINERS_ONLY = re.compile(f"[{JOINERS}\ufe00-\ufe0f]+\\Z")
_TAGS = re.compile("[\U000e0020-\U000e007f]+\\Z")
_ACCENTED_WORD = re.compile(f"[A-Za-z\u00c0-\u024f\u1e00-\u1eff{GENERIC_MARKS}]{{3,60}}")
_RARE_ACCENT = re.compile(
    f"[\u1e00-\u1e3e\u1e40-\u1e99\u01cd-\u01dc\u01e6-\u01f5\u0200-\u0217\u021e-\u0233]|[b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z][{GENERIC_MARKS}]|[AEIOUaeiou][\u0305-\u0308\u030d-\u0322\u0324-\u036f]"
)
_OVERLAY = re.compile("[\u0334-\u0338\u0488\u0489\u20d2-\u20e6\u20e8-\u20ef]")
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]+")
_EMOJI_WORD = re.compile(f"([{EMOJI_LETTERS}])\ufe0f?")
_SHAPE = re.compile(f"(?<![A-Za-z])([A-Za-z]{{1,3}})([{LETTER_SHAPES}]\ufe0f?)(?=[A-Za-z]{{1,4}}(?![A-Za-z]))")
_WORD = re.compile(r"[^\W\d_]+")
_RARE_LATIN = re.compile("[A-Za-z\u00c0-\u036f\u1e00-\u1eff\u2c60-\u2c7f\ua720-\uab6f]{3,40}")
_HALF_KANA = re.compile("[\u3040-\u30ff][\u3099\u309a]")
_LOOSE_JAMO = re.compile("(?:[가-힣]|(?<![ㄱ-ㅣ]))((?:[ㄱ-ㅎ][ㅏ-ㅣ](?:[ㄱ-ㅎ](?![ㅏ-ㅣ]))?){1,64})(?![ㅏ-ㅣ])")
_FLOOD = 3


def surrogates(text: str) -> Iterator[Edit]:
    """Lone surrogates, which no encoder takes, become U+FFFD."""
    for match in _SURROGATE.finditer(text):
        yield Edit(match.start(), match.end(), "\ufffd")


def overrides(text: str) -> Iterator[Edit]:
    """Left-to-right words shown in reverse by U+202E are turned round to what a viewer reads."""
    for match in _OVERRIDDEN.finditer(text):
        body = match[1]
        if not _RIGHT_TO_LEFT.search(body) and any(char.isalnum() for char in body):
            yield Edit(match.start(), match.end(), body[::-1], Trick.BIDI, is_hiding=True)


def invisibles(text: str) -> Iterator[Edit]:
    """Characters without ink are dropped, except where spelling or an emoji sequence needs them."""
    for match in INVISIBLE_RUN.finditer(text):
        before = text[match.start() - 1] if match.start() else ""
        after = text[match.end()] if match.end() < len(text) else ""
        run = match.group()
        if _belongs(run, before, after):
            continue
        if any(char in VISIBLE_BLANKS for char in run):
            yield Edit(match.start(), match.end(), " ", Trick.INVISIBLE)
            continue
        yield Edit(match.start(), match.end(), "", Trick.INVISIBLE, is_hiding=_splits_word(run, before, after))


def _belongs(run: str, before: str, after: str) -> bool:
    if not before:
        return False
    if _SELECTORS_ONLY.match(run):
        return is_emoji_part(before) or before in "0123456789#*" or not before.isalpha()
    if _TAGS.match(run):
        return before == "\U0001f3f4"
    if _JOINERS_ONLY.match(run) and len(run) <= 2:
        is_emoji = is_emoji_part(before) and bool(after) and is_emoji_part(after)
        return is_emoji or (takes_joiner(before) and (not after or takes_joiner(after) or not after.isalpha()))
    return False


def _splits_word(run: str, before: str, after: str) -> bool:
    if not (before.isalpha() and after.isalpha()) or takes_joiner(before) or takes_joiner(after):
        return False
    return run.strip("\u00ad") != "" and (script(before) == script(after) or bool(run.strip(SOFT_INVISIBLE)))


def marks(text: str) -> Iterator[Edit]:
    """Accents are composed with their letters; floods of marks, strike-throughs and enclosures are dropped."""
    for match in MARKED.finditer(text):
        base, stack = match.groups()
        if len(stack) < _FLOOD and not _OVERLAY.search(stack):
            composed = unicodedata.normalize("NFC", base + stack)
            if composed != match.group():
                yield Edit(match.start(), match.end(), composed)
        elif len(stack) < _FLOOD and not base.isalnum():
            continue
        else:
            yield Edit(match.start(), match.end(), base, Trick.MARKS, is_hiding=base.isalpha())


def accented(text: str) -> Iterator[Edit]:
    """Words whose letters carry accents that no spelling has (two or more of them) lose all accents."""
    for match in _ACCENTED_WORD.finditer(text):
        word = match.group()
        if word.isascii() or len(_RARE_ACCENT.findall(word)) < 2:
            continue
        bare = "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
        yield Edit(match.start(), match.end(), bare, Trick.MARKS, is_hiding=True)


def compositions(text: str) -> Iterator[Edit]:
    """Hangul and kana typed or stored in parts are composed; that is tidying, not a trick."""
    for pattern in (JAMO_RUN, _HALF_KANA):
        for match in pattern.finditer(text):
            yield Edit(match.start(), match.end(), unicodedata.normalize("NFC", match.group()))


def loose_jamo(text: str) -> Iterator[Edit]:
    """Korean syllables typed as separate letters (consonant, vowel, consonant) are composed."""
    for match in _LOOSE_JAMO.finditer(text):
        start, end = match.span(1)
        conjoining = "".join(_conjoining(text, index, start) for index in range(start, end))
        composed = unicodedata.normalize("NFC", conjoining)
        yield Edit(start, end, composed, Trick.SPACED, is_hiding=len(composed) > 1 or start > match.start())


_LEADING = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_TRAILING = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def _conjoining(text: str, index: int, start: int) -> str:
    """The conjoining form of one compatibility letter by its place: leading, vowel or trailing."""
    char = text[index]
    if "ㅏ" <= char <= "ㅣ":
        return chr(0x1161 + ord(char) - ord("ㅏ"))
    is_trailing = index > start and "ㅏ" <= text[index - 1] <= "ㅣ" and not "ㅏ" <= text[index + 1 : index + 2] <= "ㅣ"
    if is_trailing and char in _TRAILING:
        return chr(0x11A8 + _TRAILING.index(char))
    return chr(0x1100 + _LEADING.index(char)) if char in _LEADING else char


def costumed(text: str) -> Iterator[Edit]:
    """Bold, circled, squared, full-width, superscript and small-capital letters become everyday ones."""
    table, pattern = costumes()
    for match in pattern.finditer(text):
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        is_hiding = _is_word_join(before, match.group()[0]) or _is_word_join(after, match.group()[-1])
        for index in range(match.start(), match.end()):
            yield Edit(index, index + 1, table[text[index]], Trick.STYLED, is_hiding=is_hiding)


def _is_word_join(neighbour: str, costumed_char: str) -> bool:
    return neighbour.isascii() and neighbour.isalpha() and plain(costumed_char).isalpha()


def emoji_letters(text: str) -> Iterator[Edit]:
    """Keycaps, enclosed words, spelled-out flags and emoji inside a word become the letters they stand for."""
    found = [Edit(m.start(), m.end(), m[1], Trick.EMOJI_LETTER) for m in _KEYCAP.finditer(text)]
    found += [Edit(m.start(), m.end(), emoji_letter(m[1]), Trick.EMOJI_LETTER) for m in _EMOJI_WORD.finditer(text)]
    found += (edit for match in _REGIONAL.finditer(text) for edit in _regional(match))
    found += [
        Edit(m.start(2), m.end(2), letter_shape(m[2][0]), Trick.EMOJI_LETTER, is_hiding=True)
        for m in _SHAPE.finditer(text)
    ]
    yield from sorted(found, key=lambda edit: edit.start)


def _regional(match: re.Match[str]) -> Iterator[Edit]:
    letters = "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in match.group())
    pairs = {letters[index : index + 2] for index in range(0, len(letters), 2)}
    if not pairs <= REGION_CODES:
        yield Edit(match.start(), match.end(), letters, Trick.EMOJI_LETTER, is_hiding=True)


def look_alikes(text: str) -> Iterator[Edit]:
    """Words that mix alphabets to deceive, or that sit in Latin text but are made of look-alikes, are read as seen."""
    if text.isascii() or not odd_letters().search(text):
        return
    words = list(_WORD.finditer(text))
    has_latin = any(match.group().isascii() for match in words)
    text_is_latin = has_latin and not any(is_earnest(match.group()) for match in words)
    for match in words:
        word = match.group()
        if word.isascii():
            continue
        for offset, part in _without_other_scripts(word):
            read = read_mixed(part, text_is_latin=text_is_latin)
            if read != part:
                start = match.start() + offset
                yield Edit(start, start + len(part), read, Trick.HOMOGLYPH, is_hiding=True)


def drawn_words(text: str) -> Iterator[Edit]:
    """Words drawn with signs, brush strokes, rare Latin letters or upside down are read as seen."""
    if text.isascii():
        return
    readers = (
        (symbols()[1], read_symbols),
        (brush()[1], read_brush),
        (TURNED_WORD, read_turned),
        (_RARE_LATIN, read_latin),
    )
    found: list[Edit] = []
    for pattern, reader in readers:
        for match in pattern.finditer(text):
            word = match.group()
            read = word if word.isascii() else reader(word)
            if read != word and not any(match.start() < edit.end and edit.start < match.end() for edit in found[-64:]):
                found.append(Edit(match.start(), match.end(), read, Trick.HOMOGLYPH, is_hiding=True))
    yield from _apart(sorted(found, key=lambda edit: edit.start))


def _apart(edits: list[Edit]) -> Iterator[Edit]:
    """Edits in order without those that overlap the one before."""
    end = 0
    for edit in edits:
        if edit.start >= end:
            yield edit
            end = edit.end


_ALPHABETS = re.compile(
    r"[^\u0590-\u07bf\u0800-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u9fff\uac00-\ud7ff\U00020000-\U0003ffff]+"
)


def _without_other_scripts(word: str) -> Iterator[tuple[int, str]]:
    """The alphabetic stretches of a word, without the Hangul, Han, kana or Arabic letters written on to it."""
    for match in _ALPHABETS.finditer(word):
        yield match.start(), match.group()
