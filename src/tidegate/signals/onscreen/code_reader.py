"""Finds QR, matrix and bar codes on one picture: a look at the whole, then a closer look at small dense patches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.records import Box

FORMATS = (
    "QRCode",
    "MicroQRCode",
    "RMQRCode",
    "Aztec",
    "DataMatrix",
    "PDF417",
    "MaxiCode",
    "EAN13",
    "EAN8",
    "UPCA",
    "UPCE",
    "Code128",
    "Code93",
    "Code39",
    "ITF14",
    "DataBarExp",
)
"""Looked for on the whole picture. Left out: Codabar, plain ITF, Telepen and others without a check digit, which are
found in railings and blinds."""

MATRIX_FORMATS = ("QRCode", "MicroQRCode", "RMQRCode", "Aztec", "DataMatrix")
"""Looked for in the closer look."""

RETAIL_FORMATS = frozenset({"EAN-13", "EAN-8", "UPC-A", "UPC-E", "ISBN"})

_CELL_PX = 8
_DENSE = 17.0
"""Mean step between neighbouring pixels, along rows and along columns alike, in grey levels of 255, from which a cell
may hold modules of up to three pixels. Measured: such codes 20 to 90, 1% to 5% of the cells of photographs above."""
_LEAST_CELLS, _MOST_SIDE_PX = 3, 240
_MOST_PATCHES = 3
_ZOOM = 3
_MARGIN_CELLS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A decoded code: its words as the decoder reads them, its bytes, the format's name, and where it stands.

    `rotation_deg` is how far it is turned clockwise, in (-180, 180].
    """

    text: str
    data: bytes
    format: str
    box: Box
    rotation_deg: float


class CodeReader:
    """The decoder. A picture of 288 x 512 costs 3 to 5 ms, finding patches 0.7 ms, a million enlarged pixels 14 ms."""

    def __init__(self) -> None:
        try:
            import cv2
            import zxingcpp
        except ImportError as error:
            raise MissingDependencyError(
                f"reading codes needs the package {error.name}", next_step="pip install 'tidegate[onscreen]'"
            ) from error
        self._cv2: Any = cv2
        self._zxing: Any = zxingcpp

    def look(self, rgb: NDArray[np.uint8]) -> list[Code]:
        """Every code of a uint8 (h, w, 3) picture, upright or turned, mirrored, dark on light or light on dark."""
        height, width = rgb.shape[:2]
        found = self._decoded(np.ascontiguousarray(rgb[..., ::-1]), FORMATS)
        return [_code(one, (0, 0), 1.0, (width, height)) for one in found]

    def look_closer(self, rgb: NDArray[np.uint8], known: Sequence[Code], most_pixels: int) -> tuple[list[Code], int]:
        """Codes with modules too small for `look`, and how many enlarged pixels were spent, at most `most_pixels`.

        Patches full of fine detail are enlarged three times. What overlaps a `known` code is passed over.
        """
        height, width = rgb.shape[:2]
        grey = self._cv2.cvtColor(np.ascontiguousarray(rgb), self._cv2.COLOR_RGB2GRAY)
        found: list[Code] = []
        spent = 0
        for x, y, patch_width, patch_height in self._patches(grey):
            cost = patch_width * patch_height * _ZOOM**2
            if spent + cost > most_pixels:
                continue
            if any(
                _overlaps(one.box, x / width, y / height, patch_width / width, patch_height / height) for one in known
            ):
                continue
            spent += cost
            patch = grey[y : y + patch_height, x : x + patch_width]
            large = self._cv2.resize(patch, None, fx=_ZOOM, fy=_ZOOM, interpolation=self._cv2.INTER_CUBIC)
            decoded = self._decoded(large, MATRIX_FORMATS, is_small=True)
            found += [_code(one, (x, y), float(_ZOOM), (width, height)) for one in decoded]
        return found, spent

    def _decoded(
        self,
        picture: NDArray[np.uint8],
        names: Sequence[str],
        *,
        is_small: bool = False,
    ) -> list[Any]:
        if min(picture.shape[:2]) < _CELL_PX:
            return []
        # The set of formats is made anew each time: one that outlives the interpreter is reported as a leak on exit.
        known = self._zxing.BarcodeFormat
        formats = self._zxing.BarcodeFormats([getattr(known, name) for name in names if hasattr(known, name)])
        found = self._zxing.read_barcodes(
            picture, formats=formats, text_mode=self._zxing.TextMode.Plain, try_downscale=not is_small
        )
        return [one for one in found if one.valid and one.bytes]

    def _patches(self, grey: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
        """Compact patches of fine detail in both directions, as (x, y, width, height) in pixels, smallest first."""
        rows, columns = grey.shape[0] // _CELL_PX, grey.shape[1] // _CELL_PX
        if min(rows, columns) < _LEAST_CELLS:
            return
        cut = grey[: rows * _CELL_PX, : columns * _CELL_PX]
        steps = (self._cv2.absdiff(cut[:-1, 1:], cut[:-1, :-1]), self._cv2.absdiff(cut[1:, :-1], cut[:-1, :-1]))
        means = [self._cv2.resize(step, (columns, rows), interpolation=self._cv2.INTER_AREA) for step in steps]
        dense = (np.minimum(*means) > _DENSE).astype(np.uint8)
        if not dense.any():
            return
        whole = self._cv2.morphologyEx(dense, self._cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        count, _, boxes, _ = self._cv2.connectedComponentsWithStats(whole, connectivity=4)
        fitting = sorted(
            (tuple(int(side) for side in box[:4]) for box in boxes[1:count] if _may_hold_a_code(box)),
            key=lambda box: box[2] * box[3],
        )
        for left, top, width, height in fitting[-_MOST_PATCHES:]:
            x, y = max(0, left - _MARGIN_CELLS) * _CELL_PX, max(0, top - _MARGIN_CELLS) * _CELL_PX
            right = min(grey.shape[1], (left + width + _MARGIN_CELLS) * _CELL_PX)
            bottom = min(grey.shape[0], (top + height + _MARGIN_CELLS) * _CELL_PX)
            yield x, y, right - x, bottom - y


def _may_hold_a_code(stats: NDArray[np.int32]) -> bool:
    """Whether a patch is about square, large enough, not larger than is worth it, and filled."""
    width, height, filled = int(stats[2]), int(stats[3]), int(stats[4])
    return (
        min(width, height) >= _LEAST_CELLS
        and max(width, height) * _CELL_PX <= _MOST_SIDE_PX
        and max(width, height) <= 2.5 * min(width, height)
        and filled >= 0.4 * width * height
    )


def _overlaps(box: Box, x: float, y: float, width: float, height: float) -> bool:
    return box.x < x + width and x < box.x + box.width and box.y < y + height and y < box.y + box.height


def _code(
    one: Any,  # noqa: ANN401 - the decoder's own type
    origin: tuple[int, int],
    zoom: float,
    size: tuple[int, int],
) -> Code:
    at = one.position
    corners = [(corner.x, corner.y) for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
    shares = [
        (min(max((x / zoom + origin[0]) / size[0], 0.0), 1.0), min(max((y / zoom + origin[1]) / size[1], 0.0), 1.0))
        for x, y in corners
    ]
    left, top = min(x for x, _ in shares), min(y for _, y in shares)
    right, bottom = max(x for x, _ in shares), max(y for _, y in shares)
    turned = float(one.orientation)
    return Code(
        text=one.text,
        data=bytes(one.bytes),
        format=str(one.format),
        box=Box(x=left, y=top, width=right - left, height=bottom - top),
        rotation_deg=turned if turned > -180.0 else 180.0,
    )
