"""The two other forms as their vendors' own packages speak them, against a whole server."""

import warnings
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tidegate.server.texts.openai_shape import CATEGORIES
from tidegate.server.texts.perspective_shape import ATTRIBUTES
from tidegate.server.texts.record import MAX_TEXT_CHARS

pytestmark = pytest.mark.slow

OFFER = "Guaranteed returns. Send $100 today, and get $1000 back"
PLAIN = "The tide was low this morning, so we walked along the harbour."
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}


@pytest.fixture
def client(server: Any) -> Iterator[openai.OpenAI]:
    with _openai(server, "scores") as made:
        yield made


def _openai(server: Any, key: str) -> openai.OpenAI:
    return openai.OpenAI(api_key=server.keys.get(key, key), base_url=f"{server.address}/v1", max_retries=0)


def test_openai_a_text_alone_is_one_result_with_every_category(client: openai.OpenAI) -> None:
    reply = client.moderations.create(input=PLAIN)
    assert reply.id.startswith("modr-")
    assert reply.model == "omni-moderation-latest"
    (row,) = reply.results
    assert row.flagged is False
    assert row.category_scores.model_dump(by_alias=True).keys() == CATEGORIES.keys()
    assert row.categories.model_dump(by_alias=True) == dict.fromkeys(CATEGORIES, False)
    assert row.category_applied_input_types.harassment == ["text"]


def test_openai_a_list_is_a_result_for_each(client: openai.OpenAI) -> None:
    reply = client.moderations.create(input=[PLAIN, OFFER] * 20, model="text-moderation-stable")
    assert [row.flagged for row in reply.results] == [False, True] * 20
    assert reply.model == "text-moderation-stable"


def test_openai_parts_are_one_text_together(client: openai.OpenAI) -> None:
    halves = [{"type": "text", "text": half} for half in ("Guaranteed returns.", "Send $100 today, get $1000 back")]
    reply = client.moderations.create(input=halves)  # type: ignore[arg-type]
    assert [row.flagged for row in reply.results] == [True]


async def _ask_async(server: Any) -> bool:
    async with openai.AsyncOpenAI(api_key=server.keys["scores"], base_url=f"{server.address}/v1") as client:
        return (await client.moderations.create(input=OFFER)).results[0].flagged


def test_openai_the_async_client_is_answered_too(server: Any) -> None:
    import asyncio

    assert asyncio.run(_ask_async(server)) is True


@pytest.mark.parametrize(
    ("given_input", "param"),
    [
        ([IMAGE], "input[0].type"),
        ([{"type": "text", "text": PLAIN}, IMAGE], "input[1].type"),
        ([], "input"),
        (["a"] * 101, "input"),
        ("a" * (MAX_TEXT_CHARS + 1), "input"),
    ],
    ids=["image", "text and image", "nothing", "too many", "too long"],
)
def test_openai_a_mistake_raises_its_bad_request(client: openai.OpenAI, given_input: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=given_input)
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")


@pytest.mark.parametrize(
    ("key", "error", "code"),
    [
        ("tg_wrong", openai.AuthenticationError, "invalid_api_key"),
        ("late", openai.AuthenticationError, "invalid_api_key"),
        ("reads", openai.PermissionDeniedError, "missing_scope"),
    ],
)
def test_openai_a_key_that_may_not_raises_its_own_error(
    server: Any, key: str, error: type[openai.APIStatusError], code: str
) -> None:
    with _openai(server, key) as client, pytest.raises(error) as caught:
        client.moderations.create(input=PLAIN)
    assert caught.value.code == code


@pytest.fixture(scope="module")
def google() -> Any:
    """Google's packages, which warn of the Python version they are loaded by."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import googleapiclient.discovery
        import googleapiclient.errors
    return googleapiclient


def _analyze(google: Any, server: Any, body: dict[str, Any], key: str = "scores") -> dict[str, Any]:
    secret = server.keys.get(key, key)
    with google.discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=secret,
        discoveryServiceUrl=f"{server.address}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    ) as client:
        answer: dict[str, Any] = client.comments().analyze(body=body).execute()
    return answer


def _comment(text: str, *names: str, **more: object) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {name: {} for name in names}, **more}


def test_google_every_attribute_is_scored(google: Any, server: Any) -> None:
    body = _comment(PLAIN, *ATTRIBUTES, languages=["en"], doNotStore=True, clientToken="c-7")
    reply = _analyze(google, server, body)
    assert reply["attributeScores"].keys() == ATTRIBUTES.keys()
    assert {found["summaryScore"]["type"] for found in reply["attributeScores"].values()} == {"PROBABILITY"}
    assert (reply["languages"], reply["detectedLanguages"], reply["clientToken"]) == (["en"], ["en"], "c-7")


def test_google_spans_lie_in_the_comment_and_a_threshold_leaves_out(google: Any, server: Any) -> None:
    body = _comment(f"😀 {OFFER}", "SPAM", "TOXICITY", spanAnnotations=True)
    body["requestedAttributes"]["IDENTITY_ATTACK"] = {"scoreThreshold": 0.9, "scoreType": "PROBABILITY"}
    reply = _analyze(google, server, body)
    assert reply["attributeScores"].keys() == {"SPAM", "TOXICITY"}
    assert reply["attributeScores"]["SPAM"]["summaryScore"]["value"] > 0.5
    spans = reply["attributeScores"]["SPAM"]["spanScores"]
    assert any(f"😀 {OFFER}"[span["begin"] : span["end"]].startswith("Guaranteed returns") for span in spans)


def test_google_a_document_that_was_fetched_before_builds_the_same_client(google: Any, server: Any) -> None:
    import httpx

    document = httpx.get(f"{server.address}/$discovery/rest").text
    with google.discovery.build_from_document(document, developerKey=server.keys["scores"]) as client:
        reply = client.comments().analyze(body=_comment(OFFER, "SPAM")).execute()
    assert reply["attributeScores"]["SPAM"]["summaryScore"]["value"] > 0.5


@pytest.mark.parametrize(
    ("body", "reason", "kind"),
    [
        (_comment(PLAIN, "FLIRTATION"), "does not support the attribute: FLIRTATION", None),
        (_comment(PLAIN), "Attributes must be specified", None),
        (_comment("", "TOXICITY"), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (_comment("a" * (MAX_TEXT_CHARS + 1), "TOXICITY"), "too long", "COMMENT_TOO_LONG"),
        (_comment("We walked. " * 500, "TOXICITY"), "was not read", "COMMENT_TOO_LONG"),
        (
            _comment(PLAIN, "TOXICITY", languages=["hi"]),
            "does not support request languages: hi",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ),
    ],
    ids=["unbacked", "nothing asked", "empty", "long", "partly read", "language"],
)
def test_google_a_mistake_raises_http_error_with_its_details(
    google: Any, server: Any, body: dict[str, Any], reason: str, kind: str | None
) -> None:
    with pytest.raises(google.errors.HttpError) as caught:
        _analyze(google, server, body)
    assert caught.value.status_code == 400
    assert reason in caught.value.reason
    if kind is not None:
        assert [detail["errorType"] for detail in caught.value.error_details] == [kind]


@pytest.mark.parametrize(("key", "status"), [("tg_wrong", 401), ("late", 401), ("reads", 403)])
def test_google_a_key_that_may_not_raises_http_error(google: Any, server: Any, key: str, status: int) -> None:
    with pytest.raises(google.errors.HttpError) as caught:
        _analyze(google, server, _comment(PLAIN, "TOXICITY"), key)
    assert caught.value.status_code == status
    assert "key" in caught.value.reason
