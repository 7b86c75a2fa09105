"""A policy in plain words, for people who decide about it: one row per clause, and each clause in full."""

import textwrap
from collections.abc import Mapping

from tidegate.policy import eu
from tidegate.policy.one_clause import CATCH_PATIENCE
from tidegate.policy.words import number, one_in
from tidegate.records import Blind, BlindRule, Clause, Moment, Policy, RiskTargets, Rule

WIDTH = 100
OVERVIEW = ("clause", "severity", "machine acts at", "catch", "people look at", "blindness", "labels")
_MOMENTS: Mapping[Moment, str] = {
    Moment.ACT: "when the act target is met, else proposed to a person",
    Moment.LOOK: "while a person has still to look",
    Moment.FACT: "on the fact alone",
}


def overview(policy: Policy) -> tuple[tuple[str, ...], ...]:
    """One row per clause under the columns `OVERVIEW`, in the policy's order."""
    return tuple(_row(clause) for clause in policy.clauses)


def _row(clause: Clause) -> tuple[str, ...]:
    targets, blind = clause.targets, clause.blind
    act = "never" if targets.act_precision is None else f"precision {number(targets.act_precision)}"
    catch = "" if targets.catch_recall is None else number(targets.catch_recall)
    share = f" {one_in(blind.sample_share)}" if blind.rule is BlindRule.SAMPLE else ""
    lost = f", lost: {blind.lost.value}" if blind.lost else ""
    labels = ", ".join(clause.labels) or "none"
    look = f"1 in {targets.look_one_in}"
    return clause.id, clause.severity.value, act, catch, look, f"{blind.rule.value}{share}{lost}", labels


def head(policy: Policy) -> str:
    """The policy's title, version and what its sampling costs people."""
    share = sum(clause.blind.sample_share for clause in policy.clauses if clause.blind.rule is BlindRule.SAMPLE)
    sampled = f"about {one_in(share)} uploads with nothing found" if share else "no upload with nothing found"
    return (
        f"{policy.title}: {policy.id} {policy.version}, {len(policy.clauses)} clauses\n"
        f"digest {policy.digest[:16]}; people sample {sampled}, for what no detector sees\n"
    )


def clause_text(clause: Clause) -> str:
    """One clause in full, wrapped at 100 columns."""
    lines = [f"{clause.title} ({clause.id}), severity {clause.severity.value}", "", *_wrapped(clause.text)]
    lines += _listed("Covers", clause.examples)
    lines += _listed("Looks alike and is fine", clause.counter_examples)
    lines += _listed("Does not apply to", tuple(_exception(one.id, one.text, one.when) for one in clause.exceptions))
    lines += _listed("Signals that speak to it", tuple(_label(name, share) for name, share in clause.labels.items()))
    lines += _listed("Errors accepted", targets_in_words(clause.targets))
    lines += _listed("What is done", tuple(_rule(rule) for rule in clause.rules))
    lines += _listed("What no detector sees", clause.blind.spots)
    lines += _listed("What that means", blind_in_words(clause.blind))
    lines += _listed("Where it holds", (_where(clause),))
    lines += _listed("Reported in the EU as", (_eu(clause),))
    lines += _listed("What the creator is told", (clause.creator_text,) if clause.creator_text else ())
    return "\n".join(lines) + "\n"


def targets_in_words(targets: RiskTargets) -> tuple[str, ...]:
    """The risk targets as sentences."""
    said = []
    if targets.act_precision is None:
        said.append("A machine never acts alone; a person decides every case.")
    else:
        wrong = one_in(1.0 - targets.act_precision)
        said.append(
            f"A machine acts alone only where at most {wrong} of its actions would be wrong "
            f"(precision {number(targets.act_precision)} at {targets.confidence:g} confidence), on labelled evidence."
        )
    if targets.catch_recall is not None:
        said.append(
            f"At least {targets.catch_recall * 100:g}% of violations are to be found: where labelled data tells the "
            f"score that takes, people look down to 1 in {targets.look_one_in * CATCH_PATIENCE}."
        )
    said.append(f"People are shown what is a violation at least 1 time in {targets.look_one_in}.")
    return tuple(said)


def blind_in_words(blind: Blind) -> tuple[str, ...]:
    """The blindness rules as sentences."""
    said = [f"Nothing found, something not seen: {_meaning(blind.rule, blind)}"]
    if blind.lost is not None:
        said.append(f"A detector or media lost in this upload: {_meaning(blind.lost, blind)}")
    said += [f"On the surface {surface}: {_meaning(rule, blind)}" for surface, rule in blind.surfaces.items()]
    return tuple(said)


def _meaning(rule: BlindRule, blind: Blind) -> str:
    match rule:
        case BlindRule.ALLOW:
            return "released, and recorded as not seen."
        case BlindRule.SAMPLE:
            return f"{one_in(blind.sample_share)} uploads is held for a person, the others are released."
        case BlindRule.HOLD:
            return "held for a person."


def _exception(exception_id: str, text: str, when: str) -> str:
    told = f"told by: {when}" if when else "only a person can tell"
    return f"{exception_id}: {text} [{told}]"


def _label(name: str, share: float) -> str:
    return name if share == 1.0 else f"{name}, counted at {share:g}"


def _rule(rule: Rule) -> str:
    actions = ", ".join(action.value for action in rule.actions)
    condition = f"if {rule.when}" if rule.when else "always"
    return f"{actions}: {condition} ({_MOMENTS[rule.on]})"


def _where(clause: Clause) -> str:
    surfaces = ", ".join(surface.value for surface in clause.surfaces) or "every surface"
    return f"{surfaces}; {', '.join(clause.regions) or 'every region'}"


def _eu(clause: Clause) -> str:
    keywords = ", ".join(keyword.removeprefix(eu.KEYWORD_PREFIX) for keyword in clause.eu.keywords)
    category = clause.eu.category.removeprefix(eu.CATEGORY_PREFIX)
    return f"{category}: {keywords}" if keywords else category


def _listed(title: str, items: tuple[str, ...]) -> list[str]:
    if not items:
        return []
    lines = ["", f"{title}:"]
    for item in items:
        lines += textwrap.wrap(item, WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return lines


def _wrapped(text: str) -> list[str]:
    return [line for part in text.splitlines() for line in (textwrap.wrap(part, WIDTH) or [""])]
