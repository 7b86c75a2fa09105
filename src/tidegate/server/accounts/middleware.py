"""Lets nobody in whom the access table does not name."""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from tidegate.errors import (
    CrossSiteError,
    DatabaseDownError,
    KeyMissingError,
    RoleMissingError,
    ScopeMissingError,
    SecondFactorMissingError,
    TidegateError,
)
from tidegate.server.accounts.access import Rule, methods_of, rule_of
from tidegate.server.accounts.keys import authenticate, require_scope
from tidegate.server.accounts.models import Person
from tidegate.server.accounts.principal import NOBODY, Principal, bearer
from tidegate.server.accounts.second_factor import needs_second_factor
from tidegate.server.project.answers import no_route, refusal
from tidegate.server.project.clock import now_s

_ANSWERED_BY_OTHERS = (
    Http404,
    PermissionDenied,
    SuspiciousOperation,
    BadRequest,
    ImmediateHttpResponse,
    ReauthenticationRequired,
)
"""Errors that Django and the library of signing in have answers for."""

SAFE_METHODS = ("GET", "HEAD")
KEY_IN_QUERY = frozenset({"perspective-analyze"})
"""Routes whose clients can send their key as `?key=` only; nowhere else does a key stand in an address."""


class AccessMiddleware:
    """Enforces `accounts.access.ACCESS` for every route, and says who is there in `request.principal`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the route is known only in `process_view`."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: tuple[Any, ...], _kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        """`None` lets the request in; anything else is the answer to somebody who is kept out."""
        route = request.resolver_match.url_name or "" if request.resolver_match else ""
        rule = rule_of(request.method or "", route)
        if rule is None:
            return no_route(request, methods_of(route))
        try:
            request.principal = self._admitted(request, rule, route, view)  # type: ignore[attr-defined]
        except TidegateError as error:
            return refusal(request, error, route)
        except (OperationalError, InterfaceError) as error:
            return refusal(request, _down(error), route)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An error becomes its answer; what Django has an answer for is left to it."""
        route = request.resolver_match.url_name or "" if request.resolver_match else ""
        if isinstance(error, _ANSWERED_BY_OTHERS):
            return None
        is_down = isinstance(error, OperationalError | InterfaceError)
        return refusal(request, _down(error) if is_down else error, route)

    def _admitted(self, request: HttpRequest, rule: Rule, route: str, view: Callable[..., Any]) -> Principal:
        if rule.is_public:
            return NOBODY
        secret = bearer(request.headers.get("Authorization", ""))
        if not secret and route in KEY_IN_QUERY:
            secret = request.GET.get("key", "")
        if secret or "Authorization" in request.headers:
            holder = authenticate(secret, now_s=now_s())
            require_scope(holder, rule.scopes)
            return Principal(key=holder)
        return Principal(person=self._person(request, rule, view))

    def _person(self, request: HttpRequest, rule: Rule, view: Callable[..., Any]) -> Person:
        person = request.user
        if not isinstance(person, Person) or not person.is_authenticated:
            raise KeyMissingError(
                "nobody is signed in, and no API key came with the request",
                where="Authorization",
                next_step="sign in, or send `Authorization: Bearer tg_...`",
            )
        if not person.is_active:
            logout(request)
            raise KeyMissingError("this account has ended", next_step="ask an administrator")
        if person.role not in rule.roles:
            if not rule.roles:
                raise ScopeMissingError("this is for API keys alone", next_step="send a key with the scope for it")
            wanted = ", ".join(sorted(rule.roles))
            raise RoleMissingError(f"this needs the role {wanted}", next_step="ask an administrator for the role")
        if not rule.is_before_second_factor and needs_second_factor(request):
            raise SecondFactorMissingError(
                "your role needs a second factor", where="account", next_step="set one up, then go on"
            )
        if request.method not in SAFE_METHODS and getattr(view, "csrf_exempt", False):
            _check_csrf(request)
        return person


class _Check(CsrfViewMiddleware):
    """Django's check of its token, giving the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        del request
        return reason


def _not_exempt(request: HttpRequest) -> HttpResponse:
    """Stands in for a view: the check reads nothing of it but that it is not exempt."""
    del request
    return HttpResponse()


def _check_csrf(request: HttpRequest) -> None:
    """A session is sent by browsers whatever page asks: views that keys may use still want the token of ours."""
    check = _Check(lambda _: HttpResponse())
    check.process_request(request)
    if check.process_view(request, _not_exempt, (), {}):
        raise CrossSiteError(
            "the request did not come from a page of this server",
            where=settings.CSRF_COOKIE_NAME,
            next_step="send the token of the cookie as X-CSRFToken, or use an API key",
        )


def _down(error: Exception) -> DatabaseDownError:
    return DatabaseDownError(f"the database does not answer: {type(error).__name__}", next_step="try again in a moment")
