"""The box walker never leaves the file, and patches change only what they name."""

import struct
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tidegate.testing import boxes
from tidegate.testing.clips import Truth


def test_a_clip_has_the_boxes_of_an_mp4(clip: Callable[..., Truth]) -> None:
    data = clip(duration_s=0.3, width_px=64, height_px=64).path.read_bytes()
    paths = {box.path for box in boxes.walk(data)}
    assert {"ftyp", "moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/minf/stbl/stsd/avc1/avcC"} <= paths
    assert len(boxes.find(data, "trak")) == 2


def test_a_box_with_a_64_bit_size_and_one_to_the_end_are_walked() -> None:
    data = struct.pack(">I4sQ", 1, b"free", 20) + b"abcd" + struct.pack(">I4s", 0, b"mdat") + b"rest"
    assert [(box.kind, data[box.start : box.end]) for box in boxes.walk(data)] == [("free", b"abcd"), ("mdat", b"rest")]


@given(st.binary(max_size=400))
def test_walking_any_bytes_ends_inside_them(data: bytes) -> None:
    for box in boxes.walk(data):
        assert 8 <= box.start <= box.end <= len(data)


@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_patch_keeps_the_length_and_the_rest(data: bytes, draw: st.DataObject) -> None:
    offset = draw.draw(st.integers(0, len(data) - 1))
    new = draw.draw(st.binary(max_size=len(data) - offset))
    copy = boxes.patched(data, (offset, new))
    assert copy == data[:offset] + new + data[offset + len(new) :]
