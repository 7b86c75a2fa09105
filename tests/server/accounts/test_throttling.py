"""Whoever fails too often is slowed down: by account, by address, over all processes together."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.settings import Resolved

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person

WRONG = "not the password"


@pytest.fixture(autouse=True)
def _long_minutes(database: str) -> Iterator[None]:
    """A minute of the limits lasts an hour: what is counted does not hang on how fast the tests run."""
    from django.test import override_settings

    from tidegate.server.accounts.sign_in import RATE_LIMITS

    with override_settings(
        ACCOUNT_RATE_LIMITS={name: rate.replace("/m/", "/60m/") for name, rate in RATE_LIMITS.items()}
    ):
        yield


def test_the_limits_are_those_that_the_page_about_people_names(django_ready: Resolved) -> None:
    from tidegate.server.accounts.sign_in import RATE_LIMITS

    assert RATE_LIMITS["login_failed"] == "10/m/ip,5/5m/key"
    assert RATE_LIMITS["login"] == "30/m/ip"


def from_address(number: int) -> dict[str, str]:
    return {"REMOTE_ADDR": f"192.0.2.{number}"}


def test_an_account_is_tried_five_times_in_five_minutes_from_wherever(
    both_databases: str,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    journal: Callable[[], list[Any]],
    password: str,
) -> None:
    somebody = person(password=password)
    answers = [sign_in(browser(**from_address(number)), somebody.email, WRONG) for number in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert sign_in(browser(**from_address(99)), somebody.email).status_code == 429
    assert len(journal()) == 5


def test_after_five_minutes_the_account_may_be_tried_again(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    password: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from allauth.core.internal import ratelimit

    somebody, client = person(password=password), browser()
    for number in range(6):
        sign_in(browser(**from_address(number)), somebody.email, WRONG)
    assert sign_in(client, somebody.email).status_code == 429
    later = SimpleNamespace(time=lambda: time.time() + 301, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", later)
    assert sign_in(client, somebody.email).status_code == 302


def test_another_account_and_the_sessions_that_are_open_go_on_meanwhile(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    whose: Callable[["Client"], str],
    password: str,
) -> None:
    somebody, other, client = person(password=password), person(password=password), browser()
    sign_in(client, somebody.email)
    for number in range(8):
        sign_in(browser(**from_address(number)), somebody.email, WRONG)
    assert whose(client) == somebody.email
    assert sign_in(browser(**from_address(50)), other.email).status_code == 302


def test_other_names_of_this_server_give_no_further_tries(
    person: Callable[..., "Person"], browser: Callable[..., "Client"], sign_in: Callable[..., Any], password: str
) -> None:
    somebody = person(password=password)
    for number, name in enumerate(["localhost", "127.0.0.1", "localhost", "[::1]", "localhost:8480", "127.0.0.1"]):
        answer = sign_in(browser(**from_address(number), HTTP_HOST=name), f" {somebody.email.upper()}", WRONG)
    assert answer.status_code == 429


def test_an_address_is_let_fail_ten_times_a_minute_over_all_accounts(
    browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    answers = [sign_in(browser(**from_address(1)), f"p{number}@example.org", WRONG) for number in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert sign_in(browser(**from_address(2)), "p1@example.org", WRONG).status_code == 200


def test_the_sign_in_form_is_taken_thirty_times_a_minute_from_an_address_even_if_nothing_fails(
    browser: Callable[..., "Client"],
) -> None:
    answers = [browser(**from_address(1)).post("/accounts/login/", {}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    last = browser(**from_address(1)).post("/accounts/login/", {})
    assert b"Too many tries" in last.content
    assert int(last.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_addresses_are_counted_as_the_networks_they_are(
    browser: Callable[..., "Client"], sign_in: Callable[..., Any], first: str, second: str, is_one: bool
) -> None:
    for number in range(10):
        sign_in(browser(REMOTE_ADDR=first), f"p{number}@example.org", WRONG)
    assert sign_in(browser(REMOTE_ADDR=second), "other@example.org", WRONG).status_code == (429 if is_one else 200)


def test_a_forwarded_address_is_not_believed_from_whoever_connects(
    browser: Callable[..., "Client"], sign_in: Callable[..., Any]
) -> None:
    for number in range(11):
        client = browser(**from_address(1), HTTP_X_FORWARDED_FOR=f"198.51.100.{number}", HTTP_X_REAL_IP="10.0.0.1")
        answer = sign_in(client, f"p{number}@example.org", WRONG)
    assert answer.status_code == 429


_OTHER_PROCESS = """
import sys
from tidegate.settings import resolve
from tidegate.server.project.setup import prepare
prepare(resolve([f"home={sys.argv[1]}"], environ={}))
from django.test import Client
client = Client(SERVER_NAME="localhost", REMOTE_ADDR=sys.argv[3])
for _ in range(int(sys.argv[4])):
    answer = client.post("/accounts/login/", {"login": sys.argv[2], "password": "not the password"})
    print(answer.status_code)
"""


@pytest.mark.slow
def test_failures_in_another_process_count_here(
    database: str,
    django_ready: Resolved,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    password: str,
) -> None:
    somebody = person(password=password)
    assert sign_in(browser(**from_address(9)), somebody.email, WRONG).status_code == 200
    home = str(django_ready.settings.home)
    ran = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS, home, somebody.email, "192.0.2.1", "4"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stdout.split() == ["200"] * 4
    assert sign_in(browser(**from_address(10)), somebody.email).status_code == 429


def test_codes_are_tried_five_times_in_five_minutes(
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    set_up_authenticator: Callable[..., Any],
    code_of: Callable[..., str],
    password: str,
) -> None:
    somebody, client = person("lead", password=password), browser(**from_address(1))
    sign_in(client, somebody.email)
    set_up_authenticator(client)
    thief = browser(**from_address(2))
    assert sign_in(thief, somebody.email)["Location"] == "/accounts/code/"
    answers = [thief.post("/accounts/code/", {"code": f"{number:06}"}) for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert thief.post("/accounts/code/", {"code": code_of(somebody)}).status_code == 429


def test_counts_outlive_a_crowd_of_other_names(django_ready: Resolved) -> None:
    from django.core.cache import cache

    assert cache._max_entries >= 100_000
