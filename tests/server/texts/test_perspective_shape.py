"""The Perspective shape: requests, scores, spans and errors as its clients know them."""

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
from tidegate.server.texts.perspective_shape import ATTRIBUTES, UNBACKED, answer, error_body, text_of
from tidegate.server.texts.record import MAX_TEXT_CHARS, TextResult
from tidegate.server.texts.status import status_of
from tidegate.signals.labels import LABELS

Make = Callable[..., TextResult]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
NEARLY = st.fixed_dictionaries(
    {
        "comment": st.fixed_dictionaries({}, optional={"text": st.text() | JSON, "type": JSON}) | JSON,
        "requestedAttributes": st.dictionaries(
            st.sampled_from(sorted(ATTRIBUTES)) | st.text(),
            st.fixed_dictionaries({}, optional={"scoreThreshold": st.floats() | JSON, "scoreType": JSON}) | JSON,
        ),
    },
    optional={
        "languages": st.lists(st.text()) | JSON,
        "spanAnnotations": st.booleans() | JSON,
        "clientToken": st.text() | JSON,
    },
)


def _body(text: object = "low tide", attributes: object = None, **more: object) -> dict[str, Any]:
    asked = {"TOXICITY": {}} if attributes is None else attributes
    return {"comment": {"text": text}, "requestedAttributes": asked, **more}


def _answer(result: TextResult, **body: object) -> dict[str, Any]:
    sent = _body(**body)
    return answer(sent, text_of(sent), result)


def test_every_attribute_names_labels_that_exist_and_none_is_backed_and_not() -> None:
    assert {label for labels in ATTRIBUTES.values() for label in labels} <= LABELS.keys()
    assert not ATTRIBUTES.keys() & set(UNBACKED)


@pytest.mark.parametrize(("name", "labels"), ATTRIBUTES.items(), ids=ATTRIBUTES)
def test_an_attribute_is_the_strongest_of_its_labels(result: Make, name: str, labels: tuple[str, ...]) -> None:
    scores = {label: 0.5 + 0.01 * index for index, label in enumerate(labels)} | {"wording.evasion": 0.99}
    found = _answer(result(scores), attributes={name: {}})["attributeScores"]
    assert found[name]["summaryScore"] == {"value": 0.5 + 0.01 * (len(labels) - 1), "type": "PROBABILITY"}


