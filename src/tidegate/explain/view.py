"""Everything the page says about one upload, worked out before any markup is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.explain.charts import ProbabilityBar, Step, probability_bar, waterfall
from tidegate.explain.clauses import BlindGroup, ClauseRow, blind_groups, clause_rows, when_of
from tidegate.explain.evidence import OBSERVATIONS, EvidenceRow, evidence_rows
from tidegate.explain.marks import MarkedText, marked_texts
from tidegate.explain.origin import Origin, origin_of
from tidegate.explain.sheet import Picture, contact_sheet
from tidegate.explain.sound import loudness_line
from tidegate.explain.timeline import Timeline, timeline
from tidegate.explain.words import Script, script
from tidegate.records import Decision, Policy, Screening, Signal, StageCost, Upload

if TYPE_CHECKING:
    from tidegate.screening import Screened

MAX_EVIDENCE = 200
"""Signals listed for one upload, strongest first; the rest are counted."""

MAX_LINES = 600
"""Lines of speech and of words on the picture listed for one upload; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseCard:
    """One clause with its charts."""

    row: ClauseRow
    bar: ProbabilityBar
    steps: tuple[Step, ...]
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBar:
    """What one stage cost, and where its part of the whole lies, in percent."""

    stage: str
    cpu_s: float
    wall_s: float
    items: int
    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    """One upload as the page shows it."""

    key: str
    name: str
    upload: Upload
    screening: Screening
    decision: Decision
    policy: Policy
    clauses: tuple[ClauseCard, ...]
    evidence: tuple[EvidenceRow, ...]
    hidden_evidence: int
    texts: tuple[MarkedText, ...]
    script: Script
    origin: Origin | None
    loudness: str
    pictures: tuple[Picture, ...]
    timeline: Timeline
    blind: tuple[BlindGroup, ...]
    costs: tuple[CostBar, ...]
    cpu_s: float

    @property
    def leading(self) -> ClauseCard | None:
        """The clause that leads the decision, `None` where none does."""
        return next((card for card in self.clauses if card.row.clause_id == self.decision.leading_clause_id), None)


def upload_view(
    key: str, name: str, screened: "Screened", policy: Policy, *, most_frames: int, most_lines: int = MAX_LINES
) -> UploadView:
    """Work out the view of one screened upload; frames become data URIs here, so the clip may be dropped after."""
    screening, decision = screened.screening, screened.decision
    rows = clause_rows(policy, screening, decision)
    order, observed = _by_weight(rows, screening.signals)
    numbers = {index: position + 1 for position, index in enumerate(order[:MAX_EVIDENCE])}
    numbered = [(number, screening.signals[index]) for index, number in numbers.items() if index not in observed]
    frames = screened.clip.frames if screened.clip else ()
    quotes = [(number, quote) for number, signal in numbered for quote in signal.evidence.quotes]
    told = script(screening, quotes, most=most_lines)
    pictures = contact_sheet(frames, numbered, told.shown, most=most_frames)
    return UploadView(
        key=key,
        name=name,
        upload=screened.upload,
        screening=screening,
        decision=decision,
        policy=policy,
        clauses=tuple(_card(row, policy, screening, numbers) for row in rows),
        evidence=evidence_rows(numbers, screening.signals, rows, pictures, told, observed),
        hidden_evidence=len(screening.signals) - len(numbers),
        texts=marked_texts(screened.upload, quotes),
        script=told,
        origin=origin_of(screening.provenance),
        loudness=loudness_line(screening),
        pictures=pictures,
        timeline=timeline(screening, numbered, frames, told),
        blind=blind_groups(rows),
        costs=_cost_bars(screening.costs),
        cpu_s=sum(cost.cpu_s for cost in screening.costs),
    )


def _by_weight(rows: Sequence[ClauseRow], signals: Sequence[Signal]) -> tuple[list[int], frozenset[int]]:
    """Signal indexes: those that moved a clause most first, then by score; observations last, and which they are."""
    weight = dict.fromkeys(range(len(signals)), 0.0)
    for row in rows:
        for item in row.contributions:
            if item.signal_index >= 0:
                weight[item.signal_index] = max(weight[item.signal_index], abs(item.log_odds))
    observed = frozenset(
        index for index, moved in weight.items() if moved == 0.0 and signals[index].label in OBSERVATIONS
    )
    order = sorted(weight, key=lambda index: (index in observed, -weight[index], -signals[index].score, index))
    return order, observed


def _card(row: ClauseRow, policy: Policy, screening: Screening, numbers: dict[int, int]) -> ClauseCard:
    clause = next((clause for clause in policy.clauses if clause.id == row.clause_id), None)
    places = list(dict.fromkeys(when_of(screening.signals[index]) for index in row.signals))
    return ClauseCard(
        row=row,
        bar=probability_bar(row, clause),
        steps=waterfall(row.contributions, screening.signals, numbers),
        when=", ".join(places[:4]) + (f" +{len(places) - 4}" if len(places) > 4 else ""),
    )


def _cost_bars(costs: Sequence[StageCost]) -> tuple[CostBar, ...]:
    total = sum(cost.cpu_s for cost in costs)
    bars: list[CostBar] = []
    left = 0.0
    for cost in costs:
        width = 100 * cost.cpu_s / total if total else 0.0
        bars.append(
            CostBar(
                stage=cost.stage,
                cpu_s=cost.cpu_s,
                wall_s=cost.wall_s,
                items=cost.items,
                left=round(left, 3),
                width=round(width, 3),
            )
        )
        left += width
    return tuple(bars)
