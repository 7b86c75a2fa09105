"""The lanes of the timeline, and on which of them evidence lies: where it was seen, heard, read or written."""

from dataclasses import dataclass

from tidegate.records import Evidence, EvidencePart, Modality, Signal, TextSource

FAMILIES = {
    "visual": "picture",
    "judge": "picture",
    "matching": "matches",
    "wording": "words",
    "pattern": "words",
    "speech": "voice",
    "onscreen": "screen",
    "sound": "sound",
    "metadata": "facts",
    "provenance": "facts",
}
"""The lane of a detector, or of a label, by the first part of its id."""

LANES = (
    ("picture", "Picture", Modality.PICTURE),
    ("matches", "Matches", Modality.PICTURE),
    ("screen", "On screen", Modality.PICTURE),
    ("words", "Caption", Modality.WORDS),
    ("voice", "Voice", Modality.SOUND),
    ("sound", "Sound", Modality.SOUND),
    ("facts", "Metadata", Modality.FACTS),
)
"""Key, title and modality of each lane, from top to bottom."""

_SOURCES = {TextSource.SPEECH: "voice", TextSource.ON_SCREEN: "screen", TextSource.CODE: "screen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a piece of evidence: the lane it lies on and what can be checked there."""

    lane: str
    at: Evidence | EvidencePart


def lane_of(signal: Signal) -> str:
    """The lane a signal belongs to: of the text it quotes, else of its detector's family, else of its label's."""
    quote = signal.evidence.quote
    if quote is not None and quote.source in _SOURCES:
        return _SOURCES[quote.source]
    for name in (signal.detector_id, signal.label):
        if lane := FAMILIES.get(name.partition(".")[0]):
            return lane
    return "picture" if signal.evidence.span else "facts"


def places_of(signal: Signal) -> tuple[Place, ...]:
    """Where a signal is drawn: once, or once for each part of what is only there when they are taken together."""
    evidence = signal.evidence
    if not evidence.parts:
        return (Place(lane=lane_of(signal), at=evidence),)
    return tuple(Place(lane=_lane_of_part(part, signal), at=part) for part in evidence.parts)


def _lane_of_part(part: EvidencePart, signal: Signal) -> str:
    if part.quote is None:
        return "picture" if part.box is not None else lane_of(signal)
    return _SOURCES.get(part.quote.source, "words")
