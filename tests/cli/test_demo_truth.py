"""Every fact of the demo is a hit when it is found, and a miss when it is not: no answer is written beforehand."""

import dataclasses
from typing import Any

from tidegate.cli.demo_truth import Clean, Cuts, Damaged, Fact, Heard, Present, Result, Unreadable, Written
from tidegate.records import (
    Action,
    Box,
    ClauseDecision,
    CoverageGap,
    DecidedBy,
    Decision,
    Evidence,
    EvidencePart,
    GapReason,
    MediaCoverage,
    MediaInfo,
    Modality,
    OnScreenText,
    Outcome,
    Problem,
    Quote,
    Screening,
    Shot,
    Signal,
    Span,
    TextSource,
    Upload,
    Utterance,
    Verdict,
)
from tidegate.screening import Screened
from tidegate.testing.fakes import clip_of

CAPTION = "Lend your account, keep ten percent"


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


def screened(verdict: Verdict = Verdict.ALLOWED, *, outcome: Outcome = Outcome.CLEAR, **fields: Any) -> Screened:
    decision = Decision(
        upload_id="u",
        policy_id="p",
        policy_version="1",
        policy_digest="",
        verdict=verdict,
        actions=(Action.ALLOW,),
        leading_clause_id="",
        clauses=(ClauseDecision(clause_id="scams_fraud", outcome=outcome, probability=0.5),),
        decided_by=DecidedBy.MACHINE,
        decided_at_s=0.0,
        seed=0,
        reason="because",
    )
    info: MediaInfo = clip_of().info
    found = Screening(**{"upload_id": "u", "media": info, "coverage": MediaCoverage(), **fields})
    return Screened(upload=Upload(id="u", caption=CAPTION), path=None, screening=found, decision=decision, clip=None)


def seen(start_s: float, end_s: float, label: str = "matching.frame") -> Signal:
    return Signal(label=label, score=0.9, evidence=Evidence(span=span(start_s, end_s)), detector_id="matching.frame@1")


def quoted(start: int, end: int) -> Signal:
    quote = Quote(source=TextSource.CAPTION, text=CAPTION[start:end], start_char=start, end_char=end)
    return Signal(
        label="pattern.money_mule", score=0.9, evidence=Evidence(quote=quote), detector_id="wording.patterns@1"
    )


def result(fact: Fact, what: Screened) -> Result:
    return fact.compare(what).result


def test_a_clean_clip_is_found_clean_only_when_no_clause_asks() -> None:
    fact = Clean(what="nothing wrong")
    assert result(fact, screened()) is Result.HIT
    assert result(fact, screened(Verdict.HELD, outcome=Outcome.SAMPLED)) is Result.HIT
    assert result(fact, screened(Verdict.HELD, outcome=Outcome.REVIEW)) is Result.MISS
    assert result(fact, screened(Verdict.HELD)) is Result.MISS
    assert "scams_fraud" in fact.compare(screened(Verdict.REMOVED, outcome=Outcome.ACT)).found


def test_something_present_is_found_only_at_its_place_and_only_when_it_stops_the_upload() -> None:
    fact = Present(what="the picture", labels=("matching.frame",), span=span(2.0, 2.5))
    assert result(fact, screened(Verdict.REMOVED, signals=(seen(2.1, 2.4),))) is Result.HIT
    assert result(fact, screened(Verdict.ALLOWED, signals=(seen(2.1, 2.4),))) is Result.MISS
    assert result(fact, screened(Verdict.REMOVED, signals=(seen(3.0, 3.5),))) is Result.MISS
    assert result(fact, screened(Verdict.REMOVED, signals=(seen(2.1, 2.4, "visual.flash"),))) is Result.MISS
    assert result(fact, screened(Verdict.REMOVED)) is Result.MISS


def test_words_are_found_only_by_a_quote_that_touches_them() -> None:
    fact = Present(what="an offer", labels=("pattern.money_mule",), words="Lend your account")
    assert result(fact, screened(Verdict.HELD, signals=(quoted(5, 12),))) is Result.HIT
    assert result(fact, screened(Verdict.HELD, signals=(quoted(19, 35),))) is Result.MISS


def test_cuts_are_found_when_shots_begin_there() -> None:
    fact = Cuts(what="cuts", at_s=(1.0, 2.0), tolerance_s=0.04)
    shots = (span(0.0, 1.0), span(1.0, 2.03), span(2.03, 3.0))
    found = tuple(Shot(index=index, span=one) for index, one in enumerate(shots))
    assert result(fact, screened(shots=found)) is Result.HIT
    assert result(fact, screened(shots=found[:2])) is Result.MISS
    assert result(dataclasses.replace(fact, tolerance_s=0.01), screened(shots=found)) is Result.MISS


