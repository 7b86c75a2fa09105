"""The default policy: complete, readable, and doing what it says on ordinary and on clear cases."""

import re
from collections.abc import Sequence

import pytest

from tidegate.judgement.fusion import judge
from tidegate.judgement.model import FusionModel
from tidegate.policy import bundled
from tidegate.policy.decide import decide
from tidegate.policy.document import check_file
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Action,
    BlindRule,
    Clause,
    Context,
    Decision,
    DeclaredFacts,
    Evidence,
    MediaCoverage,
    MediaInfo,
    Screening,
    Severity,
    Signal,
    Span,
    Surface,
    Upload,
    Verdict,
)

POLICY = bundled.community()
MODEL = FusionModel.bundled()
EVERY_CLAUSE = pytest.mark.parametrize("clause", POLICY.clauses, ids=lambda clause: clause.id)
CLAUSES = (
    *("hate", "harassment", "self_harm", "disordered_eating", "adult_nudity", "sexual_exploitation", "minor_safety"),
    *("violent_graphic", "dangerous_acts", "weapons", "drugs_alcohol_tobacco", "violent_extremism", "scams_fraud"),
    *("spam_inauthentic", "misinformation_civic", "misinformation_health", "misinformation_disaster"),
    *("ai_generated_media", "privacy", "illegal_trade", "intellectual_property", "profanity", "banned_media"),
)
SHARES = {Severity.CRITICAL: 0.0002, Severity.HIGH: 0.0001, Severity.MEDIUM: 0.00004, Severity.LOW: 0.00001}


def _signal(label: str, score: float) -> Signal:
    evidence = Evidence(span=Span(start_s=0.0, end_s=1.0))
    return Signal(label=label, score=score, evidence=evidence, detector_id="test.detector@1")


def _decide(
    upload: Upload,
    signals: Sequence[Signal] = (),
    abstentions: Sequence[Abstention] = (),
    context: Context | None = None,
) -> Decision:
    coverage = MediaCoverage(frames_sampled=20, frames_decoded=60, seconds_heard=30.0)
    judgements = judge(POLICY.clauses, signals, abstentions, coverage=coverage, model=MODEL)
    screening = Screening(
        upload_id=upload.id,
        media=MediaInfo(size_bytes=1, sha256="0" * 64, container="mp4", duration_s=30.0),
        coverage=coverage,
        signals=tuple(signals),
        abstentions=tuple(abstentions),
        judgements=judgements,
    )
    return decide(POLICY, upload, screening, context or Context(), now_s=0.0, seed=0)


# --- as a text --------------------------------------------------------------------------------------------------------


def test_the_checker_finds_nothing_to_say() -> None:
    assert check_file(bundled.path()).render().strip() == "no errors"


def test_every_clause_that_short_video_needs_is_there() -> None:
    assert tuple(clause.id for clause in POLICY.clauses) == CLAUSES


@EVERY_CLAUSE
def test_a_clause_says_what_whom_and_where_the_line_lies(clause: Clause) -> None:
    assert len(clause.text.split()) >= 50
    assert re.search(r"\b(applies|protects|meant)\b", clause.text), "to whom it applies"
    assert len(clause.examples) >= 3
    assert len(clause.counter_examples) >= 3
    assert not set(clause.examples) & set(clause.counter_examples)
    assert all(sentence.endswith(".") for sentence in (*clause.examples, *clause.counter_examples, clause.text))


@EVERY_CLAUSE
def test_a_clause_makes_room_for_what_only_looks_alike(clause: Clause) -> None:
    if clause.id == "banned_media":
        assert clause.exceptions == (), "it acts alone, so it may hold nothing that an exception could excuse"
    else:
        assert len(clause.exceptions) >= 2
        assert any(not exception.when for exception in clause.exceptions)


@EVERY_CLAUSE
def test_a_clause_names_what_nothing_sees_in_concrete_words(clause: Clause) -> None:
    assert len(clause.blind.spots) >= 2
    assert all(len(spot) >= 20 for spot in clause.blind.spots)


@EVERY_CLAUSE
def test_the_creator_is_told_what_and_how_to_object(clause: Clause) -> None:
    assert "appeal" in clause.creator_text
    assert clause.creator_text.startswith(("Your video", "We are"))


@EVERY_CLAUSE
def test_the_share_that_people_see_follows_severity(clause: Clause) -> None:
    if clause.blind.rule is BlindRule.SAMPLE:
        assert clause.blind.sample_share == SHARES[clause.severity]
    else:
        assert clause.id == "profanity"


@EVERY_CLAUSE
def test_what_lost_a_detector_is_held_where_a_miss_is_grave(clause: Clause) -> None:
    if clause.severity in (Severity.HIGH, Severity.CRITICAL):
        assert clause.blind.lost is BlindRule.HOLD


def test_only_banned_media_may_act_without_a_person() -> None:
    assert [clause.id for clause in POLICY.clauses if clause.targets.act_precision is not None] == ["banned_media"]


