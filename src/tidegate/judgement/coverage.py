"""What a clause is blind to in one upload: lost detectors, labels nobody emits, media not seen or heard."""

from collections.abc import Mapping, Sequence

from tidegate.records import (
    Abstention,
    AbstentionReason,
    Blindness,
    Clause,
    CoverageGap,
    GapReason,
    MediaCoverage,
    Modality,
)

LOST_REASONS = frozenset(
    {
        AbstentionReason.FAILED,
        AbstentionReason.UNAVAILABLE,
        AbstentionReason.OVER_BUDGET,
        AbstentionReason.DAMAGED_MEDIA,
    }
)
"""Abstentions that are a loss in this upload; the others are known limits of a detector."""
LOST_GAPS = frozenset({GapReason.DAMAGED, GapReason.TIME_LIMIT, GapReason.UNREAD})
"""Gaps that are a loss in this upload, in any channel. What lies between sampled pictures is not among them: that
distance was chosen by whoever set the budget. Sound has no such distance, and so is lost where its budget ends."""
MODALITY_OF_FAMILY: Mapping[str, Modality] = {
    "visual": Modality.PICTURE,
    "onscreen": Modality.PICTURE,
    "matching.frame": Modality.PICTURE,
    "sound": Modality.SOUND,
    "speech": Modality.SOUND,
}
"""Which channel a label's evidence comes through; families not named here do not depend on decoded media, except..."""
FAMILIES_OF_WORDS = frozenset({"wording", "pattern"})
"""...those that read words: what was heard and what stood on the picture, while a detector of the run emits the label
of the reader."""
READERS: Mapping[str, Modality] = {"speech.words": Modality.SOUND, "onscreen.text": Modality.PICTURE}
"""Label of a detector that reads words -> the channel it reads."""


def blindness(
    clause: Clause, abstentions: Sequence[Abstention], coverage: MediaCoverage, emitted: frozenset[str] | None
) -> tuple[Blindness, ...]:
    """Everything in this upload that the clause speaks of and nothing looked at, sorted, each once.

    `emitted` are the labels that the detectors of this run can emit, `None` when unknown; words then count as read in
    the upload's own texts only. An abstention that
    names no label counts for every clause, because nobody can say what it missed.
    """
    found = {
        *_nobody_emits(clause, emitted),
        *_abstained(clause, abstentions),
        *_not_covered(clause, coverage, emitted),
    }
    return tuple(sorted(found, key=lambda blind: (not blind.is_lost, blind.what, blind.reason)))


def _nobody_emits(clause: Clause, emitted: frozenset[str] | None) -> list[Blindness]:
    missing = [] if emitted is None else sorted(clause.labels.keys() - emitted)
    return [Blindness(what=label, reason="no detector of this run emits it") for label in missing]


def _abstained(clause: Clause, abstentions: Sequence[Abstention]) -> list[Blindness]:
    found = []
    for abstention in abstentions:
        labels = sorted(clause.labels.keys() & set(abstention.labels))
        if not abstention.is_blind or (abstention.labels and not labels):
            continue
        reason = f"{abstention.detector_id} abstained: {abstention.reason.value.replace('_', ' ')}"
        found.append(
            Blindness(
                what=", ".join(labels) or "anything this detector looks for",
                reason=f"{reason} ({abstention.detail})" if abstention.detail else reason,
                is_lost=abstention.reason in LOST_REASONS,
            )
        )
    return found


def _not_covered(clause: Clause, coverage: MediaCoverage, emitted: frozenset[str] | None) -> list[Blindness]:
    channels = {channel for label in clause.labels for channel in _channels(label, emitted)}
    found = []
    for modality in sorted({modality for modality, _ in channels}):
        for reason in GapReason:
            if reason is GapReason.UNREAD and (modality, True) not in channels:
                continue
            gaps = [gap for gap in coverage.gaps if gap.modality == modality and gap.reason == reason]
            if gaps and reason is not GapReason.NO_STREAM:
                found.append(_blind(modality, reason, gaps))
    if (
        Modality.PICTURE in {modality for modality, _ in channels}
        and coverage.decode_errors
        and not any(gap.reason in (GapReason.DAMAGED, GapReason.TIME_LIMIT) for gap in coverage.gaps)
    ):
        found.append(Blindness(what="picture: an unknown part", reason="decode errors", is_lost=True))
    return found


def _blind(modality: Modality, reason: GapReason, gaps: Sequence[CoverageGap]) -> Blindness:
    seconds = sum(sorted(gap.span.duration_s for gap in gaps if gap.span))
    stretches = "1 stretch" if len(gaps) == 1 else f"{len(gaps)} stretches"
    extent = f"{seconds:.1f} s in {stretches}" if seconds else "an unknown part"
    return Blindness(
        what=f"{modality.value}: {extent}", reason=reason.value.replace("_", " "), is_lost=_is_lost(modality, reason)
    )


def _is_lost(modality: Modality, reason: GapReason) -> bool:
    return reason in LOST_GAPS or (modality is Modality.SOUND and reason is GapReason.OVER_BUDGET)


def _channels(label: str, emitted: frozenset[str] | None) -> set[tuple[Modality, bool]]:
    """The channels a label's evidence comes through, each with whether it is read there as letters."""
    family = label.partition(".")[0]
    if family in FAMILIES_OF_WORDS:
        return {
            (modality, modality is Modality.PICTURE)
            for reader, modality in READERS.items()
            if reader in (emitted or ())
        }
    modality = MODALITY_OF_FAMILY.get(label) or MODALITY_OF_FAMILY.get(family)
    return {(modality, family == "onscreen")} if modality else set()
