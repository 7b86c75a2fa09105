"""Scales of the report's charts: seconds and log-odds to percent of a width."""

import math
from dataclasses import dataclass

LOGIT_LIMIT = math.log(0.9995 / 0.0005)
"""Log-odds at both ends of a probability axis: .0005 and .9995; what lies beyond is drawn at the end."""

PROBABILITY_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)

_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)


def logit(probability: float) -> float:
    """Natural-log odds of a probability, cut to the axis."""
    if probability <= 0.0:
        return -LOGIT_LIMIT
    if probability >= 1.0:
        return LOGIT_LIMIT
    return max(-LOGIT_LIMIT, min(LOGIT_LIMIT, math.log(probability / (1.0 - probability))))


def odds_percent(log_odds: float) -> float:
    """Where on the axis natural-log odds lie, in percent of its width, cut to [0, 100]."""
    return round(50.0 + 50.0 * max(-1.0, min(1.0, log_odds / LOGIT_LIMIT)), 3)


def probability_percent(probability: float) -> float:
    """Where on the axis a probability lies, in percent of its width."""
    return odds_percent(logit(probability))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on an axis, in percent of its width."""

    percent: float
    label: str


def probability_ticks() -> tuple[Tick, ...]:
    """Labelled probabilities on the log-odds axis."""
    return tuple(Tick(percent=probability_percent(p), label=f"{100 * p:g}%") for p in PROBABILITY_TICKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScale:
    """Seconds of one clip to percent of the timeline's width."""

    duration_s: float

    def percent(self, time_s: float) -> float:
        """Where a moment lies, cut to [0, 100]."""
        if self.duration_s <= 0.0:
            return 0.0
        return round(100.0 * max(0.0, min(1.0, time_s / self.duration_s)), 3)

    def ticks(self) -> tuple[Tick, ...]:
        """At most nine round moments, the first at zero."""
        step = next((step for step in _STEPS_S if self.duration_s / step <= 8), _STEPS_S[-1])
        count = min(8, int(self.duration_s / step + 1e-9)) if self.duration_s > 0 else 0
        return tuple(
            Tick(percent=self.percent(index * step), label=clock_text(index * step, tenths=step < 1))
            for index in range(count + 1)
        )


def clock_text(time_s: float, *, tenths: bool = True) -> str:
    """`0:07.5`, `12:30.0`, `1:02:03.4`; whole seconds unless `tenths`."""
    rounded = round(time_s, 1) if tenths else float(round(time_s))
    minutes, rest = divmod(rounded, 60)
    hours, minutes = divmod(int(minutes), 60)
    seconds = f"{rest:04.1f}" if tenths else f"{rest:02.0f}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"
