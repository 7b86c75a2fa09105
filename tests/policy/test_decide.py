"""Decisions: held until decided, never milder for stronger evidence, and the same bytes for the same inputs."""

import dataclasses
from collections.abc import Mapping

import pytest

from tidegate.policy.blindness import draw
from tidegate.policy.decide import decide
from tidegate.records import (
    Action,
    Blind,
    Blindness,
    BlindRule,
    ClauseDecision,
    Context,
    DecidedBy,
    Decision,
    DeclaredFacts,
    Evidence,
    Interval,
    Judgement,
    MediaCoverage,
    Moment,
    Outcome,
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
)
from tidegate.testing.policies import REMOVE, clause_of, decision_of, judgement_of, policy_of

LOST = Blindness(what="visual.nudity", reason="visual.nudity@1 abstained: failed", is_lost=True)


SURE = judgement_of(probability=0.999, low=0.98)
LIKELY = judgement_of(probability=0.4)
UNLIKELY = judgement_of(probability=0.001)


def _only(decision: Decision) -> ClauseDecision:
    (one,) = decision.clauses
    return one


def _steps(decision: Decision) -> Mapping[str, bool]:
    return {step.rule: step.held for step in _only(decision).trace}


def test_an_upload_nothing_speaks_against_is_allowed() -> None:
    decision = decision_of(policy_of(clause_of()), UNLIKELY)
    assert (decision.verdict, decision.actions) == (Verdict.ALLOWED, (Action.ALLOW,))
    assert (_only(decision).outcome, decision.leading_clause_id) == (Outcome.CLEAR, "")
    assert decision.decided_by is DecidedBy.MACHINE


def test_a_machine_acts_alone_on_measured_evidence_that_meets_the_target() -> None:
    decision = decision_of(policy_of(clause_of()), SURE)
    assert (decision.verdict, decision.actions) == (Verdict.REMOVED, (Action.REMOVE,))
    assert _only(decision).outcome is Outcome.ACT


@pytest.mark.parametrize(
    "judgement",
    [
        dataclasses.replace(SURE, is_measured=False),
        judgement_of(probability=0.999, low=0.969),
        dataclasses.replace(SURE, interval=Interval(low=0.98, high=1.0, confidence=0.5)),
    ],
)
def test_a_machine_never_removes_on_assumed_or_unsure_evidence(judgement: Judgement) -> None:
    decision = decision_of(policy_of(clause_of()), judgement)
    assert decision.verdict is Verdict.HELD
    assert _only(decision).outcome is Outcome.REVIEW
    assert _only(decision).proposed == (Action.REMOVE,)


def test_a_clause_without_an_act_target_brings_every_case_to_a_person() -> None:
    decision = decision_of(policy_of(clause_of(targets=RiskTargets())), SURE)
    assert (decision.verdict, _only(decision).outcome) == (Verdict.HELD, Outcome.REVIEW)


@pytest.mark.parametrize(("probability", "outcome"), [(0.0499, Outcome.CLEAR), (0.05, Outcome.REVIEW)])
def test_people_look_from_one_in_twenty(probability: float, outcome: Outcome) -> None:
    assert _only(decision_of(policy_of(clause_of()), judgement_of(probability=probability))).outcome is outcome


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
    clause = clause_of(targets=RiskTargets(catch_recall=0.9, look_one_in=20))
    decision = decision_of(policy_of(clause), judgement_of(probability=probability, recall_at=recall_at))
    assert _only(decision).outcome is outcome


def test_an_exception_that_facts_tell_excepts_and_is_traced() -> None:
    clause = clause_of(exceptions=(PolicyException(id="news", text="News.", when="context.is_verified_news"),))
    decision = decision_of(policy_of(clause), SURE, context=Context(is_verified_news=True))
    assert (decision.verdict, _only(decision).outcome) == (Verdict.ALLOWED, Outcome.EXCEPTED)
    assert _steps(decision)["exception news"]


