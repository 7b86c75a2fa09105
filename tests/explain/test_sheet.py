"""The contact sheet: small pictures, evidence first, and what a person should choose to see is marked."""

import base64
import io
from dataclasses import replace

import pytest

from tidegate.explain.sheet import (
    FRAME_SIDE_PX,
    MOST_TAGS,
    MOST_TEXT_BOXES,
    Overlay,
    box_at,
    contact_sheet,
    is_sensitive,
)
from tidegate.explain.words import ShownText, script
from tidegate.media.clip import Frame
from tidegate.records import Box, Evidence, OnScreenText, Signal, Span
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


def shown_of(sample: Screened) -> tuple[ShownText, ...]:
    quotes = [(number, quote) for number, signal in numbered(sample) for quote in signal.evidence.quotes]
    return script(sample.screening, quotes, most=600).shown


def test_words_on_the_picture_are_boxed_and_tagged_on_the_frames_that_show_them(spoken_sample: Screened) -> None:
    assert spoken_sample.clip is not None
    pictures = contact_sheet(spoken_sample.clip.frames, numbered(spoken_sample), shown_of(spoken_sample), most=24)
    tags = {picture.clock: sorted(text.tag for text in picture.texts) for picture in pictures}
    assert tags["0:00.0"] == ["T1"]
    assert tags["0:04.0"] == ["T1", "T2"]
    assert tags["0:30.0"] == []
    drawn = next(picture.overlays for picture in pictures if picture.clock == "0:04.0")
    assert [(box.kind, box.tag) for box in drawn] == [("quoted", "T2"), ("text", "T1")]


def test_words_without_evidence_have_a_frame_too(spoken_sample: Screened) -> None:
    assert spoken_sample.clip is not None
    texts = shown_of(spoken_sample)
    last = spoken_sample.clip.frames[-1]
    alone = replace(texts[0].text, span=Span(start_s=last.time_s, end_s=last.time_s + 1.0), path=())
    late = replace(texts[0], tag="T9", text=alone, numbers=())
    seen_by_evidence = {p.clock for p in contact_sheet(spoken_sample.clip.frames, numbered(spoken_sample), most=24)}
    assert len(seen_by_evidence) > 6, "more frames than the few places below"
    pictures = contact_sheet(spoken_sample.clip.frames, numbered(spoken_sample), (*texts, late), most=6)
    assert "T9" in {text.tag for picture in pictures for text in picture.texts}


def test_a_text_that_moves_is_boxed_where_it_stood_nearest_in_time(spoken_sample: Screened) -> None:
    moving = shown_of(spoken_sample)[1]
    assert [round(box_at(moving, time_s).y, 2) for time_s in (0.0, 3.2, 4.9, 9.0)] == [0.62, 0.6, 0.6, 0.56]
    assert box_at(shown_of(spoken_sample)[0], 9.0) == spoken_sample.screening.on_screen_texts[0].box


def test_evidence_from_words_on_the_picture_is_linked_from_their_frames(spoken_sample: Screened) -> None:
    assert spoken_sample.clip is not None
    pictures = contact_sheet(spoken_sample.clip.frames, numbered(spoken_sample), shown_of(spoken_sample), most=24)
    joined = next(number for number, signal in numbered(spoken_sample) if signal.evidence.parts)
    assert [picture.clock for picture in pictures if joined in picture.numbers] == [
        "0:02.0",
        "0:04.0",
        "0:06.0",
        "0:08.0",
    ]


def test_a_frame_full_of_words_keeps_its_picture(frames: tuple[Frame, ...]) -> None:
    texts = tuple(
        ShownText(
            anchor=f"t{index}",
            tag=f"T{index}",
            text=OnScreenText(
                text="x",
                span=Span(start_s=0, end_s=30),
                box=Box(x=index / 200, y=0.5, width=0.1, height=0.05),
                language="",
                confidence=1.0,
            ),
            numbers=(1,) if index == 99 else (),
        )
        for index in range(100)
    )
    (picture,) = contact_sheet(frames[:1], [], texts, most=1)
    assert len(picture.overlays) == MOST_TEXT_BOXES
    assert len([box for box in picture.overlays if box.tag]) == MOST_TAGS
    assert picture.overlays[0].tag == "T99"
    assert len(picture.texts) == 100


@pytest.mark.parametrize(
    ("y", "height", "top", "shift_px"), [(50.0, 10.0, 50.0, 12), (1.0, 10.0, 11.0, 0), (0.0, 100.0, 0.0, 0)]
)
def test_a_tag_lies_outside_its_box_where_there_is_room(y: float, height: float, top: float, shift_px: int) -> None:
    box = Overlay(kind="text", tag="T1", x=0.0, y=y, width=10.0, height=height)
    assert (box.tag_top, box.tag_shift_px) == (top, shift_px)


def test_each_piece_of_evidence_gets_a_frame_before_any_gets_a_second(frames: tuple[Frame, ...]) -> None:
    everywhere, once = (
        Signal(label="visual.weapon", score=1.0, evidence=Evidence(span=span), detector_id="visual.objects@1")
        for span in (Span(start_s=0, end_s=31), Span(start_s=24, end_s=25))
    )
    pictures = contact_sheet(frames, [(1, everywhere), (2, once)], most=2)
    assert [picture.clock for picture in pictures] == ["0:00.0", "0:24.0"]
