"""One clause applied to one upload: where it holds, what is reached, exceptions, rules, blindness. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tidegate.policy import blindness, regions
from tidegate.policy.expressions import Answer, condition
from tidegate.policy.powers import POWERS
from tidegate.policy.variables import clause_values
from tidegate.policy.words import number
from tidegate.records import Action, BlindRule, Clause, ClauseDecision, Judgement, Moment, Outcome, TraceStep, Upload

CATCH_PATIENCE = 2
"""To catch its share a clause may show people up to this many times more uploads per violation than `look` says."""
GRAVITY = tuple(Action)
"""Actions from the mildest to the gravest."""


@dataclass(slots=True, kw_only=True)
class _Case:
    """What is known while one clause is worked through; the trace grows step by step."""

    clause: Clause
    judgement: Judgement
    upload: Upload
    seed: int
    facts: Callable[[], Mapping[str, object]]
    trace: list[TraceStep] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)

    def say(self, rule: str, held: bool, why: str) -> bool:
        self.trace.append(TraceStep(rule=rule, held=held, why=why))
        return held

    def ask(self, when: str) -> Answer:
        if not when:
            return Answer(held=True)
        if not self.values:
            self.values = {**self.facts(), **clause_values(self.judgement)}
        return condition(when).answer(self.values)

    def decided(self, outcome: Outcome, actions: set[Action], proposed: tuple[Action, ...] = ()) -> ClauseDecision:
        return ClauseDecision(
            clause_id=self.clause.id,
            outcome=outcome,
            probability=self.judgement.probability,
            actions=tuple(sorted(actions, key=GRAVITY.index)),
            trace=tuple(self.trace),
            proposed=proposed,
            blind=blindness.in_words(self.clause, self.judgement),
        )


def decide_clause(
    clause: Clause, judgement: Judgement, upload: Upload, facts: Callable[[], Mapping[str, object]], seed: int
) -> ClauseDecision:
    """What one clause decides. `facts` gives the values of conditions and is asked at most once, if a condition is.

    Whatever cannot be told (a condition that errs, an exception only people can judge) ends in REVIEW, never milder.
    """
    case = _Case(clause=clause, judgement=judgement, upload=upload, seed=seed, facts=facts)
    if not _applies(case):
        return case.decided(Outcome.CLEAR, set())
    by_fact, is_untold = _by_fact(case)
    can_act, must_look = _acts(case), _looks(case)
    if not (can_act or must_look or is_untold):
        return _unreached(case, Outcome.CLEAR, by_fact)
    exception, doubt = _exception(case)
    if exception and not is_untold:
        return _unreached(case, Outcome.EXCEPTED, by_fact)
    actions = _act_actions(case)
    if can_act and actions and not doubt and not is_untold:
        return _acted(case, by_fact | set(actions))
    held = by_fact | {Action.HOLD} | set(_first_rule(case, Moment.LOOK)[0])
    _blind(case)
    return case.decided(Outcome.REVIEW, held, actions)


def _applies(case: _Case) -> bool:
    clause, upload = case.clause, case.upload
    if clause.surfaces and upload.surface not in clause.surfaces:
        return case.say("applies", False, f"the clause does not hold on the surface {upload.surface.value}")
    if not regions.applies(clause.regions, upload.region):
        return case.say("applies", False, f"the clause does not hold in {upload.region}")
    if clause.regions and not upload.region:
        return case.say("applies", True, f"the region is unknown, so the clause of {', '.join(clause.regions)} holds")
    return True


def _by_fact(case: _Case) -> tuple[set[Action], bool]:
    """Actions that a fact alone brings about, and whether a fact rule could not be told."""
    actions, problem = _first_rule(case, Moment.FACT)
    return set(actions), bool(problem)


def _acts(case: _Case) -> bool:
    """Whether the judgement is good enough for a machine to act alone."""
    wanted, judgement = case.clause.targets.act_precision, case.judgement
    low = number(judgement.interval.low)
    if wanted is None:
        return case.say("act", False, "a machine never acts alone on this clause")
    if not judgement.is_measured:
        return case.say("act", False, "the evidence is not measured on labelled data, so a machine may not act alone")
    if judgement.interval.confidence < case.clause.targets.confidence:
        return case.say("act", False, f"the interval is stated at {judgement.interval.confidence:g} confidence only")
    if judgement.interval.low < wanted:
        return case.say("act", False, f"the interval begins at {low}, under the precision of {number(wanted)}")
    return case.say("act", True, f"the interval begins at {low}, at or over the precision of {number(wanted)}")


def _looks(case: _Case) -> bool:
    """Whether a person has to look: the probability reaches one in N, or the score the catch target asks for."""
    targets, judgement = case.clause.targets, case.judgement
    shown = f"probability {number(judgement.probability)}"
    ends = f"{number(judgement.interval.low)} to {number(judgement.interval.high)}"
    if judgement.probability >= 1.0 / targets.look_one_in:
        return case.say("look", True, f"{shown} ({ends}) reaches 1 in {targets.look_one_in}")
    if _catches(case):
        return True
    return case.say("look", False, f"{shown} ({ends}) is under 1 in {targets.look_one_in}")


def _catches(case: _Case) -> bool:
    """Whether the catch target makes a person look below 1 in N, which it may do down to 1 in CATCH_PATIENCE x N."""
    targets, judgement = case.clause.targets, case.judgement
    if targets.catch_recall is None or judgement.recall_at is None:
        return False
    share, least = number(judgement.recall_at), targets.look_one_in * CATCH_PATIENCE
    if judgement.recall_at > targets.catch_recall:
        why = f"{share} of labelled violations score this high, over the {targets.catch_recall:g} to catch"
        return case.say("catch", False, why)
    if judgement.probability < 1.0 / least:
        why = f"{share} of labelled violations score this high, but fewer than 1 in {least} such uploads would be one"
        return case.say("catch", False, why)
    why = f"{share} of labelled violations score this high; to catch {targets.catch_recall:g} of them a person looks"
    return case.say("catch", True, why)


def _exception(case: _Case) -> tuple[bool, bool]:
    """Whether an exception certainly holds, and whether one might that only a person can judge."""
    doubt = False
    for exception in case.clause.exceptions:
        name = f"exception {exception.id}"
        if not exception.when:
            case.say(name, False, "only a person can tell, so a machine does not act alone")
            doubt = True
            continue
        told = case.ask(exception.when)
        if told.problem:
            case.say(name, False, f"cannot be told: {told.problem}; a person has to")
            doubt = True
        elif case.say(name, told.held, f"{exception.when} is {'true' if told.held else 'false'}"):
            return True, doubt
    return False, doubt


def _act_actions(case: _Case) -> tuple[Action, ...]:
    """What the first rule that holds does; empty when none holds, none can be told, or it does nothing."""
    actions, problem = _first_rule(case, Moment.ACT)
    if not actions and not problem:
        case.say("rules", False, "no rule holds, so a person decides what to do")
    return actions


def _first_rule(case: _Case, moment: Moment) -> tuple[tuple[Action, ...], str]:
    """Actions of the first rule of a moment that holds, as far as that moment allows them.

    A rule that cannot be told ends the search with its problem.
    """
    for index, rule in enumerate(case.clause.rules, 1):
        if rule.on is not moment:
            continue
        told = case.ask(rule.when)
        name = f"rule {index}"
        if told.problem:
            case.say(name, False, f"cannot be told: {told.problem}; a person decides")
            return (), told.problem
        named = ", ".join(action.value for action in rule.actions)
        if told.held:
            case.say(name, True, f"{rule.when} is true: {named}" if rule.when else f"always: {named}")
            return tuple(action for action in rule.actions if action in POWERS[moment]), ""
        case.say(name, False, f"{rule.when} is false")
    return (), ""


def _blind(case: _Case) -> blindness.BlindAnswer:
    told = blindness.answer(case.clause, case.judgement, case.upload, case.seed)
    case.say(f"blind: {told.rule.value}", told.holds, told.why)
    return told


def _unreached(case: _Case, outcome: Outcome, by_fact: set[Action]) -> ClauseDecision:
    """Nothing found that counts: blindness has the last word, then what a fact alone brings about."""
    told = _blind(case)
    if told.holds:
        is_sample = told.rule is BlindRule.SAMPLE
        return case.decided(Outcome.SAMPLED if is_sample else Outcome.UNSEEN, by_fact | {Action.HOLD})
    if by_fact:
        return case.decided(Outcome.ACT, by_fact)
    return case.decided(outcome, set())


def _acted(case: _Case, actions: set[Action]) -> ClauseDecision:
    """The machine acts; what is not removed may still be held for what nobody saw."""
    if Action.REMOVE not in actions and _blind(case).holds:
        actions = actions | {Action.HOLD}
    return case.decided(Outcome.ACT, actions)
