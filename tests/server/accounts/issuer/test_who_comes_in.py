"""OpenID Connect against a real provider on this machine: invited people come in, nobody else does."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

# The provider and the library that it stands on are of different age.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")

SECURITY = "/accounts/security/"


def verified(person: "Person") -> dict[str, object]:
    return {"email": person.email, "email_verified": True}


@pytest.mark.usefixtures("with_issuer")
def test_an_invited_person_with_a_verified_address_comes_in_and_is_tied_to_the_account(
    both_databases: str,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
    whose: Callable[["Client"], str],
    journal: Callable[[], list[Any]],
) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialToken

    somebody, client = person("reviewer"), browser()
    answer = come_by_issuer(client, "sub-1", email=somebody.email.upper(), email_verified=True, name="Ada Tide")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert whose(client) == somebody.email
    actor = f"person:{somebody.id}"
    assert [entry[:3] for entry in journal()] == [
        ("account.issuer_tied", somebody.id, actor),
        ("account.signed_in", somebody.id, actor),
    ]
    assert journal()[-1][3] == {"methods": ["issuer"]}
    (tied,) = SocialAccount.objects.all()
    assert (tied.user_id, tied.extra_data) == (somebody.id, {})
    assert "sub-1" not in tied.uid
    assert SocialToken.objects.count() == 0


@pytest.mark.usefixtures("with_issuer")
def test_once_tied_it_is_the_account_that_counts_and_not_its_address(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
    whose: Callable[["Client"], str],
) -> None:
    somebody, other = person("reviewer"), person("admin")
    come_by_issuer(browser(), "sub-2", **verified(somebody))
    client = browser()
    come_by_issuer(client, "sub-2", **verified(other))
    assert whose(client) == somebody.email


@pytest.mark.usefixtures("with_issuer")
def test_an_address_that_the_issuer_gave_to_somebody_else_does_not_let_them_in(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], come_by_issuer: Callable[..., Any]
) -> None:
    somebody = person("reviewer")
    come_by_issuer(browser(), "sub-3", **verified(somebody))
    assert come_by_issuer(browser(), "sub-4", **verified(somebody)).status_code == 403


@pytest.mark.usefixtures("with_issuer")
@pytest.mark.parametrize(
    "case", ["stranger", "unverified", "nothing said", "word", "left", "left when tied", "no address"]
)
def test_nobody_else_comes_in_and_all_are_told_the_same(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
    whose: Callable[["Client"], str],
    journal: Callable[[], list[Any]],
    case: str,
) -> None:
    from allauth.socialaccount.models import SocialAccount

    from tidegate.server.accounts.models import Person
    from tidegate.server.accounts.people import deactivate

    somebody, client = person("reviewer"), browser()
    if case == "left when tied":
        come_by_issuer(browser(), f"sub {case}", **verified(somebody))
    if case.startswith("left"):
        deactivate(somebody.id, now_s=0.0)
    claims: dict[str, object] = {
        "stranger": {"email": "stranger@example.org", "email_verified": True},
        "unverified": {"email": somebody.email, "email_verified": False},
        "nothing said": {"email": somebody.email},
        "word": {"email": somebody.email, "email_verified": "no"},
        "no address": {"name": somebody.email},
    }.get(case, verified(somebody))
    tied = SocialAccount.objects.count()
    answer = come_by_issuer(client, f"sub {case}", **claims)
    assert answer.status_code == 403
    assert b"You cannot come in with this account" in answer.content
    assert whose(client) == ""
    assert (Person.objects.count(), SocialAccount.objects.count()) == (1, tied)
    kind, _, actor, body = journal()[-1]
    assert (kind, actor, body["method"]) == ("account.sign_in_failed", "nobody", "issuer")
    assert somebody.email not in str(journal())


@pytest.mark.usefixtures("with_issuer")
def test_the_place_of_the_first_administrator_is_not_taken_through_the_issuer(
    browser: Callable[..., "Client"], come_by_issuer: Callable[..., Any]
) -> None:
    from tidegate.server.accounts.people import FIRST_ADMIN_EMAIL, first_admin_link

    assert first_admin_link(0.0)
    assert come_by_issuer(browser(), "sub-5", email=FIRST_ADMIN_EMAIL, email_verified=True).status_code == 403


@pytest.mark.usefixtures("with_issuer")
def test_the_second_factor_of_the_issuer_counts(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], come_by_issuer: Callable[..., Any]
) -> None:
    client = browser()
    come_by_issuer(client, "sub-6", **verified(person("admin")))
    assert client.get(SECURITY).status_code == 200


@pytest.mark.usefixtures("with_issuer")
@pytest.mark.parametrize("path", ["/accounts/password/", "/accounts/authenticator/"])
def test_who_has_no_password_here_has_none_to_change_and_no_authenticator_to_set_up(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], come_by_issuer: Callable[..., Any], path: str
) -> None:
    client = browser()
    come_by_issuer(client, "sub-13", **verified(person("lead")))
    assert client.get(path)["Location"] == SECURITY
    assert "organisation’s sign-in takes care" in client.get(SECURITY).content.decode()


@pytest.mark.usefixtures("with_issuer")
def test_coming_by_the_issuer_once_does_not_spare_the_second_factor_after_a_password(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
    sign_in: Callable[..., Any],
    password: str,
) -> None:
    somebody, client = person("admin", password=password), browser()
    come_by_issuer(client, "sub-7", **verified(somebody))
    client.post("/accounts/logout/")
    sign_in(client, somebody.email)
    assert client.get(SECURITY)["Location"].startswith("/accounts/authenticator/")


@pytest.mark.usefixtures("with_issuer")
def test_an_authenticator_that_is_set_up_here_is_asked_for_too(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
    sign_in: Callable[..., Any],
    set_up_authenticator: Callable[..., Any],
    password: str,
) -> None:
    somebody, client, other = person("lead", password=password), browser(), browser()
    sign_in(other, somebody.email)
    set_up_authenticator(other)
    assert come_by_issuer(client, "sub-8", **verified(somebody))["Location"] == "/accounts/code/"


@pytest.mark.usefixtures("with_issuer")
def test_leaving_ends_a_session_that_began_at_the_issuer(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], come_by_issuer: Callable[..., Any]
) -> None:
    from tidegate.server.accounts.people import deactivate

    somebody, client = person("reviewer"), browser()
    come_by_issuer(client, "sub-9", **verified(somebody))
    assert client.get(SECURITY).status_code == 200
    deactivate(somebody.id, now_s=0.0)
    assert client.get(SECURITY).status_code == 302


def test_the_same_subject_at_another_issuer_is_somebody_else(
    database: str,
    issuer: str,
    issuers: SimpleNamespace,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
) -> None:
    somebody = person("admin")
    with issuers.registered_at(issuer):
        come_by_issuer(browser(), "1", **verified(somebody))
    with issuers.provider() as other, issuers.registered_at(other):
        answer = come_by_issuer(browser(), "1", at=other, email="stranger@example.org", email_verified=True)
    assert answer.status_code == 403
