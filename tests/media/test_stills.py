import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tidegate.media.limits import MediaLimits
from tidegate.media.source import Source, open_source
from tidegate.media.stills import is_animated_webp, orientation, picture_size


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("png", {}),
        ("gif", {}),
        ("jpeg", {}),
        ("jpeg", {"progressive": True, "exif": b"Exif\0\0" + bytes(3000)}),
        ("webp", {}),
        ("webp", {"lossless": True}),
        ("webp", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
    ],
)
def test_the_size_is_read_from_the_header(tmp_path: Path, name: str, options: dict[str, object]) -> None:
    path = tmp_path / f"still.{name}"
    Image.new("RGB", (317, 91), (90, 140, 30)).save(path, name.upper(), **options)
    with open_source(path, MediaLimits()) as source:
        assert picture_size(name, source) == (317, 91)


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("turn", range(10))
def test_the_exif_orientation_is_read(tmp_path: Path, name: str, turn: int) -> None:
    exif = Image.Exif()
    exif[271], exif[274], exif[305] = "maker", turn, "software"
    path = tmp_path / f"still.{name}"
    Image.new("RGB", (31, 19)).save(path, name.upper(), exif=exif)
    with open_source(path, MediaLimits()) as source:
        assert orientation(name, source) == (turn if 1 <= turn <= 8 else 1)


def test_a_still_without_exif_is_upright(tmp_path: Path) -> None:
    Image.new("RGB", (31, 19)).save(tmp_path / "still.png")
    with open_source(tmp_path / "still.png", MediaLimits()) as source:
        assert orientation("png", source) == 1


def test_an_animation_is_told_from_a_still_webp() -> None:
    frames = [Image.new("RGB", (16, 16), (shade, 0, 0)) for shade in (0, 250)]
    still, moving = io.BytesIO(), io.BytesIO()
    frames[0].save(still, "WEBP")
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    assert not is_animated_webp(still.getvalue())
    assert is_animated_webp(moving.getvalue())


@given(st.sampled_from(["png", "gif", "webp", "jpeg"]), st.binary(max_size=80))
def test_a_broken_header_gives_a_size_or_none(name: str, data: bytes) -> None:
    file = Source(fd=os.memfd_create("still"), name="still", size_bytes=len(data), head=data)
    try:
        os.write(file.fd, data)
        size = picture_size(name, file)
        assert size is None or len(size) == 2
        assert 1 <= orientation(name, file) <= 8
    finally:
        os.close(file.fd)
