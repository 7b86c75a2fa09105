"""Policy records for tests: a clause, a policy, a judgement and a decision from the few values a test is about."""

from collections.abc import Sequence
from typing import Any

from tidegate.policy.decide import decide
from tidegate.records import (
    Action,
    Blind,
    Blindness,
    BlindRule,
    Clause,
    Context,
    Decision,
    EuReference,
    Interval,
    Judgement,
    MediaCoverage,
    Policy,
    Problem,
    RiskTargets,
    Rule,
    Screening,
    Severity,
    Signal,
    Upload,
)

REMOVE = (Rule(actions=(Action.REMOVE,)),)
"""Rules that remove, whatever the circumstances."""


def clause_of(clause_id: str = "hate", **changes: Any) -> Clause:  # noqa: ANN401 - any field of a clause
    """A clause that removes on measured hate from .97 on, has no blind spots, and differs where `changes` says."""
    values: dict[str, Any] = {
        "id": clause_id,
        "title": clause_id.capitalize(),
        "text": "Not allowed.",
        "severity": Severity.HIGH,
        "labels": {"wording.hate": 1.0},
        "targets": RiskTargets(act_precision=0.97, look_one_in=20),
        "rules": REMOVE,
        "blind": Blind(rule=BlindRule.ALLOW),
        "eu": EuReference(category="STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
    }
    return Clause(**(values | changes))


def policy_of(*clauses: Clause) -> Policy:
    """A policy of these clauses, in this order."""
    return Policy(id="test", version="1", title="Test", clauses=clauses, digest="0" * 64)


def judgement_of(
    clause_id: str = "hate",
    probability: float = 0.001,
    *,
    low: float | None = None,
    is_measured: bool = True,
    blind: Sequence[Blindness] = (),
    recall_at: float | None = None,
) -> Judgement:
    """A judgement whose interval begins at `low`, half its probability unless told."""
    ends = Interval(low=probability / 2 if low is None else low, high=min(1.0, probability * 1.5))
    return Judgement(
        clause_id=clause_id,
        probability=probability,
        interval=ends,
        blind=tuple(blind),
        is_measured=is_measured,
        recall_at=recall_at,
    )


def decision_of(
    policy: Policy,
    *judgements: Judgement,
    upload: Upload | None = None,
    context: Context | None = None,
    problems: Sequence[Problem] = (),
    signals: Sequence[Signal] = (),
    seed: int = 0,
) -> Decision:
    """The decision at time 1.0 about an upload whose screening holds just these parts."""
    upload = upload or Upload(id="clip-1")
    screening = Screening(
        upload_id=upload.id,
        media=None,
        coverage=MediaCoverage(),
        judgements=judgements,
        problems=tuple(problems),
        signals=tuple(signals),
    )
    return decide(policy, upload, screening, context or Context(), now_s=1.0, seed=seed)
