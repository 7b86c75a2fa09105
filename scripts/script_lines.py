"""Draws lines of text as they stand on the pictures of short video: coloured, outlined, blurred, small, compressed.

Used by train_scripts.py only. Everything comes from the random generator that is handed in.
"""

import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from script_fonts import Face

Picture = NDArray[np.uint8]
Random = np.random.Generator

_SYMBOLS = "★☆♥♦→←↑↓✓✗•…!?#&*+=%€$£°§()[]<>/|~^■□●○▲▼◆♪♫"
_CASED = ("Latn", "Cyrl", "Grek", "Armn")
_NUMBER_FORMS = (
    "{0}",
    "{0}:{1:02d}",
    "{0}.{1:02d}",
    "{0}%",
    "${0}",
    "€{0}.{1:02d}",
    "{0}/{1}",
    "#{0}",
    "+{0} {2} {1}",
    "{0}-{1}-{2}",
    "{0}x{1}",
    "{2}",
    "{2} {2}",
    "{0} + {1} = ?",
    "{0}.{1}.{2}",
    "100%",
    "24/7",
    "@",
    "...",
    "!!!",
    "???",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What to draw a script from: its words, and its faces by family."""

    code: str
    words: Sequence[str]
    families: Mapping[str, Sequence[Face]]


def draw_line(rng: Random, script: Script, *, tries: int = 8) -> Picture:
    """One line of a script as a uint8 (h, w, 3) crop, 10 to 48 px high. Raises RuntimeError when no font fits."""
    for _ in range(tries):
        crop = _drawn(rng, *worded(rng, script, tries=tries))
        if crop is not None:
            return crop
    raise RuntimeError(f"no font of {script.code} draws its words")


def worded(rng: Random, script: Script, face: Face | None = None, *, tries: int = 40) -> tuple[str, Face]:
    """Words of a script and a face, the given one or any, that has all their letters. RuntimeError when none has."""
    names = list(script.families)
    for _ in range(tries):
        if face is None:
            family = script.families[names[int(rng.integers(len(names)))]]
            chosen = family[int(rng.integers(len(family)))]
        else:
            chosen = face
        text = compose(rng, script)
        letters = [ord(one) for one in text if not one.isspace() and unicodedata.category(one) not in ("Cf", "Mn")]
        if letters and all(one in chosen.characters for one in letters):
            return text, chosen
    raise RuntimeError(f"no font of {script.code} draws its words")


def draw_nothing(rng: Random, script: Script) -> Picture:
    """A crop without letters: numbers, symbols, or a piece of a busy picture."""
    if rng.random() < 0.6:
        return draw_line(rng, Script(code="Zyyy", words=(numbers(rng),), families=script.families), tries=40)
    height = int(rng.integers(10, 49))
    size = (int(height * rng.uniform(0.6, 8)), height)
    return _finish(rng, Image.fromarray(shapes(rng, *size)), height)


def numbers(rng: Random) -> str:
    """Digits as they stand on pictures, or a few symbols."""
    if rng.random() < 0.75:
        digits = rng.integers([1, 1, 100], [100, 60, 10_000])
        return _NUMBER_FORMS[int(rng.integers(len(_NUMBER_FORMS)))].format(*digits)
    return "".join(_SYMBOLS[int(index)] for index in rng.integers(0, len(_SYMBOLS), int(rng.integers(1, 7))))


def compose(rng: Random, script: Script) -> str:
    """Words up to a random length, in a random case, now and then with a number or a sign."""
    if script.code == "Zyyy":
        return script.words[int(rng.integers(len(script.words)))]
    is_dense = script.code in ("Hani", "Jpan", "Hang")
    wanted = int(rng.integers(2, 11 if is_dense else 19))
    gap = "" if script.code in ("Hani", "Jpan") and rng.random() < 0.8 else " "
    text = script.words[int(rng.integers(len(script.words)))]
    while len(text) < wanted:
        text += gap + script.words[int(rng.integers(len(script.words)))]
    if script.code in _CASED:
        text = (text, text.lower(), text.upper(), text.title())[int(rng.integers(4))]
    extra = rng.random()
    if extra < 0.1:
        text = f"{text} {int(rng.integers(1, 2030))}"
    elif extra < 0.2:
        text += "!?….:,"[int(rng.integers(6))]
    elif extra < 0.23:
        text = ("#", "@", "“", "- ")[int(rng.integers(4))] + text
    return text[:40]


@lru_cache(maxsize=600)
def _font(path: str, index: int, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size_px, index=index, layout_engine=ImageFont.Layout.RAQM)


def _drawn(rng: Random, text: str, face: Face) -> Picture | None:
    size_px = int(rng.choice([24, 32, 44]))
    font = _font(face.path, face.index, size_px)
    stroke = int(rng.integers(1, 4)) if rng.random() < 0.35 else 0
    left, top, right, bottom = (int(side) for side in font.getbbox(text, stroke_width=stroke))
    width, height = right - left, bottom - top
    if width < 4 or height < 6 or width > 2400:
        return None
    pad_x, pad_y = (int(size_px * rng.uniform(0.02, most)) for most in (0.6, 0.3))
    size = (width + 2 * pad_x, height + 2 * pad_y)
    at = (pad_x - left, pad_y - top + int(rng.integers(-pad_y // 2, pad_y // 2 + 1)))
    mask, edge = Image.new("L", size), Image.new("L", size)
    ImageDraw.Draw(mask).text(at, text, fill=255, font=font)
    if not mask.getbbox():
        return None
    if stroke:
        ImageDraw.Draw(edge).text(at, text, fill=255, font=font, stroke_width=stroke)
    return _finish(rng, _composed(rng, mask, edge if stroke else None), int(rng.integers(10, 49)))


def _composed(rng: Random, mask: Image.Image, edge: Image.Image | None) -> Image.Image:
    """Text over a background, with outline, shadow or a plate where chance has it."""
    background = _background(rng, *mask.size)
    mean = background.reshape(-1, 3).mean(axis=0)
    ink = _ink(rng, mean)
    picture = Image.fromarray(background)
    if rng.random() < 0.25:
        offset = int(rng.integers(1, 4))
        shadow = Image.new("L", mask.size)
        shadow.paste(mask, (offset, offset))
        dark = Image.new("RGB", mask.size, _colour(rng.uniform(0, 60, 3)))
        picture.paste(dark, mask=shadow.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 2)))))
    if edge is not None:
        picture.paste(Image.new("RGB", mask.size, _colour(_ink(rng, ink))), mask=edge)
    if rng.random() < 0.1:
        top, bottom = ink, np.clip(ink + rng.uniform(-60, 60, 3), 0, 255)
        ramp = np.linspace(0, 1, mask.height)[:, None, None] * (bottom - top) + top
        fill = Image.fromarray(np.broadcast_to(ramp, (mask.height, mask.width, 3)).astype(np.uint8))
    else:
        fill = Image.new("RGB", mask.size, _colour(ink))
    picture.paste(fill, mask=mask)
    return picture


def _finish(rng: Random, picture: Image.Image, height_px: int) -> Picture:
    """Turned a little, cut unevenly, made small, blurred and compressed."""
    if rng.random() < 0.4:
        mean = tuple(int(level) for level in np.asarray(picture)[0].mean(axis=0))
        picture = picture.rotate(
            float(rng.normal(0, 2)), Image.Resampling.BICUBIC, expand=rng.random() < 0.5, fillcolor=mean
        )
    if rng.random() < 0.2:
        lean = float(rng.uniform(-0.25, 0.25))
        coefficients = (1, lean, -lean * picture.height / 2, 0, 1, 0)
        picture = picture.transform(picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    width, height = picture.size
    cuts = rng.uniform(0, 0.07, 4)
    picture = picture.crop(
        (int(cuts[0] * height), int(cuts[1] * height), width - int(cuts[2] * height), height - int(cuts[3] * height))
    )
    scale = height_px / max(picture.height, 1)
    size = (max(4, round(picture.width * scale * rng.uniform(0.8, 1.25))), max(6, height_px))
    picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, height_px / 30))))
    if rng.random() < 0.7:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=int(rng.integers(20, 90)))
        picture = Image.open(buffer)
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    if rng.random() < 0.3:
        pixels = pixels + rng.normal(0, rng.uniform(2, 14), pixels.shape).astype(np.float32)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _colour(levels: Any) -> tuple[int, int, int]:
    red, green, blue = (int(level) for level in levels)
    return red, green, blue


def _ink(rng: Random, under: NDArray[np.float64]) -> NDArray[np.float64]:
    """A colour that differs from `under` in luma, seldom only by a little: white and black are the most frequent."""
    least = 25.0 if rng.random() < 0.12 else 70.0
    for _ in range(20):
        kind = rng.random()
        ink = np.full(3, 255.0) if kind < 0.35 else np.zeros(3) if kind < 0.55 else rng.uniform(0, 255, 3)
        if abs(float((ink - under) @ [0.299, 0.587, 0.114])) > least:
            return ink
    return np.full(3, 255.0) if under.mean() < 128 else np.zeros(3)


def _background(rng: Random, width: int, height: int) -> Picture:
    kind = rng.random()
    if kind < 0.35:
        return np.broadcast_to(rng.uniform(0, 255, 3), (height, width, 3)).astype(np.uint8)
    if kind < 0.5:
        ramp = np.linspace(rng.uniform(0, 255, 3), rng.uniform(0, 255, 3), width)
        return np.broadcast_to(ramp, (height, width, 3)).astype(np.uint8)
    return shapes(rng, width, height) if kind < 0.7 else clouds(rng, width, height)


def clouds(rng: Random, width: int, height: int) -> Picture:
    """Smooth blobs of a random size around a random colour, as out-of-focus scenery."""
    cell = int(rng.integers(3, 48))
    small = rng.normal(rng.uniform(30, 220, 3), rng.uniform(5, 45), (height // cell + 2, width // cell + 2, 3))
    blobs = Image.fromarray(np.clip(small, 0, 255).astype(np.uint8))
    return np.asarray(blobs.resize((width, height), Image.Resampling.BICUBIC))


def shapes(rng: Random, width: int, height: int) -> Picture:
    """Lines, bars, circles and triangles over blobs, as edges of things."""
    picture = Image.fromarray(clouds(rng, width, height))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 9))):
        corners = _points(rng, width, height)
        colour = _colour(rng.uniform(0, 255, 3))
        kind = int(rng.integers(4))
        if kind == 0:
            pen.line(corners[:4], fill=colour, width=int(rng.integers(1, 8)))
        elif kind == 1:
            pen.polygon(corners, fill=colour)
        else:
            x0, x1 = sorted(corners[0:4:2])
            y0, y1 = sorted(corners[1:4:2])
            (pen.ellipse if kind == 2 else pen.rectangle)(
                (x0, y0, x1, y1), outline=colour, width=int(rng.integers(1, 6))
            )
    return np.asarray(picture)


def _points(rng: Random, width: int, height: int) -> list[float]:
    return [float(share) * side for share, side in zip(rng.uniform(-0.2, 1.2, 6), [width, height] * 3, strict=True)]
