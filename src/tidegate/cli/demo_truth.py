"""What is true of a demo clip, and whether screening found it: every answer is computed from the result."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tidegate.explain.phrases import signal_text
from tidegate.records import GapReason, Modality, Outcome, Signal, Span, TextSource, Verdict
from tidegate.signals.texts import transcript_text

if TYPE_CHECKING:
    from tidegate.screening import Screened


class Result(StrEnum):
    """How a truth and a finding compare; `blind` is a truth that no detector of this version can see."""

    HIT = "hit"
    MISS = "MISS"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found where something is true."""

    result: Result
    found: str


class Fact(Protocol):
    """Something true of a clip."""

    @property
    def what(self) -> str:
        """The truth in a few words."""

    def compare(self, screened: "Screened") -> Answer:
        """Look for it in what screening found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """Nothing is wrong with the clip, so it is allowed; being held for the policy's random sample is no alarm."""

    what: str

    def compare(self, screened: "Screened") -> Answer:
        """A hit when no clause asks for anything."""
        asked = [c for c in screened.decision.clauses if c.outcome in (Outcome.REVIEW, Outcome.ACT)]
        sampled = [c.clause_id for c in screened.decision.clauses if c.outcome is Outcome.SAMPLED]
        if screened.decision.verdict is Verdict.ALLOWED:
            return Answer(result=Result.HIT, found="allowed")
        if not asked and sampled:
            return Answer(result=Result.HIT, found=f"sampled for a person ({', '.join(sampled)}), nothing found")
        reason = ", ".join(clause.clause_id for clause in asked) or screened.decision.reason
        return Answer(result=Result.MISS, found=f"{screened.decision.verdict.value}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Something that one of `labels` must report, during `span` or with a quote that touches `words`, and stop.

    The most telling label stands first. With `sources` it must be quoted from these texts and no other, and from two
    at least where several are named. The upload must not be allowed: someone or something decides about it first.
    """

    what: str
    labels: tuple[str, ...]
    span: Span | None = None
    words: str = ""
    sources: tuple[TextSource, ...] = ()

    def compare(self, screened: "Screened") -> Answer:
        """A hit when a matching signal is there and the upload is stopped."""
        verdict = screened.decision.verdict
        signals = [s for s in screened.screening.signals if s.label in self.labels]
        found = [signal for signal in signals if self._is_there(signal, screened.upload.caption)]
        if not found:
            elsewhere = f", but elsewhere: {signal_text(signals[0])}" if signals else ""
            return Answer(result=Result.MISS, found=f"not found{elsewhere}; {verdict.value}")
        best = min(found, key=lambda signal: (self.labels.index(signal.label), -signal.score))
        result = Result.MISS if verdict is Verdict.ALLOWED else Result.HIT
        return Answer(result=result, found=f"{_seconds(found)}{signal_text(best)}; {verdict.value}")

    def _is_there(self, signal: Signal, caption: str) -> bool:
        evidence = signal.evidence
        quoted = {quote.source for quote in evidence.quotes}
        if self.sources and not (quoted <= set(self.sources) and len(quoted) >= min(2, len(self.sources))):
            return False
        if self.span is not None:
            return evidence.span is not None and evidence.span.overlaps(self.span)
        start = caption.find(self.words)
        quote = evidence.quote
        return quote is not None and quote.start_char < start + len(self.words) and start < quote.end_char


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """The picture changes at these moments; `tolerance_s` is one frame."""

    what: str
    at_s: tuple[float, ...]
    tolerance_s: float

    def compare(self, screened: "Screened") -> Answer:
        """A hit when a shot begins at every one of them."""
        starts_s = [shot.span.start_s for shot in screened.screening.shots]
        met = [at for at in self.at_s if any(abs(at - start) <= self.tolerance_s for start in starts_s)]
        shown = ", ".join(f"{start_s:.1f}" for start_s in starts_s[1:])
        result = Result.HIT if len(met) == len(self.at_s) else Result.MISS
        return Answer(result=result, found=f"shots begin at {shown} s" if shown else "one shot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """The picture is lost from `from_s` on: what is before it is screened, the rest is said to be unseen."""

    what: str
    from_s: float
    end_s: float

    def compare(self, screened: "Screened") -> Answer:
        """A hit when frames were seen, the damage is a gap there or counted as errors, and the upload is stopped."""
        coverage, verdict = screened.screening.coverage, screened.decision.verdict
        lost = Span(start_s=self.from_s, end_s=self.end_s)
        gaps = [g for g in coverage.gaps if g.modality is Modality.PICTURE and g.reason is GapReason.DAMAGED]
        covered = [gap.span for gap in gaps if gap.span and gap.span.overlaps(lost)]
        is_said = bool(covered) and coverage.frames_decoded > 0 and verdict is not Verdict.ALLOWED
        where = f"unseen {covered[0].start_s:.1f}–{covered[0].end_s:.1f} s" if covered else "no gap said"
        found = f"{coverage.frames_decoded} frames seen, {where}; {verdict.value}"
        return Answer(result=Result.HIT if is_said else Result.MISS, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The file is no clip: it is refused with a code and held, never allowed."""

    what: str

    def compare(self, screened: "Screened") -> Answer:
        """A hit when a coded problem stands where the media would."""
        verdict, problems = screened.decision.verdict, screened.screening.problems
        is_held = screened.screening.media is None and bool(problems) and verdict is Verdict.HELD
        said = f"{problems[0].code} {problems[0].what}" if problems else "no problem said"
        return Answer(result=Result.HIT if is_held else Result.MISS, found=f"{said}; {verdict.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Words on the picture. Blind while nothing reads pictures; a hit or a miss as soon as something does."""

    what: str
    words: str
    can_read: bool

    def compare(self, screened: "Screened") -> Answer:
        """A hit when the words were read."""
        texts = [text.text for text in screened.screening.on_screen_texts]
        if any(self.words.casefold() in text.casefold() for text in texts):
            return Answer(result=Result.HIT, found=f"read: {self.words}")
        if not self.can_read:
            return Answer(result=Result.BLIND, found="not looked for: no detector here reads words on the picture")
        return Answer(result=Result.MISS, found="not read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Words that are spoken: a hit where most of them stand in the transcript, in order."""

    what: str
    words: str
    least_share: float = 0.8

    def compare(self, screened: "Screened") -> Answer:
        """A hit when at least `least_share` of the words were heard."""
        heard = transcript_text(screened.screening.utterances)
        wanted, found = _words(self.words), _words(heard)
        same = sum(block.size for block in SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks())
        share = same / len(wanted)
        result = Result.HIT if share >= self.least_share else Result.MISS
        return Answer(result=result, found=f"heard {same} of {len(wanted)} words: {heard!r}" if heard else "not heard")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _seconds(found: Sequence[Signal]) -> str:
    spans = [signal.evidence.span for signal in found if signal.evidence.span]
    if not spans:
        return ""
    start_s, end_s = min(span.start_s for span in spans), max(span.end_s for span in spans)
    return f"{start_s:.1f}–{end_s:.1f} s " if end_s > start_s else ""
