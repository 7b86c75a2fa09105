"""What a condition can read: unknown is absent, never zero, and nothing of the upload's content is there."""

from tidegate.policy.variables import MAX_TEXT_CHARS, VARIABLES, clause_values, upload_values
from tidegate.records import (
    Blindness,
    Context,
    DeclaredFacts,
    Evidence,
    Interval,
    Judgement,
    MediaCoverage,
    MediaInfo,
    Policy,
    Screening,
    Signal,
    Span,
    Upload,
)

POLICY = Policy(id="test", version="1", title="Test", clauses=())
EMPTY = Screening(upload_id="a", media=None, coverage=MediaCoverage())


def test_every_declared_name_has_a_value_once_everything_is_known() -> None:
    media = MediaInfo(size_bytes=1, sha256="0" * 64, container="mp4", duration_s=12.5)
    context = Context(
        account_age_days=3,
        follower_count=1,
        is_verified_news=False,
        prior_violations=0,
        overturned_violations=0,
        uploads_last_day=1,
        reports_last_day=0,
        views_first_hour=0,
        near_copies_last_day=0,
    )
    screening = Screening(upload_id="a", media=media, coverage=MediaCoverage())
    judgement = Judgement(clause_id="hate", probability=0.5, interval=Interval(low=0.4, high=0.6))
    values = upload_values(POLICY, Upload(id="a"), screening, context) | clause_values(judgement)
    assert values.keys() == VARIABLES.keys()
    assert values["media.duration_s"] == 12.5
    assert isinstance(values["context.account_age_days"], float)


def test_unknown_context_and_media_are_absent_and_not_known() -> None:
    values = upload_values(POLICY, Upload(id="a"), EMPTY, Context(prior_violations=2))
    assert values["context.prior_violations"] == 2
    assert "context.follower_count" not in values
    assert "media.duration_s" not in values
    known = values["known"]
    assert isinstance(known, list)
    assert "context.prior_violations" in known
    assert "context.follower_count" not in known


def test_a_declaration_nobody_made_is_false_and_not_known() -> None:
    declared = DeclaredFacts(ai_generated=True, paid_promotion=False)
    values = upload_values(POLICY, Upload(id="a", declared=declared), EMPTY, Context())
    known = values["known"]
    assert isinstance(known, list)
    assert (values["declared.ai_generated"], values["declared.shows_minor"]) == (True, False)
    assert {"declared.ai_generated", "declared.paid_promotion"} <= set(known)
    assert "declared.shows_minor" not in known


def test_hashtags_are_compared_in_lower_case_without_their_sign() -> None:
    values = upload_values(POLICY, Upload(id="a", hashtags=("#News", "SEOUL")), EMPTY, Context())
    assert values["upload.hashtags"] == ["news", "seoul"]


def test_texts_too_long_to_be_read_quickly_are_unknown() -> None:
    upload = Upload(id="a", hashtags=("x" * MAX_TEXT_CHARS,), facts={"a": "x" * MAX_TEXT_CHARS})
    values = upload_values(POLICY, upload, EMPTY, Context())
    assert "upload.hashtags" not in values
    assert "upload.facts" not in values


def test_a_score_is_the_strongest_of_its_label_and_zero_where_nothing_was_found() -> None:
    evidence = Evidence(span=Span(start_s=0.0, end_s=1.0))
    signals = tuple(
        Signal(label="acme.gore", score=score, evidence=evidence, detector_id="acme.gore@1")
        for score in (0.2, 0.7, 0.5)
    )
    screening = Screening(upload_id="a", media=None, coverage=MediaCoverage(), signals=signals)
    scores = upload_values(POLICY, Upload(id="a"), screening, Context())["score"]
    assert isinstance(scores, dict)
    assert (scores["acme.gore"], scores["wording.hate"]) == (0.7, 0.0)


def test_only_a_loss_makes_a_clause_blind_for_conditions() -> None:
    def is_blind(*, is_lost: bool) -> object:
        blind = (Blindness(what="visual.nudity", reason="failed", is_lost=is_lost),)
        ends = Interval(low=0.4, high=0.6)
        return clause_values(Judgement(clause_id="hate", probability=0.5, interval=ends, blind=blind))["is_blind"]

    assert is_blind(is_lost=True) is True
    assert is_blind(is_lost=False) is False