def test_damage_is_found_when_it_is_said_and_the_rest_was_seen() -> None:
    fact = Damaged(what="cut off", from_s=4.0, end_s=6.0)
    gap = CoverageGap(modality=Modality.PICTURE, reason=GapReason.DAMAGED, span=span(3.1, 6.0))
    coverage = MediaCoverage(frames_decoded=3, gaps=(gap,))
    assert result(fact, screened(Verdict.HELD, coverage=coverage)) is Result.HIT
    assert result(fact, screened(Verdict.ALLOWED, coverage=coverage)) is Result.MISS
    assert result(fact, screened(Verdict.HELD, coverage=MediaCoverage(frames_decoded=3))) is Result.MISS
    nothing_seen = dataclasses.replace(coverage, frames_decoded=0)
    assert result(fact, screened(Verdict.HELD, coverage=nothing_seen)) is Result.MISS


def test_a_file_that_is_no_clip_is_refused_with_a_code_and_held() -> None:
    fact = Unreadable(what="a text")
    problem = Problem(code="TG-M005", what="no container")
    assert result(fact, screened(Verdict.HELD, media=None, problems=(problem,))) is Result.HIT
    assert result(fact, screened(Verdict.HELD, media=None)) is Result.MISS
    assert result(fact, screened(Verdict.ALLOWED, media=None, problems=(problem,))) is Result.MISS
    assert result(fact, screened(Verdict.HELD, problems=(problem,))) is Result.MISS


def test_written_words_are_blind_only_while_nothing_can_read() -> None:
    box = Box(x=0, y=0, width=1, height=1)
    read = OnScreenText(text="High tide 7:40", span=span(0, 1), box=box, language="en", confidence=0.9)
    blind, able = (Written(what="words", words="HIGH TIDE", can_read=can_read) for can_read in (False, True))
    assert result(blind, screened()) is Result.BLIND
    assert result(able, screened()) is Result.MISS
    assert result(able, screened(on_screen_texts=(read,))) is Result.HIT


def said(*sources: TextSource) -> Signal:
    """A signal whose words stand in these texts."""
    parts = tuple(
        EvidencePart(quote=Quote(source=source, text="x", start_char=0, end_char=1), span=span(1.0, 2.0))
        for source in sources
    )
    evidence = Evidence(span=span(1.0, 2.0), parts=parts)
    return Signal(label="wording.scam", score=0.9, evidence=evidence, detector_id="wording.heads@1")


def test_words_of_one_channel_must_be_quoted_from_it() -> None:
    fact = Present(what="spoken", labels=("wording.scam",), span=span(0.0, 3.0), sources=(TextSource.SPEECH,))
    held = {"verdict": Verdict.HELD, "outcome": Outcome.REVIEW}
    assert result(fact, screened(**held, signals=(said(TextSource.SPEECH),))) is Result.HIT
    assert result(fact, screened(**held, signals=(said(TextSource.CAPTION),))) is Result.MISS
    assert result(fact, screened(**held, signals=(said(TextSource.SPEECH, TextSource.CAPTION),))) is Result.MISS
    assert result(fact, screened(**held, signals=(seen(1.0, 2.0, "wording.scam"),))) is Result.MISS


def test_words_split_between_channels_must_be_quoted_from_two_of_them() -> None:
    sources = (TextSource.CAPTION, TextSource.SPEECH, TextSource.ON_SCREEN)
    fact = Present(what="split", labels=("wording.scam",), span=span(0.0, 3.0), sources=sources)
    held = {"verdict": Verdict.HELD, "outcome": Outcome.REVIEW}
    assert result(fact, screened(**held, signals=(said(TextSource.SPEECH, TextSource.ON_SCREEN),))) is Result.HIT
    assert result(fact, screened(**held, signals=(said(*sources),))) is Result.HIT
    assert result(fact, screened(**held, signals=(said(TextSource.SPEECH),))) is Result.MISS


def test_spoken_words_are_heard_when_most_of_them_are_in_order() -> None:
    fact = Heard(what="says", words="the tide is low this morning")
    for heard, wanted in (
        ("The tide is low this morning.", Result.HIT),
        ("the tide is slow this morning", Result.HIT),
        ("morning this low is tide the", Result.MISS),
        ("", Result.MISS),
    ):
        words = (Utterance(text=heard, span=span(0, 2), language="en", confidence=0.9),) if heard else ()
        assert result(fact, screened(utterances=words)) is wanted
