"""Text of strangers is shown without obeying it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.visible import is_unsafe, one_line, visible

ANY_TEXT = st.text(st.characters(), max_size=200)


@given(ANY_TEXT)
def test_what_is_shown_can_be_encoded_and_holds_nothing_that_steers(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff\u2028\u2029")


@given(st.text(st.characters().filter(lambda character: not is_unsafe(character))))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("invoice\u202e4pm.exe", "invoice\\u202e4pm.exe"),
        ("bad\udc80name", "bad\\udc80name"),
        ("line\nbreak\ttab", "line\\x0abreak\\x09tab"),
        ("안녕 👩‍👧 é", "안녕 👩‍👧 é"),
    ],
)
def test_every_unsafe_character_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY_TEXT, st.integers(1, 30))
def test_a_limit_cuts_characters_and_says_so(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert shown == visible(text) if len(text) <= limit else shown.endswith("…")


def test_ten_million_characters_cost_no_more_than_what_is_shown() -> None:
    assert one_line("a b" * 3_500_000, 10) == "a ba ba b…"


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
