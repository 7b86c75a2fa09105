"""Benign pictures drawn by code: still pictures, moving scenes and written words. Deterministic by seed."""

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Picture = NDArray[np.uint8]
"""RGB, uint8 (height, width, 3)."""

_Array = TypeVar("_Array", NDArray[np.uint8], NDArray[np.bool_])

DARKEST, LIGHTEST = 20, 232
"""Drawn values keep clear of 0 and 255, so that grain of a few units is added without clipping."""


@functools.lru_cache(maxsize=32)
def picture(seed: int, width_px: int = 512, height_px: int = 512) -> Picture:
    """A still picture of soft colours under large shapes, unlike that of any other seed; read-only.

    Drawn at 512 pixels and scaled, so that one seed gives one picture at every size. Cost: about 10 ms, then cached.
    """
    from PIL import Image

    rng = np.random.default_rng([seed, 1])
    image = _soft_colours(rng, 512, 512)
    _draw_shapes(rng, image, count=24, least=0.08, most=0.35)
    scaled = image.resize((width_px, height_px), Image.Resampling.BICUBIC)
    return _frozen(np.clip(np.asarray(scaled), DARKEST, LIGHTEST))


def _soft_colours(rng: np.random.Generator, width_px: int, height_px: int) -> "Image.Image":
    from PIL import Image

    coarse = rng.integers(DARKEST, LIGHTEST, (6, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width_px, height_px), Image.Resampling.BICUBIC)


def _draw_shapes(rng: np.random.Generator, image: "Image.Image", *, count: int, least: float, most: float) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(count):
        radius = float(rng.uniform(least, most)) * min(width, height) / 2
        _draw_shape(draw, rng, float(rng.uniform(0, width)), float(rng.uniform(0, height)), radius)


def _draw_shape(draw: "ImageDraw.ImageDraw", rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    colour = tuple(int(value) for value in rng.integers(DARKEST, LIGHTEST, 3))
    match int(rng.integers(0, 3)):
        case 0:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        case 1:
            draw.rectangle((x - radius, y - radius * 0.6, x + radius, y + radius * 0.6), fill=colour)
        case _:
            draw.regular_polygon((x, y, radius), int(rng.integers(3, 7)), float(rng.uniform(0, 90)), fill=colour)


@dataclass(frozen=True, slots=True)
class _Sprite:
    """A small picture that crosses the scene and turns back at its edges; speeds in frame heights a second."""

    pixels: Picture
    mask: NDArray[np.bool_]
    start: tuple[float, float]
    speed: tuple[float, float]


class Scene:
    """One take without a cut: a detailed background under a slow pan with a trembling hand, and crossing shapes.

    Motion depends on time alone, so any frame can be drawn on its own. `motion` scales every speed; 0 stands still.
    Cost of a frame: about 8 ms at 1080x1920, 1 ms at 360x640.
    """

    def __init__(self, seed: int, width_px: int, height_px: int, *, motion: float = 1.0) -> None:
        rng = np.random.default_rng([seed, 2])
        self._width, self._height, self._motion = width_px, height_px, motion
        self._margin = max(2, height_px // 8)
        self._background = _background(rng, width_px + 2 * self._margin, height_px + 2 * self._margin)
        self._sprites = tuple(_sprite(rng, height_px) for _ in range(4))
        self._phase = float(rng.uniform(0, 2 * math.pi))

    def draw(self, time_s: float) -> Picture:
        """The picture at `time_s` seconds from the start of the scene; a fresh writable array."""
        t = time_s * self._motion
        tremble = 0.004 * self._height
        reach = self._margin - tremble - 1
        x = self._margin + reach * math.sin(0.9 * t + self._phase) + tremble * math.sin(23 * t)
        y = self._margin + reach * math.cos(0.7 * t + self._phase) + tremble * math.sin(17 * t)
        left, top = (min(max(0, round(at)), 2 * self._margin) for at in (x, y))
        frame = self._background[top : top + self._height, left : left + self._width].copy()
        for sprite in self._sprites:
            self._paste(frame, sprite, t)
        return frame

    def _paste(self, frame: Picture, sprite: _Sprite, t: float) -> None:
        height, width = sprite.mask.shape
        x = _bounced(sprite.start[0] * self._width + sprite.speed[0] * t * self._height, self._width)
        y = _bounced(sprite.start[1] * self._height + sprite.speed[1] * t * self._height, self._height)
        paste(frame, sprite.pixels, sprite.mask, round(x - width / 2), round(y - height / 2))


def _background(rng: np.random.Generator, width_px: int, height_px: int) -> Picture:
    image = _soft_colours(rng, width_px, height_px)
    _draw_shapes(rng, image, count=60, least=0.05, most=0.3)
    detail = rng.integers(-5, 6, (height_px, width_px, 1), dtype=np.int16)
    detailed: Picture = np.clip(np.asarray(image, np.int16) + detail, DARKEST, LIGHTEST).astype(np.uint8)
    return detailed


def _sprite(rng: np.random.Generator, height_px: int) -> _Sprite:
    from PIL import Image, ImageDraw

    side = max(4, int(height_px * float(rng.uniform(0.08, 0.2))))
    mark = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mark)
    if rng.integers(0, 2):
        draw.ellipse((0, 0, side - 1, side - 1), fill=255)
    else:
        draw.regular_polygon((side / 2, side / 2, side / 2 - 1), int(rng.integers(3, 7)), fill=255)
    pixels = picture(int(rng.integers(0, 2**31)), side, side)
    start = (float(rng.uniform(0, 1)), float(rng.uniform(0, 1)))
    speed = (float(rng.uniform(-0.4, 0.4)), float(rng.uniform(-0.4, 0.4)))
    return _Sprite(pixels, np.asarray(mark) > 127, start, speed)


def _bounced(position: float, length: float) -> float:
    """A position reflected into [0, length]."""
    folded = position % (2 * length)
    return folded if folded <= length else 2 * length - folded


def paste(frame: Picture, pixels: Picture, mask: NDArray[np.bool_], left: int, top: int) -> None:
    """Write the masked `pixels` into `frame` at (left, top), cut off at its edges."""
    height, width = frame.shape[:2]
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + mask.shape[1]), min(height, top + mask.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    window = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    np.copyto(frame[y0:y1, x0:x1], pixels[window], where=mask[window][..., None])


@functools.lru_cache(maxsize=64)
def lettering(text: str, height_px: int) -> NDArray[np.bool_]:
    """The mask of `text` in Pillow's own font with lines `height_px` tall; bool (height, width), read-only.

    That font has Latin letters only; others show as boxes.
    """
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=float(max(6, height_px)))
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font=font)
    image = Image.new("L", (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))), 0)
    ImageDraw.Draw(image).multiline_text((-left, -top), text, font=font, fill=255)
    return _frozen(np.asarray(image) > 127)


def _frozen(array: _Array) -> _Array:
    array.setflags(write=False)
    return array
