"""Detectors on clips that were written, encoded and decoded, not on made-up frames."""

from collections.abc import Callable

import pytest

from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.records import Signal, Span, Upload
from tidegate.signals.base import Detector, View
from tidegate.signals.frames import FrameBatch
from tidegate.signals.matching.bank import Bank
from tidegate.signals.matching.enrol import entries_from_clip, entries_from_frames
from tidegate.signals.matching.file import FileMatchDetector
from tidegate.signals.matching.frame import FrameMatchDetector
from tidegate.signals.visual.flash import FlashDetector
from tidegate.testing.clips import Insert, Truth
from tidegate.testing.drawing import picture

POSTER = 77


def said(detector: Detector, truth: Truth) -> list[Signal]:
    clip = decode(truth.path, MediaLimits(), SamplingBudget())
    frames = FrameBatch(clip.frames)
    view = View(upload=Upload(id="u"), path=truth.path, media=clip.info, clip=clip, frames=frames)
    detector.load()
    return [one for one in detector.detect(view) if isinstance(one, Signal)]


def poster_bank() -> Bank:
    return Bank(entries_from_frames([picture(POSTER)], bank="demo", entry="poster"))


@pytest.fixture
def hidden(clip: Callable[..., Truth]) -> Truth:
    """Half a second of another picture between keyframes that are 5 seconds apart."""
    insert = Insert(span=Span(start_s=6.3, end_s=6.8), picture_seed=POSTER)
    return clip(
        seed=2, duration_s=10.0, width_px=240, height_px=426, scene_cut=False, keyframe_every_s=5.0, inserts=(insert,)
    )


@pytest.mark.slow
def test_half_a_second_hidden_between_keyframes_is_found_where_it_is(hidden: Truth) -> None:
    (signal,) = said(FlashDetector(), hidden)
    (truth,) = hidden.inserts
    assert signal.evidence.span is not None
    assert signal.evidence.span.start_s == pytest.approx(truth.start_s, abs=0.1)
    assert signal.evidence.span.end_s == pytest.approx(truth.end_s, abs=0.1)


@pytest.mark.slow
def test_the_hidden_picture_is_found_in_the_bank(hidden: Truth) -> None:
    (signal,) = said(FrameMatchDetector(poster_bank()), hidden)
    assert signal.evidence.span is not None
    assert signal.evidence.span.overlaps(hidden.inserts[0])
    assert signal.score > 0.8


@pytest.mark.slow
def test_a_clip_cut_into_another_letterbox_is_found_by_its_frames(clip: Callable[..., Truth]) -> None:
    banned = clip(seed=9, duration_s=4.0, width_px=240, height_px=426)
    copy = clip(seed=9, duration_s=4.0, width_px=480, height_px=426, letterbox=(0.25, 0.0, 0.25, 0.0))
    enrolled = decode(banned.path, MediaLimits(), SamplingBudget())
    bank = Bank(entries_from_clip(enrolled, bank="demo", entry="clip"))
    assert said(FileMatchDetector(bank), copy) == []
    assert said(FrameMatchDetector(bank), copy) != []
    assert [signal.score for signal in said(FileMatchDetector(bank), banned)] == [1.0]


@pytest.mark.slow
def test_an_ordinary_clip_with_cuts_has_no_flash_and_no_match(clip: Callable[..., Truth]) -> None:
    truth = clip(seed=4, duration_s=8.0, width_px=240, height_px=426, cuts_s=(0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0))
    assert said(FlashDetector(), truth) == []
    assert said(FrameMatchDetector(poster_bank()), truth) == []
