"""What detectors say: a signal with its evidence, or an abstention with its reason."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from tidegate.errors import RecordError
from tidegate.records.span import Box, Quote, Span

DETECTOR_ID_PATTERN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+@[1-9][0-9]*\Z")
LABEL_PATTERN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePart:
    """One of several places that say something together: a span, a box, a quote, or several of them."""

    span: Span | None = None
    box: Box | None = None
    quote: Quote | None = None

    def __post_init__(self) -> None:
        if self.span is None and self.box is None and self.quote is None:
            raise RecordError("a part without a span, box or quote", where="EvidencePart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a signal can be checked: a span, a box, a quote, or several of them. At least one is required.

    `note` says in plain words what was found ("matches bank entry 17 at distance 4"), never content of people.
    `parts` are the places of something that is only there when they are taken together, in reading order: words
    split between caption, picture and voice. Then `span` is the stretch that holds all timed parts.
    """

    span: Span | None = None
    box: Box | None = None
    quote: Quote | None = None
    note: str = ""
    parts: tuple[EvidencePart, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote, its own first and then those of its parts."""
        own = () if self.quote is None else (self.quote,)
        return (*own, *(part.quote for part in self.parts if part.quote is not None))

    def __post_init__(self) -> None:
        if self.span is None and self.box is None and self.quote is None and not self.parts:
            raise RecordError(
                "evidence without a span, box or quote", where="Evidence", next_step="say where it can be checked"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing a detector found: a label, an uncalibrated score in [0, 1], its evidence, and who says so.

    Raises RecordError on a score outside [0, 1], a malformed label or a detector id without version.
    """

    label: str
    score: float
    evidence: Evidence
    detector_id: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.score) and 0.0 <= self.score <= 1.0):
            raise RecordError(f"score {self.score} is outside [0, 1]", where=f"Signal {self.label}")
        if not LABEL_PATTERN.match(self.label):
            raise RecordError(f"label {self.label[:60]!r} is not family.name", where="Signal.label")
        _check_detector_id(self.detector_id)


class AbstentionReason(StrEnum):
    """Why a detector says nothing."""

    NO_INPUT = "no_input"
    NOT_NEEDED = "not_needed"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    LOW_CONFIDENCE = "low_confidence"
    UNAVAILABLE = "unavailable"
    OVER_BUDGET = "over_budget"
    DAMAGED_MEDIA = "damaged_media"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """A detector that did not look, and why; `labels` are what it therefore cannot vouch for.

    `NOT_NEEDED` means the detector's own `when` found nothing to look at and is not blindness;
    `NO_INPUT` means the modality does not exist in this upload, so there was nothing to miss.
    """

    detector_id: str
    reason: AbstentionReason
    labels: tuple[str, ...]
    span: Span | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        _check_detector_id(self.detector_id)

    @property
    def is_blind(self) -> bool:
        """Whether something may have been missed because of this abstention."""
        return self.reason not in (AbstentionReason.NOT_NEEDED, AbstentionReason.NO_INPUT)


def _check_detector_id(detector_id: str) -> None:
    if not DETECTOR_ID_PATTERN.match(detector_id):
        raise RecordError(f"detector id {detector_id[:60]!r} is not family.name@version", where="detector_id")
