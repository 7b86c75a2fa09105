"""Who gets which page: what the table of access says is what happens, and pages offer nothing else."""

from collections.abc import Callable

import pytest
from django.test import Client

ROLES = ("reviewer", "lead", "policy", "admin", "auditor", "integrator")
PAGES = {
    "console-flow": "/",
    "console-flow-figures": "/flow",
    "console-uploads": "/uploads",
    "console-uploads-csv": "/uploads.csv",
    "console-cases": "/cases",
    "settings-keys": "/settings/keys",
    "settings-webhooks": "/settings/webhooks",
    "settings-people": "/settings/people",
}
CHANGES = {
    "console-case-decide": "/cases/ca_none/decision",
    "console-undo": "/decisions/de_none/undo",
    "settings-keys": "/settings/keys",
    "settings-key-revoke": "/settings/keys/ak_none/revoke",
    "settings-webhooks": "/settings/webhooks",
    "settings-webhook-pause": "/settings/webhooks/wh_none/pause",
    "settings-webhook-resume": "/settings/webhooks/wh_none/resume",
    "settings-webhook-test": "/settings/webhooks/wh_none/test",
    "settings-webhook-remove": "/settings/webhooks/wh_none/remove",
    "settings-delivery-replay": "/settings/deliveries/dl_none/replay",
    "settings-people": "/settings/people",
    "settings-person-role": "/settings/people/pe_none/role",
    "settings-person-deactivate": "/settings/people/pe_none/deactivate",
    "settings-person-link": "/settings/people/pe_none/link",
}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_for_the_roles_of_the_table_and_for_no_other(
    role: str, client_as: Callable[..., Client]
) -> None:
    from tidegate.server.accounts.access import may

    client = client_as(role)
    for route, address in PAGES.items():
        expected = 200 if may(role, "GET", route) else 403
        assert client.get(address).status_code == expected, (role, address)


@pytest.mark.parametrize("role", ROLES)
def test_one_upload_opens_for_those_who_see_uploads(
    role: str, client_as: Callable[..., Client], decided: Callable[..., str]
) -> None:
    upload_id = decided("removed")
    expected = 403 if role == "integrator" else 200
    client = client_as(role)
    assert client.get(f"/uploads/{upload_id}").status_code == expected
    assert client.post(f"/uploads/{upload_id}/media").status_code == expected


@pytest.mark.parametrize("role", ROLES)
def test_every_change_is_refused_to_the_roles_that_the_table_does_not_name(
    role: str, client_as: Callable[..., Client]
) -> None:
    from tidegate.server.accounts.access import may

    client = client_as(role)
    for route, address in CHANGES.items():
        status = client.post(address).status_code
        assert (status == 403) is (not may(role, "POST", route)), (role, address, status)


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(database: str) -> None:
    client = Client(SERVER_NAME="localhost")
    for address in PAGES.values():
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
    assert client.get("/media/whatever").status_code == 302


def test_a_change_without_the_token_of_our_own_page_is_refused(client_as: Callable[..., Client]) -> None:
    client = client_as("admin", checks_csrf=True)
    for address in CHANGES.values():
        assert client.post(address).status_code == 403, address


def test_a_page_offers_no_button_that_its_reader_may_not_press(
    client_as: Callable[..., Client], decided: Callable[..., str]
) -> None:
    upload_id = decided("held")
    assert b"/decision" in client_as("reviewer").get(f"/uploads/{upload_id}").content
    assert b"/decision" not in client_as("auditor").get(f"/uploads/{upload_id}").content
    assert b"New key" in client_as("integrator").get("/settings/keys").content
    assert b"New key" not in client_as("auditor").get("/settings/keys").content


def test_the_navigation_names_only_pages_that_open(client_as: Callable[..., Client]) -> None:
    page = client_as("integrator").get("/").content.decode()
    assert 'href="/settings/keys"' in page
    assert 'href="/uploads"' not in page
    assert 'href="/settings/people"' not in page


def test_an_address_of_nothing_is_a_page_that_says_so(client_as: Callable[..., Client]) -> None:
    response = client_as("admin").get("/uploads/up_none")
    assert response.status_code == 404
    assert b"there is no such upload" in response.content
