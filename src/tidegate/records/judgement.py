"""What the signals add up to, per clause: a calibrated probability, why, and what could not be seen."""

import math
from dataclasses import dataclass

from tidegate.errors import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A two-sided interval of a probability at the stated confidence (0.95 unless told)."""

    low: float
    high: float
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not (0.0 <= self.low <= self.high <= 1.0 and 0.0 < self.confidence < 1.0):
            raise RecordError(f"interval [{self.low}, {self.high}] at {self.confidence}", where="Interval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """How far one piece of evidence moved a clause, in natural-log odds; the sum with the base rate is the judgement.

    `signal_index` points into `Screening.signals`, -1 for the base rate and context. `basis` says what stands
    behind the weight: `measured` on labelled data (with `labelled_count` rows) or `assumed` by its author.
    """

    name: str
    log_odds: float
    signal_index: int = -1
    basis: str = "assumed"
    labelled_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """Something a clause speaks of that nothing looked at in this upload.

    `is_lost` tells a loss in this upload (a detector failed or was unavailable, media damaged or cut short) from
    what stands for every upload (no detector for it, a language nobody reads, sampling).
    """

    what: str
    reason: str
    is_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Per clause: calibrated probability of a violation in [0, 1], its interval, contributions and coverage.

    `is_measured` is true only when every material contribution rests on labelled data; a policy may
    automate only measured judgements. `recall_at` is the share of labelled violations that score at least as high as
    this upload did, `None` where nobody measured it.
    """

    clause_id: str
    probability: float
    interval: Interval
    contributions: tuple[Contribution, ...] = ()
    blind: tuple[Blindness, ...] = ()
    is_measured: bool = False
    recall_at: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.probability) and 0.0 <= self.probability <= 1.0):
            raise RecordError(f"probability {self.probability} is outside [0, 1]", where=f"Judgement {self.clause_id}")
