from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Shot, Signal, Span, Upload
from tidegate.signals.frames import FrameBatch
from tidegate.signals.visual.flash import FlashDetector
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of

Picture = NDArray[np.uint8]
SCENE, OTHER = picture(1, 144, 256), picture(2, 144, 256)


class TestFlashDetector(DetectorConformance):
    make = FlashDetector


def moved(shift_px: int) -> Picture:
    return np.roll(SCENE, shift_px, axis=1)


def found(shown: Sequence[tuple[Picture, float]]) -> list[Signal]:
    """Signals for pictures shown one after the other for so many seconds, each a shot of its own."""
    clip = clip_of([np.array(rgb) for rgb, _ in shown])
    ends = np.cumsum([seconds for _, seconds in shown])
    spans = [
        Span(start_s=float(end - seconds), end_s=float(end)) for end, (_, seconds) in zip(ends, shown, strict=True)
    ]
    frames = [
        replace(frame, span=span, time_s=span.start_s, shot_index=index)
        for index, (frame, span) in enumerate(zip(clip.frames, spans, strict=True))
    ]
    shots = tuple(Shot(index=index, span=span) for index, span in enumerate(spans))
    view = view_of(Upload(id="u"), clip=replace(clip, frames=tuple(frames), shots=shots))
    return [
        said for said in FlashDetector().detect(replace(view, frames=FrameBatch(frames))) if isinstance(said, Signal)
    ]


def test_a_picture_hidden_for_half_a_second_is_found_with_its_seconds() -> None:
    (signal,) = found([(SCENE, 4.0), (OTHER, 0.5), (SCENE, 4.0)])
    assert signal.evidence.span == Span(start_s=4.0, end_s=4.5)
    assert signal.score > 0.8
    assert "0.50 s" in signal.evidence.note


def test_an_insert_of_two_pictures_is_one_signal() -> None:
    signals = found([(SCENE, 4.0), (OTHER, 0.2), (picture(3, 144, 256), 0.2), (SCENE, 4.0)])
    assert max(signals, key=lambda signal: signal.score).evidence.span == Span(start_s=4.0, end_s=4.4)


def test_a_picture_shown_for_a_second_is_no_flash() -> None:
    assert found([(SCENE, 4.0), (OTHER, 1.0), (SCENE, 4.0)]) == []


def test_a_shorter_insert_scores_no_lower() -> None:
    scores = [found([(SCENE, 4.0), (OTHER, seconds), (SCENE, 4.0)])[0].score for seconds in (0.04, 0.5, 0.7, 0.9)]
    assert scores == sorted(scores, reverse=True)


def test_ordinary_fast_cutting_is_no_flash() -> None:
    assert found([(picture(seed, 144, 256), 0.4) for seed in range(12)]) == []


def test_an_alternation_of_two_pictures_is_no_flash() -> None:
    assert found([(SCENE if index % 2 else OTHER, 0.5) for index in range(16)]) == []


def test_movement_is_no_flash() -> None:
    assert found([(moved(6 * index), 0.5) for index in range(20)]) == []


def test_a_flash_of_light_is_no_hidden_picture() -> None:
    white = np.full_like(SCENE, 255)
    assert found([(SCENE, 4.0), (white, 0.1), (SCENE, 4.0)]) == []


def test_a_clip_that_begins_or_ends_with_another_picture_is_no_flash() -> None:
    assert found([(OTHER, 0.3), (SCENE, 4.0), (SCENE, 4.0)]) == []
    assert found([(SCENE, 4.0), (SCENE, 4.0), (OTHER, 0.3)]) == []
