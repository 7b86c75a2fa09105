"""Signing in and out by password: sessions that begin, end and stay on this server."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

SECURITY = "/accounts/security/"
WRONG = "not the password"


def is_in(client: "Client") -> bool:
    answer = client.get(SECURITY)
    assert answer.status_code in (200, 302)
    return bool(answer.status_code == 200)


def test_the_right_password_signs_in_and_it_is_noted(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    journal: Callable[[], list[Any]],
    password: str,
) -> None:
    somebody, client = person(password=password), browser()
    answer = sign_in(client, f" {somebody.email.upper()} ")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)
    actor = f"person:{somebody.id}"
    assert [entry[:3] for entry in journal()] == [
        ("account.signed_in", somebody.id, actor),
        ("account.signed_out", somebody.id, actor),
    ]


def test_a_wrong_password_and_an_unknown_address_are_told_apart_by_nobody(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    journal: Callable[[], list[Any]],
    complaints: Callable[[Any], list[str]],
    password: str,
) -> None:
    somebody = person(password=password)
    pages = [sign_in(browser(), email, WRONG) for email in (somebody.email, "stranger@example.org")]
    assert [page.status_code for page in pages] == [200, 200]
    told = [complaints(page) for page in pages]
    assert told[0] == told[1] != []
    failed = journal()
    assert [entry[:3] for entry in failed] == [
        ("account.sign_in_failed", somebody.id, "nobody"),
        ("account.sign_in_failed", "nobody", "nobody"),
    ]
    assert [entry[3]["method"] for entry in failed] == ["password", "password"]


def test_the_name_of_a_failed_sign_in_is_noted_as_a_keyed_digest_only(
    browser: Callable[..., "Client"], sign_in: Callable[..., Any], journal: Callable[[], list[Any]]
) -> None:
    import hashlib

    from tidegate.server.accounts.entries import name_digest

    for email in ("Stranger@example.org", "stranger@example.org", "other@example.org"):
        sign_in(browser(), email, WRONG)
    digests = [entry[3]["name_digest"] for entry in journal()]
    assert digests[0] == digests[1] == name_digest("stranger@example.org") != digests[2]
    assert "stranger" not in str(journal())
    assert hashlib.sha256(b"stranger@example.org").hexdigest()[:32] not in digests


def test_somebody_without_a_password_cannot_sign_in_with_any(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    somebody, client = person(), browser()
    for guess in ("", "!", somebody.password):
        sign_in(client, somebody.email, guess)
    assert not is_in(client)


def test_a_session_ends_at_the_next_request_when_somebody_leaves_and_stays_ended(
    both_databases: str,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    password: str,
) -> None:
    from tidegate.server.accounts.people import deactivate, renew_link

    somebody, client = person(password=password), browser()
    sign_in(client, somebody.email)
    assert is_in(client)
    deactivate(somebody.id, now_s=0.0)
    assert not is_in(client)
    renew_link(somebody.id, now_s=0.0)
    assert not is_in(client)


def test_somebody_who_left_does_not_come_back_with_their_old_password(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    from tidegate.server.accounts.people import deactivate

    somebody, client = person(password=password), browser()
    deactivate(somebody.id, now_s=0.0)
    sign_in(client, somebody.email)
    assert not is_in(client)


def test_an_inactive_account_is_shown_the_door_even_with_its_password(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody, client = person(password=password), browser()
    somebody.is_active = False
    somebody.save()
    assert sign_in(client, somebody.email).status_code == 403
    assert not is_in(client)


def test_another_role_counts_from_the_next_request(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    from tidegate.server.accounts.people import change_role

    somebody, client = person("reviewer", password=password), browser()
    sign_in(client, somebody.email)
    assert is_in(client)
    change_role(somebody.id, "lead", now_s=0.0)
    assert client.get(SECURITY)["Location"].startswith("/accounts/authenticator/")
    change_role(somebody.id, "auditor", now_s=0.0)
    assert is_in(client)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    journal: Callable[[], list[Any]],
    complaints: Callable[[Any], list[str]],
    password: str,
) -> None:
    somebody, here, there = person(password=password), browser(), browser()
    sign_in(here, somebody.email)
    sign_in(there, somebody.email)
    new = "thirty gulls on a groyne"
    weak = here.post("/accounts/password/", {"oldpassword": password, "password1": "short", "password2": "short"})
    assert complaints(weak)
    wrong = here.post("/accounts/password/", {"oldpassword": WRONG, "password1": new, "password2": new})
    assert complaints(wrong)
    answer = here.post("/accounts/password/", {"oldpassword": password, "password1": new, "password2": new})
    assert answer["Location"] == SECURITY
    assert is_in(here)
    assert not is_in(there)
    assert journal()[-1][0] == "account.password_set"


def test_signing_out_is_a_form_and_no_link(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody, client = person(password=password), browser()
    sign_in(client, somebody.email)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert not is_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http://localhost/x",
        "http:evil.example",
        "javascript:alert(1)",
        " https://evil.example",
        "https:///evil.example",
        "/\t/evil.example",
    ],
)
def test_nobody_is_sent_to_another_server_after_signing_in_or_out(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    password: str,
    target: str,
) -> None:
    somebody, client = person(password=password), browser()
    assert sign_in(client, somebody.email, next=target)["Location"] == "/"
    assert client.get("/accounts/login/", {"next": target})["Location"] == "/"
    assert client.post("/accounts/logout/", {"next": target})["Location"] == "/accounts/login/"


def test_after_signing_in_one_is_where_one_wanted_to_go(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody, client = person(password=password), browser()
    asked = client.get(SECURITY)["Location"]
    page = client.get(asked)
    assert 'name="next" value="/accounts/security/"' in page.content.decode()
    assert sign_in(client, somebody.email, next=SECURITY)["Location"] == SECURITY


def test_a_session_has_another_name_after_signing_in(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody, client = person(password=password), browser()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client, somebody.email)
    assert client.session.session_key != before


def test_forms_without_their_token_are_refused(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], password: str
) -> None:
    somebody, client = person(password=password), browser(enforce_csrf_checks=True)
    form = {"login": somebody.email, "password": password}
    assert client.post("/accounts/login/", form).status_code == 403
    client.get("/accounts/login/")
    token = client.cookies["csrftoken"].value
    assert client.post("/accounts/login/", {**form, "csrfmiddlewaretoken": token}).status_code == 302
    for path in ("/accounts/logout/", "/accounts/password/", "/accounts/reauthenticate/", "/first/x"):
        assert client.post(path, {"code": "1"}).status_code == 403, path
    assert is_in(client)


def test_the_session_ends_with_the_browser_and_after_twelve_hours(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody, client = person(password=password), browser()
    cookie = sign_in(client, somebody.email).cookies["sessionid"]
    assert cookie["max-age"] == ""
    assert cookie["expires"] == ""
    assert 0 < client.session.get_expiry_age() <= 12 * 3600


def test_sessions_live_on_when_the_master_key_rotates(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    import os

    from django.conf import settings
    from django.test import override_settings

    somebody, client = person(password=password), browser()
    sign_in(client, somebody.email)
    with override_settings(SECRET_KEY=os.urandom(32).hex(), SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert is_in(client)
    with override_settings(SECRET_KEY=os.urandom(32).hex(), SECRET_KEY_FALLBACKS=[]):
        assert not is_in(client)
