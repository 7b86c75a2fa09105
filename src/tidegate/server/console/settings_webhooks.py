"""`/settings/webhooks`: where the platform is told, how that goes, and what could not be told."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tidegate.errors import TidegateError
from tidegate.server.accounts.principal import principal_of
from tidegate.server.console.upload_page import names_of
from tidegate.server.enforcement.endpoints import (
    KINDS,
    add_endpoint,
    pause_endpoint,
    remove_endpoint,
    resume_endpoint,
    test_event,
)
from tidegate.server.enforcement.models import DeliveryRow, DeliveryState, EndpointRow
from tidegate.server.enforcement.replaying import replay
from tidegate.server.enforcement.targets import rules_of
from tidegate.server.problems import status_of
from tidegate.server.project.clock import now_s
from tidegate.server.project.places import key_ring
from tidegate.server.project.setup import settings_in_use

MOST_DEAD = 100
KIND_TEXTS = {
    "upload.in_review": "an upload is held for a person",
    "upload.decided": "an upload was decided",
    "decision.undone": "a decision was taken back: reverse its actions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """One webhook with how many of its deliveries wait or were given up, and the last test of it."""

    row: EndpointRow
    kinds: tuple[str, ...]
    state: str
    waiting: int
    dead: int
    test: DeliveryRow | None
    maker: str


def webhooks(request: HttpRequest) -> HttpResponse:
    """`GET` lists webhooks and dead deliveries, `POST` adds one and shows its secret this once."""
    if request.method != "POST":
        return _page(request)
    try:
        row, secret = add_endpoint(
            request.POST.get("url", ""),
            request.POST.getlist("kinds"),
            ring=key_ring(),
            rules=rules_of(settings_in_use().settings.server.webhook_networks),
            actor=principal_of(request).actor,
            now_s=now_s(),
        )
    except TidegateError as error:
        return _page(request, error=error, status=status_of(error))
    return _page(request, made=row, secret=secret)


def pause(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """`POST .../pause`: send nothing for now."""
    actor = principal_of(request).actor
    return _changed(
        request, "Paused: events are collected.", lambda: pause_endpoint(endpoint_id, actor=actor, now_s=now_s())
    )


def resume(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """`POST .../resume`: send again, what was collected first."""
    actor = principal_of(request).actor
    return _changed(request, "Resumed.", lambda: resume_endpoint(endpoint_id, actor=actor, now_s=now_s()))


def test(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """`POST .../test`: send a test event."""
    told = "A test event is on its way; its result stands with the webhook in a moment."
    return _changed(request, told, lambda: test_event(endpoint_id, now_s=now_s()))


def remove(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """`POST .../remove`: forget a webhook."""
    actor = principal_of(request).actor
    return _changed(request, "Removed.", lambda: remove_endpoint(endpoint_id, actor=actor, now_s=now_s()))


def send_again(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """`POST /settings/deliveries/{id}/replay`: put a delivery back into the outbox; back to the page it came from."""
    actor = principal_of(request).actor
    answer = _changed(request, "Put back into the outbox.", lambda: replay(delivery_id, actor=actor, now_s=now_s()))
    upload_id = request.POST.get("upload", "")
    return redirect("console-upload", upload_id=upload_id[:32]) if upload_id.startswith("up_") else answer


def _changed(request: HttpRequest, told: str, change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except TidegateError as error:
        messages.error(request, f"{error.what}. {error.next_step}".strip())
    else:
        messages.success(request, told)
    return redirect("settings-webhooks")


def _page(
    request: HttpRequest,
    *,
    made: EndpointRow | None = None,
    secret: str = "",
    error: TidegateError | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(EndpointRow.objects.order_by("created_at_s", "id"))
    dead = list(DeliveryRow.objects.filter(state=DeliveryState.DEAD).order_by("-created_at_s")[: MOST_DEAD + 1])
    values = {
        "endpoints": _views(rows),
        "dead": [(one, next((row.url for row in rows if row.id == one.endpoint_id), "")) for one in dead[:MOST_DEAD]],
        "is_cut": len(dead) > MOST_DEAD,
        "most": MOST_DEAD,
        "kinds": [(kind, KIND_TEXTS.get(kind, kind)) for kind in KINDS],
        "made": made,
        "secret": secret,
        "error": error,
        "url": request.POST.get("url", "") if error else "",
        "chosen": request.POST.getlist("kinds") if error else [],
    }
    response = render(request, "console/settings_webhooks.html", values, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _views(rows: list[EndpointRow]) -> list[EndpointView]:
    open_ones = DeliveryRow.objects.filter(state__in=(DeliveryState.WAITING, DeliveryState.DEAD))
    counted = open_ones.values_list("endpoint_id", "state").annotate(Count("id")).order_by()
    counts = {(endpoint_id, state): count for endpoint_id, state, count in counted}
    tests: dict[str, DeliveryRow] = {}
    for one in DeliveryRow.objects.filter(kind="endpoint.test", endpoint_id__in=[row.id for row in rows]).order_by(
        "created_at_s"
    ):
        tests[one.endpoint_id] = one
    names = names_of(row.created_by for row in rows)
    return [
        EndpointView(
            row=row,
            kinds=tuple(row.kinds.split()),
            state="active" if row.is_active else "paused",
            waiting=counts.get((row.id, DeliveryState.WAITING), 0),
            dead=counts.get((row.id, DeliveryState.DEAD), 0),
            test=tests.get(row.id),
            maker=names.get(f"person:{row.created_by}", row.created_by),
        )
        for row in rows
    ]
