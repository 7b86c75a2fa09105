"""Fakes behave as the real things would at their seams."""

from pathlib import Path

import numpy as np
import pytest

from tidegate.errors import TooLongError, UnreadableFileError
from tidegate.records import Signal, Upload
from tidegate.signals.base import Detector, Need
from tidegate.signals.run import run_detectors
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import FakeDecoder, FakeDetector, FixedClock, clip_of, view_of


def test_a_clip_of_pictures_and_sound_provides_every_need() -> None:
    clip = clip_of([picture(1, 32, 32).copy()] * 2, audio=np.zeros(16_000, np.float32), seconds_each=0.5)
    view = view_of(Upload(id="a", caption="low tide"), clip=clip, path=Path("a.mp4"))
    found = {Need.SPEECH, Need.ON_SCREEN, Need.SOUND_SPANS, Need.PROVENANCE}  # made by detectors
    assert {need for need in Need if view.has(need)} == set(Need) - found
    assert clip.info.duration_s == 1.0
    assert [frame.span.start_s for frame in clip.frames] == [0.0, 0.5]
    assert clip.clock.span_of(1).end_s == 1.0


def test_pictures_of_a_clip_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        clip_of([np.zeros((4, 4, 3), np.uint8)]).frames[0].rgb[0] = 1


def test_a_view_of_nothing_provides_only_facts() -> None:
    assert [need for need in Need if view_of().has(need)] == [Need.FACTS]


def test_a_fake_detector_runs_like_a_real_one() -> None:
    detector = FakeDetector()
    assert isinstance(detector, Detector)
    found = run_detectors([detector], view_of())
    assert [type(signal) for signal in found.signals] == [Signal]
    assert not found.problems


def test_a_fake_decoder_gives_what_was_prepared() -> None:
    clip = clip_of([picture(1, 16, 16).copy()])
    decoder = FakeDecoder(clips={"a.mp4": clip, "b.mp4": TooLongError("too long")})
    assert decoder.decode(Path("x/a.mp4")) is clip
    with pytest.raises(TooLongError):
        decoder.decode(Path("b.mp4"))
    with pytest.raises(UnreadableFileError):
        decoder.decode(Path("c.mp4"))
    assert [path.name for path in decoder.asked] == ["a.mp4", "b.mp4", "c.mp4"]


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(now_s=10.0)
    assert clock() == clock() == 10.0
    clock.advance(2.5)
    assert clock() == 12.5
