"""Webhooks of the platform, and the deliveries of their events."""

from collections.abc import Sequence
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from tidegate.server.accounts.principal import principal_of
from tidegate.server.api import stored
from tidegate.server.api.explaining import Json
from tidegate.server.api.refusals import refusals
from tidegate.server.api.rows import delivery_json, webhook_json
from tidegate.server.api.shapes.base import After, Asked, Page, Word
from tidegate.server.api.shapes.decisions import Delivery, NewWebhook, TestSent, Webhook, WebhookMade, Webhooks
from tidegate.server.enforcement import endpoints, replaying
from tidegate.server.enforcement.models import DeliveryRow, EndpointRow
from tidegate.server.enforcement.targets import rules_of
from tidegate.server.project.clock import now_s
from tidegate.server.project.places import key_ring
from tidegate.server.project.setup import settings_in_use

router = Router(tags=["webhooks"])


@router.get(
    "/webhooks",
    url_name="api-webhooks",
    operation_id="listWebhooks",
    summary="The webhooks there are",
    response=Webhooks,
    openapi_extra=refusals(),
)
def list_webhooks(request: HttpRequest) -> Json:
    """In the order in which they were made; secrets are never shown again."""
    return {"items": [webhook_json(row) for row in EndpointRow.objects.order_by("created_at_s", "id")]}


@router.post(
    "/webhooks",
    url_name="api-webhooks",
    operation_id="addWebhook",
    summary="Add a webhook",
    response={201: WebhookMade},
    openapi_extra=refusals(has_body=True),
)
def add_webhook(request: HttpRequest, body: NewWebhook) -> Status[Json]:
    """Keep the `secret` of the answer: it verifies what is delivered, and nothing shows it again."""
    row, secret = endpoints.add_endpoint(
        body.url,
        body.kinds,
        ring=key_ring(),
        rules=rules_of(settings_in_use().settings.server.webhook_networks),
        actor=principal_of(request).actor,
        now_s=now_s(),
    )
    return Status(201, webhook_json(row) | {"secret": secret})


@router.delete(
    "/webhooks/{webhook_id}",
    url_name="api-webhook",
    operation_id="removeWebhook",
    summary="Remove a webhook",
    response={204: None},
    openapi_extra=refusals(404),
)
def remove_webhook(request: HttpRequest, webhook_id: str) -> Status[None]:
    """What waits for it is not sent any more."""
    row = stored.found(EndpointRow, webhook_id, "wh", "webhook")
    endpoints.remove_endpoint(row.id, actor=principal_of(request).actor, now_s=now_s())
    return Status(204, None)


@router.post(
    "/webhooks/{webhook_id}/pause",
    url_name="api-webhook-pause",
    operation_id="pauseWebhook",
    summary="Send nothing more for now",
    response=Webhook,
    openapi_extra=refusals(404),
)
def pause_webhook(request: HttpRequest, webhook_id: str) -> Json:
    """Events are still collected, and sent once it is resumed."""
    row = stored.found(EndpointRow, webhook_id, "wh", "webhook")
    endpoints.pause_endpoint(row.id, actor=principal_of(request).actor, now_s=now_s())
    return webhook_json(stored.found(EndpointRow, row.id, "wh", "webhook"))


@router.post(
    "/webhooks/{webhook_id}/resume",
    url_name="api-webhook-resume",
    operation_id="resumeWebhook",
    summary="Send again, what was collected first",
    response=Webhook,
    openapi_extra=refusals(404),
)
def resume_webhook(request: HttpRequest, webhook_id: str) -> Json:
    """Its failures are forgotten."""
    row = stored.found(EndpointRow, webhook_id, "wh", "webhook")
    endpoints.resume_endpoint(row.id, actor=principal_of(request).actor, now_s=now_s())
    return webhook_json(stored.found(EndpointRow, row.id, "wh", "webhook"))


@router.post(
    "/webhooks/{webhook_id}/test",
    url_name="api-webhook-test",
    operation_id="testWebhook",
    summary="Send a test event",
    response={202: TestSent},
    openapi_extra=refusals(404, 409),
)
def test_webhook(request: HttpRequest, webhook_id: str) -> Status[Json]:
    """Tried once; look at its delivery to see how it went."""
    row = stored.found(EndpointRow, webhook_id, "wh", "webhook")
    return Status(202, {"delivery_id": endpoints.test_event(row.id, now_s=now_s())})


class DeliveryFilters(Asked):
    """What deliveries to list."""

    state: Literal["", "waiting", "delivered", "dead", "cancelled"] = ""
    endpoint_id: Word = ""
    upload_id: Word = ""
    after: After = ""
    limit: int = Field(default=50, ge=1, le=200)


@router.get(
    "/deliveries",
    url_name="api-deliveries",
    operation_id="listDeliveries",
    summary="List deliveries, the newest first",
    response=Page[Delivery],
    openapi_extra=refusals(422),
)
def list_deliveries(request: HttpRequest, filters: Query[DeliveryFilters]) -> Json:
    """`state=dead` are those that were given up after their last try."""
    columns = {"state": filters.state, "endpoint_id": filters.endpoint_id, "upload_id": filters.upload_id}
    rows = DeliveryRow.objects.filter(**{name: value for name, value in columns.items() if value}).defer("body")
    return stored.page(rows, name="deliveries", after=filters.after, limit=filters.limit, tell=_told)


def _told(rows: Sequence[DeliveryRow]) -> list[Json]:
    return [delivery_json(row) for row in rows]


@router.post(
    "/deliveries/{delivery_id}/replay",
    url_name="api-delivery-replay",
    operation_id="replayDelivery",
    summary="Send a delivery again",
    response=Delivery,
    openapi_extra=refusals(404, 409),
)
def replay_delivery(request: HttpRequest, delivery_id: str) -> Json:
    """Under the same key and with all its tries, at once."""
    row = stored.found(DeliveryRow, delivery_id, "dl", "delivery")
    replaying.replay(row.id, actor=principal_of(request).actor, now_s=now_s())
    return delivery_json(stored.found(DeliveryRow, row.id, "dl", "delivery"))
