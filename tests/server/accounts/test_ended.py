"""Sessions, links and counts that are over are forgotten; those that are not stay."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

    from tidegate.server.accounts.models import Person


def test_what_is_over_goes_and_what_is_not_stays(
    both_databases: str,
    person: Callable[..., "Person"],
    browser: Callable[..., "Client"],
    sign_in: Callable[..., Any],
    whose: Callable[["Client"], str],
    password: str,
) -> None:
    from tidegate.server.accounts.ended import forget_ended
    from tidegate.server.accounts.first_link import LINK_S, new_link, person_of_link, use_link

    somebody, client, now_s = person(password=password), browser(), time.time()
    sign_in(client, somebody.email)
    link = new_link(somebody.id, now_s).path.removeprefix("/first/")
    sign_in(browser(), "stranger@example.org", "not the password")
    assert forget_ended(now_s) == 0
    assert whose(client) == somebody.email
    assert person_of_link(link, now_s=now_s) == somebody

    used, other = person(), person()
    use_link(new_link(used.id, now_s).path.removeprefix("/first/"), password=password, now_s=now_s)
    new_link(other.id, now_s - LINK_S - 1)
    assert forget_ended(now_s) == 2
    assert forget_ended(now_s + 13 * 3600) >= 3
    assert whose(client) == ""
