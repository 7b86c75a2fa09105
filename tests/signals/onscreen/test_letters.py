import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.letters import edit_distance, joint, likeness, plain

words = st.text(max_size=30)


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        ("low", "tide", " "),
        ("今天", "海边", ""),
        ("今天,", "海边", ""),
        ("明日は", "tide", " "),
        ("안녕", "하세요", " "),
        ("", "tide", ""),
        ("at 6", "pm", " "),
    ],
)
def test_blanks_stand_only_where_the_script_has_them(before: str, after: str, between: str) -> None:
    assert joint(before, after) == between


@given(words, words)
def test_edit_distance_is_a_distance(one: str, other: str) -> None:
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edit_distance(one, other) <= max(len(one), len(other))


@given(words, words, words)
def test_a_detour_is_never_shorter(one: str, other: str, third: str) -> None:
    assert edit_distance(one, third) <= edit_distance(one, other) + edit_distance(other, third)


@given(words, words)
def test_likeness_looks_at_letters_and_digits_alone(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(plain(one), plain(other))
    assert likeness(one, one) == 1.0
