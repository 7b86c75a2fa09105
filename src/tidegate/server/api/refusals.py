"""How refusals stand in the OpenAPI document. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

PROBLEM_TYPE = "application/problem+json"
ALWAYS = (401, 403, 503)
"""No key or session, one that is not good for this, a database that does not answer."""
OF_BODIES = (400, 413, 415, 422)
RETRIED = (429, 503)
MEANINGS: Mapping[int, str] = MappingProxyType(
    {
        400: "The request cannot be read.",
        401: "There is no API key or session, or it is not good any more.",
        403: "The key's scopes or the person's role do not include this.",
        404: "There is nothing of that id.",
        408: "The body came too slowly.",
        409: "What stands now does not allow it.",
        413: "The body is larger than is taken.",
        415: "The body has a type that is not taken.",
        422: "A parameter or field is not what it must be; `where` is its JSON path.",
        429: "More is waiting than can be done in time. Try again after `Retry-After`.",
        500: "Something here went wrong; it was noted.",
        503: "Not now: try again after `Retry-After`.",
    }
)


def refusals(*statuses: int, has_body: bool = False, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """What an operation adds to its entry in the document: the problems it may answer with, and `more`."""
    all_of_it = sorted({*ALWAYS, *statuses, *(OF_BODIES if has_body else ())})
    responses: dict[int, Any] = {status: refusal(status) for status in all_of_it}
    responses |= more.pop("responses", {})
    return {"responses": responses, **more}


def refusal(status: int) -> dict[str, Any]:
    """One problem in the document."""
    entry: dict[str, Any] = {
        "description": MEANINGS[status],
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    if status in RETRIED:
        entry["headers"] = {
            "Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}, "required": True}
        }
    return entry
