from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tidegate.records import Abstention, AbstentionReason, Signal, Span, Upload
from tidegate.signals.frames import FrameBatch
from tidegate.signals.matching.bank import Bank
from tidegate.signals.matching.enrol import entries_from_clip, entries_from_frames
from tidegate.signals.matching.frame import FrameMatchDetector, cropped
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of

Picture = NDArray[np.uint8]
BANNED = picture(42, 360, 640)


def banned_bank() -> Bank:
    return Bank(entries_from_frames([BANNED], bank="demo", entry="poster"))


class TestFrameMatchDetector(DetectorConformance):
    make = FrameMatchDetector


class TestFrameMatchDetectorWithABank(DetectorConformance):
    @staticmethod
    def make() -> FrameMatchDetector:
        return FrameMatchDetector(banned_bank())


def shown(picture_: Picture, width_px: int, height_px: int) -> Picture:
    return np.array(Image.fromarray(picture_).resize((width_px, height_px), Image.Resampling.BILINEAR))


def said(
    pictures: Sequence[Picture], bank: Bank, boxes: dict[int, tuple[float, float, float, float]] | None = None
) -> list[Signal | Abstention]:
    clip = clip_of(list(pictures))
    frames = [replace(frame, content_box=(boxes or {}).get(frame.index, frame.content_box)) for frame in clip.frames]
    view = replace(view_of(Upload(id="u"), clip=clip, path=Path("clip.mp4")), frames=FrameBatch(frames))
    detector = FrameMatchDetector(bank)
    detector.load()
    return list(detector.detect(view))


def signals(*args: object, **kwargs: object) -> list[Signal]:
    found = said(*args, **kwargs)  # type: ignore[arg-type]
    assert all(isinstance(one, Signal) for one in found), found
    return [one for one in found if isinstance(one, Signal)]


def test_a_smaller_copy_is_found_with_its_seconds_and_its_distance() -> None:
    others = [picture(seed, 288, 512).copy() for seed in (1, 2, 3)]
    (signal,) = signals([others[0], shown(BANNED, 288, 512), others[1], others[2]], banned_bank())
    assert signal.evidence.span == Span(start_s=1.0, end_s=2.0)
    distance = round((1 - signal.score) * 64)
    assert 0 <= distance <= 10
    assert signal.evidence.note == f"like entry 'poster' of bank 'demo': {distance} of 256 bits differ"


def test_neighbouring_frames_are_one_signal_and_separate_ones_two() -> None:
    copy, other = shown(BANNED, 288, 512), picture(1, 288, 512)
    found = signals([copy, copy.copy(), other.copy(), copy.copy()], banned_bank())
    spans = sorted(
        (signal.evidence.span.start_s, signal.evidence.span.end_s) for signal in found if signal.evidence.span
    )
    assert spans == [(0.0, 2.0), (3.0, 4.0)]


def test_a_mirrored_copy_is_found_and_said_to_be_mirrored() -> None:
    (signal,) = signals([np.ascontiguousarray(shown(BANNED, 288, 512)[:, ::-1])], banned_bank())
    assert signal.evidence.note.endswith("mirrored")


def test_a_copy_inside_borders_is_found_by_its_content_box() -> None:
    framed = np.zeros((512, 512, 3), np.uint8)
    framed[:, 112:400] = shown(BANNED, 288, 512)
    box = (112 / 512, 0.0, 288 / 512, 1.0)
    assert signals([framed], banned_bank()) == []
    (signal,) = signals([framed.copy()], banned_bank(), {0: box})
    assert signal.evidence.box is not None
    assert (signal.evidence.box.x, signal.evidence.box.width) == (box[0], box[2])


def test_a_bordered_original_is_found_without_its_borders() -> None:
    framed = np.zeros((512, 512, 3), np.uint8)
    framed[:, 112:400] = shown(BANNED, 288, 512)
    frame = replace(clip_of([framed]).frames[0], content_box=(112 / 512, 0.0, 288 / 512, 1.0))
    bank = Bank(entries_from_frames([frame], bank="demo", entry="bordered"))
    assert len(signals([shown(BANNED, 288, 512)], bank)) == 1


def test_other_pictures_match_nothing() -> None:
    assert signals([picture(seed, 288, 512).copy() for seed in range(12)], banned_bank()) == []


@pytest.mark.parametrize("level", [0, 255])
def test_flat_pictures_never_match_each_other(level: int) -> None:
    flat = np.full((512, 288, 3), level, np.uint8)
    assert entries_from_frames([flat], bank="demo", entry="black") == []
    (abstention,) = said([flat], banned_bank())
    assert isinstance(abstention, Abstention)
    assert abstention.detail == "no frame has enough detail to be told apart"


def test_without_a_bank_it_abstains_and_is_not_blind() -> None:
    (abstention,) = said([picture(1, 64, 64).copy()], Bank())
    assert isinstance(abstention, Abstention)
    assert abstention.reason is AbstentionReason.NO_INPUT


def test_the_closest_entry_comes_first() -> None:
    near = entries_from_frames([BANNED], bank="demo", entry="near")
    far = entries_from_frames([shown(shown(BANNED, 60, 110), 360, 640)], bank="demo", entry="far")
    found = signals([BANNED.copy()], Bank([*far, *near]))
    assert "'near'" in found[0].evidence.note
    assert [signal.score for signal in found] == sorted((signal.score for signal in found), reverse=True)


def test_a_clip_is_enrolled_by_its_file_and_by_frames_that_differ() -> None:
    clip = clip_of([BANNED.copy(), BANNED.copy(), picture(7, 288, 512).copy(), np.zeros((64, 64, 3), np.uint8)])
    entries = entries_from_clip(clip, bank="demo", entry="clip", reason="test", added_by="me")
    assert [entry.algorithm for entry in entries] == ["sha256", "pdq", "pdq"]
    assert entries[0].hash == clip.info.sha256
    assert {(entry.bank, entry.entry, entry.reason, entry.added_by) for entry in entries} == {
        ("demo", "clip", "test", "me")
    }


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0), (0.999, 0.999, 0.001, 0.001)])
def test_a_crop_has_at_least_one_pixel(box: tuple[float, float, float, float]) -> None:
    frame = clip_of([picture(1, 20, 30).copy()]).frames[0]
    assert cropped(frame, box).shape == (1, 1, 3)
