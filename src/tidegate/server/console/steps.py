"""The journal in words: what happened to an upload, one line a step."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.server.ledger.models import EntryRow

KINDS = MappingProxyType(
    {
        "upload.accepted": "Accepted",
        "upload.held": "Held: the media are here",
        "upload.fetching": "Media being fetched",
        "upload.fetched": "Media fetched",
        "upload.screening": "Screening began",
        "upload.screened": "Screened",
        "upload.failed": "Screening failed, to be tried again",
        "upload.given_up": "Given to a person after failures",
        "upload.in_review": "Held for a person",
        "upload.decided": "Decided",
        "upload.acted": "The platform has acted",
        "decision.undone": "Decision taken back",
        "delivery.dead": "A delivery was given up",
        "delivery.replayed": "A delivery was sent again",
        "action.delivered": "The platform was told",
        "media.viewed": "Media viewed",
        "media.deleted": "Media deleted",
    }
)
"""What each kind of entry is called; one that is not here is called by its own name."""

_TURNING = frozenset({"upload.decided", "upload.in_review", "decision.undone", "upload.acted"})
_SHOWN = ("verdict", "clause", "actions", "lane", "tries", "code", "reused_from", "undone", "decision", "statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of the journal. `facts` are those worth a line, `is_turning` marks what changed the upload's fate."""

    seq: int
    at_s: float
    kind: str
    title: str
    who: str
    facts: tuple[tuple[str, str], ...]
    digest: str
    is_turning: bool


def steps_of(entries: Sequence[EntryRow], names: Mapping[str, str]) -> tuple[Step, ...]:
    """The entries in words, in the order given; `names` says who actors are."""
    return tuple(
        Step(
            seq=entry.seq,
            at_s=entry.at_s,
            kind=entry.kind,
            title=KINDS.get(entry.kind, entry.kind.replace(".", " ").replace("_", " ")),
            who=who_of(entry.actor, names),
            facts=_facts(entry.body),
            digest=entry.hash,
            is_turning=entry.kind in _TURNING,
        )
        for entry in entries
    )


def who_of(actor: str, names: Mapping[str, str]) -> str:
    """`Ann Ito`, `key Shop platform`, `lane screen-host-12`, `server`."""
    kind, mark, identity = actor.partition(":")
    name = names.get(actor) or names.get(f"person:{actor}")
    if kind == "key":
        return f"key {name or identity}"
    if name:
        return name
    return f"{kind} {identity}" if mark and kind != "person" else identity or actor


def _facts(body: str) -> tuple[tuple[str, str], ...]:
    told = json.loads(body)
    return tuple(
        (name.replace("_", " "), ", ".join(map(str, told[name])) if isinstance(told[name], list) else str(told[name]))
        for name in _SHOWN
        if told.get(name) not in (None, "", [])
    )
