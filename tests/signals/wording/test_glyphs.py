import pytest

from tidegate.signals.wording import glyphs
from tidegate.signals.wording.mapping import Mapped


def after(step: object, text: str) -> str:
    return Mapped(text, text).edited(list(step(text))).text  # type: ignore[operator]


def test_joiners_stay_where_spelling_or_emoji_need_them() -> None:
    for text in ("می‌خواهم", "क्‍ष", "👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "1️⃣"):
        assert after(glyphs.invisibles, text) == text
    assert after(glyphs.invisibles, "s\u200dp\u200ca\ufeffm") == "spam"


def test_blanks_in_disguise_become_blanks() -> None:
    assert after(glyphs.invisibles, "a\u3164b") == "a b"


@pytest.mark.parametrize("text", ["a\u00adb", "\u200bab", "가 \u200b나", "ا\u200fب"])
def test_invisibles_that_honest_text_carries_hide_nothing(text: str) -> None:
    assert not any(edit.is_hiding for edit in glyphs.invisibles(text))


def test_reversed_words_are_turned_only_where_they_run_left_to_right() -> None:
    assert after(glyphs.overrides, "\u202emaps\u202c") == "spam"
    assert after(glyphs.overrides, "\u202eשלום\u202c") == "\u202eשלום\u202c"


def test_accents_of_spelling_stay_and_floods_go() -> None:
    assert after(glyphs.marks, "e\u0301 o\u0302\u0301") == "é ố"
    assert after(glyphs.marks, "a\u0336\u0336") == "a"
    assert after(glyphs.marks, "z\u0300\u0301\u0302\u0303" + "\u0336" * 50) == "z"
    assert after(glyphs.accented, "ḃîẗċöïṅ") == "bitcoin"
    assert after(glyphs.accented, "Việt Nam naïve Łódź") == "Việt Nam naïve Łódź"


def test_flags_stay_and_spelled_letters_are_read() -> None:
    assert after(glyphs.emoji_letters, "🇰🇷🇺🇸") == "🇰🇷🇺🇸"
    assert after(glyphs.emoji_letters, "🇫🇺") == "FU"
    assert after(glyphs.emoji_letters, "b❌t and real ❌ fake") == "bxt and real ❌ fake"


def test_jamo_typed_one_by_one_are_composed_but_laughter_is_not() -> None:
    assert after(glyphs.loose_jamo, "ㅅㅡㅍㅐㅁ") == "스팸"
    assert after(glyphs.loose_jamo, "ㅋㅋㅋ ㅠㅠ ㅇㅇ") == "ㅋㅋㅋ ㅠㅠ ㅇㅇ"
