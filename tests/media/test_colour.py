import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.media.colour import Converter, Turn, matrix_and_range, over_contrast, target_size, turn_of_matrix

ONE = 1 << 16
WIDTH_PX, HEIGHT_PX = 64, 48


def flat_frame(y: int, u: int, v: int, size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX), form: str = "yuv420p"):  # noqa: ANN201
    import av

    frame = av.VideoFrame(*size, form)
    for plane, value in zip(frame.planes, (y, u, v), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def colour_of(frame: object) -> NDArray[np.float64]:
    converter = Converter(512)
    picture = converter.picture(converter.shrink(frame, 1.0), Turn())  # type: ignore[arg-type]
    mean: NDArray[np.float64] = picture.reshape(-1, 3).mean(axis=0)
    return mean


def exact(y: float, u: float, v: float, *, kr: float, kb: float, is_full: bool) -> NDArray[np.float64]:
    """RGB of a YCbCr value by the definitions of ITU-R BT.601 and BT.709."""
    luma = y / 255 if is_full else (y - 16) / 219
    blue, red = ((c - 128) / (255 if is_full else 224) for c in (u, v))
    r, b = luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue
    g = (luma - kr * r - kb * b) / (1 - kr - kb)
    return np.clip(np.array([r, g, b]) * 255, 0, 255)


BT601, BT709 = {"kr": 0.299, "kb": 0.114}, {"kr": 0.2126, "kb": 0.0722}
VALUES = [(81, 90, 200), (145, 60, 40), (60, 200, 110), (200, 128, 128), (110, 128, 128)]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize(("space", "matrix"), [(1, BT709), (5, BT601), (6, BT601)])
def test_matrix_and_range_are_taken_from_the_frame(
    value: tuple[int, int, int], is_full: bool, space: int, matrix: dict[str, float]
) -> None:
    frame = flat_frame(*value)
    frame.colorspace, frame.color_range = space, 2 if is_full else 1
    assert colour_of(frame) == pytest.approx(exact(*value, **matrix, is_full=is_full), abs=1.5)


@pytest.mark.parametrize(("size", "matrix"), [((64, 48), BT601), ((1280, 720), BT709), ((720, 1280), BT709)])
def test_an_unmarked_picture_is_read_by_its_size(size: tuple[int, int], matrix: dict[str, float]) -> None:
    frame = flat_frame(110, 80, 180, size)
    assert colour_of(frame) == pytest.approx(exact(110, 80, 180, **matrix, is_full=False), abs=1.5)


def test_a_jpeg_format_is_full_range_without_a_mark() -> None:
    assert matrix_and_range(flat_frame(9, 9, 9, form="yuvj420p"))[1] == 2
    assert matrix_and_range(flat_frame(9, 9, 9))[1] == 1


def pq_code(nits: float) -> float:
    """SMPTE ST 2084 signal of an absolute luminance, in [0, 1]."""
    power = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def hdr_grey(nits: float, transfer: int = 16, code: float | None = None) -> float:
    import av

    luma = round(64 + 876 * (pq_code(nits) if code is None else code))
    frame = av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv420p10le")
    for plane, value in zip(frame.planes, (luma, 512, 512), strict=True):
        plane.update(value.to_bytes(2, "little") * (plane.buffer_size // 2))
    frame.color_trc, frame.colorspace, frame.color_range = transfer, 9, 1
    grey = colour_of(frame)
    assert np.ptp(grey) <= 3
    return float(grey.mean())


def test_pq_is_mapped_so_that_what_is_as_bright_as_sdr_looks_as_in_sdr() -> None:
    expected = 255 * (1.055 * 0.18 ** (1 / 2.4) - 0.055)
    assert hdr_grey(203 * 0.18) == pytest.approx(expected, abs=3)
    assert hdr_grey(0.0) <= 1
    assert 235 <= hdr_grey(203) <= 252
    assert hdr_grey(1000) >= 253


def test_pq_and_hlg_rise_steadily() -> None:
    pq = [hdr_grey(nits) for nits in (0.1, 1, 5, 20, 60, 120, 203, 400)]
    hlg = [hdr_grey(0, 18, code) for code in (0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9)]
    for ramp in (pq, hlg):
        assert all(b > a for a, b in itertools.pairwise(ramp))


def test_hlg_reference_white_is_nearly_white() -> None:
    assert 230 <= hdr_grey(0, 18, 0.75) <= 254


@pytest.mark.parametrize(
    ("matrix", "turn"),
    [
        ((ONE, 0, 0, ONE), Turn()),
        ((0, ONE, -ONE, 0), Turn(is_mirrored=False, quarter_turns=3)),
        ((-ONE, 0, 0, -ONE), Turn(is_mirrored=False, quarter_turns=2)),
        ((0, -ONE, ONE, 0), Turn(is_mirrored=False, quarter_turns=1)),
        ((-ONE, 0, 0, ONE), Turn(is_mirrored=True, quarter_turns=0)),
        ((0, 0, 0, 0), Turn()),
    ],
)
def test_a_display_matrix_becomes_quarter_turns(matrix: tuple[int, int, int, int], turn: Turn) -> None:
    assert turn_of_matrix(*matrix) == turn


STRAIGHT = [(a, 0, 0, d) for a, d in itertools.product((-1, 1), repeat=2)]
CROSSED = [(0, b, c, 0) for b, c in itertools.product((-1, 1), repeat=2)]


@pytest.mark.parametrize("matrix", [*STRAIGHT, *CROSSED])
def test_a_turn_puts_every_corner_where_the_matrix_says(matrix: tuple[int, int, int, int]) -> None:
    a, b, c, d = matrix
    picture = np.zeros((5, 9, 3), np.uint8)
    picture[0, 0], picture[0, -1], picture[-1, 0] = 10, 20, 30
    turned = turn_of_matrix(a * ONE, b * ONE, c * ONE, d * ONE).apply(picture)
    for value, (x, y) in ((10, (0, 0)), (20, (1, 0)), (30, (0, 1))):
        at_x, at_y = a * x + c * y, b * x + d * y
        column = -1 if at_x + int(min(a, c) < 0) == 1 else 0
        row = -1 if at_y + int(min(b, d) < 0) == 1 else 0
        assert turned[row, column, 0] == value


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        ((1080, 1920), 1.0, (288, 512)),
        ((720, 576), 16 / 15, (512, 384)),
        ((480, 640), 0.75, (288, 512)),
        ((100, 50), 1.0, (100, 50)),
        ((1, 1), 1.0, (1, 1)),
        ((16000, 16), 1.0, (512, 1)),
    ],
)
def test_a_picture_is_scaled_to_square_pixels_and_never_up(
    size: tuple[int, int], aspect: float, expected: tuple[int, int]
) -> None:
    assert target_size(*size, aspect, 512) == expected


@pytest.mark.parametrize(("shade", "ground"), [(250, 0), (5, 255)])
def test_transparency_hides_neither_white_nor_black_writing(shade: int, ground: int) -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[2:6, 2:6] = (shade, shade, shade, 255)
    laid = over_contrast(rgba)
    assert laid[0, 0].tolist() == [ground] * 3
    assert laid[3, 3].tolist() == [shade] * 3


def test_a_wholly_transparent_picture_is_no_trouble() -> None:
    assert over_contrast(np.zeros((2, 2, 4), np.uint8)).shape == (2, 2, 3)


def test_a_miniature_is_the_same_from_the_frame_and_from_the_shrunk_frame() -> None:
    import av

    rng = np.random.default_rng(3)
    patches = rng.integers(0, 256, (9, 16, 3), dtype=np.uint8).repeat(80, axis=0).repeat(80, axis=1)
    frame = av.VideoFrame.from_ndarray(patches, format="rgb24").reformat(format="yuv420p", threads=1)
    converter = Converter(512)
    direct = converter.miniature(frame, 32).astype(int)
    shrunk = converter.miniature(converter.shrink(frame, 1.0), 32).astype(int)
    assert np.abs(direct - shrunk).mean() < 4
