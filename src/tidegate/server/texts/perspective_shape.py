"""The Perspective shape (`comments:analyze`): its request as a text, our result as its answer, Google's errors. Pure.

Texts of errors follow that API, since its clients read them.
"""

from collections.abc import Mapping
from typing import Any

from tidegate.errors import TextRequestError, TextsUnavailableError, TidegateError
from tidegate.records import AbstentionReason
from tidegate.server.texts.record import MAX_TEXT_CHARS, TextRequest, TextResult, id_of
from tidegate.server.texts.status import status_of

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "TOXICITY": (
        "wording.toxicity",
        "wording.harassment",
        "wording.hate",
        "wording.threat",
        "wording.slur",
        "pattern.threat",
        "pattern.urging_self_harm",
    ),
    "SEVERE_TOXICITY": ("wording.hate", "wording.threat", "pattern.threat", "pattern.urging_self_harm"),
    "IDENTITY_ATTACK": ("wording.hate", "wording.slur"),
    "INSULT": ("wording.harassment",),
    "PROFANITY": ("wording.profanity",),
    "THREAT": ("wording.threat", "pattern.threat"),
    "SEXUALLY_EXPLICIT": ("wording.sexual", "metadata.tag_sexual"),
    "OBSCENE": ("wording.profanity", "wording.sexual"),
    "SPAM": ("wording.spam", "wording.scam", "pattern.scam_offer", "pattern.engagement_bait"),
}
"""Attribute -> the labels that back it. The first one decides whether a language is supported."""
UNBACKED = (
    *("FLIRTATION", "INFLAMMATORY", "INCOHERENT", "UNSUBSTANTIAL", "LIKELY_TO_REJECT"),
    *("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER"),
)
"""Attributes that Perspective knows and nothing here backs: refused, never scored 0."""
MAX_LANGUAGES = 10
MAX_NAME_CHARS = 200
_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_FIELDS = {
    "comment": Mapping,
    "requestedAttributes": Mapping,
    "languages": list,
    "doNotStore": bool,
    "spanAnnotations": bool,
    "clientToken": str,
    "sessionId": str,
    "communityId": str,
    "context": Mapping,
}
_STATUS: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    405: "INVALID_ARGUMENT",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def text_of(body: object) -> TextRequest:
    """The text of a request, all of which is checked. Raises TextRequestError; `next_step` is a Google error type."""
    if not isinstance(body, Mapping):
        raise TextRequestError("Invalid JSON payload received. The root is not an object.")
    _check_fields(body)
    _check_attributes(body.get("requestedAttributes"))
    languages = _languages(body)
    text = _comment(body.get("comment"))
    return TextRequest(id=id_of(text), text=text, language=languages[0] if len(languages) == 1 else "")


def answer(body: Mapping[str, Any], request: TextRequest, result: TextResult) -> dict[str, Any]:
    """The answer to a request that `text_of` took.

    Raises TextRequestError for an attribute that does not read the language or not all of the text,
    TextsUnavailableError for one whose detector is missing.
    """
    asked = dict(body["requestedAttributes"])
    unread, lost = result.unread(AbstentionReason.UNSUPPORTED_LANGUAGE), result.lost()
    cut = result.unread(AbstentionReason.OVER_BUDGET)
    for name in asked:
        if lost.intersection(ATTRIBUTES[name]):
            raise TextsUnavailableError("A detector that backs this attribute is not available.", where=name)
        if ATTRIBUTES[name][0] in unread:
            raise _unsupported(name, body, result.language)
        if ATTRIBUTES[name][0] in cut:
            raise _too_long(f"Comment text too long for {name}: a part of it was not read.")
    scores = {
        name: _attribute(name, request, result, has_spans=body.get("spanAnnotations") is True)
        for name, options in asked.items()
        if result.score(ATTRIBUTES[name]) >= _threshold(options)
    }
    detected = [] if result.language == "und" else [result.language]
    reply = {
        "attributeScores": scores,
        "languages": list(body.get("languages") or detected),
        "detectedLanguages": detected,
    }
    return reply | ({"clientToken": body["clientToken"]} if body.get("clientToken") else {})


def error_body(error: TidegateError, *, status: int | None = None) -> dict[str, Any]:
    """An error as Google's APIs write it. Nothing internal is told at 500."""
    status = status_of(error) if status is None else status
    message = error.what if status != 500 else "Internal error encountered."
    body: dict[str, Any] = {"code": status, "message": message, "status": _STATUS.get(status, "INTERNAL")}
    if isinstance(error, TextRequestError) and error.next_step in _ERROR_TYPES:
        body["details"] = [{"@type": _TYPE, "errorType": error.next_step}]
    return {"error": body}


