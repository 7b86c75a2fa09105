"""Durations, sizes, icons and strangers' text in a few words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.server.console.wording import clock_left, duration_text, size_text
from tidegate.settings import Resolved


@pytest.mark.parametrize(
    ("length_s", "text"),
    [
        (None, "–"),
        (0.0, "0 ms"),
        (0.34, "340 ms"),
        (7.24, "7.2 s"),
        (59.97, "1 min"),
        (60.0, "1 min"),
        (200.0, "3 min 20 s"),
        (3600.0, "1 h"),
        (18720.0, "5 h 12 min"),
        (273600.0, "3 d 4 h"),
        (-7.2, "\N{MINUS SIGN}7.2 s"),
    ],
)
def test_a_duration_in_words(length_s: float | None, text: str) -> None:
    assert duration_text(length_s) == text


@given(st.floats(0, 1e9))
def test_any_duration_is_short(length_s: float) -> None:
    assert 0 < len(duration_text(length_s)) <= 14


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(None, "–"), (0, "0 B"), (999, "999 B"), (12_100_000, "12.1 MB"), (4e9, "4.0 GB")]
)
def test_a_size_in_words(size_bytes: float | None, text: str) -> None:
    assert size_text(size_bytes) == text


def test_no_time_is_left_when_the_moment_has_passed() -> None:
    assert clock_left(0.0) == "0:00"
    assert clock_left(None) == "0:00"


@given(st.text(max_size=60))
def test_text_of_strangers_neither_hides_nor_reorders(django_ready: Resolved, text: str) -> None:
    from tidegate.explain.visible import is_unsafe
    from tidegate.server.console.templatetags.console import shown

    found = shown(text)
    assert not [character for character in found if is_unsafe(character) and character not in "\n\t"]


def test_text_is_cut_to_its_limit(django_ready: Resolved) -> None:
    from tidegate.server.console.templatetags.console import shown

    assert shown("a" * 50, 10) == "a" * 9 + "…"
