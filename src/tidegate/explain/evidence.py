"""The list of evidence: each signal under its number, with every place where it can be checked."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from tidegate.explain.clauses import ClauseRow, when_of
from tidegate.explain.lanes import lane_of, places_of
from tidegate.explain.phrases import source_text
from tidegate.explain.scale import clock_text
from tidegate.explain.sheet import Picture
from tidegate.explain.words import Script
from tidegate.records import Evidence, EvidencePart, Signal
from tidegate.signals.labels import LABELS

OBSERVATIONS = frozenset(label for label, meaning in LABELS.items() if "harmless in" in meaning)
"""Labels that the table of labels calls harmless in themselves: what was met, no finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one place of a piece of evidence says: where that is, in words, and the line of the script that holds it.

    `anchor` is `words` for a text as submitted, empty where there is nothing to go to.
    """

    lane: str
    where: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One signal under its number. `frame_index` is the picture that shows it, -1 for none.

    `is_joined` is true where it takes all `pieces` together to say it, `is_observation` where the label is harmless in
    itself and moved no clause.
    """

    number: int
    lane: str
    signal: Signal
    meaning: str
    when: str
    clauses: tuple[str, ...]
    frame_index: int
    pieces: tuple[Piece, ...]
    is_joined: bool
    is_observation: bool


def evidence_rows(
    numbers: Mapping[int, int],
    signals: Sequence[Signal],
    rows: Sequence[ClauseRow],
    pictures: Sequence[Picture],
    script: Script,
    observed: Set[int] = frozenset(),
) -> tuple[EvidenceRow, ...]:
    """The signals of `numbers` (index to number), in that order; `observed` are the indexes of observations."""
    frames: dict[int, int] = {}
    for picture in pictures:
        for number in (*picture.numbers, *(number for text in picture.texts for number in text.numbers)):
            frames.setdefault(number, picture.index)
    clauses: dict[int, list[str]] = {}
    for row in rows:
        for index in row.signals:
            clauses.setdefault(index, []).append(row.clause_id)
    listed = {line.anchor for line in script.lines}
    return tuple(
        EvidenceRow(
            number=number,
            lane=lane_of(signals[index]),
            signal=signals[index],
            meaning=LABELS.get(signals[index].label, ""),
            when=f"{when_of(signals[index])} s" if signals[index].evidence.span else when_of(signals[index]),
            clauses=tuple(clauses.get(index, ())),
            frame_index=frames.get(number, -1),
            pieces=_pieces(signals[index], script, listed),
            is_joined=bool(signals[index].evidence.parts),
            is_observation=index in observed,
        )
        for index, number in numbers.items()
    )


def _pieces(signal: Signal, script: Script, listed: set[str]) -> tuple[Piece, ...]:
    """The places that quote something or are those of a text on the picture; of joined evidence all of them."""
    places = [
        place
        for place in places_of(signal)
        if place.at.quote is not None or signal.evidence.parts or script.places.anchors_of(place.at)
    ]
    return tuple(
        Piece(
            lane=place.lane,
            where=_where(place.at, script),
            text=place.at.quote.text if place.at.quote else "",
            anchor=_anchor(place.at, script, listed),
        )
        for place in places
    )


def _where(at: Evidence | EvidencePart, script: Script) -> str:
    """`caption`, `voice 0:03.1`, `picture T3 0:02.0`, `picture T3–T5 0:02.0`."""
    words = [source_text(at.quote.source) if at.quote else "picture"]
    tags = [anchor.upper() for anchor in script.places.anchors_of(at) if anchor.startswith("t")]
    if tags:
        words.append(tags[0] if len(tags) == 1 else f"{tags[0]}–{tags[-1]}")
    if at.span is not None:
        words.append(clock_text(at.span.start_s))
    return " ".join(words)


def _anchor(at: Evidence | EvidencePart, script: Script, listed: set[str]) -> str:
    anchors = script.places.anchors_of(at)
    if anchors:
        return anchors[0] if anchors[0] in listed else ""
    return "words" if at.quote and at.quote.source.value in ("caption", "hashtag", "sound_title") else ""
