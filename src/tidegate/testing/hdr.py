"""Turns drawn pictures into HDR10 signals: BT.2020 primaries, PQ, white at 203 nits."""

import numpy as np
from numpy.typing import NDArray

WHITE_NITS = 203.0
"""ITU-R BT.2408: luminance of graphics white in an HDR programme."""

_BT709_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]], np.float32)
"""ITU-R BT.2087, equation for linear light."""


def _linear_of_srgb() -> NDArray[np.float32]:
    srgb = np.arange(256) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


_LINEAR = _linear_of_srgb()


def hdr10(rgb: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """An sRGB picture, uint8 (h, w, 3), as full-range PQ R'G'B' in BT.2020 primaries, uint16 (h, w, 3).

    PQ is the inverse EOTF of SMPTE ST 2084. Cost: about 100 ms for 360x640.
    """
    linear = _LINEAR[rgb] @ _BT709_TO_BT2020.T
    y = np.clip(linear * (WHITE_NITS / 10_000), 0.0, 1.0) ** (2610 / 16384)
    pq = ((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32)
    code: NDArray[np.uint16] = np.round(pq * 65535).astype(np.uint16)
    return code
