"""Settings: keys, webhooks and people, with secrets that are shown once."""

import re
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

NOW_S = 1_790_000_000.0


def _made(content: bytes) -> str:
    found = re.search(r'<code id="secret">([^<]+)</code>', content.decode())
    return found[1] if found else ""


def test_a_key_is_shown_once_and_works(client_as: Callable[..., Client]) -> None:
    from tidegate.server.accounts.keys import authenticate

    client = client_as("integrator")
    response = client.post("/settings/keys", {"name": "<b>Shop</b>", "scopes": ["uploads:write"], "days": "30"})
    secret = _made(response.content)
    holder = authenticate(secret, now_s=time.time())
    assert (holder.name, holder.scopes) == ("<b>Shop</b>", {"uploads:write"})
    assert b"<b>Shop</b>" not in response.content
    assert response["Cache-Control"] == "no-store"
    again = client.get("/settings/keys").content
    assert secret.encode() not in again
    assert b"&lt;b&gt;Shop&lt;/b&gt;" in again


@pytest.mark.parametrize(
    "told",
    [
        {"name": "", "scopes": ["uploads:read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["uploads:read"], "days": "0"},
        {"name": "x", "scopes": ["uploads:read"], "days": "-3"},
        {"name": "x", "scopes": ["uploads:read"], "days": "9" * 50},
        {"name": "x", "scopes": ["uploads:read"], "days": "٣"},
    ],
)
def test_a_key_that_cannot_be_made_is_told_and_not_made(
    told: dict[str, object], client_as: Callable[..., Client]
) -> None:
    from tidegate.server.accounts.models import ApiKeyRow

    response = client_as("admin").post("/settings/keys", told)
    assert response.status_code == 422
    assert b"notice-error" in response.content
    assert ApiKeyRow.objects.count() == 0


def test_nobody_hands_out_what_their_role_may_not_do(client_as: Callable[..., Client]) -> None:
    told = {"name": "x", "scopes": ["cases:decide"]}
    integrator = client_as("integrator")
    assert b"cases:decide" not in integrator.get("/settings/keys").content
    assert integrator.post("/settings/keys", told).status_code == 422
    assert _made(client_as("admin").post("/settings/keys", told).content)


def test_a_key_is_revoked(client_as: Callable[..., Client]) -> None:
    from tidegate.errors import KeyRevokedError
    from tidegate.server.accounts.keys import authenticate
    from tidegate.server.accounts.models import ApiKeyRow

    client = client_as("admin")
    secret = _made(client.post("/settings/keys", {"name": "x", "scopes": ["uploads:read"]}).content)
    key_id = ApiKeyRow.objects.get().id
    page = client.post(f"/settings/keys/{key_id}/revoke", follow=True).content
    assert b"was revoked" in page
    assert b"Revoke<" not in page
    with pytest.raises(KeyRevokedError):
        authenticate(secret, now_s=time.time())


def test_a_webhook_is_added_with_a_secret_shown_once(client_as: Callable[..., Client]) -> None:
    client = client_as("integrator")
    response = client.post("/settings/webhooks", {"url": "https://93.184.215.14/hook", "kinds": ["upload.decided"]})
    secret = _made(response.content)
    assert secret.startswith("whsec_")
    again = client.get("/settings/webhooks").content
    assert b"https://93.184.215.14/hook" in again
    assert secret.encode() not in again


@pytest.mark.parametrize(
    "url", ["", "http://example.org/", "https://127.0.0.1/", "javascript:alert(1)", "https://[::1]/"]
)
def test_a_webhook_to_nowhere_is_refused_and_its_address_kept_in_the_form(
    url: str, client_as: Callable[..., Client]
) -> None:
    from tidegate.server.enforcement.models import EndpointRow

    response = client_as("admin").post("/settings/webhooks", {"url": url})
    assert response.status_code == 422
    assert f'value="{url}"' in response.content.decode()
    assert EndpointRow.objects.count() == 0


@pytest.fixture
def hook(client_as: Callable[..., Client]) -> tuple[Client, str]:
    """An administrator and a webhook."""
    from tidegate.server.enforcement.models import EndpointRow

    client = client_as("admin")
    client.post("/settings/webhooks", {"url": "https://93.184.215.14/hook"})
    return client, EndpointRow.objects.get().id


def test_a_webhook_is_paused_resumed_tested_and_removed(hook: tuple[Client, str]) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow

    client, hook_id = hook
    assert b"state-paused" in client.post(f"/settings/webhooks/{hook_id}/pause", follow=True).content
    assert b"the webhook is paused" in client.post(f"/settings/webhooks/{hook_id}/test", follow=True).content
    assert b"state-active" in client.post(f"/settings/webhooks/{hook_id}/resume", follow=True).content
    page = client.post(f"/settings/webhooks/{hook_id}/test", follow=True).content
    assert b"A test event is on its way" in page
    assert DeliveryRow.objects.get().kind == "endpoint.test"
    assert b"No webhooks yet" in client.post(f"/settings/webhooks/{hook_id}/remove", follow=True).content
    assert EndpointRow.objects.count() == 0


def test_a_dead_delivery_is_listed_and_sent_again(hook: tuple[Client, str], decided: Callable[..., str]) -> None:
    from tidegate.server.enforcement.models import DeliveryRow

    client, _ = hook
    upload_id = decided("removed")
    row = DeliveryRow.objects.get(upload_id=upload_id)
    DeliveryRow.objects.filter(id=row.id).update(
        state="dead", tries=16, last_error="TG-W104 <b>no</b>", last_status=500
    )
    page = client.get("/settings/webhooks").content
    assert b"TG-W104 &lt;b&gt;no&lt;/b&gt;" in page
    page = client.post(f"/settings/deliveries/{row.id}/replay", follow=True).content
    assert b"Put back into the outbox" in page
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)


def test_sending_again_from_an_uploads_page_leads_back_to_it(
    hook: tuple[Client, str], decided: Callable[..., str]
) -> None:
    from tidegate.server.enforcement.models import DeliveryRow

    client, _ = hook
    upload_id = decided("removed")
    row = DeliveryRow.objects.get(upload_id=upload_id)
    response = client.post(f"/settings/deliveries/{row.id}/replay", {"upload": upload_id})
    assert response["Location"] == f"/uploads/{upload_id}"
    response = client.post(f"/settings/deliveries/{row.id}/replay", {"upload": "//elsewhere.example/"})
    assert response["Location"] == "/settings/webhooks"


def test_webhooks_cost_as_many_reads_for_many_as_for_one(hook: tuple[Client, str]) -> None:
    client, _ = hook
    with CaptureQueriesContext(connection) as one:
        client.get("/settings/webhooks")
    for number in range(4):
        client.post("/settings/webhooks", {"url": f"https://93.184.215.14/{number}"})
    with CaptureQueriesContext(connection) as five:
        client.get("/settings/webhooks")
    assert len(five) == len(one)


def test_somebody_is_invited_by_a_link_that_is_shown_once(client_as: Callable[..., Client]) -> None:
    from tidegate.server.accounts.models import Person

    client = client_as("admin")
    told = {"email": "new@example.org", "name": "<b>New</b>", "role": "reviewer"}
    response = client.post("/settings/people", told)
    link = _made(response.content)
    assert link.startswith("http")
    assert Person.objects.get(email="new@example.org").role == "reviewer"
    assert b"<b>New</b>" not in response.content
    assert link.encode() not in client.get("/settings/people").content
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("told", [{"email": "nobody", "role": "lead"}, {"email": "a@example.org", "role": "king"}, {}])
def test_somebody_who_cannot_be_invited_is_not(told: dict[str, str], client_as: Callable[..., Client]) -> None:
    from tidegate.server.accounts.models import Person

    client = client_as("admin")
    response = client.post("/settings/people", told)
    assert response.status_code == 422
    assert Person.objects.count() == 1


def test_a_role_changes_and_a_person_leaves_and_comes_back(
    client_as: Callable[..., Client], person: Callable[..., object]
) -> None:
    from tidegate.server.accounts.models import Person

    client = client_as("admin")
    other_id = person("reviewer").id  # type: ignore[attr-defined]
    client.post(f"/settings/people/{other_id}/role", {"role": "lead"})
    assert Person.objects.get(id=other_id).role == "lead"
    assert b"Deactivated" in client.post(f"/settings/people/{other_id}/deactivate", follow=True).content
    assert not Person.objects.get(id=other_id).is_active
    assert b"Let back in" in client.get("/settings/people").content
    assert _made(client.post(f"/settings/people/{other_id}/link").content)
    assert Person.objects.get(id=other_id).is_active


def test_the_last_administrator_cannot_be_lost(client_as: Callable[..., Client]) -> None:
    client = client_as("admin")
    address = f"/settings/people/{client.person.id}"  # type: ignore[attr-defined]
    response = client.post(f"{address}/role", {"role": "auditor"})
    assert response.status_code == 409
    assert b"last administrator" in response.content
    assert client.post(f"{address}/deactivate").status_code == 409
