"""The whole order: decode, detectors, judgement, policy; and what becomes of an upload when a part of it fails."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tidegate.errors import DecodeCrashError, PipelineError, UnknownContainerError
from tidegate.judgement.model import FusionModel
from tidegate.policy import document
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Evidence,
    Outcome,
    Signal,
    Span,
    Upload,
    Verdict,
    dumps,
)
from tidegate.screening import Screener
from tidegate.signals.base import Need, View, When
from tidegate.testing.fakes import FakeDecoder, FakeDetector, clip_of

NOW_S = 1_700_000_000.0
POLICY = """
tidegate: policy@1
id: test
version: "1"
title: Two clauses
clauses:
  banned_media:
    title: Banned media
    severity: critical
    text: Nothing that a bank holds.
    labels: {matching.file: 1.0}
    targets: {act: {precision: 0.9}, look: 1 in 20}
    rules: [{actions: [remove]}]
    blind: {spots: [], rule: allow, lost: hold}
    eu: {category: OTHER_VIOLATION_TC}
  adult_nudity:
    title: Nudity
    severity: medium
    text: No nudity.
    labels: {visual.nudity: 1.0}
    targets: {look: 1 in 5}
    rules: [{actions: [age-restrict]}]
    blind: {spots: [], rule: allow, lost: hold}
    eu: {category: OTHER_VIOLATION_TC}
"""


def saying(label: str, score: float) -> FakeDetector:
    """A detector of frames that always says `label` at `score`."""
    name = f"{label}_fake@1"

    def say(view: View) -> Iterator[Signal | Abstention]:
        evidence = Evidence(span=Span(start_s=0.0, end_s=1.0))
        yield Signal(label=label, score=score, evidence=evidence, detector_id=name)

    return FakeDetector(id=name, needs=frozenset({Need.FRAMES}), emits=frozenset({label}), say=say)


def screener(*detectors: FakeDetector, **clips: object) -> Screener:
    known = {"clip.mp4": clip_of([np.full((64, 36, 3), 90, np.uint8)]), **{f"{k}.mp4": v for k, v in clips.items()}}
    return Screener(
        policy=document.parse(POLICY, "test.yaml"),
        detectors=detectors,
        fusion=FusionModel.bundled(),
        decoder=FakeDecoder(clips=known),  # type: ignore[arg-type]
    )


CLIP = Path("clip.mp4")
UPLOAD = Upload(id="u1", caption="low tide")


def test_a_clip_with_nothing_found_is_allowed() -> None:
    screened = screener(saying("visual.nudity", 0.0), saying("matching.file", 0.0)).screen(UPLOAD, CLIP, now_s=NOW_S)
    assert screened.decision.verdict is Verdict.ALLOWED
    assert [judgement.clause_id for judgement in screened.screening.judgements] == ["banned_media", "adult_nudity"]
    assert [cost.stage for cost in screened.screening.costs] == [
        "media",
        "visual.nudity_fake@1",
        "matching.file_fake@1",
        "judgement",
    ]


def test_an_assumed_judgement_goes_to_a_person_and_never_acts_alone() -> None:
    screened = screener(saying("visual.nudity", 0.99), saying("matching.file", 0.0)).screen(UPLOAD, CLIP, now_s=NOW_S)
    assert screened.decision.verdict is Verdict.HELD
    assert screened.decision.leading_clause_id == "adult_nudity"


@pytest.mark.parametrize("error", [UnknownContainerError("no media"), DecodeCrashError("died")])
def test_unreadable_media_is_held_with_its_code_and_its_words_are_still_read(error: Exception) -> None:
    words = FakeDetector(id="wording.fake@1", needs=frozenset({Need.TEXTS}), emits=frozenset({"wording.profanity"}))
    screened = screener(words, saying("visual.nudity", 0.0), bad=error).screen(UPLOAD, Path("bad.mp4"), now_s=NOW_S)
    assert screened.decision.verdict is Verdict.HELD
    assert screened.clip is None
    assert screened.screening.media is None
    assert [problem.code for problem in screened.screening.problems] == [error.code]  # type: ignore[attr-defined]
    assert [signal.label for signal in screened.screening.signals] == ["wording.profanity"]
    assert [(one.detector_id, one.reason) for one in screened.screening.abstentions] == [
        ("visual.nudity_fake@1", AbstentionReason.DAMAGED_MEDIA)
    ]


def test_a_failing_detector_holds_where_the_clause_says_so() -> None:
    def say(view: View) -> Iterator[Signal | Abstention]:
        raise RuntimeError("broken weights")
        yield

    broken = FakeDetector(
        id="visual.broken@1", needs=frozenset({Need.FRAMES}), emits=frozenset({"visual.nudity"}), say=say
    )
    screened = screener(broken, saying("matching.file", 0.0)).screen(UPLOAD, CLIP, now_s=NOW_S)
    outcomes = {clause.clause_id: clause.outcome for clause in screened.decision.clauses}
    assert outcomes == {"banned_media": Outcome.CLEAR, "adult_nudity": Outcome.UNSEEN}
    assert screened.decision.verdict is Verdict.HELD


def test_words_without_a_file_are_screened() -> None:
    screened = screener(saying("visual.nudity", 0.99), saying("matching.file", 0.99)).screen(UPLOAD, None, now_s=NOW_S)
    assert screened.decision.verdict is Verdict.ALLOWED
    assert {one.reason for one in screened.screening.abstentions} == {AbstentionReason.NO_INPUT}


def test_the_same_upload_gives_the_same_decision_to_the_byte() -> None:
    build = (saying("visual.nudity", 0.7), saying("matching.file", 0.2))
    first = screener(*build).screen(UPLOAD, CLIP, now_s=NOW_S)
    second = screener(*build).screen(UPLOAD, CLIP, now_s=NOW_S)
    assert dumps(first.decision) == dumps(second.decision)
    assert first.screening.judgements == second.screening.judgements


def test_a_pipeline_that_does_not_fit_is_refused_before_anything_runs() -> None:
    asks = FakeDetector(when=When(any_of={"visual.nudity": 0.5}, because="skin first"))
    with pytest.raises(PipelineError, match=r"asks about visual\.nudity"):
        screener(asks, saying("visual.nudity", 0.9))


def test_models_are_loaded_once() -> None:
    detector = saying("visual.nudity", 0.0)
    one = screener(detector, saying("matching.file", 0.0))
    one.screen(UPLOAD, CLIP, now_s=NOW_S)
    one.screen(UPLOAD, CLIP, now_s=NOW_S)
    assert detector.loads == 1
