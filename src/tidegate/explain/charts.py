"""Geometry of the per-clause charts: probability with interval, and what moved it, on one log-odds axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.explain.clauses import ClauseRow, share_text
from tidegate.explain.scale import odds_percent, probability_percent
from tidegate.records import Clause, Contribution, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityBar:
    """A probability and its interval on the axis, with the policy's own lines; percent of the width."""

    at: float
    low: float
    width: float
    look: float | None
    act: float | None
    words: str


def probability_bar(row: ClauseRow, clause: Clause | None) -> ProbabilityBar:
    """Where the row's probability and interval lie, and where its clause starts to look and to act."""
    low, high = (row.interval.low, row.interval.high) if row.interval else (row.probability, row.probability)
    left = probability_percent(low)
    targets = clause.targets if clause else None
    act = targets.act_precision if targets else None
    confidence = (
        f" ({row.interval.confidence:.0%} interval {share_text(low)} to {share_text(high)})" if row.interval else ""
    )
    return ProbabilityBar(
        at=probability_percent(row.probability),
        low=left,
        width=round(max(0.6, probability_percent(high) - left), 3),
        look=probability_percent(1 / targets.look_one_in) if targets and targets.look_one_in > 0 else None,
        act=probability_percent(act) if act is not None else None,
        words=f"probability {share_text(row.probability)}{confidence}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One contribution as a bar from the sum before it to the sum after it; percent of the width."""

    name: str
    detector_id: str
    basis: str
    number: int
    log_odds: float
    left: float
    width: float
    is_up: bool


def waterfall(
    contributions: Sequence[Contribution], signals: Sequence[Signal], numbers: dict[int, int]
) -> tuple[Step, ...]:
    """Contributions in order, each starting where the one before ended; the first starts at even odds.

    `numbers` maps a signal's index to its number in the evidence list; 0 is given where it has none.
    """
    steps: list[Step] = []
    total = 0.0
    for item in contributions:
        before, after = odds_percent(total), odds_percent(total + item.log_odds)
        total += item.log_odds
        signal = signals[item.signal_index] if item.signal_index >= 0 else None
        steps.append(
            Step(
                name=item.name,
                detector_id=signal.detector_id if signal else "",
                basis=f"measured, n = {item.labelled_count:,}" if item.basis == "measured" else item.basis,
                number=numbers.get(item.signal_index, 0),
                log_odds=item.log_odds,
                left=min(before, after),
                width=round(max(0.4, abs(after - before)), 3),
                is_up=item.log_odds >= 0,
            )
        )
    return tuple(steps)
