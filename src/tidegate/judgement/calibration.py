"""From a detector's score to evidence in natural-log odds: monotone, piecewise linear, with a standard error."""

import bisect
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tidegate.errors import FusionModelError

Basis = Literal["measured", "assumed"]
MAX_LOG_ODDS = 40.0
"""Largest weight a calibration may give; e^40 is more odds than any labelled set could ever support."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a score is worth: log-likelihood ratio in natural-log odds (never negative) and its standard error."""

    log_odds: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How scores of one label turn into evidence.

    `points` are (score, log-likelihood ratio, standard error), scores strictly ascending in [0, 1], ratios never
    falling; linear between points and flat outside. `shift` is the relative standard deviation added because the
    labelled data came from elsewhere. `recall` holds (score, share of labelled violations at or above it).
    An empty `detector_id` serves every detector that emits the label. Raises FusionModelError otherwise.
    """

    label: str
    group: str
    points: tuple[tuple[float, float, float], ...]
    basis: Basis
    labelled_count: int
    shift: float
    source: str
    detector_id: str = ""
    recall: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        _check_points(self.points)
        _check_recall(self.recall, self.basis)
        if (self.basis == "measured") != (self.labelled_count > 0):
            raise FusionModelError(
                f"basis {self.basis} with {self.labelled_count} labelled rows",
                where="labelled_count",
                next_step="measured needs at least one labelled row, assumed has none",
            )
        if not 0.0 <= self.shift <= 2.0:
            raise FusionModelError(f"{self.shift} is outside [0, 2]", where="shift")

    def weight(self, score: float) -> Weight:
        """The evidence in `score`. Ratios under zero count as zero: a quiet detector never clears an upload."""
        scores = [point[0] for point in self.points]
        right = bisect.bisect_right(scores, score)
        if right == 0 or right == len(scores):
            _, ratio, error = self.points[min(right, len(scores) - 1)]
        else:
            low, high = self.points[right - 1], self.points[right]
            share = (score - low[0]) / (high[0] - low[0])
            ratio = low[1] + share * (high[1] - low[1])
            error = low[2] + share * (high[2] - low[2])
        return Weight(log_odds=max(0.0, ratio), standard_error=error)

    def recall_at(self, score: float) -> float | None:
        """Share of labelled violations that score at or above `score`; the nearest point below counts.

        `None` when nobody measured it. Never rises with the score.
        """
        if not self.recall:
            return None
        known = [share for at, share in self.recall if at <= score]
        return known[-1] if known else 1.0


def _check_points(points: tuple[tuple[float, float, float], ...]) -> None:
    if not points:
        raise FusionModelError("no points", where="points", next_step="give at least one [score, ratio, error]")
    for index, (score, ratio, error) in enumerate(points):
        if not (0.0 <= score <= 1.0 and abs(ratio) <= MAX_LOG_ODDS and 0.0 <= error <= MAX_LOG_ODDS):
            raise FusionModelError(
                f"[{score}, {ratio}, {error}] is out of range",
                where=f"points[{index}]",
                next_step=f"score in [0, 1], ratio within {MAX_LOG_ODDS:g} of zero, error not negative",
            )
    for index, (low, high) in enumerate(pairwise(points), 1):
        if high[0] <= low[0]:
            raise FusionModelError(f"score {high[0]} does not rise above {low[0]}", where=f"points[{index}]")
        if high[1] < low[1]:
            raise FusionModelError(
                f"ratio falls from {low[1]} to {high[1]}",
                where=f"points[{index}]",
                next_step="a higher score must never be weaker evidence: fit monotonically",
            )


def _check_recall(recall: tuple[tuple[float, float], ...], basis: Basis) -> None:
    if recall and basis != "measured":
        raise FusionModelError("recall of an assumed row", where="recall", next_step="measure it, or leave it out")
    for index, (score, share) in enumerate(recall):
        if not (0.0 <= score <= 1.0 and 0.0 <= share <= 1.0):
            raise FusionModelError(f"[{score}, {share}] is outside [0, 1]", where=f"recall[{index}]")
    for index, (low, high) in enumerate(pairwise(recall), 1):
        if high[0] <= low[0] or high[1] > low[1]:
            raise FusionModelError("scores must rise and shares must not", where=f"recall[{index}]")
