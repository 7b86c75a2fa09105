"""Errors are counted as a careful reader would count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.testing.reading_errors import ErrorCount, distance, heard_errors, read_errors

WORDS = st.lists(st.sampled_from(["low", "tide", "at", "noon"]), max_size=8)


@given(a=WORDS, b=WORDS, c=WORDS)
def test_the_distance_is_a_metric(a: list[str], b: list[str], c: list[str]) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)
    assert abs(len(a) - len(b)) <= distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize(
    ("wanted", "heard", "errors"),
    [
        ("Low tide at noon.", "low tide, at noon", 0),
        ("Low tide at noon.", "low tied noon", 2),
        ("Low tide", "", 2),
        ("", "low", 1),
        ("Ma sœur l'attend", "ma soeur lattend", 0),
        ("Straße", "STRASSE", 0),
        ("ещё", "еще", 0),
    ],
)
def test_words_are_counted_without_case_and_punctuation(wanted: str, heard: str, errors: int) -> None:
    assert heard_errors(wanted, heard, "en").errors == errors


def test_languages_without_spaces_are_counted_in_characters() -> None:
    assert heard_errors("猫が窓で寝ています。", "猫が 窓で寝てます", "ja") == ErrorCount(errors=1, length=9)
    assert read_errors("แมวนอน", "แมว\nนอน", "th").errors == 0


def test_another_writing_of_the_same_words_counts_as_right() -> None:
    assert heard_errors("苹果树", "蘋果树", "zh", also_written="蘋果樹").errors == 0
    assert heard_errors("苹果树", "蘋果村", "zh", also_written="蘋果樹").errors == 1


def test_written_characters_count_with_their_punctuation_but_not_their_case_or_line_breaks() -> None:
    assert read_errors("Low tide: 7", "LOW TIDE:\n7", "en") == ErrorCount(errors=0, length=11)
    assert read_errors("Low tide: 7", "Low tide 7", "en").errors == 1
    assert read_errors("Low tide", "Lowtide", "en").errors == 1


def test_counts_add_up_and_nothing_read_of_nothing_is_no_error() -> None:
    total = ErrorCount(errors=1, length=4) + ErrorCount(errors=1, length=6)
    assert total.rate == 0.2
    assert ErrorCount().rate == 0.0
    assert ErrorCount(errors=2, length=0).rate == 1.0