@pytest.mark.parametrize(
    ("known", "verdict"), [(True, Verdict.ALLOWED), (False, Verdict.REMOVED), (None, Verdict.HELD)]
)
def test_an_exception_that_cannot_be_told_brings_the_case_to_a_person(known: bool | None, verdict: Verdict) -> None:
    clause = clause_of(exceptions=(PolicyException(id="news", text="News.", when="context.is_verified_news"),))
    assert decision_of(policy_of(clause), SURE, context=Context(is_verified_news=known)).verdict is verdict


def test_an_exception_only_people_can_tell_keeps_a_machine_from_acting_alone() -> None:
    clause = clause_of(exceptions=(PolicyException(id="satire", text="Satire."),))
    decision = decision_of(policy_of(clause), SURE)
    assert (decision.verdict, _only(decision).proposed) == (Verdict.HELD, (Action.REMOVE,))


def test_the_first_rule_that_holds_is_taken() -> None:
    clause = clause_of(
        rules=(
            Rule(actions=(Action.REMOVE,), when="upload.surface == 'ad'"),
            Rule(actions=(Action.AGE_RESTRICT,), when="upload.surface == 'feed'"),
            Rule(actions=(Action.LABEL,)),
        )
    )
    assert decision_of(policy_of(clause), SURE).actions == (Action.AGE_RESTRICT,)
    ad = Upload(id="clip-1", surface=Surface.AD)
    assert decision_of(policy_of(clause), SURE, upload=ad).verdict is Verdict.REMOVED


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
    decision = decision_of(policy_of(clause_of(rules=rules)), SURE)
    assert (decision.verdict, _only(decision).outcome) == (Verdict.HELD, Outcome.REVIEW)


def test_rules_for_a_person_to_look_add_to_the_hold() -> None:
    clause = clause_of(rules=(*REMOVE, Rule(actions=(Action.ESCALATE,), on=Moment.LOOK)))
    assert decision_of(policy_of(clause), LIKELY).actions == (Action.HOLD, Action.ESCALATE)
    assert decision_of(policy_of(clause), UNLIKELY).actions == (Action.ALLOW,)


def test_a_declared_fact_is_enough_for_a_mild_action() -> None:
    clause = clause_of(rules=(*REMOVE, Rule(actions=(Action.LABEL,), when="declared.ai_generated", on=Moment.FACT)))
    declared = Upload(id="clip-1", declared=DeclaredFacts(ai_generated=True))
    decision = decision_of(policy_of(clause), UNLIKELY, upload=declared)
    assert (decision.verdict, decision.actions) == (Verdict.RESTRICTED, (Action.LABEL,))
    assert decision_of(policy_of(clause), UNLIKELY).verdict is Verdict.ALLOWED
    assert decision_of(policy_of(clause), LIKELY, upload=declared).actions == (Action.LABEL, Action.HOLD)


def test_a_fact_that_cannot_be_told_brings_the_case_to_a_person() -> None:
    clause = clause_of(rules=(*REMOVE, Rule(actions=(Action.LABEL,), when="context.is_verified_news", on=Moment.FACT)))
    assert decision_of(policy_of(clause), UNLIKELY).verdict is Verdict.HELD


def test_an_exception_does_not_release_what_another_fact_leaves_untold() -> None:
    clause = clause_of(
        rules=(*REMOVE, Rule(actions=(Action.LABEL,), when="context.is_verified_news", on=Moment.FACT)),
        exceptions=(PolicyException(id="feed", text="Feed.", when="upload.surface == 'feed'"),),
    )
    assert decision_of(policy_of(clause), SURE).verdict is Verdict.HELD


