"""The way to the issuer and back: bound to the browser, changed by nobody, and honest when it fails."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

# The provider and the library that it stands on are of different age.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")

SECURITY, LOGIN, CALLBACK = "/accounts/security/", "/accounts/issuer/login/", "/accounts/issuer/callback/"


def verified(person: "Person") -> dict[str, object]:
    return {"email": person.email, "email_verified": True}


@pytest.mark.usefixtures("with_issuer")
def test_the_request_to_the_issuer_is_bound_to_the_browser_and_proves_its_code(
    browser: Callable[..., "Client"], issuer: str
) -> None:
    asked = urlsplit(browser().get(LOGIN)["Location"])
    values = parse_qs(asked.query)
    assert f"{asked.scheme}://{asked.netloc}" == issuer
    assert set(values["scope"][0].split()) == {"openid", "profile", "email"}
    assert values["code_challenge_method"] == ["S256"]
    assert values["redirect_uri"] == [f"http://localhost{CALLBACK}"]
    assert len(values["state"][0]) >= 16


@pytest.mark.usefixtures("with_issuer")
@pytest.mark.parametrize(
    "query",
    ["?scope=admin", "?auth_params=prompt%3Dnone", "?process=connect", "?process=redirect&next=https://evil.example"],
)
def test_whoever_writes_the_link_cannot_change_what_is_asked(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
    query: str,
) -> None:
    values = parse_qs(urlsplit(browser().get(LOGIN + query)["Location"]).query)
    assert set(values["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in values
    assert come_by_issuer(browser(), "sub-10", query=query, **verified(person("reviewer")))["Location"] == "/"


@pytest.mark.usefixtures("with_issuer")
def test_after_the_issuer_one_is_where_one_wanted_to_go_and_never_elsewhere(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], come_by_issuer: Callable[..., Any]
) -> None:
    somebody = person("reviewer")
    wanted = come_by_issuer(browser(), "sub-11", query=f"?next={SECURITY}", **verified(somebody))
    assert wanted["Location"] == SECURITY
    elsewhere = come_by_issuer(browser(), "sub-11", query="?next=https://evil.example/", **verified(somebody))
    assert elsewhere["Location"] == "/"


@pytest.mark.usefixtures("with_issuer")
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], whose: Callable[["Client"], str]
) -> None:
    thief, victim = browser(), browser()
    back = httpx.post(thief.get(LOGIN)["Location"], data={"sub": person("reviewer").email})
    parts = urlsplit(back.headers["Location"])
    assert victim.get(f"{CALLBACK}?{parts.query}").status_code == 401
    assert whose(victim) == ""
    assert victim.get(f"{CALLBACK}?code=made-up&state=made-up").status_code == 401
    assert victim.get(CALLBACK).status_code == 401


@pytest.mark.usefixtures("with_issuer")
def test_a_code_that_is_made_up_or_used_is_refused(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], whose: Callable[["Client"], str]
) -> None:
    client = browser()
    state = parse_qs(urlsplit(client.get(LOGIN)["Location"]).query)["state"][0]
    assert client.get(f"{CALLBACK}?code=made-up&state={state}").status_code == 401
    assert client.get(f"{CALLBACK}?code=made-up&state={state}").status_code == 401
    assert whose(client) == ""


def test_without_the_right_secret_the_issuer_tells_this_server_nothing(
    issuer: str,
    issuers: SimpleNamespace,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    come_by_issuer: Callable[..., Any],
) -> None:
    ours = issuers.registered(issuer)
    with issuers.signing_in_at(issuer, ours["client_id"], "another secret"):
        assert come_by_issuer(browser(), "sub-12", **verified(person("reviewer"))).status_code == 401


@pytest.mark.usefixtures("with_issuer")
def test_whoever_turns_back_at_the_issuer_is_at_the_sign_in_page(browser: Callable[..., "Client"]) -> None:
    client = browser()
    back = httpx.post(client.get(LOGIN)["Location"], data={"action": "deny"})
    parts = urlsplit(back.headers["Location"])
    state = parse_qs(parts.query).get("state") or parse_qs(urlsplit(client.get(LOGIN)["Location"]).query)["state"]
    answer = client.get(f"{CALLBACK}?error=access_denied&state={state[0]}")
    assert answer["Location"] == "/accounts/login/"


@pytest.mark.usefixtures("with_issuer")
def test_the_sign_in_page_offers_the_issuer_by_its_name(browser: Callable[..., "Client"]) -> None:
    page = browser().get(f"/accounts/login/?next={SECURITY}").content.decode()
    assert "Sign in with Harbour ID" in page
    assert f'href="{LOGIN}?next=%2Faccounts%2Fsecurity%2F"' in page


def test_an_issuer_that_is_away_or_talks_nonsense_is_said_to_be(
    database: str, issuers: SimpleNamespace, browser: Callable[..., "Client"]
) -> None:
    import http.server
    import threading

    class Nonsense(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"[]" if self.server.is_list else b"<html>")  # type: ignore[attr-defined]

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nonsense) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            for is_list in (True, False):
                server.is_list = is_list  # type: ignore[attr-defined]
                with issuers.signing_in_at(f"http://127.0.0.1:{server.server_port}"):
                    assert browser().get(LOGIN).status_code == 502
        finally:
            server.shutdown()
            thread.join()
        gone = server.server_port
    with issuers.signing_in_at(f"http://127.0.0.1:{gone}"):
        answer = browser().get(LOGIN)
    assert answer.status_code == 502
    assert b"does not answer" in answer.content


@pytest.mark.usefixtures("with_issuer")
def test_going_to_the_issuer_is_slowed_down_too(
    browser: Callable[..., "Client"], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.accounts import pages

    monkeypatch.setattr(pages, "_ISSUER_RATES", {"issuer": pages._ISSUER_RATES["issuer"].replace("/m/", "/60m/")})
    client = browser(REMOTE_ADDR="192.0.2.7")
    answers = [client.get(f"{CALLBACK}?code=x&state=y").status_code for _ in range(31)]
    assert answers == [401] * 30 + [429]
