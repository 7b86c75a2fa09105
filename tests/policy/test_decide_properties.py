"""Properties of every decision: nothing open is allowed, stronger evidence is never milder, a replay is the same."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import (
    Action,
    Blind,
    Blindness,
    BlindRule,
    Clause,
    Context,
    DeclaredFacts,
    Interval,
    Judgement,
    Moment,
    Outcome,
    PolicyException,
    Problem,
    RiskTargets,
    Rule,
    Severity,
    Surface,
    Upload,
    Verdict,
    dumps,
)
from tidegate.testing.policies import REMOVE, clause_of, decision_of, judgement_of, policy_of

LOST = Blindness(what="visual.nudity", reason="visual.nudity@1 abstained: failed", is_lost=True)

WHENS = st.sampled_from(
    [
        "",
        "",
        "upload.surface == 'ad'",
        "declared.ai_generated",
        "context.prior_violations > 1",
        "1 / 0 == 1",
        "is_blind",
    ]
)
RULES = st.lists(
    st.builds(
        Rule,
        actions=st.lists(st.sampled_from(list(Action)), max_size=3, unique=True).map(tuple),
        when=WHENS,
        on=st.sampled_from(list(Moment)),
    ),
    max_size=4,
).map(tuple)
BLINDS = st.builds(
    Blind,
    spots=st.sampled_from([(), ("speech",)]),
    rule=st.sampled_from(list(BlindRule)),
    sample_share=st.sampled_from([0.0, 0.5, 1.0]),
    surfaces=st.dictionaries(st.sampled_from(["feed", "ad"]), st.sampled_from(list(BlindRule)), max_size=1),
    lost=st.sampled_from([None, *BlindRule]),
)
TARGETS = st.builds(
    RiskTargets,
    act_precision=st.sampled_from([None, 0.9, 0.97]),
    catch_recall=st.sampled_from([None, 0.9]),
    look_one_in=st.sampled_from([2, 20, 1000]),
)
EXCEPTIONS = st.lists(st.builds(PolicyException, id=st.just("one"), text=st.just("One."), when=WHENS), max_size=1).map(
    tuple
)


def _clauses(**fixed: Any) -> st.SearchStrategy[tuple[Clause, ...]]:
    parts: dict[str, Any] = {
        "severity": st.sampled_from(list(Severity)),
        "targets": TARGETS,
        "rules": RULES,
        "blind": BLINDS,
        "exceptions": EXCEPTIONS,
    }
    one = st.fixed_dictionaries(parts | fixed)
    return st.lists(one, min_size=1, max_size=3).map(
        lambda all_changes: tuple(clause_of(f"clause{index}", **changes) for index, changes in enumerate(all_changes))
    )


JUDGEMENT = st.builds(
    judgement_of,
    st.just("any"),
    st.floats(0.0, 1.0),
    is_measured=st.booleans(),
    blind=st.sampled_from([(), (LOST,), (Blindness(what="speech", reason="no detector"),)]),
    recall_at=st.sampled_from([None, 0.5, 0.95]),
)
UPLOADS = st.builds(
    Upload,
    id=st.sampled_from(["a", "b", "c"]),
    surface=st.sampled_from([Surface.FEED, Surface.AD]),
    region=st.sampled_from(["", "DE"]),
    declared=st.builds(DeclaredFacts, ai_generated=st.sampled_from([None, True, False])),
)
CONTEXTS = st.builds(Context, prior_violations=st.sampled_from([None, 0, 5]))
GRAVITY = {Verdict.ALLOWED: 0, Verdict.RESTRICTED: 1, Verdict.HELD: 2, Verdict.REMOVED: 3}


def _all(judgements: Sequence[Judgement], clauses: Sequence[Clause]) -> list[Judgement]:
    pairs = zip(clauses, judgements, strict=False)
    return [dataclasses.replace(judgement, clause_id=clause.id) for clause, judgement in pairs]


CASE = {
    "clauses": _clauses(),
    "judgements": st.lists(JUDGEMENT, min_size=3, max_size=3),
    "upload": UPLOADS,
    "context": CONTEXTS,
    "seed": st.integers(0, 3),
}


@given(**CASE)
def test_nothing_is_allowed_while_any_clause_asks_for_a_person_or_acts(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int
) -> None:
    found = _all(judgements, clauses)
    decision = decision_of(policy_of(*clauses), *found, upload=upload, context=context, seed=seed)
    outcomes = {one.outcome for one in decision.clauses}
    if outcomes & {Outcome.REVIEW, Outcome.UNSEEN, Outcome.SAMPLED, Outcome.ACT}:
        assert decision.verdict is not Verdict.ALLOWED
    if outcomes & {Outcome.REVIEW, Outcome.UNSEEN, Outcome.SAMPLED}:
        assert decision.verdict in (Verdict.HELD, Verdict.REMOVED)
    assert (decision.verdict is Verdict.ALLOWED) == (decision.actions == (Action.ALLOW,))


@given(**CASE)
def test_a_machine_removes_only_on_a_measured_judgement_over_its_target(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int
) -> None:
    found = _all(judgements, clauses)
    decision = decision_of(policy_of(*clauses), *found, upload=upload, context=context, seed=seed)
    for clause, judgement, one in zip(clauses, found, decision.clauses, strict=True):
        if Action.REMOVE in one.actions:
            assert judgement.is_measured
            assert clause.targets.act_precision is not None
            assert judgement.interval.low >= clause.targets.act_precision


@given(**CASE)
def test_a_replay_gives_the_same_bytes(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int
) -> None:
    found = _all(judgements, clauses)
    once, again = (
        dumps(decision_of(policy_of(*clauses), *order, upload=upload, context=context, seed=seed))
        for order in (found, found[::-1])
    )
    assert once == again


@given(**(CASE | {"clauses": _clauses(rules=st.just(REMOVE))}), data=st.data())
def test_a_higher_probability_never_yields_a_milder_verdict(
    clauses: tuple[Clause, ...],
    judgements: list[Judgement],
    upload: Upload,
    context: Context,
    seed: int,
    data: st.DataObject,
) -> None:
    found = _all(judgements, clauses)
    raised = [
        dataclasses.replace(
            one,
            probability=(higher := data.draw(st.floats(one.probability, 1.0))),
            interval=Interval(low=data.draw(st.floats(one.interval.low, higher)), high=max(one.interval.high, higher)),
        )
        for one in found
    ]
    policy = policy_of(*clauses)
    before = decision_of(policy, *found, upload=upload, context=context, seed=seed)
    after = decision_of(policy, *raised, upload=upload, context=context, seed=seed)
    if not any(one.outcome is Outcome.EXCEPTED for one in after.clauses):
        assert GRAVITY[before.verdict] <= GRAVITY[after.verdict]
    ranks = list(Outcome)
    for ours, theirs in zip(before.clauses, after.clauses, strict=True):
        assert ranks.index(ours.outcome) <= ranks.index(theirs.outcome)


@given(**(CASE | {"clauses": _clauses(exceptions=st.just(()))}), problem=st.sampled_from(["TG-M001", "TG-R001", "X"]))
def test_an_error_of_screening_is_never_released(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int, problem: str
) -> None:
    broken = [Problem(code=problem, what="it broke")]
    found = _all(judgements, clauses)
    decision = decision_of(policy_of(*clauses), *found, upload=upload, context=context, seed=seed, problems=broken)
    assert decision.verdict in (Verdict.HELD, Verdict.REMOVED)


@given(**CASE)
def test_every_decision_says_why(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int
) -> None:
    found = _all(judgements, clauses)
    decision = decision_of(policy_of(*clauses), *found, upload=upload, context=context, seed=seed)
    assert decision.reason
    assert all(one.trace and all(step.why for step in one.trace) for one in decision.clauses)
