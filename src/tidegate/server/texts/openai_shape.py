"""The OpenAI moderation shape: its requests as texts, our results as its answers, our errors as its errors. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.errors import TextRequestError, TextsUnavailableError, TidegateError
from tidegate.records import AbstentionReason
from tidegate.server.texts.record import MAX_TEXTS, TextRequest, TextResult, checked, id_of
from tidegate.server.texts.status import status_of

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "harassment": ("wording.harassment", "pattern.urging_self_harm"),
    "harassment/threatening": ("wording.threat", "pattern.threat"),
    "hate": ("wording.hate", "wording.slur"),
    "hate/threatening": (),
    "illicit": ("wording.crime", "wording.drugs", "wording.weapons", "pattern.drug_sale", "pattern.money_mule"),
    "illicit/violent": ("wording.violence", "wording.weapons"),
    "self-harm": ("wording.self_harm", "pattern.urging_self_harm", "metadata.tag_self_harm"),
    "self-harm/intent": (),
    "self-harm/instructions": (
        "wording.disordered_eating",
        "pattern.urging_self_harm",
        "metadata.tag_disordered_eating",
    ),
    "sexual": ("wording.sexual", "metadata.tag_sexual"),
    "sexual/minors": ("wording.minors", "pattern.minor_solicitation"),
    "violence": ("wording.violence", "wording.threat", "wording.extremism", "pattern.threat"),
    "violence/graphic": (),
}
"""Category -> the labels that back it; one without a label scores 0.0 and is never flagged."""
DEFAULT_MODEL = "omni-moderation-latest"
MAX_MODEL_CHARS = 100
_FIELDS = ("input", "model")


def texts_of(body: object) -> tuple[TextRequest, ...]:
    """The texts of a request, one for each result that is due. Raises TextRequestError.

    `input` is a string, a list of strings, or a list of parts of type `text`, which are one text together.
    """
    if not isinstance(body, Mapping):
        raise TextRequestError("The body of your request is not a JSON object.")
    if unknown := sorted(str(name) for name in body if name not in _FIELDS):
        raise TextRequestError(f"Unrecognized request argument supplied: {unknown[0][:60]}", where=unknown[0][:60])
    model_of(body)
    if body.get("input") is None:
        raise TextRequestError("Missing required parameter: 'input'.", where="input")
    return checked(tuple(_text(text) for text in _inputs(body["input"])))


def model_of(body: Mapping[str, Any]) -> str:
    """The model that the answer names: the asked one, whatever it is, since ours are fixed by the policy."""
    model = body.get("model")
    if model is not None and not (isinstance(model, str) and 0 < len(model) <= MAX_MODEL_CHARS):
        raise TextRequestError("Invalid type for 'model': expected a model name.", where="model")
    return model or DEFAULT_MODEL


def answer(body: Mapping[str, Any], requests: Sequence[TextRequest], results: Sequence[TextResult]) -> dict[str, Any]:
    """The answer to a request. Raises TextsUnavailableError where a lost detector would make a result all clear."""
    return {
        "id": f"modr-{_digest(requests, results)}",
        "model": model_of(body),
        "results": [_result(result) for result in results],
    }


def error_body(error: TidegateError, *, status: int | None = None) -> dict[str, Any]:
    """An error as the OpenAI API writes it; `param` is the parameter at fault. Nothing internal is told at 500."""
    status = status_of(error) if status is None else status
    kind, code = _KINDS.get(status, ("server_error", error.code))
    message = error.what if status != 500 else "The server had an error while processing your request."
    param = error.where if isinstance(error, TextRequestError) and error.where not in ("", "$") else None
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


_KINDS: Mapping[int, tuple[str, str | None]] = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "missing_scope"),
    405: ("invalid_request_error", "method_not_supported"),
    413: ("invalid_request_error", "request_too_large"),
    429: ("requests", "rate_limit_exceeded"),
}


def _inputs(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value:
        raise TextRequestError("Invalid type for 'input': expected a string or a non-empty list.", where="input")
    if all(isinstance(item, str) for item in value):
        if len(value) > MAX_TEXTS:
            raise TextRequestError(f"Invalid 'input': at most {MAX_TEXTS} strings are taken at a time.", where="input")
        return value
    return ["\n".join(_part(item, index) for index, item in enumerate(value))]


def _part(item: object, index: int) -> str:
    where = f"input[{index}]"
    if not isinstance(item, Mapping):
        raise TextRequestError(f"Invalid type for '{where}': expected an object, or only strings.", where=where)
    if item.get("type") == "image_url":
        what = f"Invalid value for '{where}.type': images are not taken here, only text."
        raise TextRequestError(what, where=f"{where}.type", next_step="upload media to be screened instead")
    if item.get("type") != "text":
        raise TextRequestError(f"Invalid value for '{where}.type': expected 'text'.", where=f"{where}.type")
    if not isinstance(item.get("text"), str):
        raise TextRequestError(f"Invalid type for '{where}.text': expected a string.", where=f"{where}.text")
    return str(item["text"])


def _text(text: str) -> TextRequest:
    try:
        return TextRequest(id=id_of(text), text=text)
    except TextRequestError as error:
        raise TextRequestError(f"Invalid 'input': {error.what}.", where="input") from error


def _result(result: TextResult) -> dict[str, Any]:
    lost, unread = result.lost(), result.unread(AbstentionReason.UNSUPPORTED_LANGUAGE)
    if any(lost.intersection(labels) for labels in CATEGORIES.values()):
        raise TextsUnavailableError("A detector that backs these categories is not available.", where="texts")
    flagged = result.flagged_clauses
    carrying = {label for clause in flagged for label in clause.labels}
    return {
        # What nobody read is not all clear: where the policy holds a text for that, its client is to hold it too.
        "flagged": bool(flagged) or result.is_unseen,
        "categories": {name: not carrying.isdisjoint(labels) for name, labels in CATEGORIES.items()},
        "category_scores": {name: result.score(labels) for name, labels in CATEGORIES.items()},
        "category_applied_input_types": {
            name: ["text"] if set(labels) - unread else [] for name, labels in CATEGORIES.items()
        },
    }


def _digest(requests: Sequence[TextRequest], results: Sequence[TextResult]) -> str:
    """The same texts under the same policy have the same id: there is nothing else that it could tell."""
    names = [*(request.id for request in requests), results[0].policy_digest if results else ""]
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:32]
