"""From held-out scores to evidence: log-likelihood ratio per score with a standard error that includes the shift."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

HARD_SHARE = 0.02
"""Assumed share of harmless uploads as hard as the negatives of labelled sets, which were picked for rough words, and
as the harmless twins of our templates, which use the words of the harm: the
base rate of strong language in words that the fusion model assumes (0.5% to 5%)."""

HARD_SHARE_ERROR = 0.6
"""Standard error, in log odds, of that assumption: half the width of that interval over 1.96."""

SINGLE_SOURCE_SHIFT = 1.0
"""Standard error added, in log odds, where one source alone was labelled and no spread between sources is known."""

TEMPLATE_RECALL = 0.5
"""Assumed share of held-out recall that is left on real captions, for labels without a labelled source."""

ASSUMED_SHIFT = 1.5
"""Standard error added, in log odds, for labels without a labelled source."""

MAX_ASSUMED_RATIO = 5.5
"""Largest weight of a label without a labelled source: enough for a person to look, never enough to act."""

_EDGES = (0.0, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97, 1.0)
_PRIOR_ROWS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Held-out scores of one label: positives and hard negatives by source, and everyday negatives together."""

    positives: dict[str, NDArray[np.float64]]
    hard: dict[str, NDArray[np.float64]]
    everyday: NDArray[np.float64]

    @property
    def marked(self) -> tuple[str, ...]:
        """Sources with both positives and hard negatives."""
        return tuple(sorted(self.positives.keys() & self.hard.keys()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Monotone points (score, log-likelihood ratio, standard error) and `shift_error`, the part that is shift."""

    points: tuple[tuple[float, float, float], ...]
    shift_error: float


def ratio_curve(scored: Scored, *, is_measured: bool) -> Curve:
    """The weight of evidence of a score for traffic of which HARD_SHARE is as hard as the labelled negatives.

    Per score bin the ratio is log(share of positives / share of negatives) with half a prior row a bin
    (Jeffreys); sources weigh alike. Its error adds sampling (1/n per share), the spread of the ratio between
    sources and HARD_SHARE_ERROR. Made monotone by pooling adjacent violators (Barlow et al. 1972).
    """
    positive = np.mean([_shares(scores) for scores in scored.positives.values()], axis=0)
    hard = np.mean([_shares(scores) for scores in scored.hard.values()], axis=0) if scored.hard else None
    everyday = _shares(scored.everyday)
    negative = everyday if hard is None else HARD_SHARE * hard + (1.0 - HARD_SHARE) * everyday
    ratios = np.log(positive / negative)
    sampling = np.sqrt(
        1.0 / (positive * sum(map(len, scored.positives.values())) + 1.0)
        + 1.0 / (negative * len(scored.everyday) + 1.0)
    )
    shift = math.hypot(_shift_error(scored, is_measured=is_measured), HARD_SHARE_ERROR)
    if not is_measured:
        ratios = np.minimum(ratios + math.log(TEMPLATE_RECALL), MAX_ASSUMED_RATIO)
    weights = 1.0 / sampling**2
    ratios = pooled_monotone(ratios, weights)
    middles = [(low + high) / 2.0 for low, high in pairwise(_EDGES)]
    points = tuple(
        (round(middle, 4), round(float(ratio), 3), round(math.hypot(float(error), shift), 3))
        for middle, ratio, error in zip(middles, ratios, sampling, strict=True)
    )
    return Curve(points=points, shift_error=round(shift, 3))


def recall_at(scores: Sequence[float], positives: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
    """Share of held-out positives at or above each score, sources weighing alike."""
    return tuple(round(float(np.mean([(part >= score).mean() for part in positives])), 4) for score in scores)


def pooled_monotone(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The closest never-falling sequence in weighted least squares, by pooling adjacent violators."""
    blocks: list[list[float]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last, before = blocks.pop(), blocks.pop()
            total = last[1] + before[1]
            blocks.append([(last[0] * last[1] + before[0] * before[1]) / total, total, last[2] + before[2]])
    return np.concatenate([np.full(int(count), value) for value, _, count in blocks])


def _shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of scores per bin, each bin given _PRIOR_ROWS more so that what was never seen is not impossible."""
    counts = np.histogram(scores, _EDGES)[0] + _PRIOR_ROWS
    return np.asarray(counts / counts.sum(), np.float64)


def _shift_error(scored: Scored, *, is_measured: bool) -> float:
    """Standard deviation between sources of the mean ratio of a positive, over the upper half of the scores."""
    if not is_measured:
        return ASSUMED_SHIFT
    upper = [index for index, edge in enumerate(_EDGES[:-1]) if edge >= 0.5]
    means = []
    for source in scored.marked:
        positive, hard = (_shares(part[source])[upper].sum() for part in (scored.positives, scored.hard))
        means.append(math.log(positive / hard))
    return float(np.std(means, ddof=1)) if len(means) > 2 else SINGLE_SOURCE_SHIFT
