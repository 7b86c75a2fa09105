"""Captions that change, through real files and the real decoder: each has a frame, or a gap."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.records import GapReason, Span
from tidegate.testing.captions import CaptionStyle
from tidegate.testing.clips import Look, Truth, Writing

LIMITS = MediaLimits()
BUDGET = SamplingBudget()
CAPTIONED = {"width_px": 270, "height_px": 480, "frame_rate_hz": 15.0, "has_audio": True, "keyframe_every_s": 1.0}


def captions(count: int, seconds: float) -> tuple[Writing, ...]:
    """So many captions one after the other, all of one size, each of the same letters in another order."""
    rng = np.random.default_rng(5)
    style = CaptionStyle(outline=0.08)
    return tuple(
        Writing(
            text="".join(rng.permutation(list("BRINGAWARMCOAT"))),
            span=Span(start_s=seconds * number, end_s=seconds * (number + 1)),
            size=0.045,
            style=style,
        )
        for number in range(count)
    )


@pytest.mark.parametrize("look", [Look.CARD, Look.SOFT, Look.PERSON])
def test_captions_over_a_still_scene_are_all_kept(clip: Callable[..., Truth], look: Look) -> None:
    spec = {**CAPTIONED, "look": look, "motion": 0.0, "duration_s": 8.0}
    got = decode(clip(**spec, writings=captions(8, 1.0)).path, LIMITS, BUDGET)
    assert {int(frame.time_s) for frame in got.frames} == set(range(8))
    assert len(got.frames) <= 10
    assert got.coverage.gaps == ()


def test_a_frame_stands_for_its_caption_from_the_change_on(clip: Callable[..., Truth]) -> None:
    spec = {
        **CAPTIONED,
        "look": Look.SOFT,
        "motion": 0.0,
        "duration_s": 8.0,
        "keyframe_every_s": 8.0,
        "scene_cut": False,
    }
    got = decode(clip(**spec, writings=captions(4, 2.0)).path, LIMITS, BUDGET)
    assert [frame.span.start_s for frame in got.frames] == pytest.approx([0.0, 2.0, 4.0, 6.0], abs=0.2)


@pytest.mark.parametrize("grain", [0, 2, 6])
def test_a_still_scene_is_one_picture_however_grainy(clip: Callable[..., Truth], grain: int) -> None:
    spec = {**CAPTIONED, "look": Look.PERSON, "motion": 0.0, "duration_s": 6.0, "grain": grain}
    got = decode(clip(**spec, writings=captions(1, 6.0)).path, LIMITS, BUDGET)
    assert len(got.frames) == 1


def test_more_captions_than_frames_are_a_gap_for_those_without_one(clip: Callable[..., Truth]) -> None:
    spec = {**CAPTIONED, "look": Look.CARD, "motion": 0.0, "duration_s": 24.0}
    got = decode(clip(**spec, writings=captions(16, 1.5)).path, LIMITS, replace(BUDGET, max_frames=6))
    assert len(got.frames) == 8
    unread = [gap.span for gap in got.coverage.gaps if gap.reason is GapReason.UNREAD]
    kept = {int(frame.time_s / 1.5) for frame in got.frames}
    lost = {int((span.start_s + span.end_s) / 3.0) for span in unread if span}
    assert kept | lost == set(range(16))


def test_captions_over_a_moving_scene_come_before_other_pictures(clip: Callable[..., Truth]) -> None:
    spec = {**CAPTIONED, "look": Look.BUSY, "duration_s": 12.0, "keyframe_every_s": 0.5}
    got = decode(clip(**spec, writings=captions(6, 2.0)).path, LIMITS, replace(BUDGET, max_frames=6))
    assert {int(frame.time_s / 2.0) for frame in got.frames} == set(range(6))
    assert got.coverage.gaps == ()


def test_a_moving_scene_without_lettering_has_no_gap_however_few_frames_are_kept(clip: Callable[..., Truth]) -> None:
    spec = {**CAPTIONED, "look": Look.BUSY, "duration_s": 12.0, "keyframe_every_s": 0.5}
    got = decode(clip(**spec).path, LIMITS, replace(BUDGET, max_frames=6))
    assert len(got.frames) == 6
    assert got.coverage.gaps == ()
