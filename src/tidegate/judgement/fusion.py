"""Calibrated fusion: the signals of one upload become one judgement per clause, every part of it named.

The sum is in natural-log odds: the clause's base rate, plus for each label the evidence of its strongest signal
times the share the clause gives that label. Labels of one group speak about the same thing, so the strongest
counts in full and each further one `discount` times the one before (an ordered weighted sum, which can only rise
when any part rises). The interval is the sum plus or minus z standard errors; variances of the base rate, the
calibrations and the shift to another platform add up (independent errors; delta method on the log odds).
"""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from tidegate.judgement.calibration import Calibration
from tidegate.judgement.coverage import blindness
from tidegate.judgement.model import FusionModel
from tidegate.records import (
    Abstention,
    Clause,
    Contribution,
    Interval,
    Judgement,
    MediaCoverage,
    Signal,
    Span,
)

DECIMALS = 6
"""Log odds are rounded here, so that the bytes do not depend on the order of a sum or on the machine."""
MATERIAL_SHARE = 0.1
"""A contribution under a tenth of all evidence is not what carries the judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The strongest signal of one label for one clause."""

    label: str
    signal_index: int
    score: float
    log_odds: float
    standard_error: float
    calibration: Calibration


def judge(
    clauses: Sequence[Clause],
    signals: Sequence[Signal],
    abstentions: Sequence[Abstention],
    *,
    coverage: MediaCoverage,
    model: FusionModel,
    emitted: frozenset[str] | None = None,
) -> tuple[Judgement, ...]:
    """One judgement per clause, in the clauses' order. Pure: same inputs, same bytes, in any order of signals.

    More evidence never lowers a probability: a label nobody found counts as nothing, and a weak score as nothing
    or more. `emitted` are the labels that the detectors of this run can emit; a clause's other labels are blind.
    Raises nothing. Cost: about 1 ms for 23 clauses and 40 signals.
    """
    by_label: dict[str, list[tuple[int, Signal]]] = {}
    for index, signal in enumerate(signals):
        by_label.setdefault(signal.label, []).append((index, signal))
    strongest = {label: _strongest(found, model) for label, found in by_label.items()}
    return tuple(_judge_one(clause, strongest, abstentions, coverage, model, emitted) for clause in clauses)


def _strongest(found: Sequence[tuple[int, Signal]], model: FusionModel) -> _Evidence:
    """The signal of one label that weighs most; equal ones are told apart by their own content, not their place."""
    candidates = []
    for index, signal in found:
        calibration = model.calibration(signal.label, signal.detector_id)
        weight = calibration.weight(signal.score)
        candidates.append(
            _Evidence(
                label=signal.label,
                signal_index=index,
                score=signal.score,
                log_odds=weight.log_odds,
                standard_error=weight.standard_error,
                calibration=calibration,
            )
        )
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda one: (-one.log_odds, -one.score, *_identity(found, one.signal_index)))


def _identity(found: Sequence[tuple[int, Signal]], index: int) -> tuple[str, float, float, str, str, int]:
    signal = next(signal for at, signal in found if at == index)
    span = signal.evidence.span or Span(start_s=0.0, end_s=0.0)
    return signal.detector_id, span.start_s, span.end_s, repr(signal.evidence), signal.evidence.note, index


def _judge_one(
    clause: Clause,
    strongest: Mapping[str, _Evidence],
    abstentions: Sequence[Abstention],
    coverage: MediaCoverage,
    model: FusionModel,
    emitted: frozenset[str] | None,
) -> Judgement:
    rate = model.base_rate(clause.id)
    base = Contribution(
        name="base rate",
        log_odds=round(rate.log_odds, DECIMALS),
        basis=rate.basis,
        labelled_count=rate.labelled_count,
    )
    variances = [rate.standard_error**2]
    found: list[Contribution] = []
    for evidence, weight in _weighted(clause, strongest, model):
        log_odds = round(weight * evidence.log_odds, DECIMALS)
        variances.append((weight * evidence.standard_error) ** 2 + (evidence.calibration.shift * log_odds) ** 2)
        found.append(_contribution(evidence, log_odds))
    contributions = (base, *sorted(found, key=lambda one: (-one.log_odds, one.name)))
    total = math.fsum(one.log_odds for one in contributions)
    reach = _z(clause.targets.confidence) * math.sqrt(math.fsum(sorted(variances)))
    return Judgement(
        clause_id=clause.id,
        probability=_probability(total),
        interval=Interval(
            low=_probability(total - reach), high=_probability(total + reach), confidence=clause.targets.confidence
        ),
        contributions=contributions,
        blind=blindness(clause, abstentions, coverage, emitted),
        is_measured=_is_measured(found),
        recall_at=_recall_at(clause, strongest),
    )


def _contribution(evidence: _Evidence, log_odds: float) -> Contribution:
    return Contribution(
        name=evidence.label,
        log_odds=log_odds,
        signal_index=evidence.signal_index,
        basis=evidence.calibration.basis,
        labelled_count=evidence.calibration.labelled_count,
    )


def _weighted(
    clause: Clause, strongest: Mapping[str, _Evidence], model: FusionModel
) -> Iterator[tuple[_Evidence, float]]:
    """The clause's evidence with the weight of each: its share, discounted by its rank within its group."""
    groups: dict[str, list[tuple[_Evidence, float]]] = {}
    for label, share in clause.labels.items():
        if evidence := strongest.get(label):
            groups.setdefault(evidence.calibration.group, []).append((evidence, share))
    for group, members in sorted(groups.items()):
        ranked = sorted(members, key=lambda member: (-member[1] * member[0].log_odds, member[0].label))
        for rank, (evidence, share) in enumerate(ranked):
            yield evidence, share * model.discount(group) ** rank


def _is_measured(found: Sequence[Contribution]) -> bool:
    """Whether there is evidence and all that carries the judgement rests on labelled data.

    The base rate is left out on purpose: how unsure it is stands in the interval, on which a policy acts.
    """
    total = math.fsum(sorted(one.log_odds for one in found))
    material = [one for one in found if one.log_odds > 0.0 and one.log_odds >= MATERIAL_SHARE * total]
    return bool(material) and all(one.basis == "measured" for one in material)


def _recall_at(clause: Clause, strongest: Mapping[str, _Evidence]) -> float | None:
    """The least share of labelled violations at or above any of the upload's scores; `None` if none is known.

    Only labels that the clause counts in full: violations of another label are not this clause's.
    """
    found = [strongest[label] for label, share in clause.labels.items() if share == 1.0 and label in strongest]
    shares = [share for one in found if (share := one.calibration.recall_at(one.score)) is not None]
    return min(shares, default=None)


@functools.lru_cache(maxsize=64)
def _z(confidence: float) -> float:
    """Standard errors to either side that hold `confidence` of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)


def _probability(log_odds: float) -> float:
    """The logistic function without overflow, rounded to nine decimals."""
    if log_odds >= 0.0:
        return round(1.0 / (1.0 + math.exp(-log_odds)), 9)
    odds = math.exp(log_odds)
    return round(odds / (1.0 + odds), 9)
