"""Decisions and screenings as a machine would have made them, for tests of what becomes of them."""

from types import MappingProxyType

from tidegate.records import (
    Action,
    ClauseDecision,
    DecidedBy,
    Decision,
    MediaCoverage,
    Outcome,
    Policy,
    Screening,
    StageCost,
    TraceStep,
    Verdict,
)

ACTIONS = MappingProxyType(
    {
        Verdict.ALLOWED: Action.ALLOW,
        Verdict.RESTRICTED: Action.AGE_RESTRICT,
        Verdict.HELD: Action.HOLD,
        Verdict.REMOVED: Action.REMOVE,
    }
)
"""Verdict -> the one action of `decision_of`."""


def decision_of(policy: Policy, upload_id: str, verdict: Verdict, *, now_s: float) -> Decision:
    """A machine's decision under the policy's first clause; one that allows reaches no clause."""
    clause, actions = policy.clauses[0], (ACTIONS[verdict],)
    step = TraceStep(rule="above", held=True, why="the probability is above the line")
    outcome = Outcome.REVIEW if verdict is Verdict.HELD else Outcome.ACT
    one = ClauseDecision(clause_id=clause.id, outcome=outcome, probability=0.97, actions=actions, trace=(step,))
    is_clear = verdict is Verdict.ALLOWED
    return Decision(
        upload_id=upload_id,
        policy_id=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        verdict=verdict,
        actions=actions,
        leading_clause_id="" if is_clear else clause.id,
        clauses=() if is_clear else (one,),
        decided_by=DecidedBy.MACHINE,
        decided_at_s=now_s,
        seed=7,
        reason="nothing was found" if is_clear else f"{clause.title}: found",
    )


def screening_of(upload_id: str) -> Screening:
    """A screening of words alone that found nothing, at 0.25 CPU seconds."""
    cost = StageCost(stage="signals", cpu_s=0.25, wall_s=0.5, items=1)
    return Screening(upload_id=upload_id, media=None, coverage=MediaCoverage(), costs=(cost,))
