"""Records refuse values outside their documented range."""

import math

import pytest

from tidegate.errors import RecordError
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Evidence,
    Interval,
    Judgement,
    Policy,
    Signal,
    Span,
    Upload,
)

EVIDENCE = Evidence(span=Span(start_s=0, end_s=1))


def test_evidence_that_points_nowhere_cannot_be_built() -> None:
    with pytest.raises(RecordError, match="say where it can be checked"):
        Evidence(note="somewhere")


@pytest.mark.parametrize("score", [-0.01, 1.01, math.nan, math.inf])
def test_a_signal_scores_between_nought_and_one(score: float) -> None:
    with pytest.raises(RecordError, match=r"outside \[0, 1\]"):
        Signal(label="wording.hate", score=score, evidence=EVIDENCE, detector_id="wording.heads@1")


@pytest.mark.parametrize("label", ["hate", "Wording.hate", "wording.", ".hate", "wording.hate\n", "wording hate", ""])
def test_a_label_is_family_dot_name(label: str) -> None:
    with pytest.raises(RecordError, match=r"is not family\.name"):
        Signal(label=label, score=0.5, evidence=EVIDENCE, detector_id="wording.heads@1")


@pytest.mark.parametrize("detector_id", ["wording.heads", "wording.heads@0", "heads@1", "wording.heads@1\n", ""])
def test_who_says_something_has_a_version(detector_id: str) -> None:
    with pytest.raises(RecordError, match=r"is not family\.name@version"):
        Signal(label="wording.hate", score=0.5, evidence=EVIDENCE, detector_id=detector_id)
    with pytest.raises(RecordError, match=r"is not family\.name@version"):
        Abstention(detector_id=detector_id, reason=AbstentionReason.FAILED, labels=())


@pytest.mark.parametrize("reason", AbstentionReason)
def test_only_what_was_not_needed_or_not_there_is_no_blindness(reason: AbstentionReason) -> None:
    abstention = Abstention(detector_id="visual.nudity@1", reason=reason, labels=("visual.nudity",))
    assert abstention.is_blind == (reason not in (AbstentionReason.NOT_NEEDED, AbstentionReason.NO_INPUT))


@pytest.mark.parametrize("region", ["K", "kr", "KOR", "US-", "US-CALI", "KR\n", "EU/DE"])
def test_a_region_is_an_iso_3166_code(region: str) -> None:
    with pytest.raises(RecordError, match="ISO 3166"):
        Upload(id="u1", region=region)


@pytest.mark.parametrize("region", ["", "KR", "US-CA", "GB-ENG", "FR-75"])
def test_countries_and_their_parts_are_regions_and_so_is_not_knowing(region: str) -> None:
    assert Upload(id="u1", region=region).region == region


def test_an_upload_without_an_id_cannot_be_built() -> None:
    with pytest.raises(RecordError, match="needs an id"):
        Upload(id="")


@pytest.mark.parametrize(
    ("low", "high", "confidence"),
    [(0.6, 0.5, 0.95), (-0.1, 0.5, 0.95), (0.5, 1.1, 0.95), (0, 1, 1.0), (math.nan, 1, 0.9)],
)
def test_an_interval_lies_in_order_within_nought_and_one(low: float, high: float, confidence: float) -> None:
    with pytest.raises(RecordError, match="interval"):
        Interval(low=low, high=high, confidence=confidence)


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan])
def test_a_probability_lies_within_nought_and_one(probability: float) -> None:
    with pytest.raises(RecordError, match="probability"):
        Judgement(clause_id="hate", probability=probability, interval=Interval(low=0, high=1))


def test_a_policy_finds_no_clause_it_does_not_have() -> None:
    with pytest.raises(KeyError, match="hate"):
        Policy(id="p", version="1", title="Empty", clauses=()).clause("hate")
