"""The feed of decisions, cases for people, webhooks and their deliveries, and prechecks."""

from typing import Annotated, Literal

from pydantic import Field

from tidegate.records import Action, DecidedBy, Verdict
from tidegate.server.api.shapes.base import Asked, Moment, Sha256, Shape, Word
from tidegate.server.api.shapes.uploads import ActionTaken, ClauseExplained
from tidegate.server.casework.models import CaseReason
from tidegate.server.enforcement.models import DeliveryState

Kind = Literal["upload.in_review", "upload.decided", "decision.undone"]


class EventPolicy(Shape):
    """The policy of a decision as events name it."""

    id: str
    version: str


class EventData(Shape):
    """What the platform is told: the same from a webhook, the feed and the stream."""

    upload_id: str
    external_id: str
    decision_id: str
    decision_number: int
    verdict: Verdict
    actions: list[ActionTaken]
    clause: str
    reason: str
    decided_by: DecidedBy
    policy: EventPolicy
    statement_of_reasons: str | None
    undo_until: Moment | None
    undone_at: Moment | None


class FeedItem(Shape):
    """One event. `cursor` is where to go on behind it, `seq` its number in the journal."""

    seq: int
    cursor: str
    type: Kind
    at: Moment
    data: EventData


class Feed(Shape):
    """Events in order; `next` is always there: ask again with it, now or later."""

    items: list[FeedItem]
    next: str


class CaseSummary(Shape):
    """Work for a person: one upload that is held, and why."""

    id: str
    upload_id: str
    reason: CaseReason
    why: str
    clause: str
    opened_at: Moment
    deadline: Moment
    closed_at: Moment | None
    decision_id: str = Field(description="the decision that closed it; empty while it is open")


class Ruling(Asked):
    """A person's decision. A restriction names its actions; both it and a removal name their clause."""

    verdict: Literal["allowed", "restricted", "removed"]
    actions: Annotated[list[Action], Field(max_length=11, default_factory=list)]
    clause: Annotated[Word, Field(max_length=128)] = ""
    note: Annotated[str, Field(max_length=4000, pattern="^[^\\x00]*$")] = Field(
        default="", description="for colleagues, never for the creator"
    )


class Webhook(Shape):
    """An endpoint of the platform that is told about decisions."""

    id: str
    url: str
    kinds: list[str] = Field(description="empty: every kind")
    is_active: bool
    paused_why: str
    created_at: Moment
    failures_in_a_row: int
    blocked_until: Moment | None


class WebhookMade(Webhook):
    """A new endpoint with its secret, which nothing shows again."""

    secret: str


class Webhooks(Shape):
    """Every webhook."""

    items: list[Webhook]


class NewWebhook(Asked):
    """Where to, and which kinds of events; none means all."""

    url: Annotated[str, Field(min_length=1, max_length=2048, pattern="^[^\\x00]*$")]
    kinds: Annotated[list[Kind], Field(max_length=3, default_factory=list)]


class TestSent(Shape):
    """The delivery of a test event; its row tells how it went."""

    delivery_id: str


class Delivery(Shape):
    """One event for one webhook, and how its delivery goes."""

    id: str
    endpoint_id: str
    upload_id: str
    decision_id: str
    event_id: str
    kind: str
    state: DeliveryState
    tries: int
    created_at: Moment
    due_at: Moment | None
    delivered_at: Moment | None
    last_status: int | None
    last_error: str


class LedgerHead(Shape):
    """The newest entry of the journal; kept elsewhere, it proves later that nothing before it was changed."""

    seq: int
    hash: Sha256


class Precheck(Shape):
    """What would be decided. Nothing of it was kept, and nothing is promised by it."""

    verdict: Verdict
    reason: str
    leading_clause: str
    actions: list[ActionTaken]
    clauses: list[ClauseExplained]
