"""The API as django-ninja serves it: its operations, how bodies are read, how what is wrong with them is answered."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from tidegate.errors import BodyTypeError, MalformedBodyError, RequestFormError, TidegateError, UploadTooLargeError
from tidegate.server.api.routes import cases, decisions, uploads, webhooks
from tidegate.server.intake.bodies.documents import read_object
from tidegate.server.problems import problem_response

_MOST_WHERE_CHARS = 120
_SIGNS = {"query": "?", "path": "/", "header": "header "}


class StrictParser(Parser):
    """Takes one JSON object, sent as JSON: no name twice, no NaN, no NUL, nothing that only looks like UTF-8."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body's object. Raises BodyTypeError, MalformedBodyError."""
        if request.content_type != "application/json":
            raise BodyTypeError("the body is not sent as JSON", where="Content-Type", next_step="send application/json")
        return read_object(request.body, "body")


def make() -> NinjaAPI:
    """The API with all its operations."""
    api = NinjaAPI(
        title="Tidegate",
        version="1",
        description="Short video, screened before anyone sees it: held until decided.",
        openapi_url=None,
        docs_url=None,
        parser=StrictParser(),
    )
    for router in (uploads.router, decisions.router, cases.router, webhooks.router):
        api.add_router("", router)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _unread)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    return api


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ANN401 - ninja says "class or instance"
    del request
    return problem_response(form_error(error))


def form_error(error: ValidationError) -> RequestFormError:
    """The first thing that is wrong, with its place; what was sent is not repeated."""
    first = error.errors[0]
    source, *place = first["loc"]
    others = len(error.errors) - 1
    next_step = f"{others} more {'place is' if others == 1 else 'places are'} wrong too" if others else ""
    return RequestFormError(
        str(first["msg"]), where=_where(str(source), place), next_step=next_step or "see /api/v1/openapi.json"
    )


def _where(source: str, place: list[Any]) -> str:
    if source in _SIGNS:
        return f"{_SIGNS[source]}{place[-1] if place else ''}"[:_MOST_WHERE_CHARS]
    # The first step names the argument of our function, which nobody outside knows.
    steps = [f"[{one}]" if isinstance(one, int) else f".{one}" for one in place[1:]]
    return f"${''.join(steps)}"[:_MOST_WHERE_CHARS]


def _unread(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ANN401 - as above
    del request
    cause = error.__cause__
    if isinstance(cause, TidegateError):
        return problem_response(cause)
    return problem_response(MalformedBodyError("the body cannot be read", where="body", next_step="send JSON"))


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ANN401 - as above
    del request, error
    return problem_response(
        UploadTooLargeError("the body is larger than is taken here", where="body", next_step="send less at a time")
    )
