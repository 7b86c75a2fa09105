"""The access table, walked against every route of the server: who may is let in, everybody else is kept out."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tidegate.server.accounts.access import ACCESS, Rule, may, methods_of, rule_of
from tidegate.server.accounts.roles import SCOPES

ROLES = ("reviewer", "lead", "policy", "admin", "auditor", "integrator")
pytestmark = pytest.mark.usefixtures("database")


def _patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            yield from _patterns(item)
        else:
            yield item


def _middleware_answer(client: Client | None, method: str, route: str, **headers: str) -> HttpResponse | None:
    """What the middleware says to a request for a route by this browser; `None` lets it in."""
    from django.contrib.auth import get_user
    from django.contrib.sessions.backends.db import SessionStore

    from tidegate.server.accounts.middleware import AccessMiddleware

    request = RequestFactory(SERVER_NAME="localhost").generic(method, _path_of(route), headers=headers)
    request.session = client.session if client is not None else SessionStore()
    request.user = get_user(request)
    request.resolver_match = type("Match", (), {"url_name": route})()
    return AccessMiddleware(lambda _: HttpResponse()).process_view(request, _plain_view, (), {})


def _plain_view(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse()


def _path_of(route: str) -> str:
    """An address of the kind the route has: programs and people are told no in different ways."""
    is_page = not route.startswith(("api-", "metrics", "texts", "openai", "perspective"))
    return "/pages/" if is_page else "/api/v1/"


RULES = sorted(ACCESS.items())
GUARDED = [pytest.param(key, rule, id=" ".join(key)) for key, rule in RULES if not rule.is_public]


def test_every_route_of_the_server_is_in_the_table(django_ready: object) -> None:
    named = {pattern.name for pattern in _patterns()}
    assert None not in named, "a route without a name cannot stand in the table"
    assert {name for name in named if not methods_of(str(name))} == set()


def test_every_row_of_the_table_is_a_route_of_the_server(django_ready: object) -> None:
    named = {pattern.name for pattern in _patterns()}
    assert {route for _, route in ACCESS} - named == set()


def test_scopes_of_the_table_are_those_that_keys_are_made_for() -> None:
    assert {scope for rule in ACCESS.values() for scope in rule.scopes} <= SCOPES


@pytest.mark.parametrize(("key", "rule"), GUARDED)
def test_a_route_lets_in_the_roles_of_its_row_and_no_other(
    key: tuple[str, str], rule: Rule, client_as: Callable[..., Client]
) -> None:
    let_in = {role for role in ROLES if _middleware_answer(client_as(role), *key) is None}
    assert let_in == set(rule.roles)


@pytest.mark.parametrize(("key", "rule"), GUARDED)
def test_a_route_keeps_everybody_out_who_is_not_signed_in(key: tuple[str, str], rule: Rule) -> None:
    answer = _middleware_answer(None, *key)
    assert answer is not None
    assert answer.status_code in (302, 401)


@pytest.mark.parametrize(("key", "rule"), GUARDED)
def test_a_route_lets_in_keys_with_one_of_its_scopes_and_no_other(
    key: tuple[str, str], rule: Rule, key_for: Callable[..., str]
) -> None:
    let_in = {scope for scope in SCOPES if _middleware_answer(None, *key, Authorization=key_for(scope)) is None}
    assert let_in == set(rule.scopes)


@pytest.mark.parametrize(("key", "rule"), GUARDED)
def test_a_wrong_key_is_no_way_in_even_for_somebody_who_is_signed_in(
    key: tuple[str, str], rule: Rule, client_as: Callable[..., Client]
) -> None:
    for header in ("Bearer tg_nothing", "Bearer ", "Basic YTpi", ""):
        answer = _middleware_answer(client_as("admin"), *key, Authorization=header)
        assert answer is not None, header


def test_a_route_that_is_not_in_the_table_is_nobodys(client_as: Callable[..., Client]) -> None:
    answer = _middleware_answer(client_as("admin"), "GET", "api-something-new")
    assert answer is not None
    assert answer.status_code == 404


def test_a_method_that_is_not_in_the_table_is_refused_with_those_that_are(client_as: Callable[..., Client]) -> None:
    answer = _middleware_answer(client_as("admin"), "DELETE", "metrics")
    assert answer is not None
    assert (answer.status_code, answer["Allow"]) == (405, "GET")


def test_head_goes_by_get() -> None:
    assert rule_of("HEAD", "metrics") is rule_of("GET", "metrics")


def test_pages_can_ask_what_a_role_may_do() -> None:
    assert may("admin", "GET", "metrics")
    assert not may("reviewer", "GET", "metrics")
    assert not may("admin", "GET", "no-such-route")


def test_an_administrator_without_a_second_factor_is_sent_to_set_one_up(client_as: Callable[..., Client]) -> None:
    client = client_as("admin", has_second_factor=False)
    answer = _middleware_answer(client, "GET", "metrics")
    assert answer is not None
    assert answer.status_code == 403
    assert json.loads(answer.content)["code"] == "TG-A008"


def test_a_refused_program_reads_a_problem_document_with_a_stable_code(django_ready: object) -> None:
    answer = Client(SERVER_NAME="localhost").get("/metrics")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="tidegate"'
    problem = json.loads(answer.content)
    assert problem["code"] == "TG-A002"
    assert problem["next_step"]


def test_a_session_is_not_enough_for_an_unsafe_request_from_another_site(client_as: Callable[..., Client]) -> None:
    from django.views.decorators.csrf import csrf_exempt

    from tidegate.server.accounts.middleware import AccessMiddleware

    client = client_as("admin")
    request = RequestFactory(SERVER_NAME="localhost").post("/api/v1/webhooks")
    request.session, request.user = client.session, client.person  # type: ignore[attr-defined]
    unsafe = next((route for method, route in ACCESS if method == "POST" and route.startswith("api-webhooks")), None)
    assert unsafe is not None
    request.resolver_match = type("Match", (), {"url_name": unsafe})()  # type: ignore[assignment]
    answer = AccessMiddleware(lambda _: HttpResponse()).process_view(request, csrf_exempt(_plain_view), (), {})
    assert answer is not None
    assert json.loads(answer.content)["code"] == "TG-A009"
