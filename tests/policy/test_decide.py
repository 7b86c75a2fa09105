"""Decisions: held until decided, never milder for stronger evidence, and the same bytes for the same inputs."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.policy.blindness import draw
from tidegate.policy.decide import decide
from tidegate.records import (
    Action,
    Blind,
    Blindness,
    BlindRule,
    Clause,
    ClauseDecision,
    Context,
    DecidedBy,
    Decision,
    DeclaredFacts,
    EuReference,
    Evidence,
    Interval,
    Judgement,
    MediaCoverage,
    Moment,
    Outcome,
    Policy,
    PolicyException,
    Problem,
    RiskTargets,
    Rule,
    Screening,
    Severity,
    Signal,
    Span,
    Surface,
    Upload,
    Verdict,
    dumps,
)

LOST = Blindness(what="visual.nudity", reason="visual.nudity@1 abstained: failed", is_lost=True)
REMOVE = (Rule(actions=(Action.REMOVE,)),)


def _clause(clause_id: str = "hate", **changes: Any) -> Clause:
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


def _policy(*clauses: Clause) -> Policy:
    return Policy(id="test", version="1", title="Test", clauses=clauses, digest="0" * 64)


def _judged(
    clause_id: str = "hate",
    probability: float = 0.001,
    *,
    low: float | None = None,
    is_measured: bool = True,
    blind: Sequence[Blindness] = (),
    recall_at: float | None = None,
) -> Judgement:
    ends = Interval(low=probability / 2 if low is None else low, high=min(1.0, probability * 1.5))
    return Judgement(
        clause_id=clause_id,
        probability=probability,
        interval=ends,
        blind=tuple(blind),
        is_measured=is_measured,
        recall_at=recall_at,
    )


SURE = _judged(probability=0.999, low=0.98)
LIKELY = _judged(probability=0.4)
UNLIKELY = _judged(probability=0.001)


def _decide(
    policy: Policy,
    *judgements: Judgement,
    upload: Upload | None = None,
    context: Context | None = None,
    problems: Sequence[Problem] = (),
    signals: Sequence[Signal] = (),
    seed: int = 0,
) -> Decision:
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


def _only(decision: Decision) -> ClauseDecision:
    (one,) = decision.clauses
    return one


def _steps(decision: Decision) -> Mapping[str, bool]:
    return {step.rule: step.held for step in _only(decision).trace}


def test_an_upload_nothing_speaks_against_is_allowed() -> None:
    decision = _decide(_policy(_clause()), UNLIKELY)
    assert (decision.verdict, decision.actions) == (Verdict.ALLOWED, (Action.ALLOW,))
    assert (_only(decision).outcome, decision.leading_clause_id) == (Outcome.CLEAR, "")
    assert decision.decided_by is DecidedBy.MACHINE


def test_a_machine_acts_alone_on_measured_evidence_that_meets_the_target() -> None:
    decision = _decide(_policy(_clause()), SURE)
    assert (decision.verdict, decision.actions) == (Verdict.REMOVED, (Action.REMOVE,))
    assert _only(decision).outcome is Outcome.ACT


@pytest.mark.parametrize(
    "judgement",
    [
        dataclasses.replace(SURE, is_measured=False),
        _judged(probability=0.999, low=0.969),
        dataclasses.replace(SURE, interval=Interval(low=0.98, high=1.0, confidence=0.5)),
    ],
)
def test_a_machine_never_removes_on_assumed_or_unsure_evidence(judgement: Judgement) -> None:
    decision = _decide(_policy(_clause()), judgement)
    assert decision.verdict is Verdict.HELD
    assert _only(decision).outcome is Outcome.REVIEW
    assert _only(decision).proposed == (Action.REMOVE,)


def test_a_clause_without_an_act_target_brings_every_case_to_a_person() -> None:
    decision = _decide(_policy(_clause(targets=RiskTargets())), SURE)
    assert (decision.verdict, _only(decision).outcome) == (Verdict.HELD, Outcome.REVIEW)


@pytest.mark.parametrize(("probability", "outcome"), [(0.0499, Outcome.CLEAR), (0.05, Outcome.REVIEW)])
def test_people_look_from_one_in_twenty(probability: float, outcome: Outcome) -> None:
    assert _only(_decide(_policy(_clause()), _judged(probability=probability))).outcome is outcome


@pytest.mark.parametrize(
    ("recall_at", "probability", "outcome"),
    [
        (None, 0.04, Outcome.CLEAR),
        (0.95, 0.04, Outcome.CLEAR),
        (0.9, 0.04, Outcome.REVIEW),
        (0.9, 0.025, Outcome.REVIEW),
        (0.9, 0.024, Outcome.CLEAR),
    ],
)
def test_the_catch_target_makes_people_look_down_to_half_of_one_in_twenty(
    recall_at: float | None, probability: float, outcome: Outcome
) -> None:
    clause = _clause(targets=RiskTargets(catch_recall=0.9, look_one_in=20))
    decision = _decide(_policy(clause), _judged(probability=probability, recall_at=recall_at))
    assert _only(decision).outcome is outcome


def test_an_exception_that_facts_tell_excepts_and_is_traced() -> None:
    clause = _clause(exceptions=(PolicyException(id="news", text="News.", when="context.is_verified_news"),))
    decision = _decide(_policy(clause), SURE, context=Context(is_verified_news=True))
    assert (decision.verdict, _only(decision).outcome) == (Verdict.ALLOWED, Outcome.EXCEPTED)
    assert _steps(decision)["exception news"]


@pytest.mark.parametrize(
    ("known", "verdict"), [(True, Verdict.ALLOWED), (False, Verdict.REMOVED), (None, Verdict.HELD)]
)
def test_an_exception_that_cannot_be_told_brings_the_case_to_a_person(known: bool | None, verdict: Verdict) -> None:
    clause = _clause(exceptions=(PolicyException(id="news", text="News.", when="context.is_verified_news"),))
    assert _decide(_policy(clause), SURE, context=Context(is_verified_news=known)).verdict is verdict


def test_an_exception_only_people_can_tell_keeps_a_machine_from_acting_alone() -> None:
    clause = _clause(exceptions=(PolicyException(id="satire", text="Satire."),))
    decision = _decide(_policy(clause), SURE)
    assert (decision.verdict, _only(decision).proposed) == (Verdict.HELD, (Action.REMOVE,))


def test_the_first_rule_that_holds_is_taken() -> None:
    clause = _clause(
        rules=(
            Rule(actions=(Action.REMOVE,), when="upload.surface == 'ad'"),
            Rule(actions=(Action.AGE_RESTRICT,), when="upload.surface == 'feed'"),
            Rule(actions=(Action.LABEL,)),
        )
    )
    assert _decide(_policy(clause), SURE).actions == (Action.AGE_RESTRICT,)
    ad = Upload(id="clip-1", surface=Surface.AD)
    assert _decide(_policy(clause), SURE, upload=ad).verdict is Verdict.REMOVED


@pytest.mark.parametrize(
    "rules",
    [
        (Rule(actions=(Action.LABEL,), when="context.prior_violations > 3"), Rule(actions=(Action.LABEL,))),
        (Rule(actions=(Action.LABEL,), when="score['nothing.here'] > 0.5"),),
        (Rule(actions=(Action.LABEL,), when="this does not compile"),),
        (Rule(actions=(Action.LABEL,), when="upload.region"),),
        (Rule(actions=(Action.LABEL,), when="upload.surface == 'ad'"),),
        (Rule(actions=(Action.ALLOW,)),),
        (),
    ],
)
def test_rules_that_err_or_leave_nothing_to_do_bring_the_case_to_a_person(rules: tuple[Rule, ...]) -> None:
    decision = _decide(_policy(_clause(rules=rules)), SURE)
    assert (decision.verdict, _only(decision).outcome) == (Verdict.HELD, Outcome.REVIEW)


def test_rules_for_a_person_to_look_add_to_the_hold() -> None:
    clause = _clause(rules=(*REMOVE, Rule(actions=(Action.ESCALATE,), on=Moment.LOOK)))
    assert _decide(_policy(clause), LIKELY).actions == (Action.HOLD, Action.ESCALATE)
    assert _decide(_policy(clause), UNLIKELY).actions == (Action.ALLOW,)


def test_a_declared_fact_is_enough_for_a_mild_action() -> None:
    clause = _clause(rules=(*REMOVE, Rule(actions=(Action.LABEL,), when="declared.ai_generated", on=Moment.FACT)))
    declared = Upload(id="clip-1", declared=DeclaredFacts(ai_generated=True))
    decision = _decide(_policy(clause), UNLIKELY, upload=declared)
    assert (decision.verdict, decision.actions) == (Verdict.RESTRICTED, (Action.LABEL,))
    assert _decide(_policy(clause), UNLIKELY).verdict is Verdict.ALLOWED
    assert _decide(_policy(clause), LIKELY, upload=declared).actions == (Action.LABEL, Action.HOLD)


def test_a_fact_that_cannot_be_told_brings_the_case_to_a_person() -> None:
    clause = _clause(rules=(*REMOVE, Rule(actions=(Action.LABEL,), when="context.is_verified_news", on=Moment.FACT)))
    assert _decide(_policy(clause), UNLIKELY).verdict is Verdict.HELD


def test_an_exception_does_not_release_what_another_fact_leaves_untold() -> None:
    clause = _clause(
        rules=(*REMOVE, Rule(actions=(Action.LABEL,), when="context.is_verified_news", on=Moment.FACT)),
        exceptions=(PolicyException(id="feed", text="Feed.", when="upload.surface == 'feed'"),),
    )
    assert _decide(_policy(clause), SURE).verdict is Verdict.HELD


def test_a_clause_holds_on_its_surfaces_and_regions_only() -> None:
    clause = _clause(surfaces=(Surface.AD,), regions=("DE", "US-CA"))

    def verdict(surface: Surface, region: str) -> Verdict:
        return _decide(_policy(clause), SURE, upload=Upload(id="clip-1", surface=surface, region=region)).verdict

    assert verdict(Surface.AD, "DE") is Verdict.REMOVED
    assert verdict(Surface.FEED, "DE") is Verdict.ALLOWED
    assert verdict(Surface.AD, "FR") is Verdict.ALLOWED
    assert verdict(Surface.AD, "DE-BE") is Verdict.REMOVED
    assert verdict(Surface.AD, "US") is Verdict.REMOVED
    assert verdict(Surface.AD, "US-NY") is Verdict.ALLOWED
    assert verdict(Surface.AD, "") is Verdict.REMOVED


@pytest.mark.parametrize(
    ("blind", "found", "outcome"),
    [
        (Blind(rule=BlindRule.HOLD), (), Outcome.CLEAR),
        (Blind(rule=BlindRule.HOLD, spots=("speech",)), (), Outcome.REVIEW),
        (Blind(rule=BlindRule.ALLOW, spots=("speech",)), (LOST,), Outcome.CLEAR),
        (Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD, spots=("speech",)), (), Outcome.CLEAR),
        (Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD), (LOST,), Outcome.REVIEW),
        (Blind(rule=BlindRule.HOLD, lost=BlindRule.ALLOW), (LOST,), Outcome.CLEAR),
        (Blind(rule=BlindRule.HOLD, lost=BlindRule.ALLOW, spots=("speech",)), (LOST,), Outcome.REVIEW),
        (Blind(rule=BlindRule.ALLOW, spots=("speech",), surfaces={"feed": BlindRule.HOLD}), (), Outcome.REVIEW),
        (Blind(rule=BlindRule.HOLD, spots=("speech",), surfaces={"feed": BlindRule.ALLOW}), (), Outcome.CLEAR),
        (Blind(rule=BlindRule.SAMPLE, sample_share=1.0, spots=("speech",)), (), Outcome.SAMPLED),
        (Blind(rule=BlindRule.SAMPLE, sample_share=0.0, spots=("speech",)), (), Outcome.CLEAR),
    ],
)
def test_blindness_means_what_the_clause_says_for_what_stands_and_what_was_lost(
    blind: Blind, found: tuple[Blindness, ...], outcome: Outcome
) -> None:
    decision = _decide(_policy(_clause(blind=blind)), _judged(blind=found))
    assert _only(decision).outcome is outcome
    assert decision.verdict is (Verdict.ALLOWED if outcome is Outcome.CLEAR else Verdict.HELD)


def test_sampling_takes_about_its_share_and_always_the_same() -> None:
    policy = _policy(_clause(blind=Blind(rule=BlindRule.SAMPLE, sample_share=0.1, spots=("speech",))))
    uploads = [Upload(id=f"clip-{number}") for number in range(2000)]
    taken = [_decide(policy, UNLIKELY, upload=one).verdict is Verdict.HELD for one in uploads]
    assert 150 < sum(taken) < 250
    assert taken == [_decide(policy, UNLIKELY, upload=one).verdict is Verdict.HELD for one in uploads]
    other = [_decide(policy, UNLIKELY, upload=one, seed=1).verdict is Verdict.HELD for one in uploads]
    assert taken != other


def test_the_draw_is_the_same_on_every_machine() -> None:
    assert draw(0, "clip-1", "hate") == pytest.approx(0.2818036390522629, abs=1e-15)


def test_what_was_lost_holds_even_what_a_machine_would_restrict() -> None:
    clause = _clause(rules=(Rule(actions=(Action.LABEL,)),), blind=Blind(lost=BlindRule.HOLD))
    decision = _decide(_policy(clause), dataclasses.replace(SURE, blind=(LOST,)))
    assert (decision.verdict, decision.actions) == (Verdict.HELD, (Action.LABEL, Action.HOLD))


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("TG-M005", Verdict.HELD),
        ("TG-M013", Verdict.HELD),
        ("TG-J001", Verdict.HELD),
        ("TG-0000", Verdict.HELD),
        ("TG-S001", Verdict.ALLOWED),
    ],
)
def test_unreadable_media_and_errors_hold_and_single_detectors_are_left_to_the_clauses(
    code: str, verdict: Verdict
) -> None:
    decision = _decide(_policy(_clause()), UNLIKELY, problems=[Problem(code=code, what="it broke")])
    assert decision.verdict is verdict
    assert verdict is Verdict.ALLOWED or code in decision.reason


@pytest.mark.parametrize("judgements", [(), (UNLIKELY, UNLIKELY), (_judged("other"),)])
def test_a_clause_not_judged_or_judged_twice_is_held(judgements: tuple[Judgement, ...]) -> None:
    decision = _decide(_policy(_clause()), *judgements)
    assert (decision.verdict, _only(decision).outcome) == (Verdict.HELD, Outcome.REVIEW)


def test_a_policy_without_clauses_allows_nothing() -> None:
    assert _decide(_policy()).verdict is Verdict.HELD


def test_a_screening_of_another_upload_allows_nothing() -> None:
    screening = Screening(upload_id="b", media=None, coverage=MediaCoverage(), judgements=(UNLIKELY,))
    decision = decide(_policy(_clause()), Upload(id="a"), screening, Context(), now_s=0.0, seed=0)
    assert decision.verdict is Verdict.HELD


def test_the_gravest_clause_leads_and_removal_leaves_only_what_still_means_something() -> None:
    policy = _policy(
        _clause("mild", rules=(Rule(actions=(Action.AGE_RESTRICT, Action.DEMONETISE)),)),
        _clause("unsure"),
        _clause("grave"),
    )
    judgements = (_judged("mild", 0.999, low=0.98), _judged("unsure", 0.4), _judged("grave", 0.999, low=0.98))
    decision = _decide(policy, *judgements)
    assert (decision.verdict, decision.leading_clause_id) == (Verdict.REMOVED, "grave")
    assert decision.actions == (Action.DEMONETISE, Action.REMOVE)


def test_among_clauses_of_one_effect_the_severer_leads_then_the_likelier() -> None:
    policy = _policy(_clause("a"), _clause("b", severity=Severity.CRITICAL), _clause("c"))
    assert _decide(policy, *(_judged(one, 0.4) for one in "abc")).leading_clause_id == "b"
    same = _policy(_clause("a"), _clause("b"))
    assert _decide(same, _judged("a", 0.3), _judged("b", 0.4)).leading_clause_id == "b"


def test_a_condition_reads_scores_and_other_clauses() -> None:
    evidence = Evidence(span=Span(start_s=0.0, end_s=1.0))
    signal = Signal(label="wording.hate", score=0.8, evidence=evidence, detector_id="wording.heads@1")
    when = "score['wording.hate'] > 0.7 && score['wording.toxicity'] == 0.0 && judged['other'] < 0.1"
    policy = _policy(_clause(rules=(Rule(actions=(Action.REMOVE,), when=when),)), _clause("other"))
    assert _decide(policy, SURE, _judged("other"), signals=[signal]).verdict is Verdict.REMOVED
    assert _decide(policy, SURE, _judged("other")).verdict is Verdict.HELD


def test_odd_texts_of_an_upload_do_not_stop_a_decision() -> None:
    when = "'#x' in upload.hashtags || upload.facts['a'] == 'b'"
    clause = _clause(rules=(Rule(actions=(Action.LABEL,), when=when), Rule(actions=(Action.REMOVE,))))
    odd = Upload(id="\ud800", hashtags=("\ud800", "\x00", "X" * 30_000), facts={"\udfff": "\x00"}, language="\ud800")
    assert _decide(_policy(clause), SURE, upload=odd).verdict is Verdict.HELD


# --- properties ---------------------------------------------------------------------------------

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
        lambda all_changes: tuple(_clause(f"clause{index}", **changes) for index, changes in enumerate(all_changes))
    )


JUDGEMENT = st.builds(
    _judged,
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
    decision = _decide(_policy(*clauses), *found, upload=upload, context=context, seed=seed)
    outcomes = {one.outcome for one in decision.clauses}
    if outcomes & {Outcome.REVIEW, Outcome.SAMPLED, Outcome.ACT}:
        assert decision.verdict is not Verdict.ALLOWED
    if outcomes & {Outcome.REVIEW, Outcome.SAMPLED}:
        assert decision.verdict in (Verdict.HELD, Verdict.REMOVED)
    assert (decision.verdict is Verdict.ALLOWED) == (decision.actions == (Action.ALLOW,))


@given(**CASE)
def test_a_machine_removes_only_on_a_measured_judgement_over_its_target(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int
) -> None:
    found = _all(judgements, clauses)
    decision = _decide(_policy(*clauses), *found, upload=upload, context=context, seed=seed)
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
        dumps(_decide(_policy(*clauses), *order, upload=upload, context=context, seed=seed))
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
    policy = _policy(*clauses)
    before = _decide(policy, *found, upload=upload, context=context, seed=seed)
    after = _decide(policy, *raised, upload=upload, context=context, seed=seed)
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
    decision = _decide(_policy(*clauses), *found, upload=upload, context=context, seed=seed, problems=broken)
    assert decision.verdict in (Verdict.HELD, Verdict.REMOVED)


@given(**CASE)
def test_every_decision_says_why(
    clauses: tuple[Clause, ...], judgements: list[Judgement], upload: Upload, context: Context, seed: int
) -> None:
    found = _all(judgements, clauses)
    decision = _decide(_policy(*clauses), *found, upload=upload, context=context, seed=seed)
    assert decision.reason
    assert all(one.trace and all(step.why for step in one.trace) for one in decision.clauses)
