"""The pattern tier: links, contact details, offers, abuse and personal data, each with its exact characters."""

from collections.abc import Iterator

from tidegate.records import Abstention, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.wording.abuse import abuse
from tidegate.signals.wording.abuse_words import abuse_kinds, abuse_phrases, contexts
from tidegate.signals.wording.contacts import contacts
from tidegate.signals.wording.find import Find, best
from tidegate.signals.wording.identity import personal_data
from tidegate.signals.wording.links import OriginalOf, links
from tidegate.signals.wording.mapping import Mapped
from tidegate.signals.wording.normalise import Normalised, warm_up
from tidegate.signals.wording.offer_words import kinds, phrases
from tidegate.signals.wording.offers import offers
from tidegate.signals.wording.reading import Reading, over_budget, read_view

LEAST_SCORE = 0.12
"""A find below this score is not worth a person's look and is left out."""

MAX_FINDS = 24
"""Most finds of one label reported for one text."""


class PatternDetector:
    """Emits the `pattern.*` labels. A score says how rarely the shape is harmless, by our own estimate: 0.15 a link to
    a large site, 0.3 a link, 0.5 an e-mail address, 0.7 a phone number or a complete offer, 0.9 a plain one;
    0.3 times that where the words around warn of an offer or report abuse. Links are never fetched.
    """

    id = "wording.patterns@1"
    needs = frozenset({Need.TEXTS})
    emits = frozenset(
        {
            "pattern.link",
            "pattern.contact",
            "pattern.money_mule",
            "pattern.scam_offer",
            "pattern.engagement_bait",
            "pattern.trade",
            "pattern.personal_data",
            "pattern.urging_self_harm",
            "pattern.threat",
            "pattern.minor_solicitation",
            "pattern.drug_sale",
        }
    )
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0008, memory_mib=4.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Compile the patterns. Raises ModelFileError when a data file is damaged. Cost: 0.3 s once."""
        warm_up()
        kinds()
        phrases()
        abuse_phrases()
        abuse_kinds()
        contexts()

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each find in each text, quoted as written; and for each label that only several texts read as
        one say, or say more plainly than any of them, the best of the orders in which they can be read.
        """
        best: dict[str, float] = {}
        together: list[Signal] = []
        for text in view.texts:
            if not text.text:
                continue
            reading = read_view(text)
            for signal in self._signals(reading):
                if text.is_joined:
                    together.append(signal)
                    continue
                best[signal.label] = max(signal.score, best.get(signal.label, 0.0))
                yield signal
            if reading.unread_chars:
                yield over_budget(reading, self.id, self.emits)
        for signal in sorted(together, key=lambda one: (-one.score, len(one.evidence.parts))):
            if signal.score > best.get(signal.label, 0.0):
                best[signal.label] = signal.score
                yield signal

    def _signals(self, reading: Reading) -> Iterator[Signal]:
        counts: dict[str, int] = {}
        for mapped, find in finds_in(reading.text):
            evidence = reading.view.evidence(*mapped.origin(find.start, find.end), find.note)
            if evidence is None or find.start == find.end:
                continue
            counts[find.label] = counts.get(find.label, 0) + 1
            if counts[find.label] > MAX_FINDS:
                continue
            yield Signal(label=find.label, score=find.score, evidence=evidence, detector_id=self.id)


def finds_in(read: Normalised) -> Iterator[tuple[Mapped, Find]]:
    """Every find of a normalised text with the mapping that its places refer to, in order of place by kind.

    Cost: linear; about 0.5 ms for a caption.
    """
    details = [*links(read.text, _original_of(read.mapped)), *contacts(read.text), *personal_data(read.text)]
    plain = _without_numbers_that_identify(details)
    reach = [(find.start, find.end) for find in plain if find.label in ("pattern.contact", "pattern.link")]
    for find in best(plain):
        if find.score >= LEAST_SCORE:
            yield read.mapped, find
    moved = _moved(reach, read)
    for find in best([*offers(read.skeleton.text, moved), *abuse(read.skeleton.text, moved)]):
        if find.score >= LEAST_SCORE:
            yield read.skeleton, find


def _original_of(mapped: Mapped) -> OriginalOf:
    def original_of(start: int, end: int) -> str:
        start_char, end_char = mapped.origin(start, end)
        return mapped.original[start_char:end_char]

    return original_of


def _without_numbers_that_identify(finds: list[Find]) -> list[Find]:
    """A card or identity number is not a phone number as well."""
    identities = [find for find in finds if find.label == "pattern.personal_data"]
    return [
        find
        for find in finds
        if find.label != "pattern.contact" or not any(find.start < i.end and i.start < find.end for i in identities)
    ]


def _moved(places: list[tuple[int, int]], read: Normalised) -> list[tuple[int, int]]:
    """Places of the normalised text in its skeleton; the two differ where accents and ligatures were."""
    return [read.skeleton.place_of(*read.mapped.origin(start, end)) for start, end in places]
