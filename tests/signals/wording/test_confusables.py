import pytest

from tidegate.signals.wording.confusable_tables import BRUSH, CLOSE, LOOSE, SYMBOLS, TURNED, table_of
from tidegate.signals.wording.confusables import (
    is_earnest,
    read_brush,
    read_latin,
    read_mixed,
    read_symbols,
    read_turned,
)


@pytest.mark.parametrize("rows", [CLOSE, LOOSE, SYMBOLS, BRUSH, TURNED])
def test_every_row_pairs_strings_of_one_length(rows: dict[str, str]) -> None:
    table = table_of(rows)
    assert all(letter.isascii() and letter.isalnum() for letter in table.values())


def test_a_word_that_mixes_alphabets_is_read_in_the_one_it_imitates() -> None:
    assert read_mixed("pаypal", text_is_latin=True) == "paypal"
    assert read_mixed("спacибo", text_is_latin=False) == "спасибо"
    assert read_mixed("ԁоubІе", text_is_latin=True) == "doubIe"


def test_a_word_made_of_look_alikes_alone_is_read_as_latin_in_latin_text_only() -> None:
    assert read_mixed("сосо", text_is_latin=True) == "coco"
    assert read_mixed("сосо", text_is_latin=False) == "сосо"


@pytest.mark.parametrize("word", ["привет", "και", "μm", "kΩ", "안녕", "Հայ", "β", "שלום"])
def test_words_of_one_alphabet_stay(word: str) -> None:
    assert read_mixed(word, text_is_latin=False) == word


def test_a_letter_without_look_alike_shows_that_a_word_is_meant() -> None:
    assert is_earnest("жизнь")
    assert not is_earnest("сосо")
    assert not is_earnest("hello")


def test_drawn_words_are_read() -> None:
    assert read_symbols("₥₳Ɽ₭").lower() == "mark"
    assert read_brush("ㄒ乇丨ㄥ").lower() == "teil"
    assert read_turned("ɐʇɐp") == "data"
    assert read_latin("ƈǟɍɗ").lower() == "card"


@pytest.mark.parametrize("word", ["€200", "$AAPL", "10€", "a×b", "°C"])
def test_signs_that_are_signs_stay(word: str) -> None:
    assert read_symbols(word) == word


@pytest.mark.parametrize("word", ["千山", "乙女", "几千", "山乂"])
def test_chinese_words_are_no_brush_letters(word: str) -> None:
    assert read_brush(word) == word


@pytest.mark.parametrize("word", ["Łódź", "smørrebrød", "đường", "ɛyɛ", "naïve"])
def test_ordinary_spelling_is_not_rare_latin(word: str) -> None:
    assert read_latin(word) == word
