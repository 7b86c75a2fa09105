from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.records import Signal, Upload
from tidegate.signals.frames import FrameBatch
from tidegate.signals.visual.choose import SIDE_PX
from tidegate.signals.visual.efficientnet import CLASSES, FEATURES
from tidegate.signals.visual.objects import LOOK_FRAMES, OBJECTS, WEAPONS, ObjectDetector
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of

Picture = NDArray[np.uint8]
RIFLE, REVOLVER, BEER, SYRINGE = 764, 763, 440, 845
CAT_KINDS, ESPRESSO, MOTORCYCLE_KINDS = (281, 282, 285), 967, (665, 670)


class TestObjectDetector(DetectorConformance):
    make = ObjectDetector


@pytest.fixture(scope="module")
def loaded() -> ObjectDetector:
    detector = ObjectDetector()
    try:
        detector.load()
    except MissingDependencyError as error:
        pytest.skip(str(error))
    return detector


class Scripted(ObjectDetector):
    """A stand-in for the network: each picture's red channel is a line of the script of class probabilities."""

    def __init__(self, script: Sequence[Mapping[int, float]]) -> None:
        super().__init__()
        self.script = script
        self.looks = 0

    def load(self) -> None:
        pass

    def look(self, squares: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.looks += len(squares)
        rows = np.zeros((len(squares), CLASSES), np.float32)
        for row, line in zip(rows, squares[:, 0, 0, 0] // 8, strict=True):
            for number, probability in self.script[line].items():
                row[number] = probability
        return rows, np.zeros((len(squares), FEATURES), np.float32)


def signals(script: Sequence[Mapping[int, float]]) -> list[Signal]:
    pictures = [np.full((64, 64, 3), (8 * i, (97 * i) % 251, 0), np.uint8) for i in range(len(script))]
    view = view_of(Upload(id="u"), clip=clip_of(pictures))
    return [said for said in Scripted(script).detect(view) if isinstance(said, Signal)]


def test_weapon_classes_add_up_and_the_likeliest_is_named() -> None:
    (signal,) = signals([{}, {RIFLE: 0.2, REVOLVER: 0.3}, {}])
    assert (signal.label, round(signal.score, 3)) == ("visual.weapon", 0.5)
    assert signal.evidence.note == "revolver; surest at 1.00 s; 3 of 3 frames looked at"
    assert signal.evidence.span is not None
    assert (signal.evidence.span.start_s, signal.evidence.span.end_s) == (1.0, 2.0)


def test_each_kind_of_object_is_its_own_signal() -> None:
    found = signals([{BEER: 0.6}, {BEER: 0.5, SYRINGE: 0.4}, {}])
    assert [(s.label, s.evidence.note.split(";")[0], round(s.score, 1)) for s in found] == [
        ("visual.object", "beer bottle", 0.6),
        ("visual.object", "syringe", 0.4),
    ]


def test_faint_guesses_are_not_told() -> None:
    assert signals([{RIFLE: 0.2}, {BEER: 0.3}, {1: 0.9}]) == []


def test_no_class_is_both_a_weapon_and_an_object() -> None:
    assert not set(WEAPONS) & set(OBJECTS)
    assert all(0 <= number < CLASSES for number in (*WEAPONS, *OBJECTS))


def test_a_long_clip_is_looked_at_in_a_few_frames() -> None:
    detector = Scripted([{}] * 31)
    pictures = [np.full((64, 64, 3), (8 * i, (97 * i) % 251, 0), np.uint8) for i in range(31)]
    assert list(detector.detect(view_of(Upload(id="u"), clip=clip_of(pictures)))) == []
    assert detector.looks == LOOK_FRAMES


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("chelsea.png", CAT_KINDS), ("coffee.png", (ESPRESSO,)), ("motorcycle_left.png", MOTORCYCLE_KINDS)],
)
def test_photographs_are_named_for_what_they_show(
    loaded: ObjectDetector, photo: Callable[[str], Picture], name: str, kinds: tuple[int, ...]
) -> None:
    probabilities, features = loaded.look(FrameBatch(clip_of([photo(name)]).frames).squares(SIDE_PX))
    assert int(probabilities[0].argmax()) in kinds
    assert float(probabilities[0].sum()) == pytest.approx(1.0, abs=1e-4)
    assert features.shape == (1, FEATURES)


def test_a_space_rocket_a_cat_and_drawings_are_no_weapons(
    loaded: ObjectDetector, photo: Callable[[str], Picture]
) -> None:
    pictures = [
        photo("rocket.jpg"),
        photo("chelsea.png"),
        photo("astronaut.png"),
        *(picture(s).copy() for s in range(6)),
    ]
    view = view_of(Upload(id="u"), clip=clip_of(pictures))
    assert [said for said in loaded.detect(view) if isinstance(said, Signal)] == []
