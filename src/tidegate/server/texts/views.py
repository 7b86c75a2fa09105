"""The endpoints that score texts: ours, and the two that clients of other vendors speak. No access rules here."""

import asyncio
import functools
import json
import logging
from collections.abc import Mapping
from importlib import resources
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tidegate.errors import TextRequestError, TextsTooLargeError, TextsUnavailableError, TidegateError
from tidegate.server.problems import problem_of, problem_response
from tidegate.server.project.setup import settings_in_use
from tidegate.server.texts import openai_shape, perspective_shape
from tidegate.server.texts.address import socket_path
from tidegate.server.texts.asking import TextDesks
from tidegate.server.texts.record import requests_from_json
from tidegate.server.texts.rows import row_of
from tidegate.server.texts.status import status_of

LOG = logging.getLogger("tidegate.texts")
MAX_BODY_BYTES = 2 << 20
"""200,000 characters, most of them escaped, and what stands beside them."""
TEXTS_IN_FLIGHT_A_DESK = 200
_DESKS: WeakKeyDictionary[asyncio.AbstractEventLoop, TextDesks] = WeakKeyDictionary()


class ErrorBody(Protocol):
    """How another vendor writes an error; `status` where it is not the error's own."""

    def __call__(self, error: TidegateError, *, status: int | None = None) -> dict[str, Any]:
        """The body as JSON values."""


_ERROR_BODIES: Mapping[str, ErrorBody] = {
    "openai-moderations": openai_shape.error_body,
    "perspective-analyze": perspective_shape.error_body,
}


def error_body_for(route: str) -> ErrorBody | None:
    """What writes the errors of a route in its vendor's shape, whoever raises them; `None` where they are ours."""
    return _ERROR_BODIES.get(route)


def desks() -> TextDesks:
    """The desks of this server, for the running event loop. Raises TextsUnavailableError where none are set up."""
    settings = settings_in_use().settings
    count = settings.server.text_processes
    if not count:
        raise TextsUnavailableError(
            "this server scores no texts", where="server.text_processes", next_step="set it to 1 or more"
        )
    loop = asyncio.get_running_loop()
    if loop not in _DESKS:
        path, most = socket_path(settings.home), TEXTS_IN_FLIGHT_A_DESK * count
        _DESKS[loop] = TextDesks(path, max_texts=most, frames_a_request=count + 1)
    return _DESKS[loop]


@csrf_exempt
async def texts(request: HttpRequest) -> HttpResponse:
    """`POST /api/v1/texts`: up to 100 texts, each with its verdict, clauses, signals and abstentions."""
    try:
        requests = requests_from_json(_json_of(request))
        results = await desks().score(requests)
    except TidegateError as error:
        return problem_response(error)
    return JsonResponse({"results": [row_of(result) for result in results]})


@csrf_exempt
async def openai_moderations(request: HttpRequest) -> HttpResponse:
    """`POST /v1/moderations` as the OpenAI API has it."""
    try:
        body = _json_of(request)
        requests = openai_shape.texts_of(body)
        results = await desks().score(requests)
        return JsonResponse(openai_shape.answer(body, requests, results))
    except Exception as error:  # noqa: BLE001 - clients of that API parse every error, also an unforeseen one
        return _error(error, openai_shape.error_body)


@csrf_exempt
async def perspective_analyze(request: HttpRequest) -> HttpResponse:
    """`POST /v1alpha1/comments:analyze` as the Perspective API has it."""
    try:
        body = _json_of(request)
        asked = perspective_shape.text_of(body)
        results = await desks().score((asked,))
        return JsonResponse(perspective_shape.answer(body, asked, results[0]))
    except Exception as error:  # noqa: BLE001 - as above
        return _error(error, perspective_shape.error_body)


async def perspective_discovery(request: HttpRequest) -> HttpResponse:
    """`GET /$discovery/rest`: what Google's clients read to learn the address and form of `comments:analyze`."""
    root = request.build_absolute_uri("/")
    return JsonResponse(dict(_discovery()) | {"rootUrl": root, "baseUrl": root, "mtlsRootUrl": root})


@functools.cache
def _discovery() -> Mapping[str, Any]:
    text = (resources.files("tidegate.server.texts") / "discovery.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _json_of(request: HttpRequest) -> Any:  # noqa: ANN401 - whatever was sent
    """The body's JSON value. Raises TextsTooLargeError, TextRequestError."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            raise _too_large()
        body = request.read(MAX_BODY_BYTES + 1)
    except RequestDataTooBig as error:
        raise _too_large() from error
    except (UnreadablePostError, RawPostDataException, OSError, ValueError) as error:
        if isinstance(error, TidegateError):
            raise
        raise TextRequestError("the body cannot be read", where="body") from error
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        next_step = "send JSON in UTF-8"
        raise TextRequestError("We could not parse the JSON body of your request.", next_step=next_step) from error


def _too_large() -> TextsTooLargeError:
    return TextsTooLargeError(
        f"the body is larger than {MAX_BODY_BYTES} bytes", where="body", next_step="send fewer texts at a time"
    )


def _error(error: Exception, error_body: ErrorBody) -> HttpResponse:
    if not isinstance(error, TidegateError):
        LOG.error("texts.failed error=%s", type(error).__name__)
        error = TidegateError("an unforeseen error")
    headers = dict(problem_of(error).headers)
    return JsonResponse(error_body(error), status=status_of(error), headers=headers)
