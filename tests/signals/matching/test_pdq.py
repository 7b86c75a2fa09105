import numpy as np
import pytest
from PIL import Image

from tidegate.signals.matching.pdq import HASH_SIDE_PX, QUALITY_FLOOR, RADIUS, hamming, pdq
from tidegate.testing.drawing import picture


def scaled(rgb: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", width_px: int, height_px: int) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).resize((width_px, height_px), Image.Resampling.BILINEAR))


def test_a_hash_is_32_bytes_and_the_same_every_time() -> None:
    code, quality = pdq(picture(1))
    assert len(code) == 32
    assert quality >= QUALITY_FLOOR
    assert pdq(picture(1)) == (code, quality)


def test_a_picture_hashes_the_same_in_any_memory_layout() -> None:
    rgb = picture(2, 300, 200)
    assert pdq(np.asfortranarray(rgb)) == pdq(rgb)
    assert pdq(rgb[:, ::-1][:, ::-1]) == pdq(rgb)


def test_a_large_picture_hashes_as_its_shrunk_self() -> None:
    large = scaled(picture(3), 1600, 1600)
    shrunk = Image.fromarray(large)
    shrunk.thumbnail((HASH_SIDE_PX, HASH_SIDE_PX), Image.Resampling.BILINEAR, reducing_gap=2.0)
    assert pdq(large) == pdq(np.asarray(shrunk))


@pytest.mark.parametrize("seed", range(5))
def test_a_smaller_copy_is_a_match_and_another_picture_is_not(seed: int) -> None:
    original, copy, other = picture(seed), scaled(picture(seed), 200, 200), picture(seed + 100)
    assert hamming(pdq(original)[0], pdq(copy)[0]) <= RADIUS
    assert hamming(pdq(original)[0], pdq(other)[0]) > 2 * RADIUS


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 500, 3), (512, 288, 3)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_has_no_quality(shape: tuple[int, int, int], level: int) -> None:
    assert pdq(np.full(shape, level, np.uint8))[1] < QUALITY_FLOOR


def test_hamming_counts_differing_bits() -> None:
    assert hamming(b"\x00\xff", b"\x01\xfe") == 2
    assert hamming(b"\xff" * 32, b"\x00" * 32) == 256
