"""A text meets the same detectors, judgement and policy as the caption of a video without one."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from tidegate.assembly import load_detectors, load_policy
from tidegate.judgement.model import FusionModel
from tidegate.records import Abstention, AbstentionReason, Outcome, Signal, Surface, Upload, Verdict, from_json, to_json
from tidegate.screening import Screener
from tidegate.server.texts.record import TextKind, TextRequest, TextResult
from tidegate.server.texts.scorer import Scorer, of_texts
from tidegate.settings import resolve
from tidegate.signals.base import Need, View, When
from tidegate.testing.fakes import FakeDecoder, FakeDetector

OFFER = "Guaranteed returns. Send $100 today, and get $1000 back"
"""A scam offer as the demo has it."""

TEXTS = {
    "plain": "The tide was low this morning, so we walked along the harbour. So many shells!",
    "offer": OFFER,
    "korean": "통장만 빌려주시면 하루 30만원 드려요. 입금된 돈을 전달만 하면 됩니다. 텔레그램",
    "signs": "😍😍😍 !!!",
    "empty": "",
    "surrogate": "half a sign \ud83d and on",
}


def _asked(text: str, **fields: str) -> TextRequest:
    return TextRequest(id="c1", text=text, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_judged_as_the_screener_judges_the_same_caption(scorer: Scorer, text: str) -> None:
    resolved = resolve(environ={})
    screener = Screener(
        policy=load_policy(resolved),
        detectors=of_texts(load_detectors(resolved)),
        fusion=FusionModel.bundled(),
        decoder=FakeDecoder(clips={}),
    )
    upload = Upload(id="c1", caption=text, surface=Surface.COMMENT)
    screened = screener.screen(upload, None, now_s=1_700_000_000.0)
    (found,) = scorer.score([_asked(text)])
    assert found.signals == screened.screening.signals
    assert found.abstentions == screened.screening.abstentions
    assert (found.verdict, found.reason) == (screened.decision.verdict, screened.decision.reason)
    assert [(one.clause_id, one.probability, one.interval) for one in found.clauses] == [
        (one.clause_id, one.probability, one.interval) for one in screened.screening.judgements
    ]
    assert [one.outcome for one in found.clauses] == [one.outcome for one in screened.decision.clauses]


def test_an_offer_is_held_and_quoted_where_it_stands(scorer: Scorer) -> None:
    (found,) = scorer.score([_asked(f"So true! {OFFER}")])
    assert found.verdict is Verdict.HELD
    assert found.leading_clause_id == "scams_fraud"
    assert [one.clause_id for one in found.flagged_clauses] == ["scams_fraud"]
    assert "pattern.scam_offer" in found.flagged_clauses[0].labels
    quotes = [quote for signal in found.signals for quote in signal.evidence.quotes]
    assert quotes
    assert all(f"So true! {OFFER}"[quote.start_char : quote.end_char] == quote.text for quote in quotes)


def test_an_ordinary_comment_is_allowed_and_every_clause_is_told(scorer: Scorer) -> None:
    (found,) = scorer.score([_asked(TEXTS["plain"])])
    assert found.verdict is Verdict.ALLOWED
    assert {one.outcome for one in found.clauses} == {Outcome.CLEAR}
    assert len(found.clauses) == len(load_policy(resolve(environ={})).clauses)
    assert found.language == "en"
    assert found.detector_ids == scorer.detector_ids


def test_a_text_gets_the_same_bytes_whoever_stands_beside_it(scorer: Scorer) -> None:
    requests = [_asked(text) for text in TEXTS.values()]
    alone = [scorer.score([request])[0] for request in requests]
    assert scorer.score(requests) == alone
    assert scorer.score(requests[::-1])[::-1] == alone


def test_a_language_that_no_head_reads_is_said(scorer: Scorer) -> None:
    (found,) = scorer.score([_asked("नमस्ते दोस्तों यह बहुत अच्छा वीडियो है")])
    assert "wording.hate" in found.unread(AbstentionReason.UNSUPPORTED_LANGUAGE)
    assert found.language == "hi"


def test_what_a_long_text_left_unread_is_said(scorer: Scorer) -> None:
    (found,) = scorer.score([_asked("We walked along the shore. " * 300)])
    assert found.unread(AbstentionReason.OVER_BUDGET)
    assert found.verdict is not Verdict.ALLOWED


def test_the_surface_counts_for_the_policy(scorer: Scorer) -> None:
    (comment,) = scorer.score([_asked(TEXTS["plain"])])
    (advert,) = scorer.score([_asked(TEXTS["plain"], surface=Surface.AD, kind=TextKind.TITLE)])
    assert (comment.verdict, advert.verdict) == (Verdict.ALLOWED, Verdict.HELD)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_result_comes_back_whole_from_json(scorer: Scorer, text: str) -> None:
    (found,) = scorer.score([_asked(text)])
    assert from_json(TextResult, to_json(found)) == found


def _detector(name: str, needs: frozenset[Need], emits: str, when: When | None = None) -> FakeDetector:
    return FakeDetector(id=f"{name}@1", needs=needs, emits=frozenset({emits}), when=when)


def test_only_what_reads_texts_and_facts_is_kept_and_nobody_waits_for_what_is_left_out() -> None:
    words, facts, frames = frozenset({Need.TEXTS}), frozenset({Need.FACTS}), frozenset({Need.FRAMES})
    detectors = (
        _detector("visual.one", frames, "visual.nudity"),
        _detector("metadata.one", facts, "metadata.hashtag_flood"),
        _detector("wording.one", words, "wording.hate"),
        _detector("wording.two", words, "wording.spam", When(any_of={"wording.hate": 0.5}, because="hate")),
        _detector("wording.three", words, "wording.scam", When(any_of={"visual.nudity": 0.5}, because="picture")),
        _detector("wording.four", words, "wording.crime", When(any_of={"wording.scam": 0.5}, because="scam")),
    )
    kept = of_texts(detectors)
    assert [one.id for one in kept] == ["metadata.one@1", "wording.one@1", "wording.two@1"]
    assert all(detectors.index(a) < detectors.index(b) for a, b in pairwise(kept))


def test_a_detector_that_fails_is_told_and_never_all_clear() -> None:
    def say(view: View) -> Iterator[Signal | Abstention]:
        yield from ()
        raise RuntimeError("broken weights")

    broken = FakeDetector(
        id="wording.broken@1", needs=frozenset({Need.TEXTS}), emits=frozenset({"wording.hate"}), say=say
    )
    scorer = Scorer(policy=load_policy(resolve(environ={})), detectors=(broken,), fusion=FusionModel.bundled())
    (found,) = scorer.score([_asked("low tide")])
    assert found.lost() == {"wording.hate"}
    assert found.verdict is Verdict.HELD
    assert [problem.code for problem in found.problems] == ["TG-S001"]
