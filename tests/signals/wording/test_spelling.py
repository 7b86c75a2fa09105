import pytest

from tidegate.signals.wording.coded import CODED_WORDS
from tidegate.signals.wording.mapping import Mapped
from tidegate.signals.wording.spelling import coded_words, leet, spread, stretched


def after(step: object, text: str) -> str:
    return Mapped(text, text).edited(list(step(text))).text  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("s_p_a_m", "spam"),
        ("s'p'a'm", "spam"),
        ("s . p . a . m", "spam"),
        ("U.S.A.", "USA."),
        ("p a y . c o m", "pay.com"),
        ("c.0.d.e", "c0de"),
    ],
)
def test_letters_set_apart_are_joined(text: str, read: str) -> None:
    assert after(spread, text) == read


@pytest.mark.parametrize(
    "text",
    [
        "a b c d",
        "C D E F G",
        "a e i o u",
        "J. R. R. T.",
        "u r a",
        "1 2 3 4",
        "k k k k",
        "월·화·수·목",
        "나 는 너 를",
        "b 2 6 c",
    ],
)
def test_lists_scales_and_initials_stay_apart(text: str) -> None:
    assert after(spread, text) == text


def test_stretching_is_cut_but_spelling_and_laughter_stay() -> None:
    assert after(stretched, "heyyyy wowwww coooool") == "hey wow cool"
    assert after(stretched, "Schifffahrt www ㅋㅋㅋ aaa 1000000") == "Schifffahrt www ㅋㅋㅋ aaa 1000000"
    assert after(stretched, "ㅋㅋㅋㅋㅋㅋ") == "ㅋㅋㅋ"


def test_leet_reaches_into_hashtags_but_not_into_names_and_addresses() -> None:
    assert after(leet, "#fr33m0ney") == "#freemoney"
    for text in ("@m0ney", "m0ney.com", "x/m0ney", "$100", "m0ney@example"):
        assert after(leet, text) == text


def test_coded_words_are_whole_words_and_none_reads_as_another_code() -> None:
    assert after(coded_words, "Unalive yourself, sewer slide") == "kill yourself, suicide"
    assert after(coded_words, "unaliveness @unalive") == "unaliveness @unalive"
    assert not set(CODED_WORDS) & set(CODED_WORDS.values())
