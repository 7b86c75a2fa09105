"""Pictures with words for tests of reading: Pillow's own font, plain or photograph-like ground, any turn."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tidegate.testing.drawing import Picture, lettering

Write = Callable[..., Picture]


@pytest.fixture(scope="session")
def write() -> Write:
    """`write(text, ground=(r, g, b) or a picture, ink=..., height_px=22, x=None, y=300, turn_deg=0)` -> 288 x 512."""

    def written(
        text: str,
        *,
        ground: "tuple[int, int, int] | Picture" = (60, 60, 90),
        ink: tuple[int, int, int] = (240, 240, 240),
        height_px: int = 22,
        x: int | None = None,
        y: int = 300,
        turn_deg: int = 0,
        size: tuple[int, int] = (512, 288),
    ) -> Picture:
        page = ground.copy() if isinstance(ground, np.ndarray) else np.full((*size, 3), ground, np.uint8)
        mask = lettering(text, height_px)
        if turn_deg:
            turned = Image.fromarray(mask.astype(np.uint8) * 255).rotate(-turn_deg, expand=True)
            mask = np.asarray(turned) > 127
        height, width = mask.shape
        left = (page.shape[1] - width) // 2 if x is None else x
        part = page[y : y + height, max(left, 0) : left + width]
        cut = mask[: part.shape[0], max(-left, 0) : max(-left, 0) + part.shape[1]]
        part[cut] = ink
        return page

    return written
