"""Fine detail of a looked-at frame: what tells two captions apart that average to the same grey."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

LONGEST_PX = 256
"""Longest side of the luma that is compared: letters of 2.5 % of the height are still six pixels high there."""
CELL_PX = 8
CHANGED = 5.0
"""Mean difference of a cell, in levels of 255, from which its strokes are others. Measured on still scenes: grain and
H.264 reach 3, another caption of 2.5 % of the height over soft ground 16 to 25, of 4.5 % 60 to 80."""

Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Detail:
    """Luma of a small picture less the mean of each cell of 8 x 8, in levels of 255.

    `strokes` is int16 (8 * rows, 8 * columns); `energy` is the mean of its magnitude in each cell, float32 (rows,
    columns). A change of brightness alone leaves both as they are; so does one of hue, which `looks.Signature` tells.
    """

    strokes: NDArray[np.int16]
    energy: NDArray[np.float32]


def detail_of(small: "VideoFrame") -> Detail:
    """The detail of a frame that `Converter.shrink` made. Cost: 0.2 ms at 288x512."""
    return detail_of_luma(_luma(small))


def detail_of_luma(luma: NDArray[np.uint8]) -> Detail:
    """The detail of uint8 (height, width); edges are repeated up to whole cells."""
    times = max(1, -(-max(luma.shape) // LONGEST_PX))
    whole = _padded(luma, CELL_PX * times)
    total = np.zeros((whole.shape[0] // times, whole.shape[1] // times), np.int32)
    for row in range(times):
        for column in range(times):
            total += whole[row::times, column::times]
    strokes = (total // times**2).astype(np.int16)
    means = _cell_sums(strokes) // CELL_PX**2
    strokes -= means.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)
    return Detail(strokes, _cell_means(np.abs(strokes)))


def changes_of(a: Detail, b: Detail) -> NDArray[np.float32]:
    """Mean difference of each cell in levels of 255, float32 (rows, columns). Cost: 25 us at 144x256.

    Pictures of different size differ everywhere.
    """
    if a.strokes.shape != b.strokes.shape:
        return np.full(b.energy.shape, 255.0, np.float32)
    return _cell_means(np.abs(a.strokes - b.strokes))


def _cell_means(values: NDArray[np.int16]) -> NDArray[np.float32]:
    means: NDArray[np.float32] = _cell_sums(values).astype(np.float32) / np.float32(CELL_PX**2)
    return means


def _cell_sums(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """Sums of 64 values of at most 510 in magnitude, 32,640 in all: int16 is just wide enough."""
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    by_row = values.reshape(rows, CELL_PX, columns * CELL_PX).sum(axis=1, dtype=np.int16)
    sums: NDArray[np.int16] = by_row.reshape(rows, columns, CELL_PX).sum(axis=2, dtype=np.int16)
    return sums


def _luma(small: "VideoFrame") -> NDArray[np.uint8]:
    if small.format.name == "yuv444p":
        plane = small.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: small.height, : small.width]
    pixels: NDArray[np.generic] = small.to_ndarray()
    green = pixels[..., 1].astype(np.uint16)
    if pixels.dtype == np.uint16:
        green >>= 8
    if pixels.shape[2] == 4:
        green = green * pixels[..., 3].astype(np.uint16) // 255
    return green.astype(np.uint8)


def _padded(luma: NDArray[np.uint8], multiple_px: int) -> NDArray[np.uint8]:
    down, across = -luma.shape[0] % multiple_px, -luma.shape[1] % multiple_px
    return np.pad(luma, ((0, down), (0, across)), mode="edge") if down or across else luma
