"""What was decided, by whom, on what ground."""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.records.policy import Action


class DecidedBy(StrEnum):
    """Who decided."""

    MACHINE = "machine"
    PERSON = "person"
    BOTH = "both"


class Outcome(StrEnum):
    """What one clause asks for; `UNSEEN` goes to a person only because nobody looked, nothing was found."""

    CLEAR = "clear"
    EXCEPTED = "excepted"
    SAMPLED = "sampled"
    UNSEEN = "unseen"
    REVIEW = "review"
    ACT = "act"


class Verdict(StrEnum):
    """The whole upload's state after the decision: released, released with restrictions, held, or removed."""

    ALLOWED = "allowed"
    RESTRICTED = "restricted"
    HELD = "held"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One step of the reasoning, in order: the rule that was looked at, whether it held, and why."""

    rule: str
    held: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDecision:
    """What one clause decided and how it came to it; `proposed` is what a person is asked to confirm or refuse.

    `blind` says in words what the clause speaks of and nobody looked at: its standing blind spots, then this upload's.
    """

    clause_id: str
    outcome: Outcome
    probability: float
    actions: tuple[Action, ...] = ()
    trace: tuple[TraceStep, ...] = ()
    proposed: tuple[Action, ...] = ()
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Actions, the clause that leads, the trace, and who decided; replayable from policy digest, seed and signals.

    `decided_at_s` is Unix time in seconds. A `HELD` verdict names the person's work still to do, never an allow.
    `leading_clause_id` is empty when no clause was reached: nothing found, or held because nobody could look.
    """

    upload_id: str
    policy_id: str
    policy_version: str
    policy_digest: str
    verdict: Verdict
    actions: tuple[Action, ...]
    leading_clause_id: str
    clauses: tuple[ClauseDecision, ...]
    decided_by: DecidedBy
    decided_at_s: float
    seed: int
    reason: str = ""
