"""Scores texts with the detectors, the judgement and the policy that a video's caption meets. No web, no database."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tidegate.assembly import load_detectors, load_policy
from tidegate.errors import UnreadableFileError
from tidegate.judgement.fusion import MATERIAL_SHARE
from tidegate.judgement.model import FusionModel
from tidegate.records import Contribution, Policy, Upload
from tidegate.screening import Screened, Screener
from tidegate.server.texts.record import TextClause, TextRequest, TextResult
from tidegate.settings import Resolved
from tidegate.signals.base import Detector, Need
from tidegate.signals.wording.language import detect_language

READ = frozenset({Need.TEXTS, Need.FACTS})
"""What there is of a text: its words, and the facts beside them."""


class Scorer:
    """Scores one text after the other under one policy. Build once per process; not safe across threads.

    One after the other on purpose: the sentence encoder is cheaper on several texts at once, but then the last bits of
    a score depend on the neighbours, and the same text is to get the same bytes whoever stands beside it.
    Cost: about 10 ms a comment, 160 ms and more one of 20,000 characters; 250 MiB.
    """

    def __init__(self, *, policy: Policy, detectors: Sequence[Detector], fusion: FusionModel, seed: int = 0) -> None:
        self._screener = Screener(
            policy=policy, detectors=of_texts(detectors), fusion=fusion, decoder=_NoMedia(), seed=seed
        )

    @classmethod
    def of(cls, resolved: Resolved) -> "Scorer":
        """The scorer of these settings: their policy, their detectors, their seed.

        Raises PolicyError, PluginError, UnknownDetectorError, BankFileError, ModelFileError.
        """
        return cls(
            policy=load_policy(resolved),
            detectors=load_detectors(resolved),
            fusion=FusionModel.bundled(),
            seed=resolved.settings.screening.seed,
        )

    @property
    def detector_ids(self) -> tuple[str, ...]:
        """The detectors that read texts, in their order."""
        return tuple(detector.id for detector in self._screener.detectors)

    def load(self) -> None:
        """Load every model now rather than at the first text; 2 CPU-s. Calling again is free."""
        self._screener.load()

    def score(self, texts: Sequence[TextRequest]) -> list[TextResult]:
        """One result for each text, in order. Pure: the same text, policy, seed and detectors give the same bytes."""
        return [self._one(text) for text in texts]

    def _one(self, request: TextRequest) -> TextResult:
        screened = self._screener.screen(as_upload(request), None, now_s=0.0)
        return _result(request, screened)


class _NoMedia:
    """The decoder of texts, which have nothing to decode."""

    def decode(self, path: Path) -> NoReturn:
        """Never called. Raises UnreadableFileError."""
        raise UnreadableFileError("a text has no media", where=str(path))


def of_texts(detectors: Sequence[Detector]) -> tuple[Detector, ...]:
    """Those of the detectors that read nothing but words and facts, in their order.

    One that waits for labels of a detector that is left out is left out too: it would wait in vain.
    """
    kept: list[Detector] = []
    emitted: set[str] = set()
    for detector in detectors:
        if detector.needs <= READ and (detector.when is None or detector.when.any_of.keys() <= emitted):
            kept.append(detector)
            emitted |= detector.emits
    return tuple(kept)


def as_upload(request: TextRequest) -> Upload:
    """The text as an upload of words alone: its caption."""
    return Upload(
        id=request.id,
        caption=request.text,
        creator_id=request.creator_id,
        surface=request.surface,
        region=request.region,
        language=request.language,
    )


def _result(request: TextRequest, screened: Screened) -> TextResult:
    decision, screening = screened.decision, screened.screening
    decided = {one.clause_id: one for one in decision.clauses}
    return TextResult(
        id=request.id,
        verdict=decision.verdict,
        reason=decision.reason,
        leading_clause_id=decision.leading_clause_id,
        actions=decision.actions,
        clauses=tuple(
            TextClause(
                clause_id=judgement.clause_id,
                probability=judgement.probability,
                interval=judgement.interval,
                outcome=decided[judgement.clause_id].outcome,
                is_measured=judgement.is_measured,
                labels=_weighty(judgement.contributions),
                actions=decided[judgement.clause_id].actions,
                proposed=decided[judgement.clause_id].proposed,
            )
            for judgement in screening.judgements
        ),
        signals=screening.signals,
        abstentions=screening.abstentions,
        problems=screening.problems,
        language=detect_language(request.text).language,
        policy_id=decision.policy_id,
        policy_version=decision.policy_version,
        policy_digest=decision.policy_digest,
        detector_ids=screening.detector_ids,
    )


def _weighty(contributions: Sequence[Contribution]) -> tuple[str, ...]:
    """The labels that carry a judgement; contributions come heaviest first."""
    found = [one for one in contributions if one.signal_index >= 0 and one.log_odds > 0.0]
    least = MATERIAL_SHARE * sum(one.log_odds for one in found)
    return tuple(one.name for one in found if one.log_odds >= least)
