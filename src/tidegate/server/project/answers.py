"""How somebody is told no: a problem document on the API, the vendor's own shape on its routes, a page for people."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.urls import reverse

from tidegate.errors import AccessError, CrossSiteError, SecondFactorMissingError, TidegateError
from tidegate.server.problems import Problem, as_response, plain_problem, problem_of

API_PREFIXES = ("/api/", "/v1/", "/v1alpha1/", "/metrics", "/healthz", "/readyz")


def is_api(path: str) -> bool:
    """Whether programs ask here, who read problem documents rather than pages."""
    return path.startswith(API_PREFIXES)


def refusal(request: HttpRequest, error: Exception, route: str = "") -> HttpResponse:
    """The answer to a request that an error ended."""
    problem = problem_of(error)
    shaped = _vendor_shape(error, problem, route)
    if shaped is not None:
        return shaped
    if is_api(request.path):
        return as_response(problem)
    if isinstance(error, AccessError) and problem.status == 401:
        return _to(request, reverse("account_login"))
    if isinstance(error, SecondFactorMissingError):
        return _to(request, reverse("mfa_activate_totp"))
    return page(request, problem)


def no_route(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """The answer where the access table has no entry: 405 where it has one for another method, else 404."""
    problem = plain_problem(405 if methods else 404, where=request.path[:200], allow=", ".join(methods))
    return as_response(problem) if is_api(request.path) else page(request, problem)


def page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as a page."""
    values = {"problem": problem.body}
    try:
        text = render_to_string("console/problem.html", values, request=request)
    except TemplateDoesNotExist:
        return HttpResponse(str(problem.body["detail"]), status=problem.status, content_type="text/plain")
    return HttpResponse(text, status=problem.status, headers=dict(problem.headers))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of addresses that nothing has."""
    del exception
    return no_route(request, ())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of requests that it cannot read, such as those for a host that is not this server's."""
    del exception
    problem = plain_problem(400, next_step="check the host name and the form of the request")
    if is_api(request.path):
        return as_response(problem)
    return HttpResponse(str(problem.body["detail"]), status=400, content_type="text/plain")


def cross_site(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's handler of forms that carry no token of ours."""
    del reason
    error = CrossSiteError(
        "the form did not come from a page of this server, or the page was open too long",
        where="csrfmiddlewaretoken",
        next_step="load the page again and send the form once more",
    )
    return refusal(request, error)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler of errors nobody foresaw; they are in the log already."""
    problem = problem_of(TidegateError("something here went wrong; it was noted", next_step="try again"))
    return as_response(problem) if is_api(request.path) else page(request, problem)


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """Send a person elsewhere first, and back again; a fragment of a page cannot follow, so the whole page goes."""
    back = request.get_full_path() if request.method == "GET" and "HX-Request" not in request.headers else "/"
    target = f"{address}?{urlencode({'next': back})}"
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(target)


def _vendor_shape(error: Exception, problem: Problem, route: str) -> HttpResponse | None:
    from tidegate.server.texts.views import error_body_for

    error_body = error_body_for(route)
    if error_body is None:
        return None
    if not isinstance(error, TidegateError):
        error = TidegateError(str(problem.body["detail"]))
    return JsonResponse(error_body(error, status=problem.status), status=problem.status, headers=dict(problem.headers))
