"""What is closed, and what every answer carries."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tidegate.settings import Resolved, resolve

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

OUR_NAMES = {
    "accounts-first-link",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "openid_connect_login",
    "openid_connect_callback",
}


def every_name(patterns: list[Any]) -> set[str]:
    found: set[str] = set()
    for one in patterns:
        found |= every_name(one.url_patterns) if hasattr(one, "url_patterns") else {one.name}
    return found


def test_only_the_addresses_we_mean_are_there(django_ready: Resolved) -> None:
    from tidegate.server.accounts.urls import urlpatterns

    assert every_name(urlpatterns) == OUR_NAMES


def test_every_address_has_a_row_in_the_table_of_access_and_the_table_no_row_too_many(django_ready: Resolved) -> None:
    from tidegate.server.accounts.access import ACCESS

    assert {route for _, route in ACCESS if route in OUR_NAMES} == OUR_NAMES
    assert not {route for _, route in ACCESS if route.startswith(("account_", "mfa_", "social", "openid"))} - OUR_NAMES


def test_no_page_of_the_library_has_an_address_that_is_not_on_our_list(django_ready: Resolved) -> None:
    import allauth.urls
    from django.urls import NoReverseMatch, reverse

    for name in every_name(list(allauth.urls.urlpatterns)) - OUR_NAMES:
        for values in ({}, {"key": "x"}, {"uidb36": "x", "key": "x"}):
            with pytest.raises(NoReverseMatch):
                reverse(name, kwargs=values)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/",
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/x/",
        "/accounts/password/set/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-x/",
        "/accounts/inactive/",
        "/accounts/login/code/",
        "/accounts/login/code/confirm/",
        "/accounts/reauthenticate/code/",
        "/accounts/3rdparty/",
        "/accounts/3rdparty/signup/",
        "/accounts/social/connections/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/recovery-codes/download/",
        "/accounts/oidc/issuer/login/",
        "/accounts/issuer/other/login/",
        "/first/",
        "/first/a/b",
    ],
)
@pytest.mark.parametrize("role", ["", "admin"])
def test_signing_up_mail_and_connections_are_not_there_for_anybody(
    browser: Callable[..., "Client"], client_as: Callable[..., "Client"], path: str, role: str
) -> None:
    client = client_as(role) if role else browser()
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "x@example.org"}).status_code == 404


def test_without_an_issuer_its_address_leads_nowhere(browser: Callable[..., "Client"]) -> None:
    for path in ("/accounts/issuer/login/", "/accounts/issuer/callback/?code=x&state=y"):
        assert browser().get(path).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/logout/", "/accounts/code/", "/first/x"])
def test_other_methods_are_refused(browser: Callable[..., "Client"], path: str, method: str) -> None:
    assert getattr(browser(), method)(path).status_code == 405


def pages(client: "Client") -> list[Any]:
    paths = ["/accounts/login/", "/first/x", "/accounts/security/", "/accounts/recovery-codes/new/", "/accounts/none/"]
    return [client.get(path) for path in paths]


def test_every_page_carries_the_headers_that_keep_others_out(client_as: Callable[..., "Client"]) -> None:
    for page in pages(client_as("lead")):
        policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in page.headers


def test_no_page_has_a_script_or_a_style_in_it(client_as: Callable[..., "Client"]) -> None:
    import re

    for page in pages(client_as("reviewer")):
        text = page.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)


def test_pages_about_an_account_are_kept_by_no_cache(client_as: Callable[..., "Client"]) -> None:
    shown = [page for page in pages(client_as("reviewer"))[:-1] if page.status_code != 302]
    assert len(shown) == 2
    assert all("no-store" in page.headers["Cache-Control"] for page in shown)


def test_cookies_cannot_be_read_by_scripts_nor_sent_from_elsewhere(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    client = browser()
    client.get("/accounts/login/")
    sign_in(client, person(password=password).email)
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    assert session["samesite"] == token["samesite"] == "Lax"
    assert not session["secure"]


def test_over_https_cookies_are_secure_and_browsers_are_told_to_stay(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    password: str,
    django_ready: Resolved,
) -> None:
    from django.test import override_settings

    from tidegate.server.project.values import django_values

    home = django_ready.settings.home
    resolved = resolve([f"home={home}", "server.public_url=https://localhost"], environ={})
    values = django_values(resolved, keeps_connections=False)
    changed = {name: values[name] for name in values if name.startswith(("SESSION_", "CSRF_", "SECURE_"))}
    with override_settings(**changed):
        client = browser()
        page = client.get("/accounts/login/", secure=True)
        assert int(page.headers["Strict-Transport-Security"].partition("=")[2].partition(";")[0]) >= 31_536_000
        client.post("/accounts/login/", {"login": person(password=password).email, "password": password}, secure=True)
        assert client.cookies["sessionid"]["secure"]
        assert client.cookies["csrftoken"]["secure"]


@pytest.mark.parametrize(
    ("issuer", "client_id"),
    [
        ("http://login.example.org", "x"),
        ("login.example.org", "x"),
        ("ftp://localhost", "x"),
        ("https://a.example", ""),
    ],
)
def test_an_issuer_that_cannot_be_trusted_or_used_is_refused_at_the_start(issuer: str, client_id: str) -> None:
    from tidegate.errors import SettingError
    from tidegate.server.accounts.sign_in import issuer_app

    resolved = resolve([f"server.oidc_issuer={issuer}", f"server.oidc_client_id={client_id}"], environ={})
    with pytest.raises(SettingError, match="oidc"):
        issuer_app(resolved.settings.server)


def test_the_client_secret_is_read_from_its_file(tmp_path: Any) -> None:
    from tidegate.errors import SettingError
    from tidegate.server.accounts.sign_in import issuer_app

    path = tmp_path / "secret"
    flags = [
        "server.oidc_issuer=https://a.example/",
        "server.oidc_client_id=x",
        f"server.oidc_client_secret_path={path}",
    ]
    with pytest.raises(SettingError, match="oidc_client_secret_path"):
        issuer_app(resolve(flags, environ={}).settings.server)
    kept = "from the issuer"
    path.write_text(f"{kept}\n")
    app = issuer_app(resolve(flags, environ={}).settings.server)
    assert app["secret"] == kept
    assert urlsplit(app["settings"]["server_url"]).path == ""