def test_nothing_found_scores_nothing(result: Make) -> None:
    assert _answer(result())["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.0


def test_without_span_annotations_the_whole_text_is_one_span(result: Make) -> None:
    (span,) = _answer(result({"wording.hate": 0.7}))["attributeScores"]["TOXICITY"]["spanScores"]
    assert span == {"begin": 0, "end": len("low tide"), "score": {"value": 0.7, "type": "PROBABILITY"}}


def test_with_span_annotations_every_quote_is_a_span(result: Make) -> None:
    found = _answer(result({"wording.hate": 0.7, "wording.threat": 0.8}, at=(4, 8)), spanAnnotations=True)
    assert found["attributeScores"]["TOXICITY"]["spanScores"] == [
        {"begin": 4, "end": 8, "score": {"value": 0.8, "type": "PROBABILITY"}}
    ]
    assert _answer(result(), spanAnnotations=True)["attributeScores"]["TOXICITY"]["spanScores"] == []


@pytest.mark.parametrize(("threshold", "is_told"), [(0, True), (0.7, True), (0.71, False), (1, False)])
def test_a_score_under_its_threshold_is_left_out(result: Make, threshold: float, is_told: bool) -> None:
    found = _answer(result({"wording.hate": 0.7}), attributes={"TOXICITY": {"scoreThreshold": threshold}})
    assert ("TOXICITY" in found["attributeScores"]) is is_told


def test_languages_and_client_token_come_back(result: Make) -> None:
    found = _answer(result(), languages=["en"], clientToken="c-7", doNotStore=True, sessionId="s", communityId="k")
    assert (found["languages"], found["detectedLanguages"], found["clientToken"]) == (["en"], ["en"], "c-7")
    unknown = _answer(result(language="und"))
    assert (unknown["languages"], unknown["detectedLanguages"]) == ([], [])
    assert "clientToken" not in unknown


def test_one_language_is_taken_as_said_and_several_are_detected() -> None:
    assert text_of(_body(languages=["de"])).language == "de"
    assert text_of(_body(languages=["de", "en"])).language == ""


def test_a_language_that_an_attribute_does_not_read_is_an_error_as_there(result: Make) -> None:
    abstained = (AbstentionReason.UNSUPPORTED_LANGUAGE, ("wording.toxicity", "wording.hate"))
    with pytest.raises(TextRequestError) as caught:
        _answer(result(abstained=abstained, language="hi"))
    told = error_body(caught.value)["error"]
    assert told["message"] == "Attribute TOXICITY does not support request languages: hi"
    assert told["details"][0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    by_lexicon = _answer(result(abstained=abstained), attributes={"PROFANITY": {}})
    assert by_lexicon["attributeScores"]["PROFANITY"]["summaryScore"]["value"] == 0.0


def test_an_attribute_that_read_a_part_of_the_text_only_is_an_error_and_never_all_clear(result: Make) -> None:
    abstained = (AbstentionReason.OVER_BUDGET, ("wording.toxicity",))
    with pytest.raises(TextRequestError, match="a part of it was not read") as caught:
        _answer(result(abstained=abstained))
    assert error_body(caught.value)["error"]["details"][0]["errorType"] == "COMMENT_TOO_LONG"
    assert "PROFANITY" in _answer(result(abstained=abstained), attributes={"PROFANITY": {}})["attributeScores"]


@pytest.mark.parametrize("reason", [AbstentionReason.UNAVAILABLE, AbstentionReason.FAILED])
def test_a_lost_detector_is_an_error_and_never_all_clear(result: Make, reason: AbstentionReason) -> None:
    with pytest.raises(TextsUnavailableError):
        _answer(result(abstained=(reason, ("wording.hate",))))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "root is not an object"),
        ({}, "Attributes must be specified"),
        (_body(attributes={}), "Attributes must be specified"),
        (_body(attributes={"FLIRTATION": {}}), "does not support the attribute: FLIRTATION"),
        (_body(attributes={"COLOUR": {}}), "Unknown requested attribute: COLOUR"),
        (_body(attributes={"TOXICITY": 7}), "requestedAttributes.TOXICITY"),
        (_body(attributes={"TOXICITY": {"colour": 1}}), "requestedAttributes.TOXICITY"),
        (_body(attributes={"TOXICITY": {"scoreType": "STARS"}}), "scoreType"),
        (_body(attributes={"TOXICITY": {"scoreThreshold": 2}}), "scoreThreshold"),
        (_body(attributes={"TOXICITY": {"scoreThreshold": float("nan")}}), "scoreThreshold"),
        (_body(attributes={"TOXICITY": {"scoreThreshold": 10**400}}), "scoreThreshold"),
        (_body(attributes={"TOXICITY": {"scoreThreshold": True}}), "scoreThreshold"),
        (_body(text=7), "comment.text"),
        (_body(text=""), "Comment must be non-empty."),
        (_body(text=None), "Comment must be non-empty."),
        (_body(text="a" * (MAX_TEXT_CHARS + 1)), "too long"),
        (_body() | {"comment": {"text": "a", "type": "HTML"}}, "PLAIN_TEXT"),
        (_body() | {"comment": "a"}, "'comment'"),
        (_body(languages="en"), "'languages'"),
        (_body(languages=[7]), "'languages'"),
        (_body(clientToken="c" * 201), "'clientToken'"),
        (_body(colour=1), 'Unknown name "colour"'),
    ],
)
def test_a_mistake_is_told_in_googles_form(body: object, message: str) -> None:
    with pytest.raises(TextRequestError) as caught:
        text_of(body)
    told = error_body(caught.value)["error"]
    assert message in told["message"]
    assert (told["code"], told["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(("text", "kind"), [("", "COMMENT_EMPTY"), ("a" * 20_001, "COMMENT_TOO_LONG")])
def test_an_empty_and_a_long_comment_have_their_own_error_type(text: str, kind: str) -> None:
    with pytest.raises(TextRequestError) as caught:
        text_of(_body(text=text))
    assert error_body(caught.value)["error"]["details"][0]["errorType"] == kind


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (TextsTooLargeError("large"), 413, "INVALID_ARGUMENT"),
        (TextsBusyError("busy"), 429, "RESOURCE_EXHAUSTED"),
        (TextsUnavailableError("gone"), 503, "UNAVAILABLE"),
        (TidegateError("secret"), 500, "INTERNAL"),
    ],
)
def test_every_error_has_googles_status(error: TidegateError, status: int, name: str) -> None:
    told = error_body(error)["error"]
    assert (status_of(error), told["code"], told["status"]) == (status, status, name)
    assert "secret" not in told["message"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON | NEARLY)
def test_any_json_is_answered_or_refused_in_googles_form(result: Make, body: Any) -> None:
    try:
        asked = text_of(body)
        reply = answer(body, asked, result())
    except TextRequestError as error:
        assert error_body(error)["error"]["message"]
    else:
        assert reply["attributeScores"].keys() <= body["requestedAttributes"].keys()
