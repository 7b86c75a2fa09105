"""The OpenAI moderation shape: requests, answers and errors as its clients know them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate.errors import (
    TextRequestError,
    TextsBusyError,
    TextsTooLargeError,
    TextsUnavailableError,
    TidegateError,
)
from tidegate.records import AbstentionReason
from tidegate.server.texts.openai_shape import CATEGORIES, DEFAULT_MODEL, answer, error_body, texts_of
from tidegate.server.texts.record import MAX_TEXT_CHARS, MAX_TEXTS, TextResult
from tidegate.server.texts.scorer import Scorer
from tidegate.server.texts.status import status_of
from tidegate.signals.labels import LABELS

Make = Callable[..., TextResult]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "input": JSON
        | st.lists(st.text())
        | st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["text", "image_url", ""]) | JSON}, optional={"text": st.text() | JSON}
            )
        ),
        "model": st.text() | JSON,
    },
)


def _answer(result: TextResult, body: dict[str, Any] | None = None) -> dict[str, Any]:
    sent = body or {"input": "low tide"}
    return answer(sent, texts_of(sent), [result])


def test_the_categories_are_those_of_the_api_and_name_labels_that_exist() -> None:
    assert list(CATEGORIES) == [
        *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
        *("self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors"),
        *("violence", "violence/graphic"),
    ]
    assert {label for labels in CATEGORIES.values() for label in labels} <= LABELS.keys()


@pytest.mark.parametrize(
    ("given_input", "texts"),
    [
        ("low tide", ["low tide"]),
        ("", [""]),
        (["low", "high"], ["low", "high"]),
        ([{"type": "text", "text": "low"}, {"type": "text", "text": "tide"}], ["low\ntide"]),
    ],
)
def test_every_form_of_input_is_read(given_input: object, texts: list[str]) -> None:
    assert [one.text for one in texts_of({"input": given_input})] == texts


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], ""),
        ({}, "input"),
        ({"input": None}, "input"),
        ({"input": 7}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", 7]}, "input[0]"),
        ({"input": ["a"] * (MAX_TEXTS + 1)}, "input"),
        ({"input": "a" * (MAX_TEXT_CHARS + 1)}, "input"),
        ({"input": [{"type": "text"}]}, "input[0].text"),
        ({"input": [{"type": "audio"}]}, "input[0].type"),
        ({"input": "a", "model": 7}, "model"),
        ({"input": "a", "colour": 7}, "colour"),
    ],
)
def test_a_mistake_is_told_with_its_parameter(body: object, where: str) -> None:
    with pytest.raises(TextRequestError) as caught:
        texts_of(body)
    told = error_body(caught.value)["error"]
    assert told["type"] == "invalid_request_error"
    assert told["param"] == (where or None)


def test_an_image_is_refused_and_the_words_say_so() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]
    with pytest.raises(TextRequestError, match="images are not taken"):
        texts_of({"input": parts})


def test_nothing_found_is_flagged_nowhere_and_scores_nothing(result: Make) -> None:
    (row,) = _answer(result())["results"]
    assert row["flagged"] is False
    assert set(row["categories"].values()) == {False}
    assert set(row["category_scores"].values()) == {0.0}


@pytest.mark.parametrize(
    ("label", "categories"),
    [
        ("wording.harassment", {"harassment"}),
        ("wording.threat", {"harassment/threatening", "violence"}),
        ("wording.hate", {"hate"}),
        ("wording.drugs", {"illicit"}),
        ("wording.weapons", {"illicit", "illicit/violent"}),
        ("pattern.urging_self_harm", {"harassment", "self-harm", "self-harm/instructions"}),
        ("wording.sexual", {"sexual"}),
        ("wording.minors", {"sexual/minors"}),
        ("wording.scam", set()),
    ],
)
def test_a_label_lights_up_its_categories(result: Make, label: str, categories: set[str]) -> None:
    (row,) = _answer(result({label: 0.8}, flagged=(label,)))["results"]
    assert row["flagged"] is True
    assert {name for name, is_set in row["categories"].items() if is_set} == categories
    assert {name for name, score in row["category_scores"].items() if score == 0.8} == categories


def test_a_score_without_a_clause_that_is_reached_flags_nothing(result: Make) -> None:
    (row,) = _answer(result({"wording.hate": 0.9}))["results"]
    assert row["category_scores"]["hate"] == 0.9
    assert (row["flagged"], row["categories"]["hate"]) == (False, False)


def test_a_category_that_did_not_read_the_language_applied_to_no_input(result: Make) -> None:
    abstained = (AbstentionReason.UNSUPPORTED_LANGUAGE, ("wording.hate", "wording.harassment"))
    (row,) = _answer(result(abstained=abstained))["results"]
    applied = row["category_applied_input_types"]
    assert applied["hate/threatening"] == []
    assert applied["hate"] == ["text"]  # the lexicon of slurs still reads it
    assert applied["sexual"] == ["text"]
    both = (AbstentionReason.UNSUPPORTED_LANGUAGE, CATEGORIES["hate"])
    assert _answer(result(abstained=both))["results"][0]["category_applied_input_types"]["hate"] == []


@pytest.mark.parametrize("reason", [AbstentionReason.UNAVAILABLE, AbstentionReason.FAILED])
def test_a_lost_detector_is_an_error_and_never_all_clear(result: Make, reason: AbstentionReason) -> None:
    with pytest.raises(TextsUnavailableError):
        _answer(result(abstained=(reason, ("wording.hate",))))


def test_a_text_that_the_policy_holds_unread_is_flagged_without_a_category(scorer: Scorer) -> None:
    body = {"input": "We walked along the shore. " * 300}
    requests = texts_of(body)
    (row,) = answer(body, requests, scorer.score(requests))["results"]
    assert row["flagged"] is True
    assert set(row["categories"].values()) == {False}


def test_the_model_is_echoed_and_the_id_is_stable(result: Make) -> None:
    plain = _answer(result())
    named = _answer(result(), {"input": "low tide", "model": "text-moderation-stable"})
    assert (plain["model"], named["model"]) == (DEFAULT_MODEL, "text-moderation-stable")
    assert plain["id"] == named["id"]
    assert plain["id"].startswith("modr-")
    assert _answer(result(), {"input": "high tide"})["id"] != plain["id"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (TextRequestError("wrong", where="input"), 400, "invalid_request_error"),
        (TextsTooLargeError("large"), 413, "invalid_request_error"),
        (TextsBusyError("busy"), 429, "requests"),
        (TextsUnavailableError("gone"), 503, "server_error"),
        (TidegateError("secret"), 500, "server_error"),
    ],
)
def test_every_error_has_the_form_and_status_of_the_api(error: TidegateError, status: int, kind: str) -> None:
    told = error_body(error)["error"]
    assert status_of(error) == status
    assert told.keys() == {"message", "type", "param", "code"}
    assert told["type"] == kind
    assert "secret" not in told["message"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON | NEARLY)
def test_any_json_is_answered_or_refused_in_the_form_of_the_api(result: Make, body: Any) -> None:
    try:
        requests = texts_of(body)
        reply = answer(body, requests, [result() for _ in requests])
    except TextRequestError as error:
        assert error_body(error)["error"]["message"]
    else:
        assert len(reply["results"]) == len(requests)
        assert all(row["category_scores"].keys() == CATEGORIES.keys() for row in reply["results"])
