"""A real OpenID Connect provider on this machine, and a server that knows it."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tidegate.settings import resolve

if TYPE_CHECKING:
    from django.test import Client

LOGIN, CALLBACK = "/accounts/issuer/login/", "/accounts/issuer/callback/"


@contextmanager
def provider() -> Iterator[str]:
    """A provider that lets anybody be whom they say they are; its address."""
    # The provider's own libraries speak of each other's age while they load.
    with warnings.catch_warnings(record=True):
        from oidc_provider_mock import run_server_in_thread

    with run_server_in_thread(require_client_registration=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The provider's address."""
    with provider() as address:
        yield address


def registered(address: str) -> dict[str, str]:
    """This server as the provider knows it: its client id and secret."""
    known = {"redirect_uris": [f"http://localhost{CALLBACK}"], "token_endpoint_auth_method": "client_secret_post"}
    answer: dict[str, str] = httpx.post(f"{address}/oauth2/clients", json=known).raise_for_status().json()
    return answer


@contextmanager
def signing_in_at(address: str, client_id: str = "tidegate", secret: str = "") -> Iterator[None]:
    """The settings of a server whose issuer this is."""
    from django.test import override_settings

    from tidegate.server.accounts.sign_in import issuer_app

    flags = [f"server.oidc_issuer={address}", f"server.oidc_client_id={client_id}", "server.oidc_name=Harbour ID"]
    app = {**issuer_app(resolve(flags, environ={}).settings.server), "secret": secret}
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [app]}}):
        yield


@contextmanager
def registered_at(address: str) -> Iterator[None]:
    """The same, after this server was registered there."""
    ours = registered(address)
    with signing_in_at(address, ours["client_id"], ours["client_secret"]):
        yield


@pytest.fixture
def with_issuer(issuer: str, database: str) -> Iterator[None]:
    """Signing in at the provider is set up."""
    with registered_at(issuer):
        yield


@pytest.fixture
def come_by_issuer(issuer: str) -> Callable[..., Any]:
    """Go to the issuer as `subject` with claims, and come back; the last answer of this server."""

    def come(client: "Client", subject: str, *, at: str = issuer, query: str = "", **claims: object) -> Any:
        httpx.put(f"{at}/users/{subject}", json=claims).raise_for_status()
        asked = client.get(LOGIN + query)
        assert asked.status_code == 302
        back = httpx.post(asked["Location"], data={"sub": subject})
        assert back.status_code == 302, back.text
        parts = urlsplit(back.headers["Location"])
        assert (parts.netloc, parts.path) == ("localhost", CALLBACK)
        return client.get(f"{parts.path}?{parts.query}")

    return come


@pytest.fixture(scope="session")
def issuers() -> SimpleNamespace:
    """What a test needs that has an issuer of its own: `provider`, `registered`, `signing_in_at`, `registered_at`."""
    return SimpleNamespace(
        provider=provider, registered=registered, signing_in_at=signing_in_at, registered_at=registered_at
    )
