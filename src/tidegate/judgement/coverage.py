"""What a clause is blind to in one upload: lost detectors, labels nobody emits, media not seen or heard."""

from collections.abc import Mapping, Sequence

from tidegate.records import Abstention, AbstentionReason, Blindness, Clause, GapReason, MediaCoverage, Modality

LOST_REASONS = frozenset(
    {
        AbstentionReason.FAILED,
        AbstentionReason.UNAVAILABLE,
        AbstentionReason.OVER_BUDGET,
        AbstentionReason.DAMAGED_MEDIA,
    }
)
"""Abstentions that are a loss in this upload; the others are known limits of a detector."""
LOST_GAPS = frozenset({GapReason.DAMAGED, GapReason.TIME_LIMIT})
"""Gaps that are a loss in this upload; a gap of the sampling budget was chosen by whoever set the budget."""
MODALITY_OF_FAMILY: Mapping[str, Modality] = {
    "visual": Modality.PICTURE,
    "onscreen": Modality.PICTURE,
    "matching.frame": Modality.PICTURE,
    "sound": Modality.SOUND,
    "speech": Modality.SOUND,
}
"""Which channel a label's evidence comes through; families not named here do not depend on decoded media."""


def blindness(
    clause: Clause, abstentions: Sequence[Abstention], coverage: MediaCoverage, emitted: frozenset[str] | None
) -> tuple[Blindness, ...]:
    """Everything in this upload that the clause speaks of and nothing looked at, sorted, each once.

    `emitted` are the labels that the detectors of this run can emit, `None` when unknown. An abstention that
    names no label counts for every clause, because nobody can say what it missed.
    """
    found = {*_nobody_emits(clause, emitted), *_abstained(clause, abstentions), *_not_covered(clause, coverage)}
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


def _not_covered(clause: Clause, coverage: MediaCoverage) -> list[Blindness]:
    modalities = {modality for label in clause.labels if (modality := _modality(label))}
    found = []
    for modality in sorted(modalities):
        for reason in GapReason:
            gaps = [gap for gap in coverage.gaps if gap.modality == modality and gap.reason == reason]
            if gaps and reason is not GapReason.NO_STREAM:
                seconds = sum(sorted(gap.span.duration_s for gap in gaps if gap.span))
                stretches = "1 stretch" if len(gaps) == 1 else f"{len(gaps)} stretches"
                extent = f"{seconds:.1f} s in {stretches}" if seconds else "an unknown part"
                found.append(
                    Blindness(
                        what=f"{modality.value}: {extent}",
                        reason=reason.value.replace("_", " "),
                        is_lost=reason in LOST_GAPS,
                    )
                )
    if (
        Modality.PICTURE in modalities
        and coverage.decode_errors
        and not any(gap.reason in LOST_GAPS for gap in coverage.gaps)
    ):
        found.append(Blindness(what="picture: an unknown part", reason="decode errors", is_lost=True))
    return found


def _modality(label: str) -> Modality | None:
    return MODALITY_OF_FAMILY.get(label) or MODALITY_OF_FAMILY.get(label.partition(".")[0])
