"""Decisions as JSON objects that say why. Pure, and without Django: the precheck's lane says it in the same words."""

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.records import Action, Clause, Decision, Judgement, to_json
from tidegate.server.enforcement.reversals import REVERSALS

Json = dict[str, Any]


def actions_json(actions: Sequence[Action]) -> list[Json]:
    """Actions, each with the name of what takes it back."""
    return [{"action": one.value, "reversal": REVERSALS[one]} for one in actions]


def explanation_json(decision: Decision, judgements: Sequence[Judgement], clauses: Mapping[str, Clause]) -> Json:
    """Why it was decided so; `clauses` are those of the policy it was decided under, empty if that is not at hand."""
    judged = {one.clause_id: one for one in judgements}
    return {
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "leading_clause": decision.leading_clause_id,
        "actions": actions_json(decision.actions),
        "clauses": [
            {
                "clause_id": one.clause_id,
                "title": clauses[one.clause_id].title if one.clause_id in clauses else "",
                "outcome": one.outcome.value,
                "probability": one.probability,
                "actions": [action.value for action in one.actions],
                "proposed": [action.value for action in one.proposed],
                "trace": [to_json(step) for step in one.trace],
                "contributions": _contributions(judged.get(one.clause_id)),
                "blind": list(one.blind),
            }
            for one in decision.clauses
        ],
    }


def _contributions(judgement: Judgement | None) -> list[Json]:
    return [] if judgement is None else [to_json(one) for one in judgement.contributions]
