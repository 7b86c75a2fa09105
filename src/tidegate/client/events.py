"""What the platform is told: the same event from a webhook, from the feed and from the stream."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.client.answers import ActionTaken, PolicyInForce
from tidegate.client.reading import read, read_object, read_time_s
from tidegate.errors import UnexpectedAnswerError

IN_REVIEW = "upload.in_review"
DECIDED = "upload.decided"
UNDONE = "decision.undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an upload: `upload.in_review`, `upload.decided` or `decision.undone`.

    `id` is the `webhook-id` of a webhook and empty otherwise. `seq` is the number in the journal, else -1, and `cursor`
    where to go on in the feed behind this event. `undone_at_s` is there when the decision was taken back since. `data`
    holds everything that the server sent, what this version does not know included.
    """

    kind: str
    at_s: float
    id: str = ""
    seq: int = -1
    cursor: str = ""
    upload_id: str = ""
    external_id: str = ""
    decision_id: str = ""
    decision_number: int = -1
    verdict: str = ""
    actions: tuple[ActionTaken, ...] = ()
    clause: str = ""
    reason: str = ""
    decided_by: str = ""
    policy: PolicyInForce | None = None
    statement_of_reasons: str | None = None
    undo_until_s: float | None = None
    undone_at_s: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What to remember so that an event has its effect once, whichever way and however often it comes."""
        return f"{self.kind}:{self.decision_id}"

    @property
    def position(self) -> tuple[int, bool]:
        """Where it stands among the events of its upload: the greater one is later, in whatever order they come."""
        return (self.decision_number, self.kind == UNDONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """The fields of `Event` that stand in its data."""

    upload_id: str = ""
    external_id: str = ""
    decision_id: str = ""
    decision_number: int = -1
    verdict: str = ""
    actions: tuple[ActionTaken, ...] = ()
    clause: str = ""
    reason: str = ""
    decided_by: str = ""
    policy: PolicyInForce | None = None
    statement_of_reasons: str | None = None
    undo_until_s: float | None = None
    undone_at_s: float | None = None


def event_of_webhook(body: bytes, event_id: str) -> Event:
    """The event in a webhook's body, whose signature was verified. Raises UnexpectedAnswerError."""
    envelope = read_object(_json(body, "webhook"), "webhook")
    return _event(envelope, at=envelope.get("timestamp"), where="webhook", event_id=event_id)


def event_of_item(value: object, where: str = "$") -> Event:
    """The event in one item of the feed. Raises UnexpectedAnswerError."""
    item = read_object(value, where)
    seq = item.get("seq")
    if type(seq) is not int:
        raise UnexpectedAnswerError("an item of the feed has no number", where=f"{where}.seq")
    return _event(item, at=item.get("at"), where=where, seq=seq)


def event_of_message(data: str, *, seq: int = -1) -> Event:
    """The event in one message of the stream, whose id said `seq`. Raises UnexpectedAnswerError."""
    item = read_object(_json(data, "stream"), "stream")
    return event_of_item({"seq": seq, **item}, "stream")


def _event(envelope: Mapping[str, Any], *, at: object, where: str, event_id: str = "", seq: int = -1) -> Event:
    kind = envelope.get("type")
    if not isinstance(kind, str) or not kind:
        raise UnexpectedAnswerError("an event has no type", where=f"{where}.type")
    data = read_object(envelope.get("data"), f"{where}.data")
    known = read(_Data, data, f"{where}.data")
    values = {name: getattr(known, name) for name in _Data.__dataclass_fields__}
    cursor = envelope.get("cursor")
    return Event(
        kind=kind,
        at_s=read_time_s(at, f"{where}.at"),
        id=event_id,
        seq=seq,
        cursor=cursor if isinstance(cursor, str) else "",
        data=data,
        **values,
    )


def _json(text: bytes | str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UnexpectedAnswerError("this is no JSON", where=where) from None
