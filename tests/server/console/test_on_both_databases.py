"""Every page with something on it, on SQLite and on PostgreSQL."""

import time
from collections.abc import Callable

from django.test import Client


def test_every_page_opens_with_something_on_it(
    both_databases: str, client_as: Callable[..., Client], decided: Callable[..., str], with_media: Callable[..., str]
) -> None:
    from tidegate.server.console import flow, media
    from tidegate.server.ledger.models import EntryRow

    client = client_as("admin")
    held, _ = decided("held"), decided("allowed", now_s=time.time() - 7200)
    upload_id = with_media(b"\x00\x00\x00\x18ftypmp42" + b"x" * 1000)
    client.post("/settings/webhooks", {"url": "https://93.184.215.14/hook"})
    client.post("/settings/keys", {"name": "x", "scopes": ["uploads:read"]})
    pages = ("/", "/flow", "/uploads", "/uploads?verdict=removed&from=2020-01-01", "/cases")
    settings = ("/settings/keys", "/settings/webhooks", "/settings/people")
    for address in (*pages, *settings, f"/uploads/{upload_id}", f"/uploads/{held}"):
        assert client.get(address).status_code == 200, address
    lines = b"".join(client.get("/uploads.csv").streaming_content)  # type: ignore[attr-defined]
    assert lines.count(b"\n") == 1 + 3
    found = flow.flow(now_s=time.time())
    assert (found.hour.total, found.day.total, found.cases) == (1, 2, 1)
    token = media.token_for(upload_id, client.person.id)  # type: ignore[attr-defined]
    for _ in range(2):
        b"".join(client.get(f"/media/{token}").streaming_content)  # type: ignore[attr-defined]
    assert EntryRow.objects.filter(subject=upload_id, kind="media.viewed").count() == 1
