from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.records import Box, Signal, Upload
from tidegate.signals.visual import centerface
from tidegate.signals.visual.centerface import Face
from tidegate.signals.visual.faces import FaceDetector
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of

Picture = NDArray[np.uint8]
NO_FACE = (
    "chelsea.png",
    "coffee.png",
    "rocket.jpg",
    "brick.png",
    "coins.png",
    "moon.png",
    "page.png",
    "retina.jpg",
    "text.png",
)


class TestFaceDetector(DetectorConformance):
    make = FaceDetector


@pytest.fixture(scope="module")
def loaded() -> FaceDetector:
    detector = FaceDetector()
    try:
        detector.load()
    except MissingDependencyError as error:
        pytest.skip(str(error))
    return detector


def signals(detector: FaceDetector, pictures: list[Picture]) -> list[Signal]:
    view = view_of(Upload(id="u"), clip=clip_of(pictures))
    return [said for said in detector.detect(view) if isinstance(said, Signal)]


def contains(box: Box, x: float, y: float) -> bool:
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


@pytest.mark.parametrize(("name", "x", "y"), [("astronaut.png", 0.44, 0.22), ("camera.png", 0.44, 0.3)])
def test_one_face_in_a_photograph_is_counted_where_it_is(
    loaded: FaceDetector, photo: Callable[[str], Picture], name: str, x: float, y: float
) -> None:
    (signal,) = signals(loaded, [photo(name)])
    assert signal.evidence.note == "1 face at 0.00 s; 1 of 1 frames looked at"
    assert signal.evidence.box is not None
    assert contains(signal.evidence.box, x, y)
    assert signal.evidence.box.width < 0.3


def test_two_people_side_by_side_are_two_faces(loaded: FaceDetector, photo: Callable[[str], Picture]) -> None:
    both = np.concatenate([photo("astronaut.png"), photo("astronaut.png")[:, ::-1]], axis=1)
    (signal,) = signals(loaded, [both])
    assert signal.evidence.note.startswith("2 faces")


def test_a_tall_picture_keeps_its_shape(loaded: FaceDetector, photo: Callable[[str], Picture]) -> None:
    tall = np.concatenate([photo("astronaut.png")[:, 112:400], photo("brick.png")[:, 112:400]], axis=0)
    (signal,) = signals(loaded, [tall])
    assert signal.evidence.box is not None
    assert contains(signal.evidence.box, 0.4, 0.11)


def test_cats_cups_and_drawings_have_no_faces(loaded: FaceDetector, photo: Callable[[str], Picture]) -> None:
    pictures = [photo(name) for name in NO_FACE] + [picture(seed).copy() for seed in range(6)]
    for one in pictures:
        assert signals(loaded, [one]) == []


class Heated:
    """A stand-in for the network: gives back prepared maps."""

    def __init__(self, heat: np.ndarray, sizes: np.ndarray, offsets: np.ndarray) -> None:
        self.maps = [heat, sizes, offsets]

    def run(self, pictures: np.ndarray, outputs: list[str]) -> list[np.ndarray]:
        return self.maps


def test_a_warm_cell_becomes_a_box_of_the_stated_size_around_it() -> None:
    heat, sizes, offsets = np.zeros((1, 1, 16, 8)), np.zeros((1, 2, 16, 8)), np.zeros((1, 2, 16, 8))
    heat[0, 0, 8, 4] = 0.9
    sizes[0, :, 8, 4] = np.log([4.0, 2.0])
    offsets[0, :, 8, 4] = (0.5, -0.5)
    network = Heated(heat, sizes, offsets)
    ((face,),) = centerface.faces(network, np.zeros((1, 64, 32, 3), np.uint8), 0.5)  # type: ignore[arg-type]
    assert face.score == 0.9
    assert (face.box.x, face.box.width) == pytest.approx((12 / 32, 8 / 32))
    assert (face.box.y, face.box.height) == pytest.approx((28 / 64, 16 / 64))


boxes = st.builds(
    lambda x, y, width, height: Box(x=x * (1 - width), y=y * (1 - height), width=width, height=height),
    *(st.floats(0, 1) for _ in range(2)),
    *(st.floats(0.05, 0.5) for _ in range(2)),
)


@given(st.lists(st.builds(Face, score=st.floats(0.1, 1), box=boxes), max_size=20))
def test_of_overlapping_boxes_the_surest_stays_and_no_two_that_stay_overlap(found: list[Face]) -> None:
    ordered = sorted(found, key=lambda face: -face.score)
    kept = centerface._distinct(ordered)
    assert kept[:1] == ordered[:1]
    for index, face in enumerate(kept):
        assert all(centerface._overlap(face.box, other.box) <= 0.3 for other in kept[:index])
    for face in ordered:
        assert face in kept or any(centerface._overlap(face.box, other.box) > 0.3 for other in kept)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_the_input_size_is_bounded_and_a_multiple_of_32(height_px: int, width_px: int) -> None:
    sides = centerface._input_size(height_px, width_px)
    assert all(side % 32 == 0 and 32 <= side <= 320 for side in sides)
