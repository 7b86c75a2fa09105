"""What a server answers, as frozen results; words such as verdicts and states stay plain strings.

They compare equal to the members of `tidegate.records.Verdict` and `Action`, and a newer server may know more of them.
Times are Unix seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.errors import TidegateApiError
from tidegate.records import (
    Abstention,
    Judgement,
    MediaInfo,
    OnScreenText,
    Problem,
    Shot,
    Signal,
    SoundSpan,
    Utterance,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTaken:
    """One action of a decision, and the name of what takes it back."""

    action: str
    reversal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The policy that a decision was made under."""

    id: str
    version: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSummary:
    """One decision. `number` counts an upload's decisions from 0; `is_final` is false while a person is to look.

    `is_held_back` is true while a person may still take it back: nobody acts on it yet.
    """

    id: str
    number: int = 0
    verdict: str = ""
    actions: tuple[ActionTaken, ...] = ()
    clause: str = ""
    reason: str = ""
    decided_by: str = ""
    at_s: float = 0.0
    policy: PolicyInForce | None = None
    is_final: bool = True
    is_held_back: bool = False
    undo_until_s: float | None = None
    statement_of_reasons: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """The video as the server holds it."""

    sha256: str
    size_bytes: int = 0
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """One upload as it stands: `accepted`, `held`, `screening`, `in_review`, `decided` or `acted`.

    `verdict` and `decision` are empty until it was screened. `is_duplicate`: this call repeated an earlier one.
    """

    id: str
    state: str
    external_id: str = ""
    creator_id: str = ""
    surface: str = ""
    region: str = ""
    lane: str = ""
    accepted_at_s: float | None = None
    deadline_s: float | None = None
    decided_at_s: float | None = None
    acted_at_s: float | None = None
    media: StoredMedia | None = None
    verdict: str = ""
    decision: DecisionSummary | None = None
    links: Mapping[str, Any] = field(default_factory=dict)
    status_url: str = ""
    is_duplicate: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether the decision is final: nobody is to look any more, and nobody can take it back."""
        is_held_back = self.decision is not None and self.decision.is_held_back
        return self.state in ("decided", "acted") and not is_held_back

    @property
    def is_screened(self) -> bool:
        """Whether there is a verdict at all, a hold for a person included."""
        return self.state in ("in_review", "decided", "acted")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of one entry of a batch: a status, or the problem why it was not taken."""

    status: UploadStatus | None = None
    error: TidegateApiError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceOfUpload:
    """What was found in an upload, and what nobody could look at."""

    signals: tuple[Signal, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    media: MediaInfo | None = None
    shots: tuple[Shot, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    on_screen_texts: tuple[OnScreenText, ...] = ()
    sound_spans: tuple[SoundSpan, ...] = ()
    problems: tuple[Problem, ...] = ()
    detector_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseExplained:
    """One clause: what came of it, how likely it is, step by step, and what was not seen."""

    clause_id: str
    title: str = ""
    outcome: str = ""
    probability: float = 0.0
    trace: tuple[Any, ...] = ()
    contributions: tuple[Any, ...] = ()
    blind: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an upload was decided as it was."""

    verdict: str = ""
    leading_clause: str = ""
    reason: str = ""
    clauses: tuple[ClauseExplained, ...] = ()
    actions: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One step of an upload's life in the hash chain."""

    seq: int
    kind: str = ""
    at_s: float = 0.0
    actor: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """The newest entry of the journal; kept elsewhere, it proves later that nothing before it was changed."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Precheck:
    """What would be decided. Nothing of it was kept, and nothing is promised by it."""

    verdict: str
    clauses: tuple[ClauseExplained, ...] = ()
    reason: str = ""
    actions: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """Work for a person: one upload that is held, and why."""

    id: str
    upload_id: str = ""
    reason: str = ""
    why: str = ""
    clause: str = ""
    opened_at_s: float | None = None
    deadline_s: float | None = None
    closed_at_s: float | None = None
    decision_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An endpoint that is told about decisions; `secret` is there in the answer that made it and never again."""

    id: str
    url: str = ""
    kinds: tuple[str, ...] = ()
    is_active: bool = True
    paused_why: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint, and how its delivery goes: `waiting`, `delivered`, `dead` or `cancelled`."""

    id: str
    endpoint_id: str = ""
    upload_id: str = ""
    event_id: str = ""
    kind: str = ""
    state: str = ""
    tries: int = 0
    last_status: int | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextScore:
    """What is said of one text; quotes of `signals` count its characters."""

    id: str
    verdict: str
    reason: str = ""
    leading_clause_id: str = ""
    actions: tuple[str, ...] = ()
    clauses: tuple[Any, ...] = ()
    signals: tuple[Signal, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    problems: tuple[Problem, ...] = ()
    language: str = ""
