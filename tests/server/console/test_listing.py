"""The list of uploads: filters in the address, pages by cursor."""

import importlib
from collections.abc import Callable
from types import ModuleType
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tidegate.settings import Resolved

NOW_S = 1_790_000_000.0
NAMES = ("state", "verdict", "clause", "lane", "creator", "external_id", "from", "to")


@pytest.fixture(scope="module")
def listing(django_ready: Resolved) -> ModuleType:
    """The module under test, which needs Django to be ready."""
    return importlib.import_module("tidegate.server.console.listing")


@given(told=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=300)))
def test_any_address_gives_a_filter_and_says_what_it_left_out(listing: ModuleType, told: dict[str, str]) -> None:
    wanted = listing.filter_of(told)
    for name, value in told.items():
        kept = wanted.values().get(name, "")
        assert kept in ("", value.strip())
        if value.strip() and not kept:
            assert any(f"`{name}`" in problem for problem in wanted.problems)


def test_a_filter_survives_its_own_address(
    listing: ModuleType,
) -> None:
    told = {"state": "decided", "verdict": "removed", "creator": "a&b=c ü", "from": "2026-02-28T14:30"}
    wanted = listing.filter_of(told)
    again = {name: values[0] for name, values in parse_qs(wanted.query()).items()}
    assert listing.filter_of(again) == wanted
    assert wanted.problems == ()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=held", {"held"}),
        ("verdict=removed", {"bad"}),
        ("creator=ann", {"good"}),
        ("external_id=bad", {"bad"}),
        ("lane=express", {"good"}),
        ("from=2026-09-21T14:13:30", {"held"}),
        ("to=2026-09-21T14:13:21", {"good"}),
        ("verdict=removed&creator=ann", set()),
    ],
)
def test_a_filter_lets_through_what_it_says(
    query: str,
    names: set[str],
    client_as: Callable[..., Client],
    accepted: Callable[..., str],
    decided: Callable[..., str],
) -> None:
    decided("allowed", external_id="good", creator_id="ann", lane="express", now_s=NOW_S)
    decided("removed", external_id="bad", creator_id="ben", now_s=NOW_S + 2)
    accepted(external_id="held", creator_id="cem", now_s=NOW_S + 20)
    page = client_as("policy").get(f"/uploads?{query}").content.decode()
    assert {name for name in ("good", "bad", "held") if f"<bdi>{name}</bdi>" in page} == names


def test_what_is_not_understood_is_told_and_left_out(
    client_as: Callable[..., Client], accepted: Callable[..., str]
) -> None:
    accepted(external_id="here")
    page = client_as("policy").get("/uploads?state=nonsense&from=yesterday").content.decode()
    assert "`state` is none of" in page
    assert "`from` is not a date" in page
    assert "<bdi>here</bdi>" in page


def test_pages_hold_every_upload_once_newest_first(listing: ModuleType, accepted: Callable[..., str]) -> None:
    made = [accepted(now_s=NOW_S + number // 3) for number in range(11)]
    found: list[str] = []
    after = ""
    while True:
        page = listing.page_of(listing.Filter(), after=after, most=4)
        found += [row.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(found) == sorted(made)
    assert found == sorted(made, key=lambda upload_id: (NOW_S + made.index(upload_id) // 3, upload_id), reverse=True)


@pytest.mark.parametrize("cursor", ["", "x", "1~up_x", "9" * 40, "1e5~up_01m8k88t1qgk8k9mnb6ga2kv07", "~", "nan~up_a"])
def test_a_cursor_that_is_none_is_the_beginning(listing: ModuleType, cursor: str, accepted: Callable[..., str]) -> None:
    upload_id = accepted()
    assert [row.id for row in listing.page_of(listing.Filter(), after=cursor).rows] == [upload_id]


def test_the_next_page_keeps_the_filter(
    listing: ModuleType, client_as: Callable[..., Client], accepted: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.console import pages

    for number in range(3):
        accepted(creator_id="ann", now_s=NOW_S + number)
    monkeypatch.setattr(pages, "page_of", lambda wanted, after="": listing.page_of(wanted, after=after, most=2))
    page = client_as("policy").get("/uploads?creator=ann").content.decode()
    assert "/uploads?creator=ann&amp;after=" in page


def test_a_page_costs_as_many_reads_for_many_uploads_as_for_one(
    client_as: Callable[..., Client], decided: Callable[..., str]
) -> None:
    client = client_as("policy")
    decided("removed")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/uploads")
    for _ in range(6):
        decided("removed")
    with CaptureQueriesContext(connection) as seven:
        client.get("/uploads")
    assert len(seven) == len(one)


def test_no_page_reads_the_words_of_uploads_it_does_not_show(
    client_as: Callable[..., Client], accepted: Callable[..., str]
) -> None:
    accepted()
    client = client_as("policy")
    with CaptureQueriesContext(connection) as reads:
        client.get("/uploads")
    assert not [read["sql"] for read in reads if '"upload"."record"' in read["sql"]]


def test_an_empty_server_says_how_to_begin(client_as: Callable[..., Client]) -> None:
    assert b"No uploads yet" in client_as("policy").get("/uploads").content
    assert b"Nothing fits" in client_as("policy").get("/uploads?state=held").content


def test_cases_come_by_deadline(client_as: Callable[..., Client], decided: Callable[..., str]) -> None:
    first = decided("held", now_s=NOW_S)
    second = decided("held", now_s=NOW_S + 50)
    decided("removed")
    page = client_as("reviewer").get("/cases").content.decode()
    assert 0 < page.index(first) < page.index(second)
    assert page.count("the policy asks for a person") == 2


def test_no_case_is_a_page_that_says_so(client_as: Callable[..., Client]) -> None:
    assert b"Nothing waits for a person" in client_as("reviewer").get("/cases").content
