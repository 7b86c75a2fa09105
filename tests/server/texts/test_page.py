"""`docs/how-to/score-texts.md` says what is so: its tables, its limits and its examples."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tidegate.errors import TextRequestError, TextsBusyError, TextsTooLargeError, TextsUnavailableError
from tidegate.server import problems
from tidegate.server.texts import openai_shape, perspective_shape
from tidegate.server.texts.asking import TextDesks
from tidegate.server.texts.record import (
    MAX_REQUEST_CHARS,
    MAX_TEXT_CHARS,
    MAX_TEXTS,
    SURFACE_OF_KIND,
    TextRequest,
    request_from_json,
    requests_from_json,
)
from tidegate.server.texts.rows import row_of
from tidegate.server.texts.scorer import Scorer
from tidegate.server.texts.status import status_of
from tidegate.server.texts.views import MAX_BODY_BYTES, TEXTS_IN_FLIGHT_A_DESK

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "score-texts.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


def _table(heading: str) -> dict[str, list[str]]:
    """First cell -> the others, of the table whose head begins so."""
    lines = iter(PAGE.splitlines())
    next(line for line in lines if line.startswith(f"| {heading} |"))
    next(lines)
    rows: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[name.strip("`")] = cells
    return rows


def _names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def _json_blocks() -> list[Any]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_the_categories_of_the_page_are_those_that_are_answered() -> None:
    assert {name: _names(cells[0]) for name, cells in _table("category").items()} == dict(openai_shape.CATEGORIES)


def test_the_attributes_of_the_page_are_those_that_are_answered() -> None:
    assert {name: _names(cells[0]) for name, cells in _table("attribute").items()} == dict(perspective_shape.ATTRIBUTES)


def test_the_fields_of_the_page_are_those_that_are_read() -> None:
    assert set(_table("field")) == set(TextRequest.__dataclass_fields__)
    kinds = _names(_table("field")["kind"][0])
    assert set(kinds) == {kind.value for kind in SURFACE_OF_KIND}


@pytest.mark.parametrize(
    "said",
    [
        f"up to {MAX_TEXT_CHARS:,} characters",
        f"1 to {MAX_TEXTS} texts, {MAX_REQUEST_CHARS:,} characters and {MAX_BODY_BYTES >> 20} MiB at most",
        f"a list of up to {MAX_TEXTS} strings",
        f"above {MAX_TEXT_CHARS:,} characters",
        f"At most {TEXTS_IN_FLIGHT_A_DESK} texts for each of them are in flight",
    ],
)
def test_a_limit_of_the_page_is_the_one_that_holds(said: str) -> None:
    assert said in WORDS


def test_the_time_after_which_an_answer_is_given_up_is_the_one_of_the_page() -> None:
    timeout_s = inspect.signature(TextDesks).parameters["timeout_s"].default
    assert f"longer than {timeout_s:g} s is given up" in WORDS


def test_the_example_of_the_page_gets_the_answer_of_the_page(scorer: Scorer) -> None:
    asked, told = _json_blocks()[:2]
    (request,) = requests_from_json(asked)
    row = row_of(scorer.score([request])[0])
    assert request_from_json(asked["texts"][0]) == request
    reached = [clause for clause in row["clauses"] if clause["outcome"] != "clear"]
    assert [told["verdict"], told["reason"], told["actions"], told["language"]] == [
        row[name] for name in ("verdict", "reason", "actions", "language")
    ]
    assert told["clauses"] == reached
    assert all(signal in row["signals"] for signal in told["signals"])
    assert len(row["signals"]) == 3
    assert list(told) == list(row)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("the request is at fault", TextRequestError("x")),
        ("the body is too large", TextsTooLargeError("x")),
        ("too many texts at once", TextsBusyError("x")),
        ("nobody scores, or a detector is missing", TextsUnavailableError("x")),
    ],
)
def test_the_errors_of_the_page_are_those_that_are_told(
    row: str, error: TextRequestError | TextsTooLargeError | TextsBusyError | TextsUnavailableError
) -> None:
    ours, by_openai, by_google = _table("")[row]
    openai_error = openai_shape.error_body(error)["error"]
    google_error = perspective_shape.error_body(error)["error"]
    assert f"`{error.code}`" in ours
    assert str(problems.status_of(error)) in ours
    assert str(status_of(error)) in by_openai
    assert openai_error["code" if f"`{openai_error['code']}`" in by_openai else "type"] in _names(by_openai)
    assert str(status_of(error)) in by_google
    assert google_error["status"] in _names(by_google)


def test_the_keys_errors_of_the_page_are_those_of_the_forms() -> None:
    from tidegate.errors import KeyUnknownError, ScopeMissingError

    for row, error in (("the key is wrong", KeyUnknownError("x")), ("the key may not score", ScopeMissingError("x"))):
        ours, by_openai, by_google = _table("")[row]
        assert str(problems.status_of(error)) in ours
        assert openai_shape.error_body(error)["error"]["code"] in _names(by_openai)
        assert perspective_shape.error_body(error)["error"]["status"] in _names(by_google)
