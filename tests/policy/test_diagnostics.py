"""A finding shows its line, a caret exactly under its place, and what to write."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import Diagnostic
from tidegate.policy.diagnostics import CODES, did_you_mean, render, render_one, summary


def _finding(column: int, length: int = 1, line: int = 1, *, is_error: bool = True) -> Diagnostic:
    return Diagnostic(
        code="TG-P010",
        source="rules.yaml",
        line=line,
        column=column,
        length=length,
        message="unknown key",
        hint="drop it",
        is_error=is_error,
    )


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def test_a_finding_reads_head_line_and_caret() -> None:
    assert render_one(_finding(3, 5), "a: wrong") == (
        "error TG-P010 rules.yaml:1:3: unknown key\n  1 | a: wrong\n    |   ^^^^^ drop it"
    )


def test_a_caret_stands_under_its_place_behind_wide_letters() -> None:
    shown = render_one(_finding(6, 2), "한국어: 오류")
    _, line, caret = shown.split("\n")
    assert _columns(line[: line.index("오류")]) == caret.index("^")
    assert caret.count("^") == 4


@given(
    line=st.text("ab한é", min_size=1, max_size=400),
    at=st.floats(0.0, 0.999),
    length=st.integers(1, 30),
)
def test_a_caret_is_never_lost_however_long_the_line(line: str, at: float, length: int) -> None:
    column = int(at * len(line)) + 1
    _, shown, caret = render_one(_finding(column, length), line).split("\n")
    under = caret.index("^")
    before = 0
    for char in shown:
        if before >= under:
            break
        before += _columns(char)
    assert before == under
    assert shown[[_columns(shown[:index]) for index in range(len(shown))].index(under)] == line[column - 1]


def test_a_place_past_the_end_of_a_line_still_has_a_caret() -> None:
    assert render_one(_finding(9), "a: 1").endswith("^ drop it")


def test_findings_are_shown_in_document_order_with_a_count() -> None:
    text = "a: 1\nb: 2\n"
    shown = render([_finding(1, line=2), _finding(1, line=1, is_error=False)], text)
    assert shown.index("warning") < shown.index("error TG-P010")
    assert shown.endswith("\n\n1 error and 1 warning\n")


@pytest.mark.parametrize(
    ("errors", "warnings", "said"),
    [(0, 0, "no errors"), (1, 0, "1 error"), (2, 1, "2 errors and 1 warning"), (0, 2, "2 warnings")],
)
def test_the_count_is_in_words(errors: int, warnings: int, said: str) -> None:
    assert summary([_finding(1)] * errors + [_finding(1, is_error=False)] * warnings) == said


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("severty", ("severity", "surfaces"), "did you mean 'severity'?"),
        ("HATE", ("hate", "harassment"), "did you mean 'hate'?"),
        ("zzz", ("feed", "ad"), "one of: ad, feed"),
        ("zzz", tuple(f"word{number}" for number in range(20)), ""),
    ],
)
def test_the_nearest_word_is_offered(word: str, known: tuple[str, ...], hint: str) -> None:
    assert did_you_mean(word, known) == hint


def test_codes_are_well_formed_and_each_has_a_meaning() -> None:
    assert all(len(code) == 7 and code.startswith("TG-P") and meaning for code, meaning in CODES.items())
    assert list(CODES) == sorted(CODES)
