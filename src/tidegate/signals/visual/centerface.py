"""CenterFace: where faces are in a picture, by a heat map of their centres.

Xu, Yan, Sun, "CenterFace: Joint Face Detection and Alignment Using Face as Point" (2019). Outputs at a quarter of
the input size: heat, size and offset of centres; the decoding in `_boxes` is the authors' own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Box
from tidegate.signals.frames import resize
from tidegate.signals.network import Network

LONG_SIDE_PX = 320
"""Longest side looked at: faces down to about a thirtieth of it are found."""

_STRIDE = 4
_MULTIPLE = 32
_OVERLAP = 0.3
_MOST_FACES = 100
_OUTPUTS = ["537", "538", "539"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face found: how sure, in [0, 1], and where. Nothing about whose."""

    score: float
    box: Box


def faces(network: Network, pictures: NDArray[np.uint8], floor: float) -> list[list[Face]]:
    """Faces at least `floor` sure in each uint8 (n, h, w, 3) picture, the surest first.

    Cost: 10 ms for a picture of 9:16, on one thread.
    """
    height_px, width_px = _input_size(pictures.shape[1], pictures.shape[2])
    scaled = np.stack([resize(picture, width_px, height_px) for picture in pictures])
    heat, sizes, offsets = network.run(scaled.transpose(0, 3, 1, 2).astype(np.float32), _OUTPUTS)
    return [
        _distinct(_boxes(heat[row, 0], sizes[row], offsets[row], floor, width_px, height_px))
        for row in range(len(pictures))
    ]


def _input_size(height_px: int, width_px: int) -> tuple[int, int]:
    """The picture's shape at `LONG_SIDE_PX` or less, each side a multiple of 32."""
    scale = min(1.0, LONG_SIDE_PX / max(height_px, width_px))
    sides = (max(1, round(side * scale / _MULTIPLE)) * _MULTIPLE for side in (height_px, width_px))
    height, width = sides
    return height, width


def _boxes(
    heat: NDArray[np.float32],
    sizes: NDArray[np.float32],
    offsets: NDArray[np.float32],
    floor: float,
    width_px: int,
    height_px: int,
) -> list[Face]:
    """Every cell at least `floor` warm as a box: centre = cell + offset + half a cell, side = exp(size) cells."""
    found: list[Face] = []
    for row, column in np.argwhere(heat >= floor):
        height, width = np.exp(np.clip(sizes[:, row, column], -10.0, 10.0)) * _STRIDE
        centre_y = (row + offsets[0, row, column] + 0.5) * _STRIDE
        centre_x = (column + offsets[1, row, column] + 0.5) * _STRIDE
        left, right = np.clip([centre_x - width / 2, centre_x + width / 2], 0, width_px) / width_px
        top, bottom = np.clip([centre_y - height / 2, centre_y + height / 2], 0, height_px) / height_px
        box = Box(x=float(left), y=float(top), width=float(right - left), height=float(bottom - top))
        found.append(Face(score=min(1.0, float(heat[row, column])), box=box))
    return sorted(found, key=lambda face: -face.score)


def _distinct(found: list[Face]) -> list[Face]:
    """The surest of each group of overlapping boxes (greedy non-maximum suppression)."""
    kept: list[Face] = []
    for face in found:
        if all(_overlap(face.box, other.box) <= _OVERLAP for other in kept):
            kept.append(face)
        if len(kept) == _MOST_FACES:
            break
    return kept


def _overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, in [0, 1]."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.width * a.height + b.width * b.height - shared)
