"""What a clause is blind to where media was not seen or heard."""

import pytest

from tidegate.judgement.coverage import blindness
from tidegate.records import (
    Action,
    Blind,
    Blindness,
    Clause,
    CoverageGap,
    EuReference,
    GapReason,
    MediaCoverage,
    Modality,
    RiskTargets,
    Rule,
    Severity,
    Span,
)

READING = frozenset({"wording.scam", "pattern.link", "speech.words", "onscreen.text", "onscreen.code", "visual.nudity"})


def blind(
    label: str, modality: Modality, reason: GapReason, emitted: frozenset[str] | None = READING
) -> list[Blindness]:
    """What a clause of that one label is blind to because of one gap of 5 s."""
    clause = Clause(
        id="clause",
        title="Clause",
        text="A clause.",
        severity=Severity.HIGH,
        labels={label: 1.0},
        targets=RiskTargets(),
        rules=(Rule(actions=(Action.REMOVE,)),),
        blind=Blind(),
        eu=EuReference(category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD"),
    )
    gap = CoverageGap(modality=modality, reason=reason, span=Span(start_s=900.0, end_s=905.0))
    return list(blindness(clause, [], MediaCoverage(gaps=(gap,)), emitted))


@pytest.mark.parametrize("label", ["wording.scam", "pattern.link", "speech.words", "sound.scream"])
@pytest.mark.parametrize("reason", [GapReason.DAMAGED, GapReason.TIME_LIMIT, GapReason.OVER_BUDGET])
def test_sound_that_nobody_heard_is_lost_to_what_is_heard_and_to_words(label: str, reason: GapReason) -> None:
    (one,) = blind(label, Modality.SOUND, reason, READING | {label})
    assert (one.what, one.is_lost) == ("sound: 5.0 s in 1 stretch", True)


@pytest.mark.parametrize("label", ["visual.nudity", "onscreen.code", "metadata.tag_spam"])
def test_sound_that_nobody_heard_is_nothing_to_what_is_seen_or_declared(label: str) -> None:
    assert blind(label, Modality.SOUND, GapReason.OVER_BUDGET, READING | {label}) == []


@pytest.mark.parametrize("modality", [Modality.SOUND, Modality.PICTURE])
def test_words_come_only_through_channels_that_somebody_reads(modality: Modality) -> None:
    reader = {"speech.words": Modality.SOUND, "onscreen.text": Modality.PICTURE}
    emitted = READING - {label for label, read in reader.items() if read is modality}
    assert blind("wording.scam", modality, GapReason.DAMAGED, emitted) == []
    assert blind("wording.scam", modality, GapReason.DAMAGED, None) == []
    assert len(blind("wording.scam", modality, GapReason.DAMAGED)) == 1


@pytest.mark.parametrize("label", ["wording.scam", "onscreen.code", "visual.nudity"])
def test_stretches_between_sampled_pictures_are_a_known_limit(label: str) -> None:
    (one,) = blind(label, Modality.PICTURE, GapReason.OVER_BUDGET)
    assert not one.is_lost


@pytest.mark.parametrize(
    ("label", "is_blind"), [("wording.scam", True), ("onscreen.code", True), ("visual.nudity", False)]
)
def test_lettering_without_a_frame_is_lost_to_what_is_read_and_nothing_else(label: str, is_blind: bool) -> None:
    found = blind(label, Modality.PICTURE, GapReason.UNREAD)
    assert [one.is_lost for one in found] == [True] * is_blind


@pytest.mark.parametrize("label", ["wording.scam", "visual.nudity", "speech.words"])
def test_a_stream_that_is_not_there_hides_nothing(label: str) -> None:
    assert (
        blind(label, Modality.SOUND, GapReason.NO_STREAM) == blind(label, Modality.PICTURE, GapReason.NO_STREAM) == []
    )