_ERROR_TYPES = ("COMMENT_EMPTY", "COMMENT_TOO_LONG", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")


def _check_fields(body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        if name not in _FIELDS:
            raise _invalid(f'Invalid JSON payload received. Unknown name "{str(name)[:60]}": Cannot find field.', "")
        if value is not None and not isinstance(value, _FIELDS[name]):
            raise _invalid(f"Invalid value at '{name}'.", name)
    for name in ("clientToken", "sessionId", "communityId"):
        if len(body.get(name) or "") > MAX_NAME_CHARS:
            raise _invalid(f"Invalid value at '{name}': more than {MAX_NAME_CHARS} characters.", name)


def _check_attributes(asked: object) -> None:
    if not isinstance(asked, Mapping) or not asked:
        raise _invalid("Attributes must be specified in the request.", "requestedAttributes")
    for name, options in asked.items():
        if name not in ATTRIBUTES:
            kind = "This server does not support the attribute" if name in UNBACKED else "Unknown requested attribute"
            raise _invalid(f"{kind}: {str(name)[:60]}", f"requestedAttributes.{str(name)[:60]}")
        _check_options(name, options)


def _check_options(name: str, options: object) -> None:
    where = f"requestedAttributes.{name}"
    if not isinstance(options, Mapping) or options.keys() - {"scoreType", "scoreThreshold"}:
        raise _invalid(f"Invalid value at '{where}'.", where)
    if options.get("scoreType") not in (None, "PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
        raise _invalid(f"Invalid value at '{where}.scoreType'.", where)
    threshold = options.get("scoreThreshold")
    is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if threshold is not None and not (is_number and 0 <= threshold <= 1):
        raise _invalid(f"Invalid value at '{where}.scoreThreshold'.", where)


def _threshold(options: Mapping[str, Any]) -> float:
    return float(options.get("scoreThreshold") or 0.0)


def _languages(body: Mapping[str, Any]) -> list[str]:
    languages = body.get("languages") or []
    if len(languages) > MAX_LANGUAGES or not all(isinstance(one, str) and 0 < len(one) <= 35 for one in languages):
        raise _invalid("Invalid value at 'languages'.", "languages")
    return languages


def _comment(comment: object) -> str:
    if not isinstance(comment, Mapping) or comment.keys() - {"text", "type"}:
        raise _invalid("Invalid value at 'comment'.", "comment")
    if comment.get("type") not in (None, "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"):
        raise _invalid("Invalid value at 'comment.type': only PLAIN_TEXT is supported.", "comment.type")
    text = comment.get("text")
    if text is not None and not isinstance(text, str):
        raise _invalid("Invalid value at 'comment.text'.", "comment.text")
    if not text:
        raise TextRequestError("Comment must be non-empty.", where="comment.text", next_step="COMMENT_EMPTY")
    if len(text) > MAX_TEXT_CHARS:
        raise _too_long(f"Comment text too long: {len(text)} characters, {MAX_TEXT_CHARS} at most.")
    return text


def _too_long(what: str) -> TextRequestError:
    return TextRequestError(what, where="comment.text", next_step="COMMENT_TOO_LONG")


def _unsupported(name: str, body: Mapping[str, Any], detected: str) -> TextRequestError:
    languages = ", ".join(body.get("languages") or [detected])
    return TextRequestError(
        f"Attribute {name} does not support request languages: {languages}",
        where=f"requestedAttributes.{name}",
        next_step="LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
    )


def _attribute(name: str, request: TextRequest, result: TextResult, *, has_spans: bool) -> dict[str, Any]:
    labels = ATTRIBUTES[name]
    summary = _score(result.score(labels))
    whole = [{"begin": 0, "end": len(request.text), "score": summary}]
    return {"spanScores": _spans(labels, result) if has_spans else whole, "summaryScore": summary}


def _spans(labels: tuple[str, ...], result: TextResult) -> list[dict[str, Any]]:
    """The quoted places, each once with its strongest score, in their order."""
    best: dict[tuple[int, int], float] = {}
    for signal in result.signals:
        if signal.label in labels:
            for quote in signal.evidence.quotes:
                place = (quote.start_char, quote.end_char)
                best[place] = max(signal.score, best.get(place, 0.0))
    return [{"begin": begin, "end": end, "score": _score(value)} for (begin, end), value in sorted(best.items())]


def _score(value: float) -> dict[str, Any]:
    return {"value": value, "type": "PROBABILITY"}


def _invalid(what: str, where: str) -> TextRequestError:
    return TextRequestError(what, where=where)
