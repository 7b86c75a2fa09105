import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.wording.leet import read_leet, readings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("h3llo", "hello"),
        ("m0n3y", "money"),
        ("pa$$word", "password"),
        ("p@ypal", "paypal"),
        ("k!ck", "kick"),
        ("c1ick", "click"),
        ("he11o", "hello"),
        ("fr33", "free"),
        ("$pam", "spam"),
        ("M0NEY", "MONEY"),
        ("n00b", "noob"),
    ],
)
def test_signs_inside_a_word_are_letters(written: str, read: str) -> None:
    assert read_leet(written) == read


@pytest.mark.parametrize(
    "word",
    [
        "mp3",
        "1st",
        "the4th",
        "2024",
        "covid19",
        "ps5pro",
        "gpt4all",
        "i18n",
        "b2b",
        "h264",
        "4ever",
        "10k",
        "us$",
        "wow!",
        "W45WQ",
        "aB3dE5",
        "7cfca1a",
        "top10list",
        "in3days",
        "hello!world",
        "room33",
        "RTX4090",
        "24h",
        "50cent",
        "cash$$$",
    ],
)
def test_numbers_and_names_of_things_stay(word: str) -> None:
    assert read_leet(word) == word


@given(st.text(alphabet="abcdeABC0134579$@!|", min_size=1, max_size=24))
def test_a_reading_is_as_long_as_what_was_written(token: str) -> None:
    assert len(read_leet(token)) == len(token)
    assert all(len(reading) == len(token) for reading in readings(token))


def test_a_stroke_is_read_both_ways_for_look_up() -> None:
    assert set(readings("f1ll")) == {"fill", "flll"}
    assert readings("a2b") == ()
    assert len(readings("1" * 20)) == 16
