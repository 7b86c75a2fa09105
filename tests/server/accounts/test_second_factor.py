"""Second factors: set up before anything else where the role needs one, asked for at every sign-in, kept sealed."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.server.keys.ring import KeyRing

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from tidegate.server.accounts.models import Person

SECURITY, SET_UP, CODE = "/accounts/security/", "/accounts/authenticator/", "/accounts/code/"


@pytest.fixture
def armed(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    set_up_authenticator: Callable[..., list[str]],
) -> Callable[..., tuple["Person", "Client", list[str]]]:
    """Somebody who has signed in and set an authenticator up, their browser and recovery codes."""

    def make(role: str = "lead", password: str = "a long walk at low tide") -> tuple["Person", "Client", list[str]]:  # noqa: S107
        somebody, client = person(role, password=password), browser()
        sign_in(client, somebody.email)
        return somebody, client, set_up_authenticator(client)

    return make


@pytest.mark.parametrize("role", ["admin", "lead"])
def test_who_needs_one_reaches_nothing_else_before_it_is_set_up(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    set_up_authenticator: Callable[..., list[str]],
    password: str,
    role: str,
) -> None:
    somebody, client = person(role, password=password), browser()
    sign_in(client, somebody.email)
    for path in (SECURITY, "/accounts/password/", "/accounts/recovery-codes/", "/accounts/authenticator/remove/"):
        assert client.get(path)["Location"].startswith(SET_UP), path
    assert len(set_up_authenticator(client)) == 10
    assert client.get(SECURITY).status_code == 200


@pytest.mark.parametrize("role", ["reviewer", "policy", "auditor", "integrator"])
def test_others_may_go_without(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    password: str,
    role: str,
) -> None:
    somebody, client = person(role, password=password), browser()
    sign_in(client, somebody.email)
    assert client.get(SECURITY).status_code == 200


def test_where_it_is_optional_nobody_needs_one(
    client_as: Callable[..., "Client"], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.accounts import second_factor
    from tidegate.settings import resolve

    client = client_as("admin", has_second_factor=False)
    assert client.get(SECURITY).status_code == 302
    optional = resolve(["server.second_factor=optional"], environ={})
    monkeypatch.setattr(second_factor, "settings_in_use", lambda: optional)
    assert client.get(SECURITY).status_code == 200


def test_it_is_asked_for_at_the_next_sign_in_and_a_code_is_good_once(
    both_databases: str,
    armed: Callable[..., Any],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    code_of: Callable[..., str],
    journal: Callable[[], list[Any]],
) -> None:
    somebody, _, _ = armed()
    client, code = browser(), code_of(somebody)
    assert sign_in(client, somebody.email, next=SECURITY)["Location"] == CODE
    assert client.get(SECURITY)["Location"].startswith("/accounts/login/")
    assert client.get(CODE).status_code == 200
    assert client.post(CODE, {"code": "12 34 56"}).status_code == 200
    assert client.post(CODE, {"code": f"{code[:3]} {code[3:]}"})["Location"] == SECURITY
    assert client.get(SECURITY).status_code == 200
    assert journal()[-1][0] == "account.signed_in"
    assert journal()[-1][3] == {"methods": ["password", "second_factor"]}
    assert journal()[-2][3]["method"] == "second_factor"

    second = browser()
    sign_in(second, somebody.email)
    assert second.post(CODE, {"code": code}).status_code == 200
    assert second.get(SECURITY).status_code == 302


def test_a_recovery_code_stands_in_once(
    both_databases: str, armed: Callable[..., Any], browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    somebody, _, codes = armed()
    for expected in (302, 200):
        client = browser()
        sign_in(client, somebody.email)
        assert client.post(CODE, {"code": f"{codes[3][:4]} {codes[3][4:]}"}).status_code == expected


def test_recovery_codes_are_shown_once_and_new_ones_end_the_old(
    armed: Callable[..., Any], browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    somebody, client, codes = armed()
    assert len(set(codes)) == 10
    again = client.get("/accounts/recovery-codes/").content.decode()
    assert not any(code in again.replace(" ", "") for code in codes)
    new_page = client.get(client.post("/accounts/recovery-codes/new/")["Location"]).content.decode()
    new = [code.replace(" ", "") for code in re.findall(r"<code>([0-9 ]+)</code>", new_page)]
    assert len(new) == 10
    assert not set(new) & set(codes)
    other = browser()
    sign_in(other, somebody.email)
    assert other.post(CODE, {"code": codes[0]}).status_code == 200
    assert other.post(CODE, {"code": new[0]}).status_code == 302


def test_a_pending_sign_in_can_be_left(
    armed: Callable[..., Any], browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    somebody, _, _ = armed()
    client = browser()
    sign_in(client, somebody.email)
    assert client.get("/accounts/login/")["Location"] == CODE
    client.post("/accounts/logout/")
    assert client.get("/accounts/login/").status_code == 200
    assert client.get(CODE)["Location"] == "/accounts/login/"


def test_whoever_leaves_between_password_and_code_is_not_let_in(
    armed: Callable[..., Any],
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    code_of: Callable[..., str],
) -> None:
    from tidegate.server.accounts.people import deactivate, renew_link

    somebody, _, _ = armed()
    client = browser()
    sign_in(client, somebody.email)
    deactivate(somebody.id, now_s=0.0)
    assert client.post(CODE, {"code": code_of(somebody)}).status_code == 403
    renew_link(somebody.id, now_s=0.0)
    assert client.get(SECURITY).status_code == 302


def test_without_the_code_no_page_about_the_account_is_open(
    armed: Callable[..., Any], browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    somebody, _, _ = armed()
    client = browser()
    sign_in(client, somebody.email)
    for path in (
        SET_UP,
        "/accounts/authenticator/remove/",
        "/accounts/recovery-codes/new/",
        "/accounts/reauthenticate/",
    ):
        assert client.get(path)["Location"].startswith("/accounts/login/"), path


def test_removing_it_needs_the_password_again_after_a_while_and_sends_back_to_setting_one_up(
    armed: Callable[..., Any], journal: Callable[[], list[Any]], password: str
) -> None:
    from allauth.mfa.models import Authenticator

    _, client, _ = armed()
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    asked = client.get("/accounts/authenticator/remove/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert client.post("/accounts/authenticator/remove/").status_code == 302
    assert Authenticator.objects.count() == 2
    assert client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code == 200
    done = client.post("/accounts/reauthenticate/", {"password": password, "next": "/accounts/authenticator/remove/"})
    assert done["Location"] == "/accounts/authenticator/remove/"
    assert Authenticator.objects.count() == 2, "the form sent before is not sent again by itself"
    assert client.post("/accounts/authenticator/remove/").status_code == 302
    assert Authenticator.objects.count() == 0
    assert client.get(SECURITY)["Location"].startswith(SET_UP)
    kinds = [(entry[0], entry[3].get("type")) for entry in journal() if entry[0].startswith("second_factor")]
    assert kinds == [
        ("second_factor.added", "totp"),
        ("second_factor.added", "recovery_codes"),
        ("second_factor.removed", "totp"),
        ("second_factor.removed", "recovery_codes"),
    ]


def test_a_wrong_code_does_not_set_an_authenticator_up(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    from allauth.mfa.models import Authenticator

    somebody, client = person("lead", password=password), browser()
    sign_in(client, somebody.email)
    client.get(SET_UP)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 200
    assert Authenticator.objects.count() == 0


def test_the_qr_code_is_an_image_of_its_own_on_white(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    import base64

    somebody, client = person("lead", password=password), browser()
    sign_in(client, somebody.email)
    page = client.get(SET_UP)
    assert "no-store" in page.headers["Cache-Control"]
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page.content.decode())
    assert found
    drawing = base64.b64decode(found[1]).decode()
    assert 'fill="white"' in drawing
    assert "<script" not in drawing


def test_secrets_are_sealed_in_the_database(armed: Callable[..., Any]) -> None:
    from allauth.mfa.models import Authenticator

    armed()
    kept = {one.type: one.data for one in Authenticator.objects.all()}
    assert kept["totp"]["secret"].startswith("tgs1.")
    assert kept["recovery_codes"]["seed"].startswith("tgs1.")


def test_after_a_rotation_they_are_sealed_anew_and_still_good(
    both_databases: str,
    armed: Callable[..., Any],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    code_of: Callable[..., str],
    tmp_path: "Path",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from allauth.mfa.models import Authenticator

    from tidegate.server.accounts import second_factor
    from tidegate.server.project.places import key_ring

    somebody, _, codes = armed()
    purpose, ring = "second factor", KeyRing.open_or_create(tmp_path / "keys")
    for one in Authenticator.objects.all():
        for field in set(one.data) & {"secret", "seed"}:
            one.data[field] = ring.seal(key_ring().unseal(one.data[field], purpose), purpose)
        one.save()
    old = ring.active_id
    ring.rotate()
    assert second_factor.sealed_under(old, ring) == 2
    assert second_factor.seal_anew(ring) == 2
    assert second_factor.seal_anew(ring) == 0
    assert (second_factor.sealed_under(old, ring), second_factor.sealed_under(ring.active_id, ring)) == (0, 2)

    monkeypatch.setattr(second_factor, "key_ring", lambda: ring)
    client = browser()
    sign_in(client, somebody.email)
    assert client.post(CODE, {"code": codes[1]}).status_code == 302
