"""Uploads: what is sent, and what is told of them."""

from typing import Annotated, Any

from pydantic import Field

from tidegate.records import Action, DecidedBy, DeclaredFacts, Outcome, Sound, Surface, TraceStep, Verdict
from tidegate.records import Context as ContextRecord
from tidegate.records import Contribution as ContributionRecord
from tidegate.server.api.shapes.base import Asked, Moment, ProblemDocument, Sha256, Shape
from tidegate.server.intake.fields import (
    MOST_CAPTION_CHARS,
    MOST_FACTS,
    MOST_HASHTAGS,
    MOST_NAME_CHARS,
    MOST_REFERENCE_CHARS,
)
from tidegate.server.intake.models import State

MOST_IN_A_BATCH = 500
Name = Annotated[str, Field(max_length=MOST_NAME_CHARS, pattern="^[^\\x00]*$")]
Region = Annotated[str, Field(pattern="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$", description="ISO 3166; empty if unknown")]
Text = Annotated[str, Field(pattern="^[^\\x00]*$")]
Mark = Annotated[
    str,
    Field(max_length=200, pattern="^[^\\x00]*$", description="the same key again is the same upload, no second one"),
]


class UploadFields(Asked):
    """What is told about a video; all of it may be left out."""

    external_id: Name = Field(default="", description="the platform's own id")
    caption: Annotated[Text, Field(max_length=MOST_CAPTION_CHARS)] = ""
    hashtags: Annotated[list[Text], Field(max_length=MOST_HASHTAGS, default_factory=list)]
    sound: Sound = Sound()
    creator_id: Name = ""
    surface: Surface = Surface.FEED
    region: Region = ""
    language: Name = Field(default="", description="BCP 47; empty if unknown")
    declared: DeclaredFacts = DeclaredFacts()
    facts: Annotated[dict[Text, Text], Field(max_length=MOST_FACTS, default_factory=dict)]
    context: ContextRecord = ContextRecord()
    lane: Name = Field(default="", description="one of the server's lanes; empty takes its default")
    idempotency_key: Mark = ""


class UploadReference(UploadFields):
    """A video that is to be fetched, and what is told about it."""

    media_url: str = Field(
        min_length=1, max_length=MOST_REFERENCE_CHARS, pattern="^[^\\x00]*$", description="an https address, or a store"
    )


class Batch(Asked):
    """Up to 500 references; each is taken or refused by itself."""

    # Read one by one, so that one that is wrong is refused alone; the document says that each is an UploadReference.
    uploads: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class ActionTaken(Shape):
    """One action, and the name of what takes it back."""

    action: Action
    reversal: str


class PolicyInForce(Shape):
    """The policy that a decision was made under."""

    id: str
    version: str
    digest: str


class DecisionSummary(Shape):
    """One decision in short."""

    id: str
    number: int = Field(description="counts the upload's decisions from 0")
    verdict: Verdict
    actions: list[ActionTaken]
    clause: str
    reason: str
    decided_by: DecidedBy
    at: Moment
    policy: PolicyInForce
    is_final: bool = Field(description="false while a person is still to look")
    is_held_back: bool = Field(description="a person may still take it back: do not act on it yet")
    undo_until: Moment | None
    statement_of_reasons: str | None = Field(description="the id of the statement drafted with it")


class StoredMedia(Shape):
    """The video as it is held."""

    sha256: Sha256
    size_bytes: int
    is_deleted: bool


class UploadStatus(Shape):
    """One upload as it stands."""

    id: str
    external_id: str
    creator_id: str
    surface: Surface
    region: str
    state: State
    lane: str
    accepted_at: Moment
    deadline: Moment = Field(description="when its lane wants it decided")
    decided_at: Moment | None
    acted_at: Moment | None
    media: StoredMedia | None
    verdict: Verdict | None
    decision: DecisionSummary | None
    status_url: str
    links: dict[str, str]


class UploadAnswered(UploadStatus):
    """An upload that was sent, with its decision."""

    is_duplicate: bool = Field(description="it was here already; nothing new was taken")


class UploadTaken(Shape):
    """An upload that was taken and is held; ask its `status_url`. With `?wait=` all of `UploadStatus` is here."""

    id: str
    state: State
    verdict: Verdict | None
    status_url: str
    is_duplicate: bool


class BatchRefused(Shape):
    """One entry that was not taken, and why."""

    error: ProblemDocument


class BatchAnswer(Shape):
    """What became of each entry, in their order."""

    results: list[UploadTaken | BatchRefused]


class ClauseExplained(Shape):
    """One clause: what came of it, how likely it is, step by step, and what nobody looked at."""

    clause_id: str
    title: str
    outcome: Outcome
    probability: float
    actions: list[Action]
    proposed: list[Action]
    trace: list[TraceStep]
    contributions: list[ContributionRecord]
    blind: list[str]


class Explanation(Shape):
    """Why an upload was decided so."""

    verdict: Verdict
    reason: str
    leading_clause: str
    actions: list[ActionTaken]
    clauses: list[ClauseExplained]


class JournalEntry(Shape):
    """One step of an upload's life in the hash chain."""

    seq: int
    kind: str
    at: Moment
    at_s: float = Field(description="the same time as the number that the hash was made over")
    actor: str
    body: dict[str, Any]
    prev_hash: Sha256
    hash: Sha256


class Journal(Shape):
    """The steps of one upload, in order."""

    items: list[JournalEntry]


class StatementOfReasons(Shape):
    """The statement drafted with a restriction; `problems` are what a person has to fill in before it is sent."""

    id: str
    upload_id: str
    decision_id: str
    created_at: Moment
    statement: dict[str, Any] = Field(description="fields of the EU's DSA Transparency Database")
    problems: list[str]


class Acted(Asked):
    """The decision that the platform has acted on."""

    decision_id: str = Field(max_length=32)
