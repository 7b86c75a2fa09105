"""Captions as people put them on short video: real fonts, outlines, shadows, plates, several lines, turned."""

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tidegate.errors import UsageError
from tidegate.records import Box
from tidegate.testing.drawing import Picture
from tidegate.testing.fonts import Font, font_for

if TYPE_CHECKING:
    from PIL import Image, ImageFont

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

WHITE, BLACK = (235, 235, 235), (16, 16, 16)
_SHADOW_SHARE = 0.06
_PLATE_SHARE = 0.25
_LINE_GAP_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionStyle:
    """How a caption looks. Lengths are shares of the letters' size, so that one style fits every size.

    `font` None takes the font of `script`, and Pillow's own where that is empty. `outline` is the width of the line
    around the letters, `plate` the colour of a box behind them. `opacity` in (0, 1] is that of the whole caption.
    `rotation_deg` turns it clockwise.
    """

    font: Font | None = None
    script: str = ""
    colour: Colour = WHITE
    outline: float = 0.0
    outline_colour: Colour = BLACK
    has_shadow: bool = False
    plate: Colour | None = None
    opacity: float = 1.0
    rotation_deg: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.outline <= 0.5 and 0.0 < self.opacity <= 1.0):
            raise UsageError("outline lies in [0, 0.5] and opacity in (0, 1]", where="CaptionStyle")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caption:
    """A drawn caption: `pixels` RGBA uint8 (height, width, 4), and where in it the letters lie, in pixels."""

    pixels: Picture
    left: int
    top: int
    right: int
    bottom: int


@functools.lru_cache(maxsize=64)
def drawn(text: str, size_px: int, style: CaptionStyle = CaptionStyle()) -> Caption:
    """`text` drawn with letters `size_px` high, lines centred under each other; read-only.

    Right-to-left and joined scripts are shaped by Pillow's raqm layout. Raises MissingDependencyError where the font
    of a script is not installed. Cost: about 2 ms a line, then cached.
    """
    from PIL import Image

    letters, whole = _layers(text, size_px, style)
    if style.rotation_deg % 360:
        letters, whole = (
            layer.rotate(-style.rotation_deg, Image.Resampling.BICUBIC, expand=True) for layer in (letters, whole)
        )
    seen = np.asarray(letters) > 127
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    pixels = np.array(whole)
    pixels[..., 3] = np.round(pixels[..., 3] * style.opacity).astype(np.uint8)
    pixels.setflags(write=False)
    if not len(columns):
        return Caption(pixels=pixels, left=0, top=0, right=pixels.shape[1], bottom=pixels.shape[0])
    return Caption(
        pixels=pixels, left=int(columns[0]), top=int(rows[0]), right=int(columns[-1]) + 1, bottom=int(rows[-1]) + 1
    )


def blend(frame: Picture, caption: Caption, left: int, top: int) -> None:
    """Lay the caption over `frame` so that its letters begin at (left, top); what leaves the frame is cut off."""
    x, y = left - caption.left, top - caption.top
    height, width = caption.pixels.shape[:2]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(frame.shape[1], x + width), min(frame.shape[0], y + height)
    if x0 >= x1 or y0 >= y1:
        return
    part = caption.pixels[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.uint16)
    alpha = part[..., 3:]
    under = frame[y0:y1, x0:x1].astype(np.uint16)
    frame[y0:y1, x0:x1] = ((part[..., :3] * alpha + under * (255 - alpha) + 127) // 255).astype(np.uint8)


def box_of(caption: Caption, left: int, top: int, width_px: int, height_px: int) -> Box:
    """The part of the letters' box that lies on a picture of that size, when they begin at (left, top)."""
    x0, y0 = (min(max(at, 0), side) for at, side in ((left, width_px), (top, height_px)))
    x1 = min(max(left + caption.right - caption.left, x0), width_px)
    y1 = min(max(top + caption.bottom - caption.top, y0), height_px)
    return Box(x=x0 / width_px, y=y0 / height_px, width=(x1 - x0) / width_px, height=(y1 - y0) / height_px)


def _layers(text: str, size_px: int, style: CaptionStyle) -> tuple["Image.Image", "Image.Image"]:
    """The letters alone as a mask, and the whole caption in colour, of one size."""
    from PIL import Image, ImageDraw

    font = _font(style, max(6, size_px))
    outline, gap = round(style.outline * size_px), round(_LINE_GAP_SHARE * size_px)
    measure = ImageDraw.Draw(Image.new("L", (1, 1)))
    how = {"font": font, "spacing": gap, "align": "center"}
    left, top, right, bottom = measure.multiline_textbbox((0, 0), text, **how)  # type: ignore[arg-type]
    shadow = max(1, round(_SHADOW_SHARE * size_px)) if style.has_shadow else 0
    margin = outline + shadow + (round(_PLATE_SHARE * size_px) if style.plate else 0) + 1
    size = (max(1, math.ceil(right - left)) + 2 * margin, max(1, math.ceil(bottom - top)) + 2 * margin)
    at = (margin - left, margin - top)
    letters, whole = Image.new("L", size, 0), Image.new("RGBA", size, (*(style.plate or style.outline_colour), 0))
    ImageDraw.Draw(letters).multiline_text(at, text, fill=255, **how)  # type: ignore[arg-type]
    draw = ImageDraw.Draw(whole)
    if style.plate:
        draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), margin // 2, fill=(*style.plate, 255))
    if shadow:
        draw.multiline_text((at[0] + shadow, at[1] + shadow), text, fill=(*BLACK, 255), **how)  # type: ignore[arg-type]
    if outline:
        around = {"stroke_width": outline, "stroke_fill": (*style.outline_colour, 255)}
        draw.multiline_text(at, text, fill=(*style.outline_colour, 255), **how, **around)  # type: ignore[arg-type]
    draw.multiline_text(at, text, fill=(*style.colour, 255), **how)  # type: ignore[arg-type]
    return letters, whole


@functools.lru_cache(maxsize=64)
def _opened(path: Path, face: int, size_px: int) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont

    try:
        return ImageFont.truetype(str(path), size_px, index=face)
    except OSError as error:
        raise UsageError(f"cannot read this font: {error}", where=str(path)) from error


def _font(style: CaptionStyle, size_px: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont

    font = style.font or (font_for(style.script) if style.script else None)
    return _opened(font.path, font.face, size_px) if font else ImageFont.load_default(size=float(size_px))
