"""HDR pictures are coded as the standards say."""

import numpy as np
import pytest

from tidegate.testing.hdr import hdr10


def test_white_is_at_203_nits_and_black_at_nothing() -> None:
    codes = hdr10(np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8)) / 65535
    assert codes[0, 0] == pytest.approx([0.5807] * 3, abs=0.0005)
    assert codes[0, 1] == pytest.approx([0.0] * 3, abs=0.0001)


def test_greys_stay_grey_and_rise() -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    codes = hdr10(greys).astype(int)
    assert np.ptp(codes, axis=2).max() < 40
    assert (np.diff(codes[0, :, 1]) > 0).all()


def test_a_pure_colour_lies_inside_the_wider_gamut() -> None:
    red, green, blue = hdr10(np.array([[[255, 0, 0]]], np.uint8))[0, 0]
    assert red > green > blue > 0
