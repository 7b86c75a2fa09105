"""Messages between web processes and desks: whole, bounded, of one version."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import DeskProtocolError, TextsUnavailableError
from tidegate.server.texts.record import MAX_TEXT_CHARS, TextRequest, TextResult
from tidegate.server.texts.scorer import Scorer
from tidegate.server.texts.wire import (
    HEAD,
    MAX_ANSWER_BYTES,
    MAX_REQUEST_BYTES,
    MAX_TEXTS_A_FRAME,
    VERSION,
    answer_frame,
    error_frame,
    framed,
    read_answer,
    read_request,
    request_frame,
    size_of,
)


@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=MAX_TEXTS_A_FRAME))
def test_any_texts_arrive_as_they_were(texts: list[str]) -> None:
    requests = tuple(TextRequest(id=f"c{index}", text=text) for index, text in enumerate(texts))
    frame = request_frame(requests)
    assert size_of(frame[: HEAD.size], MAX_REQUEST_BYTES) == len(frame) - HEAD.size
    assert [one.text.encode("utf-16", "surrogatepass") for one in read_request(frame[HEAD.size :])] == [
        text.encode("utf-16", "surrogatepass") for text in texts
    ]


@pytest.mark.parametrize("char", ["\x00", "😀", '"', "가"])
def test_the_longest_texts_fit_into_a_frame(char: str) -> None:
    texts = [TextRequest(id="i" * 200, text=char * MAX_TEXT_CHARS, creator_id="c" * 200)] * MAX_TEXTS_A_FRAME
    assert request_frame(texts)


def test_results_arrive_as_they_were(scorer: Scorer) -> None:
    results = scorer.score([TextRequest(id="a", text="half a sign \ud83d, low tide")])
    assert read_answer(answer_frame(results)[HEAD.size :], 1) == tuple(results)


def test_an_error_arrives_as_its_json_form() -> None:
    error = TextsUnavailableError("nobody is here", where="texts")
    assert read_answer(error_frame(error)[HEAD.size :], 1) == error.to_json()


@given(st.binary(max_size=200))
def test_garbage_is_refused_by_name(payload: bytes) -> None:
    for read in (read_request, lambda data: read_answer(data, 1)):
        with pytest.raises(DeskProtocolError):
            read(payload)


@pytest.mark.parametrize(
    "message",
    [
        {"v": VERSION + 1, "texts": [{"id": "a", "text": "b"}]},
        {"v": VERSION},
        {"v": VERSION, "texts": []},
        {"v": VERSION, "texts": [{"id": "a", "text": "b"}] * (MAX_TEXTS_A_FRAME + 1)},
        {"v": VERSION, "texts": [{"id": "a"}]},
        {"v": VERSION, "texts": [{"id": "a", "text": "b", "region": "korea"}]},
        [],
    ],
)
def test_what_is_no_request_of_this_version_is_refused(message: object) -> None:
    with pytest.raises(DeskProtocolError):
        read_request(json.dumps(message).encode())


def test_a_number_of_results_that_was_not_asked_for_is_refused(scorer: Scorer) -> None:
    results: list[TextResult] = scorer.score([TextRequest(id="a", text="low tide")])
    with pytest.raises(DeskProtocolError):
        read_answer(answer_frame(results)[HEAD.size :], 2)


@pytest.mark.parametrize("size_bytes", [0, MAX_REQUEST_BYTES + 1, 2**32 - 1])
def test_a_length_out_of_range_is_refused_before_anything_is_read(size_bytes: int) -> None:
    with pytest.raises(DeskProtocolError):
        size_of(HEAD.pack(size_bytes), MAX_REQUEST_BYTES)


def test_too_large_an_answer_is_refused_where_it_is_made() -> None:
    with pytest.raises(DeskProtocolError):
        framed(b"x" * (MAX_ANSWER_BYTES + 1), MAX_ANSWER_BYTES)
