"""Letterbox and border detection: where on the picture the content lies."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)

FLAT_RANGE = 16
"""Most spread (of 255) within a border line, of averages over a 64th of it; decoder noise stays below."""
EDGE_STEP = 18.0
"""Most distance (of 255) of a border line's mean colour from the outermost line's."""
MIN_CONTENT_SHARE = 0.2
"""Less content than this share of a side is no border but a plain picture with something small on it."""
MIN_BORDER_SHARE = 0.015
MOST_PICTURES = 3
_PARTS = 64


def content_box(pictures: Sequence[NDArray[np.uint8]]) -> Box:
    """(x, y, width, height) shares of the picture inside bars that all `pictures` of one shot have in common.

    A bar is a run of outer rows or columns, each flat and in the outermost line's colour. A picture that is flat
    all over says nothing and is left out. Cost: 0.4 ms a 288x512 picture; only MOST_PICTURES are looked at.
    """
    some = pictures[:: -(-len(pictures) // MOST_PICTURES)] if pictures else pictures
    bounds = [found for picture in some if (found := _bounds(picture)) is not None]
    if not bounds:
        return WHOLE
    left, top = min(b[0] for b in bounds), min(b[1] for b in bounds)
    right, bottom = max(b[2] for b in bounds), max(b[3] for b in bounds)
    return (left, top, right - left, bottom - top)


def _bounds(picture: NDArray[np.uint8]) -> Box | None:
    """(left, top, right, bottom) shares of the content, `None` when the whole picture is flat."""
    height, width = picture.shape[:2]
    top, bottom = _inner(picture)
    if bottom <= top:
        return None
    left, right = _inner(np.swapaxes(picture[top:bottom], 0, 1))
    if right <= left:
        return None
    x = _settled(left, right, width)
    y = _settled(top, bottom, height)
    return (x[0] / width, y[0] / height, x[1] / width, y[1] / height)


def _settled(start: int, end: int, whole: int) -> tuple[int, int]:
    """Drop bars that are too thin to be meant or leave too little between them."""
    if end - start < MIN_CONTENT_SHARE * whole:
        return 0, whole
    least = max(2.0, MIN_BORDER_SHARE * whole)
    return (start if start >= least else 0), (end if whole - end >= least else whole)


def _inner(picture: NDArray[np.uint8]) -> tuple[int, int]:
    """First row and the one after the last that is no border; equal when every row is one."""
    height, width = picture.shape[:2]
    part = max(1, width // _PARTS)
    usable = width // part * part
    rows = picture[:, :usable].reshape(height, usable // part, part, 3).mean(axis=2, dtype=np.float32)
    is_flat = (rows.max(axis=1) - rows.min(axis=1)).max(axis=1) <= FLAT_RANGE
    means = rows.mean(axis=1)
    is_top = is_flat & (np.abs(means - means[0]).max(axis=1) <= EDGE_STEP)
    is_bottom = is_flat & (np.abs(means - means[-1]).max(axis=1) <= EDGE_STEP)
    if is_top.all():
        return 0, 0
    return int(np.argmin(is_top)), height - int(np.argmin(is_bottom[::-1]))