def test_examples_describe_and_never_quote_a_word_in_disguise() -> None:
    text = bundled.path().read_text(encoding="utf-8")
    assert not re.search(r"[*@#$]{2,}|\b\w*[a-z]\*+\w*\b", text)


# --- as a decision ----------------------------------------------------------------------------------------------------


def test_an_ordinary_clip_with_nothing_found_is_allowed_and_says_what_was_not_seen() -> None:
    decision = _decide(Upload(id="u1", caption="my first loaf"))
    assert decision.verdict is Verdict.ALLOWED
    for clause in decision.clauses:
        assert any(step.rule.startswith("blind") and "not seen" in step.why for step in clause.trace), clause.clause_id


def test_people_see_about_two_in_a_thousand_clips_with_nothing_found() -> None:
    count = 4000
    held = sum(_decide(Upload(id=f"u{index}")).verdict is Verdict.HELD for index in range(count))
    expected = sum(clause.blind.sample_share for clause in POLICY.clauses) * count
    assert 1 <= held <= 3 * expected


@pytest.mark.parametrize("surface", Surface)
def test_only_advertisements_and_the_shop_wait_for_a_person_when_nothing_was_found(surface: Surface) -> None:
    verdict = _decide(Upload(id="u1", surface=surface)).verdict
    assert verdict is (Verdict.HELD if surface in (Surface.AD, Surface.SHOP) else Verdict.ALLOWED)


@pytest.mark.parametrize(
    "reason", [AbstentionReason.FAILED, AbstentionReason.UNAVAILABLE, AbstentionReason.DAMAGED_MEDIA]
)
def test_a_lost_detector_holds_the_clip(reason: AbstentionReason) -> None:
    lost = Abstention(detector_id="visual.nudity@1", reason=reason, labels=("visual.nudity",))
    assert _decide(Upload(id="u1"), abstentions=(lost,)).verdict is Verdict.HELD


@pytest.mark.parametrize("reason", [AbstentionReason.NO_INPUT, AbstentionReason.NOT_NEEDED])
def test_a_detector_that_had_nothing_to_look_at_holds_nothing(reason: AbstentionReason) -> None:
    idle = Abstention(detector_id="visual.nudity@1", reason=reason, labels=("visual.nudity",))
    assert _decide(Upload(id="u1"), abstentions=(idle,)).verdict is Verdict.ALLOWED


def test_a_language_that_nobody_reads_is_sampled_and_not_held() -> None:
    unread = Abstention(
        detector_id="wording.heads@1", reason=AbstentionReason.UNSUPPORTED_LANGUAGE, labels=("wording.hate",)
    )
    assert _decide(Upload(id="u1"), abstentions=(unread,)).verdict is Verdict.ALLOWED


def test_declared_ai_and_declared_promotion_are_labelled_and_released() -> None:
    for declared in (DeclaredFacts(ai_generated=True), DeclaredFacts(paid_promotion=True)):
        decision = _decide(Upload(id="u1", declared=declared))
        assert decision.verdict is Verdict.RESTRICTED
        assert decision.actions == (Action.LABEL,)


def test_a_copy_of_a_banned_file_is_removed_without_a_person() -> None:
    decision = _decide(Upload(id="u1"), (_signal("matching.file", 1.0),))
    assert decision.verdict is Verdict.REMOVED
    assert decision.leading_clause_id == "banned_media"


@pytest.mark.parametrize(
    ("label", "clause_id"),
    [
        ("wording.self_harm", "self_harm"),
        ("wording.minors", "minor_safety"),
        ("pattern.money_mule", "scams_fraud"),
        ("pattern.personal_data", "privacy"),
        ("visual.nudity", "adult_nudity"),
        ("visual.weapon", "weapons"),
        ("metadata.undeclared_ai", "ai_generated_media"),
    ],
)
def test_what_a_detector_is_sure_of_goes_to_a_person_under_its_clause(label: str, clause_id: str) -> None:
    decision = _decide(Upload(id="u1"), (_signal(label, 1.0),))
    assert decision.verdict is Verdict.HELD
    assert decision.leading_clause_id == clause_id


@pytest.mark.parametrize("label", ["visual.face", "visual.detail", "pattern.link", "pattern.contact", "visual.flash"])
def test_what_is_harmless_by_itself_holds_nothing(label: str) -> None:
    assert _decide(Upload(id="u1"), (_signal(label, 1.0),)).verdict is Verdict.ALLOWED


def test_news_that_is_known_as_such_may_report_a_false_claim() -> None:
    news = _decide(Upload(id="u1"), (_signal("wording.misinformation", 1.0),), context=Context(is_verified_news=True))
    others = _decide(Upload(id="u1"), (_signal("wording.misinformation", 1.0),))
    assert news.verdict is Verdict.ALLOWED
    assert others.verdict is Verdict.HELD
