"""A decision in the fields of the EU's DSA Transparency Database. Pure: no database, no clock."""

from datetime import UTC, datetime

from tidegate.records import Action, Clause, DecidedBy, Decision

_VISIBILITY = {
    Action.REMOVE: "CONTENT_REMOVED",
    Action.REGION_BLOCK: "CONTENT_DISABLED",
    Action.NOT_RECOMMENDED: "CONTENT_DEMOTED",
    Action.AGE_RESTRICT: "CONTENT_AGE_RESTRICTED",
    Action.RESTRICT_INTERACTION: "CONTENT_INTERACTION_RESTRICTED",
    Action.LABEL: "CONTENT_LABELLED",
    Action.WARN_BEFORE_SHARE: "CONTENT_LABELLED",
}
_AUTOMATION = {
    DecidedBy.MACHINE: "AUTOMATED_DECISION_FULLY",
    DecidedBy.BOTH: "AUTOMATED_DECISION_PARTIALLY",
    DecidedBy.PERSON: "AUTOMATED_DECISION_NOT_AUTOMATED",
}
MOST_FACTS_CHARS = 5000
MOST_EXPLANATION_CHARS = 2000
MOST_GROUND_CHARS = 500


def statement_of(
    decision_id: str, decision: Decision, clause: Clause | None, *, content_at_s: float, now_s: float
) -> tuple[dict[str, object], list[str]]:
    """The fields, and what is missing. Pure. Personal data never stands in a statement, so no words are quoted."""
    problems: list[str] = []
    visibility = sorted({_VISIBILITY[action] for action in decision.actions if action in _VISIBILITY})
    is_monetary = Action.DEMONETISE in decision.actions
    if not visibility and not is_monetary:
        problems.append("no action of the decision is a restriction that the database knows")
    body: dict[str, object] = {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "content_type": ["CONTENT_TYPE_VIDEO"],
        "content_date": _day(min(content_at_s, now_s)),
        "application_date": _day(now_s),
        "decision_facts": _facts(decision)[:MOST_FACTS_CHARS],
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No" if decision.decided_by is DecidedBy.PERSON else "Yes",
        "automated_decision": _AUTOMATION[decision.decided_by],
        "puid": decision_id,
    }
    if visibility:
        body["decision_visibility"] = [f"DECISION_VISIBILITY_{name}" for name in visibility]
    if is_monetary:
        body["decision_monetary"] = "DECISION_MONETARY_SUSPENSION"
    if clause is None:
        problems.append("the clause is not in the policy that is in force: say ground, explanation and category")
        return body, problems
    body["incompatible_content_ground"] = f"{clause.id}: {clause.title}"[:MOST_GROUND_CHARS]
    body["incompatible_content_explanation"] = (clause.creator_text or clause.text)[:MOST_EXPLANATION_CHARS]
    body["category"] = clause.eu.category
    if clause.eu.keywords:
        body["category_specification"] = list(clause.eu.keywords)
    return body, problems


def _day(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()


def _facts(decision: Decision) -> str:
    """What led here in numbers and rules; quotes and spans stand in the evidence, not here."""
    who = {
        DecidedBy.MACHINE: "Automated means found and decided this",
        DecidedBy.BOTH: "Automated means found this and a person decided",
        DecidedBy.PERSON: "A person found and decided this",
    }[decision.decided_by]
    one = next((item for item in decision.clauses if item.clause_id == decision.leading_clause_id), None)
    steps = "; ".join(step.rule for step in one.trace if step.held) if one else ""
    policy = f"policy {decision.policy_id} {decision.policy_version}, clause {decision.leading_clause_id}"
    return f"{who} under {policy}." + (f" Rules that held: {steps}." if steps else "")
