"""What may be asked about texts, and how a mistake is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import TextRequestError
from tidegate.records import Surface
from tidegate.server.texts.record import (
    MAX_REQUEST_CHARS,
    MAX_TEXT_CHARS,
    MAX_TEXTS,
    TextKind,
    TextRequest,
    id_of,
    request_from_json,
    requests_from_json,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def test_a_text_alone_and_a_list_of_texts_are_taken() -> None:
    alone = requests_from_json({"text": "low tide"})
    listed = requests_from_json({"texts": [{"text": "low tide"}, {"text": "high tide", "id": "c2"}]})
    assert [one.text for one in alone] == ["low tide"]
    assert [(one.id, one.text) for one in listed] == [(id_of("low tide"), "low tide"), ("c2", "high tide")]


@pytest.mark.parametrize(
    ("kind", "surface"),
    [("comment", Surface.COMMENT), ("bio", Surface.PROFILE), ("title", Surface.FEED), ("message", Surface.COMMENT)],
)
def test_a_kind_brings_its_surface(kind: str, surface: Surface) -> None:
    read = request_from_json({"text": "a", "kind": kind})
    assert (read.kind, read.surface) == (TextKind(kind), surface)


def test_a_surface_that_is_said_counts() -> None:
    assert request_from_json({"text": "a", "kind": "bio", "surface": "shop"}).surface is Surface.SHOP


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "$"),
        ({"texts": []}, "$.texts"),
        ({"texts": [{"text": "a"}] * (MAX_TEXTS + 1)}, "$.texts"),
        ({"texts": ["a"]}, "$.texts[0]"),
        ({"texts": [{"text": "a"}, {}]}, "$.texts[1].text"),
        ({"texts": [{"text": 7}]}, "$.texts[0].text"),
        ({"texts": [{"text": "a", "colour": 1}]}, "$.texts[0]"),
        ({"texts": [{"text": "a"}], "colour": 1}, "$"),
        ({"text": "a", "kind": "poem"}, "$.kind"),
        ({"text": "a", "kind": []}, "$.kind"),
        ({"text": "a", "surface": "moon"}, "$.surface"),
        ({"text": "a", "region": "korea"}, "$.region"),
        ({"text": "a", "id": ""}, "$.id"),
        ({"text": "a", "id": "i" * 201}, "$.id"),
        ({"text": "a" * (MAX_TEXT_CHARS + 1)}, "$.text"),
        ({"texts": [{"text": "a" * MAX_TEXT_CHARS}] * (MAX_REQUEST_CHARS // MAX_TEXT_CHARS + 1)}, "$.texts"),
    ],
)
def test_a_mistake_is_told_with_its_place(body: object, where: str) -> None:
    with pytest.raises(TextRequestError) as caught:
        requests_from_json(body)
    assert caught.value.where == where


@given(JSON)
def test_any_json_is_read_or_refused_by_name(body: object) -> None:
    try:
        assert all(isinstance(one, TextRequest) for one in requests_from_json(body))
    except TextRequestError as error:
        assert error.what


@given(st.fixed_dictionaries({"texts": st.lists(st.dictionaries(st.sampled_from(["text", "id", "kind"]), JSON))}))
def test_nearly_right_json_is_read_or_refused_by_name(body: object) -> None:
    try:
        assert requests_from_json(body)
    except TextRequestError as error:
        assert error.where.startswith("$")
