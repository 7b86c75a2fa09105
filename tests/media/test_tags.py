import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.marks import MOST_TAGS, Tag
from tidegate.media.tags import container_tags, exif_tags, text_tag, within


def exif(order: str, **fields: bytes) -> bytes:
    """A TIFF block with ASCII fields of the first directory, and a user comment in the Exif directory."""
    numbers = {"make": 271, "model": 272, "software": 305, "artist": 315}
    comment = fields.pop("comment", b"")
    count = len(fields) + bool(comment)
    data_at = 8 + 2 + 12 * count + 4
    entries, data = b"", b""
    for name, text in fields.items():
        value = text + b"\0"
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(order + "I", data_at + len(data))
        entries += struct.pack(order + "HHI", numbers[name], 2, len(value)) + place
        data += value if len(value) > 4 else b""
    if comment:
        entries += struct.pack(order + "HHII", 34665, 4, 1, data_at + len(data))
        at = data_at + len(data) + 18
        data += struct.pack(order + "HHHIII", 1, 37510, 7, len(comment), at, 0) + comment
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "IH", 8, count) + entries + bytes(4) + data


@pytest.mark.parametrize("order", ["<", ">"])
def test_programs_and_devices_are_read_from_exif_and_people_are_not(order: str) -> None:
    block = exif(order, make=b"Maker", model=b"M1", software=b"Editor 2", artist=b"A Person")
    assert exif_tags(block) == [
        Tag(field="exif:Make", value="Maker"),
        Tag(field="exif:Model", value="M1"),
        Tag(field="exif:Software", value="Editor 2"),
    ]


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_user_comment_is_read_in_ascii_and_in_unicode(order: str) -> None:
    unicode = "Steps: 20".encode("utf-16-le" if order == "<" else "utf-16-be")
    for comment in (b"ASCII\0\0\0Steps: 20", b"UNICODE\0" + unicode):
        assert exif_tags(exif(order, software=b"Tool one", comment=comment))[-1] == Tag(
            field="exif:UserComment", value="Steps: 20"
        )


@given(st.binary(max_size=200), st.sampled_from([b"II*\0", b"MM\0*", b""]))
def test_any_bytes_for_exif_are_survived(data: bytes, mark: bytes) -> None:
    assert all(tag.field.startswith("exif:") for tag in exif_tags(mark + data))


def test_only_text_chunks_of_programs_are_kept() -> None:
    assert text_tag("png:Software", b"Editor").value == "Editor"
    assert text_tag("png:Author", b"A Person").value == ""
    assert text_tag("png:Comment", b"\xe4", "latin-1").value == "ä"


def test_tags_are_kept_once_and_no_more_than_the_limit() -> None:
    tags = [Tag(field="a", value=str(number % 100)) for number in range(1000)]
    assert len(within(tags)) == MOST_TAGS
    assert within([Tag(field="a", value=""), Tag(field="a", value="1"), Tag(field="a", value="1")]) == (
        Tag(field="a", value="1"),
    )


@pytest.fixture
def tagged(tmp_path: Path) -> Callable[..., list[Tag]]:
    """Writes a small film with these tags and reads them back as decoding does."""

    def make(suffix: str, metadata: dict[str, str], **options: str) -> list[Tag]:
        path = tmp_path / f"tagged{suffix}"
        with av.open(str(path), "w", options=options) as container:
            container.metadata.update(metadata)
            stream = container.add_stream("libx264", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 40, np.uint8), "rgb24")
            container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        with av.open(str(path), metadata_errors="replace") as opened:
            return container_tags(opened)

    return make


def test_container_tags_of_programs_are_kept_and_those_of_people_are_not(tagged: Callable[..., list[Tag]]) -> None:
    metadata = {
        "AIGC": '{"Label":"1"}',
        "LvMetaInfo": "{}",
        "title": "Private",
        "artist": "A Person",
        "location": "+1+2/",
    }
    found = {tag.field: tag.value for tag in tagged(".mp4", metadata, movflags="use_metadata_tags")}
    assert found["container:AIGC"] == '{"Label":"1"}'
    assert found["container:LvMetaInfo"] == "{}"
    assert found["container:encoder"].startswith("Lavf")
    assert "video:handler_name" in found
    assert not {"Private", "A Person", "+1+2/"} & set(found.values())


def test_matroska_tags_are_read_whatever_their_case(tagged: Callable[..., list[Tag]]) -> None:
    found = {tag.field.lower(): tag.value for tag in tagged(".mkv", {"SOFTWARE": "Editor", "AIGC": "x"})}
    assert (found["container:software"], found["container:aigc"]) == ("Editor", "x")
