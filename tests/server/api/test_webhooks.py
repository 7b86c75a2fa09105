"""Webhooks and their deliveries over the API."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def made(api: Any) -> dict[str, Any]:
    answer = api.post("/webhooks", {"url": "https://example.org/hook", "kinds": ["upload.decided"]})
    assert answer.status == 201
    webhook: dict[str, Any] = answer.body
    return webhook


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(api: Any, made: dict[str, Any]) -> None:
    assert made["secret"].startswith("whsec_")
    (listed,) = api.get("/webhooks").body["items"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert (listed["kinds"], listed["is_active"]) == (["upload.decided"], True)


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ({"url": "http://example.org/"}, "TG-W001", "http://example.org/"),
        ({"url": "https://127.0.0.1/"}, "TG-W001", "https://127.0.0.1/"),
        ({"url": "ftp://example.org/"}, "TG-W001", None),
        ({"url": ""}, "TG-H301", "$.url"),
        ({"url": "https://example.org/", "kinds": ["everything"]}, "TG-H301", "$.kinds[0]"),
        ({"kinds": []}, "TG-H301", "$.url"),
    ],
)
def test_a_webhook_that_may_not_be_is_refused(api: Any, body: object, code: str, where: str | None) -> None:
    answer = api.post("/webhooks", body)
    assert (answer.status, answer.body["code"]) == (422, code)
    assert where in (None, answer.body["where"])
    assert api.get("/webhooks").body["items"] == []


def test_a_webhook_is_paused_resumed_tested_and_removed(api: Any, made: dict[str, Any]) -> None:
    path = f"/webhooks/{made['id']}"
    assert api.post(f"{path}/pause").body["is_active"] is False
    assert (paused := api.post(f"{path}/test")).status == 409
    assert paused.body["code"] == "TG-W004"
    assert api.post(f"{path}/resume").body["is_active"] is True
    tested = api.post(f"{path}/test")
    assert tested.status == 202
    (delivery,) = api.get(f"/deliveries?endpoint_id={made['id']}").body["items"]
    assert (delivery["id"], delivery["kind"]) == (tested.body["delivery_id"], "endpoint.test")
    removed = api.call("DELETE", path)
    assert (removed.status, removed.body) == (204, b"")
    assert api.call("DELETE", path).status == 404
    for verb in ("pause", "resume", "test"):
        assert api.post(f"{path}/{verb}").body["code"] == "TG-H214"


def test_deliveries_are_listed_and_a_dead_one_is_sent_again(
    api: Any, made: dict[str, Any], decided: Callable[..., str]
) -> None:
    from tidegate.server.enforcement.models import DeliveryRow

    uploads = [decided() for _ in range(3)]
    listed = api.get("/deliveries").body["items"]
    assert [one["upload_id"] for one in listed] == uploads[::-1]
    page = api.get("/deliveries?limit=2").body
    assert [one["upload_id"] for one in api.get(f"/deliveries?after={page['next']}").body["items"]] == uploads[:1]
    waiting = listed[0]["id"]
    assert (early := api.post(f"/deliveries/{waiting}/replay")).status == 409
    assert early.body["code"] == "TG-W021"
    DeliveryRow.objects.filter(id=waiting).update(state="dead", tries=10, last_status=500, last_error="TG-W011 no")
    (dead,) = api.get("/deliveries?state=dead").body["items"]
    assert (dead["id"], dead["tries"], dead["last_status"]) == (waiting, 10, 500)
    again = api.post(f"/deliveries/{waiting}/replay")
    assert (again.status, again.body["state"], again.body["tries"]) == (200, "waiting", 0)
    assert api.post("/deliveries/dl_01m8k8cyss1yjq8ggmwjt3ty3t/replay").status == 404
    assert api.get(f"/deliveries?upload_id={uploads[1]}").body["items"][0]["upload_id"] == uploads[1]


def test_roles_see_or_change_webhooks(client_as: Callable[..., Any], made: dict[str, Any]) -> None:
    assert client_as("auditor").get("/api/v1/webhooks").status_code == 200
    assert client_as("reviewer").get("/api/v1/webhooks").status_code == 403
    integrator = client_as("integrator")
    assert integrator.post(f"/api/v1/webhooks/{made['id']}/pause").status_code == 200
    assert client_as("auditor").post(f"/api/v1/webhooks/{made['id']}/pause").status_code == 403
