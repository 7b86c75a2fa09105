"""One-time links: looked at as often as wanted, used once, by whoever is first."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.errors import AccountRequestError, FirstLinkError

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

NOW_S = 1_800_000_000.0
NEW = "thirty gulls on a groyne"
OTHER = "something else entirely"


def made_for(person: "Person", now_s: float | None = None) -> str:
    from tidegate.server.accounts.people import renew_link

    return renew_link(person.id, now_s=time.time() if now_s is None else now_s).path


def send(client: "Client", path: str, password: str = NEW, again: str | None = None, **more: str) -> Any:
    return client.post(path, {"password": password, "again": password if again is None else again, **more})


def test_a_link_is_good_once(both_databases: str, person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.first_link import use_link

    token = made_for(person(), NOW_S).removeprefix("/first/")
    assert use_link(token, password=NEW, now_s=NOW_S).check_password(NEW)
    with pytest.raises(FirstLinkError):
        use_link(token, password=OTHER, now_s=NOW_S)


def test_of_two_who_use_a_link_at_once_one_gets_in(
    both_databases: str, person: Callable[..., "Person"], both_at_once: Callable[..., list[object]]
) -> None:
    from tidegate.server.accounts.first_link import use_link
    from tidegate.server.accounts.models import Person

    somebody = person()
    token = made_for(somebody, NOW_S).removeprefix("/first/")
    passwords = ["the first of the two", "the second of the two"]
    results = both_at_once(
        *(lambda password=password: use_link(token, password=password, now_s=NOW_S) for password in passwords)
    )
    won = [index for index, result in enumerate(results) if isinstance(result, Person)]
    lost = [result for result in results if isinstance(result, FirstLinkError)]
    assert (len(won), len(lost)) == (1, 1), results
    somebody.refresh_from_db()
    assert somebody.check_password(passwords[won[0]])


def test_a_link_is_over_after_a_day_and_when_another_takes_its_place(person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.first_link import LINK_S, person_of_link

    somebody = person()
    first = made_for(somebody, NOW_S).removeprefix("/first/")
    assert person_of_link(first, now_s=NOW_S + LINK_S - 1) == somebody
    with pytest.raises(FirstLinkError):
        person_of_link(first, now_s=NOW_S + LINK_S)
    second = made_for(somebody, NOW_S).removeprefix("/first/")
    with pytest.raises(FirstLinkError):
        person_of_link(first, now_s=NOW_S)
    assert person_of_link(second, now_s=NOW_S) == somebody


def test_of_a_link_only_its_digest_is_kept(person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.models import FirstLinkRow
    from tidegate.server.ledger.models import EntryRow

    token = made_for(person(), NOW_S).removeprefix("/first/")
    assert token not in str(list(FirstLinkRow.objects.values())) + str(list(EntryRow.objects.values()))


def test_an_address_that_somebody_else_has_is_not_taken(person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.first_link import person_of_link, use_link

    somebody, other = person(), person()
    token = made_for(somebody, NOW_S).removeprefix("/first/")
    with pytest.raises(AccountRequestError):
        use_link(token, password=NEW, email=other.email.upper(), now_s=NOW_S)
    assert person_of_link(token, now_s=NOW_S) == somebody


def test_looking_at_a_link_leaves_it_good_and_sending_the_form_signs_in(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    whose: Callable[["Client"], str],
    journal: Callable[[], list[Any]],
) -> None:
    somebody, client = person(), browser()
    path = made_for(somebody)
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page.headers["Cache-Control"]
    answer = send(client, path)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert whose(client) == somebody.email
    assert client.get(path).status_code == 404
    own = [entry for entry in journal() if entry[2] == f"person:{somebody.id}"]
    assert [entry[0] for entry in own] == ["account.password_set", "account.signed_in"]
    assert own[1][3] == {"methods": ["password"]}


def test_the_first_administrator_says_their_address(
    browser: Callable[..., "Client"], complaints: Callable[[Any], list[str]]
) -> None:
    from tidegate.server.accounts.models import Person
    from tidegate.server.accounts.people import FIRST_ADMIN_EMAIL, first_admin_link

    link, client = first_admin_link(time.time()), browser()
    assert link is not None
    assert FIRST_ADMIN_EMAIL not in client.get(link.path).content.decode()
    assert complaints(send(client, link.path)) == ["This field is required."]
    answer = send(client, link.path, email="Ada@Example.org")
    assert answer.status_code == 302
    (ada,) = Person.objects.all()
    assert (ada.email, ada.role) == ("ada@example.org", "admin")
    assert ada.check_password(NEW)


def test_nobody_else_can_change_their_address_by_a_link(
    person: Callable[..., "Person"], browser: Callable[..., "Client"]
) -> None:
    somebody = person()
    assert send(browser(), made_for(somebody), email="other@example.org").status_code == 302
    before = somebody.email
    somebody.refresh_from_db()
    assert somebody.email == before


@pytest.mark.parametrize(
    ("password", "again"),
    [("short", "short"), ("password1234", "password1234"), (NEW, NEW + "x"), ("", ""), ("reviewer-{}@example.org", "")],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    complaints: Callable[[Any], list[str]],
    password: str,
    again: str,
) -> None:
    somebody = person()
    if "{}" in password:
        password = again = somebody.email
    path = made_for(somebody)
    page = send(browser(), path, password, again)
    assert page.status_code == 200
    assert complaints(page)
    somebody.refresh_from_db()
    assert not somebody.has_usable_password()
    assert send(browser(), path).status_code == 302


def test_every_link_that_is_not_good_gets_the_same_answer(
    person: Callable[..., "Person"], browser: Callable[..., "Client"]
) -> None:
    from tidegate.server.accounts.first_link import LINK_S

    used, replaced, left = person(), person(), person()
    used_path = made_for(used)
    send(browser(), used_path)
    replaced_path = made_for(replaced)
    made_for(replaced)
    left_path = made_for(left)
    left.is_active = False
    left.save()
    old_path = made_for(person(), time.time() - LINK_S - 1)
    answers = set()
    for path in (used_path, replaced_path, left_path, old_path, "/first/never-made", "/first/" + "x" * 2000):
        for answer in (browser().get(path), send(browser(), path)):
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            answers.add((answer.status_code, answer.content))
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1


def test_a_link_does_not_get_past_a_second_factor(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], code_of: Callable[..., str]
) -> None:
    from allauth.core import context
    from allauth.mfa.totp.internal.auth import TOTP
    from django.test import RequestFactory

    somebody, client = person("lead"), browser()
    with context.request_context(RequestFactory().get("/")):
        TOTP.activate(somebody, "JBSWY3DPEHPK3PXP")
    answer = send(client, made_for(somebody))
    assert answer["Location"] == "/accounts/code/"
    assert client.get("/accounts/security/").status_code == 302
    assert client.post("/accounts/code/", {"code": code_of(somebody)})["Location"] == "/"
    assert client.get("/accounts/security/").status_code == 200


def test_a_link_opened_where_somebody_else_is_signed_in_ends_their_session(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    whose: Callable[["Client"], str],
    password: str,
) -> None:
    first, second, client = person(password=password), person(), browser()
    sign_in(client, first.email)
    send(client, made_for(second))
    assert whose(client) == second.email


def test_using_a_link_ends_the_sessions_that_were_open(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody, elsewhere = person(password=password), browser()
    sign_in(elsewhere, somebody.email)
    path = made_for(somebody)
    assert elsewhere.get("/accounts/security/").status_code == 200
    send(browser(), path)
    assert elsewhere.get("/accounts/security/")["Location"].startswith("/accounts/login/")


def test_the_path_of_a_link_is_the_route_that_opens_it(person: Callable[..., "Person"]) -> None:
    from django.urls import resolve

    assert resolve(made_for(person())).url_name == "accounts-first-link"
