from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tidegate.signals.onscreen.code_reader import Code, CodeReader

zxingcpp = pytest.importorskip("zxingcpp", reason="the decoder of codes is not installed")

Picture = NDArray[np.uint8]
LINK = "https://example.com/abc?x=12345"


def symbol(text: str | bytes, name: str = "QRCode", module_px: float = 4.0) -> Image.Image:
    """A code with its quiet zone, `module_px` pixels a module."""
    written = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
    large = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(written, scale=12)))
    size = (round(large.width * module_px / 12), round(large.height * module_px / 12))
    return large.convert("RGB").resize(size, Image.Resampling.BOX)


def scene(code: Image.Image, at: tuple[int, int] = (60, 150), *, width: int = 288, height: int = 512) -> Picture:
    """A code on a picture with soft colours."""
    rng = np.random.default_rng(5)
    blobs = Image.fromarray(rng.integers(40, 220, (12, 8, 3), dtype=np.uint8))
    picture = blobs.resize((width, height), Image.Resampling.BICUBIC)
    picture.paste(code, at, code if code.mode == "RGBA" else None)
    return np.array(picture)


@pytest.fixture(scope="module")
def reader() -> CodeReader:
    return CodeReader()


def closer(reader: CodeReader, picture: Picture, known: tuple[Code, ...] = ()) -> list[str]:
    return [code.text for code in reader.look_closer(picture, known, 10_000_000)[0]]


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("QRCode", LINK, "QR Code"),
        ("MicroQRCode", "HELLO123", "Micro QR Code"),
        ("RMQRCode", "HELLO", "rMQR Code"),
        ("Aztec", LINK, "Aztec"),
        ("DataMatrix", LINK, "Data Matrix"),
        ("PDF417", "hello", "PDF417"),
        ("EAN13", "4006381333931", "EAN-13"),
        ("EAN8", "96385074", "EAN-8"),
        ("Code128", "ABC-12345", "Code 128"),
        ("Code39", "ABC123", "Code 39"),
        ("Code93", "ABC123", "Code 93"),
    ],
)
def test_each_kind_of_code_is_read_where_it_stands(reader: CodeReader, name: str, text: str, shown: str) -> None:
    drawn = symbol(text, name, module_px=2.0)
    (found,) = reader.look(scene(drawn, (20, 200)))
    assert (found.text, found.format) == (text, shown)
    assert found.data == text.encode()
    x, y = (found.box.x + found.box.width / 2) * 288, (found.box.y + found.box.height / 2) * 512
    assert abs(x - 20 - drawn.width / 2) < 12
    assert abs(y - 200 - drawn.height / 2) < 0.35 * drawn.height


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "mirrored": lambda picture: picture[:, ::-1],
    "upside down": lambda picture: picture[::-1, ::-1],
    "light on dark": lambda picture: 255 - picture,
    "light on dark and mirrored": lambda picture: 255 - picture[:, ::-1],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_qr_code_is_read_all_the_same(reader: CodeReader, change: str) -> None:
    found = reader.look(np.ascontiguousarray(CHANGES[change](scene(symbol(LINK)))))
    assert [code.text for code in found] == [LINK]


@pytest.mark.parametrize("angle_deg", [7, 30, 45, 80])
def test_a_turned_code_is_read_and_its_turn_told(reader: CodeReader, angle_deg: int) -> None:
    turned = symbol(LINK, module_px=4).convert("RGBA").rotate(-angle_deg, Image.Resampling.BICUBIC, expand=True)
    (found,) = reader.look(scene(turned, (30, 120)))
    assert found.text == LINK
    assert abs(found.rotation_deg - angle_deg) <= 4


def test_a_code_of_tiny_modules_is_found_by_the_closer_look(reader: CodeReader) -> None:
    picture = scene(symbol(LINK, module_px=1.25), (100, 300))
    assert reader.look(picture) == []
    assert closer(reader, picture) == [LINK]


def test_the_closer_look_tells_where_the_code_stands(reader: CodeReader) -> None:
    drawn = symbol(LINK, module_px=1.5)
    (found,), _ = reader.look_closer(scene(drawn, (100, 300)), (), 10_000_000)
    assert abs((found.box.x + found.box.width / 2) * 288 - 100 - drawn.width / 2) < 4
    assert abs((found.box.y + found.box.height / 2) * 512 - 300 - drawn.height / 2) < 4


def test_what_is_known_is_not_looked_at_closer(reader: CodeReader) -> None:
    picture = scene(symbol(LINK, module_px=2))
    known = reader.look(picture)
    assert [code.text for code in known] == [LINK]
    assert reader.look_closer(picture, known, 10_000_000) == ([], 0)


def test_the_closer_look_keeps_within_its_pixels(reader: CodeReader) -> None:
    picture = scene(symbol(LINK, module_px=1.25), (100, 300))
    assert reader.look_closer(picture, (), 1000) == ([], 0)
    noise = np.random.default_rng(1).integers(0, 256, (512, 288, 3), dtype=np.uint8)
    assert reader.look_closer(noise, (), 10_000_000)[1] <= 10_000_000


def test_several_codes_on_one_picture_are_all_read(reader: CodeReader) -> None:
    picture = scene(symbol("first", module_px=4), (10, 10))
    picture[300:400, 100:200] = np.array(symbol("second", module_px=4).resize((100, 100)))
    assert sorted(code.text for code in reader.look(picture)) == ["first", "second"]


def test_colour_matters_little(reader: CodeReader) -> None:
    drawn: Any = np.array(symbol(LINK)).astype(np.float32) / 255
    tinted = (drawn * (255, 240, 120) + (1 - drawn) * (20, 30, 120)).astype(np.uint8)
    assert [code.text for code in reader.look(scene(Image.fromarray(tinted)))] == [LINK]


def test_pictures_without_codes_have_none(reader: CodeReader) -> None:
    rng = np.random.default_rng(3)
    stripes = np.repeat(np.tile(np.array([20, 230] * 36, np.uint8)[:, None, None], (1, 288, 3)), 7, axis=0)
    bars = np.repeat(rng.integers(0, 2, (1, 96, 1), dtype=np.uint8) * 220, 3, axis=1)
    rails = np.broadcast_to(bars, (400, 288, 3)).copy()
    noise = rng.integers(0, 256, (512, 288, 3), dtype=np.uint8)
    for picture in (stripes, stripes.transpose(1, 0, 2).copy(), rails, noise, np.zeros((9, 300, 3), np.uint8)):
        assert reader.look(picture) == []
        assert closer(reader, picture) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 512, 3), (512, 1, 3), (8, 8, 3), (7, 100, 3), (24, 24, 3)])
def test_slivers_are_survived(reader: CodeReader, shape: tuple[int, int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert reader.look(picture) == []
    assert closer(reader, picture) == []