def test_a_clause_holds_on_its_surfaces_and_regions_only() -> None:
    clause = clause_of(surfaces=(Surface.AD,), regions=("DE", "US-CA"))

    def verdict(surface: Surface, region: str) -> Verdict:
        return decision_of(policy_of(clause), SURE, upload=Upload(id="clip-1", surface=surface, region=region)).verdict

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
        (Blind(rule=BlindRule.HOLD, spots=("speech",)), (), Outcome.UNSEEN),
        (Blind(rule=BlindRule.ALLOW, spots=("speech",)), (LOST,), Outcome.CLEAR),
        (Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD, spots=("speech",)), (), Outcome.CLEAR),
        (Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD), (LOST,), Outcome.UNSEEN),
        (Blind(rule=BlindRule.HOLD, lost=BlindRule.ALLOW), (LOST,), Outcome.CLEAR),
        (Blind(rule=BlindRule.HOLD, lost=BlindRule.ALLOW, spots=("speech",)), (LOST,), Outcome.UNSEEN),
        (Blind(rule=BlindRule.ALLOW, spots=("speech",), surfaces={"feed": BlindRule.HOLD}), (), Outcome.UNSEEN),
        (Blind(rule=BlindRule.HOLD, spots=("speech",), surfaces={"feed": BlindRule.ALLOW}), (), Outcome.CLEAR),
        (Blind(rule=BlindRule.SAMPLE, sample_share=1.0, spots=("speech",)), (), Outcome.SAMPLED),
        (Blind(rule=BlindRule.SAMPLE, sample_share=0.0, spots=("speech",)), (), Outcome.CLEAR),
    ],
)
def test_blindness_means_what_the_clause_says_for_what_stands_and_what_was_lost(
    blind: Blind, found: tuple[Blindness, ...], outcome: Outcome
) -> None:
    decision = decision_of(policy_of(clause_of(blind=blind)), judgement_of(blind=found))
    assert _only(decision).outcome is outcome
    assert decision.verdict is (Verdict.ALLOWED if outcome is Outcome.CLEAR else Verdict.HELD)


def test_sampling_takes_about_its_share_and_always_the_same() -> None:
    policy = policy_of(clause_of(blind=Blind(rule=BlindRule.SAMPLE, sample_share=0.1, spots=("speech",))))
    uploads = [Upload(id=f"clip-{number}") for number in range(2000)]
    taken = [decision_of(policy, UNLIKELY, upload=one).verdict is Verdict.HELD for one in uploads]
    assert 150 < sum(taken) < 250
    assert taken == [decision_of(policy, UNLIKELY, upload=one).verdict is Verdict.HELD for one in uploads]
    other = [decision_of(policy, UNLIKELY, upload=one, seed=1).verdict is Verdict.HELD for one in uploads]
    assert taken != other


def test_the_draw_is_the_same_on_every_machine() -> None:
    assert draw(0, "clip-1", "hate") == pytest.approx(0.2818036390522629, abs=1e-15)


def test_what_was_lost_holds_even_what_a_machine_would_restrict() -> None:
    clause = clause_of(rules=(Rule(actions=(Action.LABEL,)),), blind=Blind(lost=BlindRule.HOLD))
    decision = decision_of(policy_of(clause), dataclasses.replace(SURE, blind=(LOST,)))
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
    decision = decision_of(policy_of(clause_of()), UNLIKELY, problems=[Problem(code=code, what="it broke")])
    assert decision.verdict is verdict
    assert verdict is Verdict.ALLOWED or code in decision.reason


@pytest.mark.parametrize("judgements", [(), (UNLIKELY, UNLIKELY), (judgement_of("other"),)])
def test_a_clause_not_judged_or_judged_twice_is_held(judgements: tuple[Judgement, ...]) -> None:
    decision = decision_of(policy_of(clause_of()), *judgements)
    assert (decision.verdict, _only(decision).outcome) == (Verdict.HELD, Outcome.REVIEW)


def test_a_policy_without_clauses_allows_nothing() -> None:
    assert decision_of(policy_of()).verdict is Verdict.HELD


def test_a_screening_of_another_upload_allows_nothing() -> None:
    screening = Screening(upload_id="b", media=None, coverage=MediaCoverage(), judgements=(UNLIKELY,))
    decision = decide(policy_of(clause_of()), Upload(id="a"), screening, Context(), now_s=0.0, seed=0)
    assert decision.verdict is Verdict.HELD


