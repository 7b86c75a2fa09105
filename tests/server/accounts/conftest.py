"""Browsers that sign in as people do, and authenticators that show codes."""

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

PASSWORD = "a long walk at low tide"  # noqa: S105 - made up


@pytest.fixture
def password() -> str:
    """The password of whoever signs in here."""
    return PASSWORD


@pytest.fixture
def browser(database: str) -> Callable[..., "Client"]:
    """A browser that nobody is signed in with; its fields are request values, such as `REMOTE_ADDR="192.0.2.1"`."""
    from django.test import Client

    def make(**values: Any) -> "Client":
        return Client(SERVER_NAME="localhost", **values)

    return make


@pytest.fixture
def sign_in() -> Callable[..., Any]:
    """Send the sign-in form: `sign_in(browser, person.email, "password", next="/x")`; the answer."""

    def send(client: "Client", email: str, password: str = PASSWORD, **more: str) -> Any:
        return client.post("/accounts/login/", {"login": email, "password": password, **more})

    return send


@pytest.fixture
def code_of(database: str) -> Callable[..., str]:
    """What the authenticator of a person shows now."""

    def show(person: "Person") -> str:
        from allauth.mfa.models import Authenticator

        from tidegate.server.project.places import key_ring

        sealed = Authenticator.objects.get(user_id=person.pk, type="totp").data["secret"]
        return shown(key_ring().unseal(sealed, "second factor"))

    return show


def shown(secret: str) -> str:
    """The code of a secret, RFC 6238. The server takes it for a step longer: a slow test does not fail."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def complaints() -> Callable[[Any], list[str]]:
    """What a page says is wrong with the form that was sent."""
    said = re.compile(r'<p class="(?:field-error|notice notice-error)"[^>]*>(.*?)</p>', re.DOTALL)
    return lambda page: said.findall(page.content.decode())


@pytest.fixture
def whose() -> Callable[["Client"], str]:
    """The address of who is signed in, empty if nobody is."""

    def read(client: "Client") -> str:
        page = client.get("/accounts/security/")
        found = re.search(r"You are <b><bdi>(.*?)</bdi>", page.content.decode())
        return found[1] if found else ""

    return read


@pytest.fixture
def set_up_authenticator() -> Callable[..., list[str]]:
    """Set an authenticator up in a browser that has just signed in by password; the recovery codes that it shows."""

    def set_up(client: "Client") -> list[str]:
        page = client.get("/accounts/authenticator/").content.decode()
        secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].split())
        answer = client.post("/accounts/authenticator/", {"code": shown(secret)})
        assert answer.status_code == 302, answer.content.decode()
        codes = client.get(answer["Location"]).content.decode()
        return [code.replace(" ", "") for code in re.findall(r"<code>([0-9 ]+)</code>", codes)]

    return set_up


@pytest.fixture
def journal(database: str) -> Callable[[], list[tuple[str, str, str, dict[str, Any]]]]:
    """Every entry of the journal in order: kind, subject, actor, body."""
    import json

    from tidegate.server.ledger.models import EntryRow

    def read() -> list[tuple[str, str, str, dict[str, Any]]]:
        rows = EntryRow.objects.order_by("seq")
        return [(row.kind, row.subject, row.actor, json.loads(row.body)) for row in rows]

    return read


@pytest.fixture
def both_at_once(database: str) -> Callable[..., list[object]]:
    """Run two calls in two threads that begin together; what each returned or raised."""
    import threading

    from django.db import connection

    def run(*calls: Callable[[], object]) -> list[object]:
        begin, results = threading.Barrier(len(calls)), [None] * len(calls)

        def one(index: int) -> None:
            begin.wait(10)
            try:
                results[index] = calls[index]()
            except Exception as error:  # noqa: BLE001 - it is the result
                results[index] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(index,)) for index in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return results

    return run
