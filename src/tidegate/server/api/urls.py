"""The addresses of the API."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NoReturn, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

from tidegate.errors import PrecheckUnavailableError
from tidegate.server.api.application import make
from tidegate.server.api.document import document_of
from tidegate.server.problems import as_response, plain_problem

PREFIX = "api/v1/"
STREAMS = ("api-decisions-stream",)
"""Routes whose answers do not end: a HEAD request for one would wait for ever."""
View = Callable[..., Any]

api = make()


def openapi(request: HttpRequest) -> JsonResponse:
    """`GET /api/v1/openapi.json`: the whole API as an OpenAPI 3.1 document."""
    del request
    return JsonResponse(document_of(api))


def outside(request: HttpRequest) -> NoReturn:
    """`POST /api/v1/precheck` is answered before Django is asked; it stands here for its methods' sake."""
    raise PrecheckUnavailableError("this is answered by the ASGI application alone", where=request.path)


def _routes() -> Iterator[URLPattern]:
    yield path(f"{PREFIX}openapi.json", openapi, name="api-openapi")
    yield path(f"{PREFIX}precheck", outside, name="api-precheck")
    # Ninja names a path once for each of its operations, and gives all of them the same view.
    for one in {str(pattern.pattern): pattern for pattern in api.urls[0]}.values():
        if isinstance(one, URLPattern) and str(one.pattern):
            view = _as_told(one.callback, is_stream=one.name in STREAMS)
            yield path(f"{PREFIX}{one.pattern}", view, name=one.name)


def _as_told(view: View, *, is_stream: bool) -> View:
    """The view, answering HEAD as GET, and a method that is not its own with a problem."""

    def before(request: HttpRequest) -> None:
        if request.method == "HEAD" and not is_stream:
            request.method = "GET"

    def after(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if isinstance(response, HttpResponseNotAllowed):
            return as_response(plain_problem(405, where=request.path[:200], allow=response["Allow"]))
        # What is told of uploads is for whoever asked, and for nobody's cache.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    async def waiting(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        before(request)
        return after(request, await cast("Awaitable[HttpResponseBase]", view(request, *args, **named)))

    def blocking(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        before(request)
        return after(request, cast("HttpResponseBase", view(request, *args, **named)))

    wrapped: View = markcoroutinefunction(waiting) if iscoroutinefunction(view) else blocking
    # Keys carry no cookie; a session's token is checked by the access middleware, also where Django is told not to.
    wrapped.csrf_exempt = True  # type: ignore[attr-defined]
    return wrapped


urlpatterns = list(_routes())