def test_the_gravest_clause_leads_and_removal_leaves_only_what_still_means_something() -> None:
    policy = policy_of(
        clause_of("mild", rules=(Rule(actions=(Action.AGE_RESTRICT, Action.DEMONETISE)),)),
        clause_of("unsure"),
        clause_of("grave"),
    )
    judgements = (
        judgement_of("mild", 0.999, low=0.98),
        judgement_of("unsure", 0.4),
        judgement_of("grave", 0.999, low=0.98),
    )
    decision = decision_of(policy, *judgements)
    assert (decision.verdict, decision.leading_clause_id) == (Verdict.REMOVED, "grave")
    assert decision.actions == (Action.DEMONETISE, Action.REMOVE)


def test_among_clauses_of_one_effect_the_severer_leads_then_the_likelier() -> None:
    policy = policy_of(clause_of("a"), clause_of("b", severity=Severity.CRITICAL), clause_of("c"))
    assert decision_of(policy, *(judgement_of(one, 0.4) for one in "abc")).leading_clause_id == "b"
    same = policy_of(clause_of("a"), clause_of("b"))
    assert decision_of(same, judgement_of("a", 0.3), judgement_of("b", 0.4)).leading_clause_id == "b"


def test_a_condition_reads_scores_and_other_clauses() -> None:
    evidence = Evidence(span=Span(start_s=0.0, end_s=1.0))
    signal = Signal(label="wording.hate", score=0.8, evidence=evidence, detector_id="wording.heads@1")
    when = "score['wording.hate'] > 0.7 && score['wording.toxicity'] == 0.0 && judged['other'] < 0.1"
    policy = policy_of(clause_of(rules=(Rule(actions=(Action.REMOVE,), when=when),)), clause_of("other"))
    assert decision_of(policy, SURE, judgement_of("other"), signals=[signal]).verdict is Verdict.REMOVED
    assert decision_of(policy, SURE, judgement_of("other")).verdict is Verdict.HELD


def test_odd_texts_of_an_upload_do_not_stop_a_decision() -> None:
    when = "'#x' in upload.hashtags || upload.facts['a'] == 'b'"
    clause = clause_of(rules=(Rule(actions=(Action.LABEL,), when=when), Rule(actions=(Action.REMOVE,))))
    odd = Upload(id="\ud800", hashtags=("\ud800", "\x00", "X" * 30_000), facts={"\udfff": "\x00"}, language="\ud800")
    assert decision_of(policy_of(clause), SURE, upload=odd).verdict is Verdict.HELD


def test_a_clause_that_nobody_could_look_for_holds_but_does_not_lead() -> None:
    blind = Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD, spots=("speech",))
    decision = decision_of(
        policy_of(clause_of("minors", severity=Severity.CRITICAL, blind=blind), clause_of("hate", blind=blind)),
        judgement_of("minors", blind=(LOST,)),
        judgement_of("hate", blind=(LOST,)),
    )
    assert (decision.verdict, decision.leading_clause_id) == (Verdict.HELD, "")
    assert decision.reason.startswith("nothing was found, but a person looks for minors, and 1 more clause: lost")


def test_what_was_found_leads_over_what_nobody_could_look_for() -> None:
    blind = Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD)
    decision = decision_of(
        policy_of(clause_of("minors", severity=Severity.CRITICAL, blind=blind), clause_of("hate")),
        judgement_of("minors", blind=(LOST,)),
        judgement_of("hate", 0.4),
    )
    assert (decision.verdict, decision.leading_clause_id) == (Verdict.HELD, "hate")


def test_every_clause_says_what_nobody_looked_at() -> None:
    decision = decision_of(
        policy_of(clause_of(blind=Blind(rule=BlindRule.ALLOW, spots=("speech is not transcribed",)))),
        judgement_of(blind=(LOST,)),
    )
    assert _only(decision).blind == (
        "speech is not transcribed",
        "visual.nudity: visual.nudity@1 abstained: failed",
    )
