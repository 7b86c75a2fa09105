"""The calls that are about everything but uploads: feed, texts, cases, webhooks, ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypedDict

from tidegate.client.answers import CaseSummary, Delivery, LedgerHead, TextScore, UploadStatus, Webhook
from tidegate.client.calls import PREFIX, Call, Request, T, get_call, nothing, post_call, segment
from tidegate.client.events import Event, event_of_item
from tidegate.client.reading import read, read_list, read_object, unexpected
from tidegate.client.uploads import items_of, plain


class UploadFilters(TypedDict, total=False):
    """What uploads to list; those that are left out do not narrow the list."""

    state: str
    verdict: str
    clause: str
    external_id: str
    creator_id: str
    lane: str
    limit: int


STREAM = Request(method="GET", path=f"{PREFIX}/decisions/stream", headers=(("accept", "text/event-stream"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items of a list, and the cursor of those that follow; empty at the end."""

    items: tuple[T, ...]
    cursor: str


def uploads_page(filters: Mapping[str, object], after: str) -> Call[Page[UploadStatus]]:
    """Uploads, the newest first."""
    return get_call("/uploads", lambda value: _page(UploadStatus, value), {**filters, "after": after})


def cases_page(filters: Mapping[str, object], after: str) -> Call[Page[CaseSummary]]:
    """Cases for people."""
    return get_call("/cases", lambda value: _page(CaseSummary, value), {**filters, "after": after})


def decisions_page(after: int | str, limit: int) -> Call[Page[Event]]:
    """Events behind a position, the oldest first."""
    return get_call("/decisions", _events, {"after": after, "limit": limit})


def score_texts(texts: Sequence[str | Mapping[str, Any]]) -> Call[tuple[TextScore, ...]]:
    """Comments, bios and titles; a text alone, or an object with `text`, `kind`, `surface`, `language`, `region`."""
    rows = [{"text": one} if isinstance(one, str) else plain(one) for one in texts]
    return post_call("/texts", {"texts": rows}, lambda value: read_list(TextScore, read_object(value).get("results")))


def decide(case_id: str, *, verdict: str, actions: Sequence[str], clause: str, note: str) -> Call[dict[str, Any]]:
    """A person's ruling."""
    body = {"verdict": str(verdict), "actions": [str(one) for one in actions], "clause": clause, "note": note}
    return post_call(f"/cases/{segment(case_id)}/decision", body, _object_or_empty, is_repeatable=False)


def undo(decision_id: str) -> Call[dict[str, Any]]:
    """Take a decision back while the server still holds it."""
    return post_call(f"/decisions/{segment(decision_id)}/undo", {}, _object_or_empty, is_repeatable=False)


def webhooks() -> Call[tuple[Webhook, ...]]:
    """The endpoints there are."""
    return get_call("/webhooks", lambda value: read_list(Webhook, items_of(value)))


def add_webhook(url: str, kinds: Sequence[str]) -> Call[Webhook]:
    """A new endpoint."""
    return post_call(
        "/webhooks", {"url": url, "kinds": list(kinds)}, lambda value: read(Webhook, value), is_repeatable=False
    )


def remove_webhook(webhook_id: str) -> Call[None]:
    """Forget an endpoint."""
    request = Request(method="DELETE", path=f"{PREFIX}/webhooks/{segment(webhook_id)}", is_repeatable=False)
    return Call(request=request, parse=nothing)


def pause_webhook(webhook_id: str) -> Call[Webhook]:
    """Send nothing more for now."""
    return post_call(f"/webhooks/{segment(webhook_id)}/pause", {}, lambda value: read(Webhook, value))


def resume_webhook(webhook_id: str) -> Call[Webhook]:
    """Send again."""
    return post_call(f"/webhooks/{segment(webhook_id)}/resume", {}, lambda value: read(Webhook, value))


def test_webhook(webhook_id: str) -> Call[str]:
    """Send a test event; the id of its delivery."""
    path = f"/webhooks/{segment(webhook_id)}/test"
    return post_call(path, {}, lambda value: str(read_object(value).get("delivery_id", "")), is_repeatable=False)


def deliveries_page(filters: Mapping[str, object], after: str) -> Call[Page[Delivery]]:
    """Deliveries of events."""
    return get_call("/deliveries", lambda value: _page(Delivery, value), {**filters, "after": after})


def replay(delivery_id: str) -> Call[None]:
    """Try a delivery again."""
    return post_call(f"/deliveries/{segment(delivery_id)}/replay", {}, nothing)


def ledger_head() -> Call[LedgerHead]:
    """The newest entry of the journal."""
    return get_call("/ledger/head", lambda value: read(LedgerHead, value))


def _page(cls: type[T], value: object) -> Page[T]:
    cursor = value.get("next") if isinstance(value, Mapping) else None
    return Page(items=read_list(cls, items_of(value)), cursor="" if cursor is None else str(cursor))


def _events(value: object) -> Page[Event]:
    items, cursor = items_of(value), read_object(value).get("next")
    if not isinstance(items, list):
        raise unexpected("$.items", "a list", items)
    events = tuple(event_of_item(one, f"$.items[{at}]") for at, one in enumerate(items))
    return Page(items=events, cursor="" if cursor is None else str(cursor))


def _object_or_empty(value: object) -> dict[str, Any]:
    return {} if value is None else read_object(value)
