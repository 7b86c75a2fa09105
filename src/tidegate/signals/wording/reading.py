"""What every detector of words does first: cut a text to the limit, normalise it, and say what was left unread."""

from dataclasses import dataclass

from tidegate.records import Abstention, AbstentionReason
from tidegate.signals.base import TextView
from tidegate.signals.wording.normalise import MAX_CHARS, Normalised, normalise


@dataclass(frozen=True, slots=True)
class Reading:
    """One text of an upload as read: the view it came from, its normalised start, and how many characters were left."""

    view: TextView
    text: Normalised
    unread_chars: int


def read_view(view: TextView) -> Reading:
    """Normalise the first `MAX_CHARS` characters of a text. Never raises; shared between detectors by a cache."""
    return Reading(view, normalise(view.text[:MAX_CHARS]), max(0, len(view.text) - MAX_CHARS))


def over_budget(reading: Reading, detector_id: str, labels: frozenset[str]) -> Abstention:
    """The abstention for the part of a text that was not read."""
    return Abstention(
        detector_id=detector_id,
        reason=AbstentionReason.OVER_BUDGET,
        labels=tuple(sorted(labels)),
        span=reading.view.span,
        detail=f"{reading.view.source}: the last {reading.unread_chars} characters were not read, limit {MAX_CHARS}",
    )
