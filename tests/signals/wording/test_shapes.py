import re

from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.wording.shapes import Shape, places_of, shapes_in

KINDS = {"a": re.compile("aa"), "b": re.compile("bb"), "c": re.compile("cc")}
SHAPE = Shape("pattern.trade", 0.5, "a shape", "a", ("b", "c"), 10)


def found(text: str, shape: Shape = SHAPE) -> list[str]:
    return [text[find.start : find.end] for find in shapes_in(places_of(text, KINDS), [shape])]


def test_a_shape_is_the_stretch_from_its_first_to_its_last_word() -> None:
    assert found("x bb aa cc x") == ["bb aa cc"]


def test_a_shape_with_a_word_missing_or_too_far_is_none() -> None:
    assert found("aa bb") == []
    assert found("aa bb" + " " * 20 + "cc") == []


def test_one_word_counts_once() -> None:
    same = Shape("pattern.trade", 0.5, "twice", "a", ("a",), 10)
    assert found("aa", same) == []
    assert found("aa aa", same) == ["aa aa", "aa aa"]


@given(st.text(alphabet="abc ", max_size=200))
def test_every_find_holds_all_its_words(text: str) -> None:
    for stretch in found(text):
        assert all(word in stretch for word in ("aa", "bb", "cc"))
