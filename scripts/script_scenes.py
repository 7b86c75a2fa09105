"""Lines as the reader meets them: captions over moving scenes, compressed, scaled, found by the detector, cropped.

Used by train_scripts.py only. Boxes of the detector are tighter and looser than any that one would draw: they cut marks
off, show the line above, and enlarge small letters. Everything comes from the random generator that is handed in.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from script_fonts import Face
from script_lines import Picture, Random, Script, clouds, numbers, shapes, worded

from tidegate.signals.onscreen.detect import TextFinder
from tidegate.signals.onscreen.recognise import LINE_HEIGHT_PX
from tidegate.signals.onscreen.regions import Region, crop
from tidegate.testing.captions import BLACK, WHITE, Caption, CaptionStyle, Colour, blend, drawn
from tidegate.testing.drawing import Scene
from tidegate.testing.fonts import Font

SIDE_PX = 512
"""The longest side at which frames are screened."""

_SIZES = ((288, 512), (288, 512), (288, 512), (512, 288), (384, 512), (512, 512))
_SMALLEST_PX, _LARGEST_PX = 11, 40
"""Size of the letters on the screened frame."""

_FOUND_SHARE = 0.55
"""A region lower than this times the letters' size is a piece of a letter."""

_YELLOW = (250, 210, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Where a caption lies on the screened frame, and how large its letters are there, in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    letters_px: float

    def holds(self, region: Region) -> bool:
        """Whether the middle of a region lies on this caption."""
        return self.left <= region.x_px <= self.right and self.top <= region.y_px <= self.bottom

    def touches(self, region: Region) -> bool:
        left, top, right, bottom = region.bounds()
        return left < self.right and right > self.left and top < self.bottom and bottom > self.top


def found_lines(rng: Random, script: Script, finder: TextFinder) -> Iterator[tuple[Picture, float]]:
    """Crops, uint8 (48, w, 3), of a script's lines on picture after picture, without end. About 15 ms each.

    With each comes how high it was on the picture, in pixels. Of `Zyyy` they are numbers, signs and whatever else the
    detector takes for text.
    """
    while True:
        frame, shown = _frame(rng, script)
        for region in finder.find(frame, SIDE_PX // 2 if rng.random() < 0.15 else SIDE_PX):
            if not region.is_on_its_side and _is_line(region, shown, script):
                yield crop(frame, _shaken(rng, region), LINE_HEIGHT_PX), region.height_px


def _is_line(region: Region, shown: list[_Shown], script: Script) -> bool:
    of = [one for one in shown if one.holds(region)]
    if not of:
        return script.code == "Zyyy" and not any(one.touches(region) for one in shown)
    return region.height_px >= _FOUND_SHARE * min(one.letters_px for one in of)


def _shaken(rng: Random, region: Region) -> Region:
    """The region as found on a neighbouring frame: at times moved and resized by some hundredths of its height."""
    if rng.random() < 0.6:
        return region
    moved = rng.normal(0, 0.04, 4) * region.height_px
    return Region(
        x_px=region.x_px + float(moved[0]),
        y_px=region.y_px + float(moved[1]),
        width_px=max(4.0, region.width_px + float(moved[2])),
        height_px=max(4.0, region.height_px + float(moved[3])),
        angle_deg=region.angle_deg + float(rng.normal(0, 0.7)),
        score=region.score,
    )


def _frame(rng: Random, script: Script) -> tuple[Picture, list[_Shown]]:
    """A screened frame full of captions one below the other, and where they are."""
    width, height = _SIZES[int(rng.integers(len(_SIZES)))]
    scale = float(rng.choice([1.0, 1.0, 1.5, 1.875]))
    page = np.array(_ground(rng, round(width * scale), round(height * scale)))
    shown: list[_Shown] = []
    top = float(rng.uniform(0.0, 0.1)) * page.shape[0]
    while top < 0.92 * page.shape[0]:
        caption, letters_px = _caption(rng, script, page.shape[1], scale)
        across, down = caption.right - caption.left, caption.bottom - caption.top
        left = (page.shape[1] - across) * (0.5 if rng.random() < 0.6 else float(rng.uniform(-0.03, 1.03)))
        blend(page, caption, round(left), round(top))
        sides = [side / scale for side in (left, top, left + across, top + down)]
        shown.append(
            _Shown(left=sides[0], top=sides[1], right=sides[2], bottom=sides[3], letters_px=letters_px / scale)
        )
        top += down + float(rng.uniform(0.15, 2.0)) * letters_px
    return _screened(rng, page, width, height), shown


def _ground(rng: Random, width_px: int, height_px: int) -> Picture:
    kind = rng.random()
    if kind < 0.6:
        return Scene(int(rng.integers(1 << 31)), width_px, height_px).draw(float(rng.uniform(0, 9)))
    return clouds(rng, width_px, height_px) if kind < 0.8 else shapes(rng, width_px, height_px)


def _caption(rng: Random, script: Script, width_px: int, scale: float) -> tuple[Caption, float]:
    """One or two lines, made smaller where they are too long; what is too long even then leaves the picture."""
    words, face = _words(rng, script)
    if rng.random() < 0.25:
        words = f"{words}\n{_words(rng, script, face)[0]}"
    style = _style(rng, face)
    least, most = _SMALLEST_PX * scale, _LARGEST_PX * scale
    letters_px = float(np.exp(rng.uniform(np.log(least), np.log(most))))
    caption = drawn(words, round(letters_px), style)
    room = float(rng.uniform(0.75, 1.05)) * width_px
    if caption.right - caption.left > room:
        letters_px = max(least, letters_px * room / (caption.right - caption.left))
        caption = drawn(words, round(letters_px), style)
    return caption, letters_px


def _words(rng: Random, script: Script, face: Face | None = None) -> tuple[str, Face]:
    if script.code == "Zyyy":
        script = Script(code="Zyyy", words=[numbers(rng) for _ in range(20)], families=script.families)
    return worded(rng, script, face)


def _style(rng: Random, face: Face) -> CaptionStyle:
    """White and black most often; outlined, shadowed, on a plate or bare; at times seen through or turned."""
    look, turn = rng.random(), rng.random()
    colour = _colour(rng)
    light = sum(colour) > 3 * 127
    under = (BLACK if light else WHITE) if rng.random() < 0.8 else _colour(rng)
    return CaptionStyle(
        font=Font(Path(face.path), face.index, face.family),
        colour=colour,
        outline=float(rng.uniform(0.04, 0.15)) if look < 0.4 else 0.0,
        outline_colour=under,
        plate=under if 0.4 <= look < 0.55 else None,
        has_shadow=0.55 <= look < 0.75 or rng.random() < 0.1,
        opacity=1.0 if rng.random() < 0.7 else float(rng.uniform(0.4, 0.95)),
        rotation_deg=0.0 if turn < 0.65 else float(rng.normal(0, 3) if turn < 0.8 else rng.uniform(-18, 18)),
    )


def _colour(rng: Random) -> Colour:
    kind = rng.random()
    if kind < 0.65:
        return WHITE if kind < 0.4 else (255, 255, 255) if kind < 0.45 else _YELLOW if kind < 0.55 else BLACK
    red, green, blue = (int(level) for level in rng.integers(0, 256, 3))
    return red, green, blue


def _screened(rng: Random, page: Picture, width_px: int, height_px: int) -> Picture:
    """The picture as it arrives: blurred, compressed with halved colours, scaled down, grained."""
    image = Image.fromarray(page)
    if rng.random() < 0.2:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.2)) * page.shape[0] / height_px))
    if rng.random() < 0.65:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(rng.integers(12, 85)))
        image = Image.open(buffer)
    small = np.asarray(image.resize((width_px, height_px), Image.Resampling.BOX), np.float32)
    if rng.random() < 0.3:
        small = small + rng.normal(0, rng.uniform(1, 10), small.shape).astype(np.float32)
    return np.clip(small, 0, 255).astype(np.uint8)
