"""One row per clause, gravest first: what the table of `tidegate screen` and the report say about a clause."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.explain.phrases import seconds_text, source_text
from tidegate.records import (
    Blindness,
    Clause,
    ClauseDecision,
    Contribution,
    Decision,
    Interval,
    Judgement,
    Outcome,
    Policy,
    Screening,
    Signal,
    TraceStep,
)

_ORDER = (Outcome.ACT, Outcome.REVIEW, Outcome.UNSEEN, Outcome.SAMPLED, Outcome.EXCEPTED, Outcome.CLEAR)
_GRAVITY = {outcome: rank for rank, outcome in enumerate(_ORDER)}

_DECIDERS = {
    Outcome.ACT: "machine",
    Outcome.REVIEW: "person",
    Outcome.UNSEEN: "person (unseen)",
    Outcome.SAMPLED: "person (sample)",
    Outcome.EXCEPTED: "machine",
    Outcome.CLEAR: "machine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRow:
    """What one clause came to in one upload. `signals` are the signals that moved it, strongest first, by index.

    `proposed` is what a person is asked to confirm, `blind` what nothing looked at in this upload, `spots` what the
    policy says no detector can see in any.
    """

    clause_id: str
    title: str
    severity: str
    outcome: Outcome
    actions: tuple[str, ...]
    proposed: tuple[str, ...]
    probability: float
    interval: Interval | None
    is_measured: bool
    contributions: tuple[Contribution, ...]
    signals: tuple[int, ...]
    blind: tuple[Blindness, ...]
    spots: tuple[str, ...]
    trace: tuple[TraceStep, ...]

    @property
    def decider(self) -> str:
        """Who would decide this clause."""
        return _DECIDERS[self.outcome]

    @property
    def is_clear(self) -> bool:
        """Whether nothing follows from this clause."""
        return self.outcome is Outcome.CLEAR


def clause_rows(policy: Policy, screening: Screening, decision: Decision) -> tuple[ClauseRow, ...]:
    """Every clause that was judged or decided: gravest outcome first, then the most probable, then by id."""
    judged = {judgement.clause_id: judgement for judgement in screening.judgements}
    decided = {clause.clause_id: clause for clause in decision.clauses}
    known = {clause.id: clause for clause in policy.clauses}
    ids = dict.fromkeys((*decided, *judged))
    rows = [_row(clause_id, known.get(clause_id), judged.get(clause_id), decided.get(clause_id)) for clause_id in ids]
    return tuple(sorted(rows, key=lambda row: (_GRAVITY[row.outcome], -row.probability, row.clause_id)))


def _row(
    clause_id: str, clause: Clause | None, judgement: Judgement | None, decision: ClauseDecision | None
) -> ClauseRow:
    contributions = judgement.contributions if judgement else ()
    moved = sorted((c for c in contributions if c.signal_index >= 0), key=lambda c: -abs(c.log_odds))
    probability = judgement.probability if judgement else decision.probability if decision else 0.0
    return ClauseRow(
        clause_id=clause_id,
        title=clause.title if clause else clause_id,
        severity=clause.severity.value if clause else "",
        outcome=decision.outcome if decision else Outcome.CLEAR,
        actions=tuple(action.value for action in decision.actions) if decision else (),
        proposed=tuple(action.value for action in decision.proposed) if decision else (),
        probability=probability,
        interval=judgement.interval if judgement else None,
        is_measured=bool(judgement and judgement.is_measured),
        contributions=contributions,
        signals=tuple(dict.fromkeys(c.signal_index for c in moved)),
        blind=judgement.blind if judgement else (),
        spots=clause.blind.spots if clause else (),
        trace=decision.trace if decision else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindGroup:
    """Everything nothing looked at for one reason, and the clauses that speak of it."""

    reason: str
    is_lost: bool
    whats: tuple[str, ...]
    clause_ids: tuple[str, ...]


def blind_groups(rows: Sequence[ClauseRow]) -> tuple[BlindGroup, ...]:
    """What this upload's screening was blind to, one group a reason: losses first, then the widest."""
    whats: dict[tuple[str, bool], dict[str, None]] = {}
    clauses: dict[tuple[str, bool], dict[str, None]] = {}
    for row in rows:
        for blindness in row.blind:
            key = (blindness.reason, blindness.is_lost)
            whats.setdefault(key, {}).update(dict.fromkeys(_named(blindness.what)))
            clauses.setdefault(key, {})[row.clause_id] = None
    groups = [
        BlindGroup(reason=reason, is_lost=is_lost, whats=tuple(sorted(found)), clause_ids=tuple(sorted(clauses[key])))
        for key, found in whats.items()
        for reason, is_lost in (key,)
    ]
    return tuple(sorted(groups, key=lambda group: (not group.is_lost, -len(group.clause_ids), group.reason)))


def _named(what: str) -> list[str]:
    """The labels of a list of labels, one by one; anything else as it stands."""
    names = what.split(", ")
    return names if all(" " not in name for name in names) else [what]


def probability_text(row: ClauseRow) -> str:
    """`.42 (.18–.71)`: the probability and its interval."""
    if row.interval is None:
        return share_text(row.probability)
    return f"{share_text(row.probability)} ({share_text(row.interval.low)}–{share_text(row.interval.high)})"


def share_text(value: float) -> str:
    """A probability to two digits, three near its ends; what is not certain never reads as 0 or 1."""
    if 0.0 < value < 0.0005:
        return "<.001"
    if 0.9995 <= value < 1.0:
        return ".999+"
    digits = 2 if 0.095 <= value < 0.905 or value in (0.0, 1.0) else 3
    return f"{value:.{digits}f}".removeprefix("0") if value < 1.0 else "1.0"


def when_text(signals: Sequence[Signal]) -> str:
    """Where in the upload: `12.0–12.5` in seconds, or the text a quote is from; at most three, then how many more."""
    places = list(dict.fromkeys(when_of(signal) for signal in signals))
    shown = ", ".join(places[:3])
    return f"{shown} +{len(places) - 3}" if len(places) > 3 else shown


def when_of(signal: Signal) -> str:
    """One signal's place: seconds where it has a span, else the text its quote is from, else the whole clip.

    Of evidence in parts, the texts without seconds that take part stand before them: `caption + 2.0–4.5`.
    """
    evidence = signal.evidence
    untimed = [part.quote.source for part in evidence.parts if part.quote is not None and part.span is None]
    places = [source_text(source) for source in dict.fromkeys(untimed)]
    if evidence.span is not None:
        places.append(seconds_text(evidence.span))
    elif evidence.quote is not None:
        places.append(evidence.quote.source.value.replace("_", " "))
    return " + ".join(places) or "whole clip"
