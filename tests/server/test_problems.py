"""Every error as a problem document: its status, its code, and nothing inside told to outsiders."""

import json
import logging

import pytest

from tidegate import errors
from tidegate.errors import TidegateError
from tidegate.server.problems import STATUS, plain_problem, problem_bytes, problem_of, status_of


@pytest.mark.parametrize("kind", sorted(STATUS, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_a_problem_names_its_code_its_place_and_the_next_step(kind: type[TidegateError]) -> None:
    problem = problem_of(kind("it is so", where="there", next_step="do this"))
    assert problem.status == STATUS[kind]
    assert problem.body["code"] == kind.code
    assert problem.body["type"] == f"urn:tidegate:error:{kind.code}"
    assert (problem.body["detail"], problem.body["where"], problem.body["next_step"]) == (
        "it is so",
        "there",
        "do this",
    )


@pytest.mark.parametrize("kind", [kind for kind, status in STATUS.items() if status in (429, 503)])
def test_whoever_has_to_come_back_is_told_when(kind: type[TidegateError]) -> None:
    assert int(problem_of(kind("not now")).headers["Retry-After"]) >= 1


def test_an_error_says_itself_when_to_come_back() -> None:
    error = errors.BusyError("not now")
    error.retry_after_s = 10.2
    assert problem_of(error).headers["Retry-After"] == "11"


def test_a_class_without_a_status_has_that_of_its_nearest_base() -> None:
    assert status_of(errors.ScopeMissingError("no")) == STATUS[errors.AccessError]
    assert status_of(TidegateError("no")) == 500


def test_an_unforeseen_error_is_logged_and_says_nothing_to_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        problem = problem_of(RuntimeError("the password is sesame"))
    assert problem.status == 500
    assert "sesame" not in json.dumps(dict(problem.body))
    assert "RuntimeError" in caplog.text


def test_the_same_document_goes_out_past_django() -> None:
    status, headers, body = problem_bytes(errors.BusyError("not now", next_step="wait"))
    assert status == 429
    assert (b"content-type", b"application/problem+json") in headers
    assert dict(headers)[b"retry-after"] == b"5"
    assert json.loads(body)["code"] == "TG-H213"


def test_a_method_that_is_not_there_names_those_that_are() -> None:
    problem = plain_problem(405, allow="GET")
    assert problem.headers == {"Allow": "GET"}
    assert problem.body["code"] == "HTTP-405"
