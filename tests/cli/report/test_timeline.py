"""The timeline: a bar for each signal, hatching where nothing looked, and never a pretence of having looked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cli.report.timeline import MAX_ROWS, Lane, Timeline, lane_of, timeline
from tidegate.records import (
    Abstention,
    AbstentionReason,
    CoverageGap,
    Evidence,
    GapReason,
    MediaCoverage,
    Modality,
    Screening,
    Signal,
    Span,
)
from tidegate.screening import Screened


def drawn(screening: Screening, frames: tuple[object, ...] = ()) -> Timeline:
    return timeline(screening, list(enumerate(screening.signals, 1)), frames)  # type: ignore[arg-type]


def lane(screening: Screening, key: str) -> Lane:
    return next(lane for lane in drawn(screening).lanes if lane.key == key)


def at(start_s: float, end_s: float, detector_id: str = "visual.nudity@1") -> Signal:
    return Signal(
        label="visual.nudity",
        score=0.5,
        evidence=Evidence(span=Span(start_s=start_s, end_s=end_s)),
        detector_id=detector_id,
    )


def test_every_signal_is_on_exactly_one_lane(sample: Screened) -> None:
    lanes = drawn(sample.screening).lanes
    numbers = sorted(bar.number for lane in lanes for bar in lane.bars)
    assert numbers == list(range(1, len(sample.screening.signals) + 1))


def test_a_half_second_in_a_long_clip_is_wide_enough_to_see(sample: Screened) -> None:
    assert sample.screening.media is not None
    media = replace(sample.screening.media, duration_s=600.0)
    (bar,) = lane(replace(sample.screening, media=media), "matches").bars
    assert bar.width >= 0.7


def test_words_of_the_caption_are_drawn_as_about_the_whole_upload(sample: Screened) -> None:
    bars = lane(sample.screening, "words").bars
    assert all((bar.left, bar.width, bar.is_timed) == (0.0, 100.0, False) for bar in bars)
    assert sorted(bar.row for bar in bars) == list(range(len(bars)))


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 5)), max_size=60))
def test_bars_stay_inside_and_never_lie_on_each_other(spans: list[tuple[float, float]]) -> None:
    signals = tuple(at(start, min(30.0, start + length)) for start, length in spans)
    screening = Screening(upload_id="u", media=None, coverage=MediaCoverage(), signals=signals)
    found = lane(screening, "picture")
    assert len(found.bars) + found.hidden == len(signals)
    for bar in found.bars:
        assert bar.left >= 0.0
        assert bar.left + bar.width <= 100.001
        assert bar.row < MAX_ROWS
        for other in found.bars:
            apart = bar.left + bar.width <= other.left + 0.002 or other.left + other.width <= bar.left + 0.002
            assert other is bar or other.row != bar.row or apart


def test_damage_is_hatched_where_it_lies(sample: Screened) -> None:
    (hatch,) = lane(sample.screening, "picture").hatches
    assert (hatch.left, hatch.width) == pytest.approx((91.667, 8.333), abs=0.01)
    assert "27.5" in hatch.why


def test_a_lane_without_a_detector_is_hatched_whole(sample: Screened) -> None:
    found = lane(sample.screening, "sound")
    assert [(hatch.left, hatch.width) for hatch in found.hatches] == [(0.0, 100.0)]
    assert found.note == "no detector looks here"


def test_a_lane_whose_detectors_all_failed_is_hatched_whole(sample: Screened) -> None:
    failed = [
        Abstention(detector_id=name, reason=AbstentionReason.FAILED, labels=("visual.nudity",))
        for name in sample.screening.detector_ids
        if name.startswith("visual.")
    ]
    found = lane(replace(sample.screening, signals=(), abstentions=tuple(failed)), "picture")
    assert found.note == "not looked at: failed"
    assert found.hatches[0].width == 100.0


def test_a_lane_with_nothing_to_look_at_says_why_and_is_not_hatched(sample: Screened) -> None:
    silent = Abstention(
        detector_id="matching.frame@1", reason=AbstentionReason.NO_INPUT, labels=("matching.frame",), detail="no bank"
    )
    screening = replace(sample.screening, signals=(), abstentions=(silent,), coverage=MediaCoverage())
    found = lane(screening, "matches")
    assert (found.note, found.hatches) == ("no bank", ())


def test_a_lane_that_was_looked_at_in_vain_says_so(sample: Screened) -> None:
    assert lane(replace(sample.screening, signals=()), "words").note == "looked, found nothing"


def test_a_clip_without_sound_says_so(sample: Screened) -> None:
    gap = CoverageGap(modality=Modality.SOUND, reason=GapReason.NO_STREAM)
    screening = replace(sample.screening, coverage=MediaCoverage(gaps=(gap,)))
    assert lane(screening, "sound").note == "the clip has none"


def test_frames_are_ticked_and_cuts_are_drawn(sample: Screened) -> None:
    assert sample.clip is not None
    found = drawn(sample.screening, sample.clip.frames)
    assert len(found.lanes[0].ticks) == 16
    assert found.cuts == pytest.approx((40.0, 41.667), abs=0.01)


@pytest.mark.parametrize(
    ("detector_id", "key"),
    [
        ("wording.heads@1", "words"),
        ("matching.file@2", "matches"),
        ("sound.music@1", "sound"),
        ("acme.thing@1", "picture"),
    ],
)
def test_a_signal_goes_where_its_detector_looks(detector_id: str, key: str) -> None:
    assert lane_of(at(1.0, 2.0, detector_id)) == key


def test_an_upload_without_media_has_lanes_and_no_division_by_zero(unreadable_sample: Screened) -> None:
    assert [tick.label for tick in drawn(unreadable_sample.screening).axis] == ["0:00.0"]
