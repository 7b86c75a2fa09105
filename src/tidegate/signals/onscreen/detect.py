"""Finds the lines of text on a picture: PP-OCRv6's detection network and its boxes, with OpenCV alone."""

import math

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.network import Network
from tidegate.signals.onscreen.regions import Region, region_of

STRIDE_PX = 32
"""The network halves its input five times: sides are multiples of this."""

INK = 0.3
"""Probability from which a pixel belongs to text (PaddleOCR's `thresh`)."""

LEAST_SCORE = 0.5
"""Mean probability inside its box from which a box is text (PaddleOCR's `box_thresh`)."""

GROWTH = 1.6
"""The network learns text shrunk to its core; boxes grow back by area * growth / perimeter (DB, Liao et al. 2020)."""

MOST_BOXES = 300
"""Most boxes looked at on one picture; the largest first."""

_LEAST_SIDE_PX = 3.0


class TextFinder:
    """Finds lines of text at any angle. One picture at a time: batches are slower on one thread (measured)."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def find(self, rgb: NDArray[np.uint8], side_px: int) -> list[Region]:
        """The regions of uint8 (h, w, 3), in its own pixels, looked at with its longest side at `side_px`.

        CPU seconds by input on one thread: 0.012 at 256 x 160, 0.017 at 320 x 192, 0.042 at 512 x 288.
        """
        import cv2

        height, width = rgb.shape[:2]
        across_px, down_px = input_size(width, height, side_px)
        resized = cv2.resize(rgb, (across_px, down_px), interpolation=_interpolation(width, across_px))
        bgr = resized[..., ::-1].transpose(2, 0, 1).astype(np.float32)
        (maps,) = self._network.run(bgr[None] / 127.5 - 1.0)
        scale_x, scale_y = width / across_px, height / down_px
        return regions(maps[0, 0], scale_x, scale_y)


def input_size(width_px: int, height_px: int, side_px: int) -> tuple[int, int]:
    """Width and height of the network's input for a picture of that size: multiples of 32, at least 32."""
    scale = side_px / max(width_px, height_px)

    def stepped(side: int) -> int:
        return max(STRIDE_PX, round(side * scale / STRIDE_PX) * STRIDE_PX)

    return stepped(width_px), stepped(height_px)


def regions(ink: NDArray[np.float32], scale_x: float = 1.0, scale_y: float = 1.0) -> list[Region]:
    """Boxes of a float32 (h, w) map of text probability, each coordinate multiplied by its scale, largest first."""
    import cv2

    mask = cv2.dilate((ink > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    found: list[Region] = []
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    contours = [np.asarray(outline, np.int32) for outline in outlines]
    for contour in sorted(contours, key=lambda one: -_extent(one))[:MOST_BOXES]:
        (x, y), (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < _LEAST_SIDE_PX:
            continue
        score = _mean_inside(ink, contour)
        if score < LEAST_SCORE:
            continue
        grown_px = width * height * GROWTH / (2 * (width + height))
        corners = cv2.boxPoints(((x, y), (width + 2 * grown_px, height + 2 * grown_px), angle))
        scaled = (corners * np.array([scale_x, scale_y], np.float32)).astype(np.float32)
        (x, y), (width, height), angle = cv2.minAreaRect(scaled)
        found.append(region_of((x, y), (width, height), angle, score=min(1.0, score)))
    return found


def _extent(contour: NDArray[np.int32]) -> int:
    (left, top), (right, bottom) = contour.min(axis=(0, 1)), contour.max(axis=(0, 1))
    return int((right - left + 1) * (bottom - top + 1))


def _mean_inside(ink: NDArray[np.float32], contour: NDArray[np.int32]) -> float:
    """Mean probability inside a contour."""
    import cv2

    left, top = contour.min(axis=(0, 1))
    right, bottom = contour.max(axis=(0, 1))
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [contour - np.array([left, top])], 1)
    value = float(cv2.mean(ink[top : bottom + 1, left : right + 1], inside)[0])
    return value if math.isfinite(value) else 0.0


def _interpolation(from_px: int, to_px: int) -> int:
    import cv2

    return int(cv2.INTER_AREA if to_px < from_px else cv2.INTER_CUBIC)
