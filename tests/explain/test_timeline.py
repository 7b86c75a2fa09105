"""The timeline: a bar for each signal, hatching where nothing looked, and never a pretence of having looked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.timeline import MAX_ROWS, Lane, Timeline, timeline
from tidegate.explain.words import script
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
    told = script(screening, (), most=600)
    return timeline(screening, list(enumerate(screening.signals, 1)), frames, told)  # type: ignore[arg-type]


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


def test_a_lane_on_which_one_detector_failed_says_which(sample: Screened) -> None:
    screening = replace(sample.screening, signals=())
    assert lane(screening, "picture").note == "found nothing; visual.faces did not look: unavailable"
    assert lane(screening, "picture").hatches[0].width < 100.0


def test_a_lane_of_words_is_blind_when_its_reader_is_lost_though_something_else_looked(
    spoken_sample: Screened,
) -> None:
    lost = Abstention(detector_id="onscreen.reader@1", reason=AbstentionReason.UNAVAILABLE, labels=("onscreen.text",))
    ids = ("onscreen.lettering@1", "onscreen.reader@1")
    screening = replace(spoken_sample.screening, signals=(), on_screen_texts=(), abstentions=(lost,), detector_ids=ids)
    found = lane(screening, "screen")
    assert found.note == "not looked at: unavailable"
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


def test_what_is_said_in_parts_is_drawn_on_the_lane_of_each_part(spoken_sample: Screened) -> None:
    screening = spoken_sample.screening
    number = next(index for index, signal in enumerate(screening.signals, 1) if signal.evidence.parts)
    drawn_on = {one.key: bar for one in drawn(screening).lanes for bar in one.bars if bar.number == number}
    assert list(drawn_on) == ["screen", "words", "voice"]
    assert all(bar.is_part for bar in drawn_on.values())
    assert not drawn_on["words"].is_timed
    assert (drawn_on["screen"].left, drawn_on["screen"].width) == pytest.approx((6.667, 23.333), abs=0.01)


def test_each_kind_of_sound_that_occurs_has_a_thin_lane_of_its_own(spoken_sample: Screened) -> None:
    keys = [one.key for one in drawn(spoken_sample.screening).lanes]
    kinds = ["speech", "singing", "music", "silence", "beep", "loud_onset"]
    assert keys[keys.index("sound") + 1 :] == [*(f"sound-{kind}" for kind in kinds), "facts"]
    speech = lane(spoken_sample.screening, "sound-speech")
    assert [one.is_unsure for one in speech.stretches] == [False, False, True]
    quiet = replace(spoken_sample.screening, sound_spans=())
    assert not [one.key for one in drawn(quiet).lanes if one.key.startswith("sound-")]


def test_a_signal_of_a_kind_of_sound_is_on_the_lane_of_that_kind(spoken_sample: Screened) -> None:
    labels = {one.key: [bar.label for bar in one.bars] for one in drawn(spoken_sample.screening).lanes}
    assert labels["sound-loud_onset"] == ["sound.loud_onset"]
    assert labels["sound"] == ["sound.gunshot"]


def test_what_a_detector_left_out_is_hatched_on_its_lane(spoken_sample: Screened) -> None:
    hatches = {one.key: [hatch.why for hatch in one.hatches] for one in drawn(spoken_sample.screening).lanes}
    assert hatches["voice"] == ["voices over music"]
    assert "script Arab cannot be read" in hatches["screen"]
    assert hatches["words"] == []


@pytest.mark.parametrize(("index", "key"), [(0, "voice"), (3, "screen")])
def test_words_that_were_not_read_are_hatched_where_they_stand(spoken_sample: Screened, index: int, key: str) -> None:
    screening = spoken_sample.screening
    span = (screening.utterances if key == "voice" else screening.on_screen_texts)[index].span
    left_out = Abstention(
        detector_id="wording.heads@1",
        reason=AbstentionReason.OVER_BUDGET,
        labels=("wording.hate",),
        span=span,
        detail="too long",
    )
    screening = replace(screening, abstentions=(left_out,))
    assert "too long" in [hatch.why for hatch in lane(screening, key).hatches]
    assert lane(screening, "words").hatches == ()


def test_a_stretch_left_out_is_not_taken_for_the_whole_lane(spoken_sample: Screened) -> None:
    screening = replace(spoken_sample.screening, signals=(), utterances=())
    assert lane(screening, "voice").note == "found nothing; some not understood"


def test_stretches_and_bars_of_a_lane_lie_under_each_other(spoken_sample: Screened) -> None:
    for one in drawn(spoken_sample.screening).lanes:
        lowest = max((one.stretches_px + 9 * stretch.row + 7 for stretch in one.stretches), default=0)
        assert all(lowest <= bar.top_px for bar in one.bars)
        assert all(bar.top_px + 18 <= one.height_px for bar in one.bars)


def test_an_upload_without_media_has_lanes_and_no_division_by_zero(unreadable_sample: Screened) -> None:
    assert [tick.label for tick in drawn(unreadable_sample.screening).axis] == ["0:00.0"]
