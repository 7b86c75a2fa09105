"""The contact sheet: small pictures, evidence first, and what a person should choose to see is marked."""

import base64
import io
from dataclasses import replace

import pytest

from tidegate.cli.report.sheet import FRAME_SIDE_PX, contact_sheet, is_sensitive
from tidegate.media.clip import Frame
from tidegate.records import Evidence, Signal, Span
from tidegate.screening import Screened


def numbered(sample: Screened) -> list[tuple[int, Signal]]:
    return list(enumerate(sample.screening.signals, 1))


@pytest.fixture
def frames(sample: Screened) -> tuple[Frame, ...]:
    assert sample.clip is not None
    return sample.clip.frames


def test_each_picture_is_a_small_jpeg_of_its_frame(sample: Screened, frames: tuple[Frame, ...]) -> None:
    from PIL import Image

    picture = contact_sheet(frames, numbered(sample), most=24)[0]
    head, _, data = picture.source.partition(",")
    assert head == "data:image/jpeg;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.size == (picture.width_px, picture.height_px) == (225, FRAME_SIDE_PX)


def test_evidence_is_linked_from_the_frames_inside_its_span(sample: Screened, frames: tuple[Frame, ...]) -> None:
    linked = {picture.clock: picture.numbers for picture in contact_sheet(frames, numbered(sample), most=24)}
    assert linked["0:12.0"] == (5, 6)
    assert linked["0:18.0"] == (7,)
    assert linked["0:20.0"] == ()


def test_boxes_are_drawn_in_percent(sample: Screened, frames: tuple[Frame, ...]) -> None:
    (box,) = next(p for p in contact_sheet(frames, numbered(sample), most=24) if p.clock == "0:18.0").overlays
    assert (box.x, box.y, box.width, box.height) == (20.0, 30.0, 40.0, 25.0)


def test_only_what_a_detector_warns_of_is_sensitive(sample: Screened, frames: tuple[Frame, ...]) -> None:
    pictures = contact_sheet(frames, numbered(sample), most=24)
    assert [picture.clock for picture in pictures if picture.is_sensitive] == ["0:12.0", "0:18.0"]


def test_every_picture_of_a_known_file_is_sensitive(frames: tuple[Frame, ...]) -> None:
    known = Signal(
        label="matching.file",
        score=1.0,
        evidence=Evidence(span=Span(start_s=0, end_s=30)),
        detector_id="matching.file@1",
    )
    assert all(picture.is_sensitive for picture in contact_sheet(frames, [(1, known)], most=24))


def test_a_face_is_nothing_to_hide(sample: Screened) -> None:
    nudity = next(signal for signal in sample.screening.signals if signal.label == "visual.nudity")
    assert not is_sensitive(nudity)
    assert is_sensitive(replace(nudity, score=0.5))
    assert not is_sensitive(replace(nudity, label="visual.face", score=1.0))


@pytest.mark.parametrize("most", [1, 2, 5, 16, 40])
def test_few_places_go_to_evidence_first_and_keep_the_order(
    sample: Screened, frames: tuple[Frame, ...], most: int
) -> None:
    pictures = contact_sheet(frames, numbered(sample), most=most)
    assert len(pictures) <= most
    assert [p.index for p in pictures] == sorted({p.index for p in pictures})
    if most >= 3:
        assert {"0:12.0", "0:18.0", "0:04.0"} <= {picture.clock for picture in pictures}


def test_no_frames_make_no_sheet() -> None:
    assert contact_sheet((), [], most=8) == ()
