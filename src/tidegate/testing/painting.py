"""Paints the frames of a synthetic clip, upright, in time order."""

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.testing.captions import Caption, blend
from tidegate.testing.clips import ClipSpec, Insert, Look, Truth, placed
from tidegate.testing.drawing import DARKEST, LIGHTEST, Picture, Scene, lettering, paste, picture

LETTER_COLOUR = np.array([235, 235, 235], np.uint8)
SHADOW_COLOUR = np.array([10, 10, 10], np.uint8)


def frames(spec: ClipSpec, truth: Truth) -> Iterator[Picture]:
    """Every frame of the clip as shown, uint8 (height_px, width_px, 3), one after the other."""
    left, top, width, height = _content_px(spec)
    grain = _grain(spec, width, height)
    rng = np.random.default_rng([spec.seed, 5])
    cuts_s = (0.0, *sorted(spec.cuts_s))
    scene, scene_number = _take(spec, 0, width, height), 0
    for time_s in truth.frame_times_s:
        number = sum(cut_s <= time_s + 1e-9 for cut_s in cuts_s) - 1
        if number != scene_number:
            scene, scene_number = _take(spec, number, width, height), number
        insert = _insert_at(spec, truth, time_s)
        content = _inserted(insert, width, height) if insert else scene.draw(time_s - cuts_s[number])
        if grain is not None and not (insert and insert.border_share):
            _add_grain(content, grain, rng)
        frame = content
        if (width, height) != (spec.width_px, spec.height_px):
            frame = np.zeros((spec.height_px, spec.width_px, 3), np.uint8)
            frame[top : top + height, left : left + width] = content
        _write_words(frame, spec, truth, time_s)
        yield frame


class Take(Protocol):
    """One scene without a cut."""

    def draw(self, time_s: float) -> Picture:
        """The picture `time_s` seconds from its start; a fresh writable array."""


class Pan:
    """A picture larger than the frame under a slow pan, without shapes that cross it; somebody may stand before it."""

    def __init__(
        self, background: Picture, width_px: int, height_px: int, *, motion: float, person: Caption | None = None
    ) -> None:
        self._background, self._width, self._height = background, width_px, height_px
        self._motion, self._person = motion, person

    def draw(self, time_s: float) -> Picture:
        """The picture at that time. 1 ms at 1080x1920, 15 ms with a person."""
        t = time_s * self._motion
        spare_y, spare_x = self._background.shape[0] - self._height, self._background.shape[1] - self._width
        top, left = round(spare_y * (0.5 + 0.5 * math.sin(0.23 * t))), round(spare_x * (0.5 + 0.5 * math.cos(0.31 * t)))
        frame = self._background[top : top + self._height, left : left + self._width].copy()
        if self._person is not None:
            x = 0.5 * self._width + 0.05 * self._width * math.sin(1.1 * t) - self._person.right / 2
            y = self._height - 0.95 * self._person.bottom + 0.012 * self._height * math.sin(2.3 * t)
            blend(frame, self._person, round(x), round(y))
        return frame


class Game:
    """A level of flat colours that scrolls by, and a square that jumps."""

    def __init__(self, rng: np.random.Generator, width_px: int, height_px: int, *, motion: float) -> None:
        self._level = _level(rng, 3 * width_px, height_px)
        self._width, self._height, self._motion = width_px, height_px, motion
        self._side = max(2, round(0.09 * height_px))
        self._colour = _colour(rng)

    def draw(self, time_s: float) -> Picture:
        """The picture at that time. 1 ms at 1080x1920."""
        t = time_s * self._motion
        left = round(self._width * (1.0 - math.cos(0.2 * t)))
        frame = self._level[:, left : left + self._width].copy()
        y = round(self._height * (0.71 - 0.22 * abs(math.sin(2.1 * t))))
        x = round(0.3 * self._width)
        frame[y : y + self._side, x : x + self._side] = self._colour
        return frame


def _take(spec: ClipSpec, number: int, width_px: int, height_px: int) -> Take:
    """The scene of the shot of that number."""
    seed = spec.seed * 1000 + number
    if spec.look is Look.BUSY:
        return Scene(seed, width_px, height_px, motion=spec.motion)
    rng = np.random.default_rng([seed, 7])
    if spec.look is Look.GAME:
        return Game(rng, width_px, height_px, motion=spec.motion)
    person = _person(rng, width_px, height_px) if spec.look is Look.PERSON else None
    ground = _ground(rng, spec.look, width_px + max(2, width_px // 6), height_px + max(2, height_px // 8))
    return Pan(ground, width_px, height_px, motion=spec.motion, person=person)


def _ground(rng: np.random.Generator, look: Look, width_px: int, height_px: int) -> Picture:
    """What a pan moves over. Amplitudes of TEXTURE fall with frequency as those of photographs do, by a power of about
    one (Field 1987), those of CLOUDS by a power of two.
    """
    from PIL import Image

    if look is Look.CARD:
        return np.broadcast_to(_colour(rng), (height_px, width_px, 3)).copy()
    coarse = Image.fromarray(rng.integers(70, 190, (4, 3, 3), dtype=np.uint8))
    values = np.asarray(coarse.resize((width_px, height_px), Image.Resampling.BICUBIC), np.float32)
    if look in (Look.CLOUDS, Look.TEXTURE):
        values = values + 36 * _fractal(rng, width_px, height_px, 2.0 if look is Look.CLOUDS else 1.1)[..., None]
    return np.clip(values, DARKEST, LIGHTEST).astype(np.uint8)


def _fractal(rng: np.random.Generator, width_px: int, height_px: int, slope: float) -> NDArray[np.float32]:
    """Noise of deviation 1 whose amplitude falls with frequency to the power of `slope`."""
    cycles = np.hypot(np.fft.fftfreq(height_px)[:, None], np.fft.rfftfreq(width_px)[None])
    cycles[0, 0] = math.inf
    noise = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(height_px, width_px))) / cycles**slope, (height_px, width_px))
    return np.asarray(noise / noise.std(), np.float32)


def _person(rng: np.random.Generator, width_px: int, height_px: int) -> Caption:
    """Head, shoulders and body in two plain colours with soft edges, as far from a face as a thumb."""
    from PIL import Image, ImageDraw, ImageFilter

    width, height = max(4, round(0.7 * width_px)), max(4, round(0.62 * height_px))
    body, head = (tuple(int(value) for value in _colour(rng)) for _ in range(2))
    colours, mask = Image.new("RGB", (width, height), body), Image.new("L", (width, height), 0)
    ImageDraw.Draw(colours).rectangle((0, 0, width, 0.42 * height), fill=head)
    draw = ImageDraw.Draw(mask)
    draw.rounded_rectangle((0.06 * width, 0.42 * height, 0.94 * width, 1.4 * height), 0.25 * width, fill=255)
    draw.rectangle((0.42 * width, 0.3 * height, 0.58 * width, 0.46 * height), fill=255)
    draw.ellipse((0.3 * width, 0.03 * height, 0.7 * width, 0.38 * height), fill=255)
    blur = ImageFilter.GaussianBlur(max(1.0, 0.006 * height_px))
    colours.putalpha(mask.filter(blur))
    soft = np.array(colours)
    return Caption(pixels=soft, left=0, top=0, right=width, bottom=height)


def _level(rng: np.random.Generator, width_px: int, height_px: int) -> Picture:
    """Sky, hills, platforms and ground, each of one colour, none thinner than a tenth of the height."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width_px, height_px), (96, 150, 214))
    draw = ImageDraw.Draw(image)
    for _ in range(5):
        x, radius = float(rng.uniform(0, width_px)), float(rng.uniform(0.2, 0.4)) * height_px
        shade = int(rng.integers(90, 150))
        draw.ellipse((x - radius, 0.8 * height_px - radius, x + radius, 0.8 * height_px + radius), fill=(60, shade, 80))
    for number in range(4):
        x = width_px * (number + 0.5 + float(rng.uniform(-0.2, 0.2))) / 4
        y = height_px * float(rng.uniform(0.35, 0.55))
        draw.rectangle((x, y, x + 0.25 * height_px, y + 0.1 * height_px), fill=(150, 96, 60))
    draw.rectangle((0, 0.8 * height_px, width_px, height_px), fill=(110, 76, 48))
    return np.array(image)


def _colour(rng: np.random.Generator) -> Picture:
    return rng.integers(DARKEST + 20, LIGHTEST - 20, 3, dtype=np.uint8)


def _content_px(spec: ClipSpec) -> tuple[int, int, int, int]:
    left, top, right, bottom = spec.letterbox
    x, y = round(left * spec.width_px), round(top * spec.height_px)
    width = max(1, spec.width_px - x - round(right * spec.width_px))
    return x, y, width, max(1, spec.height_px - y - round(bottom * spec.height_px))


def _insert_at(spec: ClipSpec, truth: Truth, time_s: float) -> Insert | None:
    for insert, span in zip(spec.inserts, truth.inserts, strict=True):
        if span.start_s <= time_s < span.end_s:
            return insert
    return None


def _inserted(insert: Insert, width_px: int, height_px: int) -> Picture:
    x, y = round(insert.border_share * width_px), round(insert.border_share * height_px)
    inner = picture(insert.picture_seed, max(1, width_px - 2 * x), max(1, height_px - 2 * y))
    frame = np.zeros((height_px, width_px, 3), np.uint8)
    frame[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    return frame


def _grain(spec: ClipSpec, width_px: int, height_px: int) -> Picture | None:
    """Noise with room to be shifted. Negatives wrap, and adding them wraps back: pictures keep clear of 0 and 255."""
    if not spec.grain:
        return None
    rng = np.random.default_rng([spec.seed, 6])
    noise = rng.integers(-spec.grain, spec.grain + 1, (height_px + 64, width_px + 64, 1), dtype=np.int8)
    return np.repeat(noise, 3, axis=2).view(np.uint8)


def _add_grain(content: Picture, grain: Picture, rng: np.random.Generator) -> None:
    y, x = (int(value) for value in rng.integers(0, 65, 2))
    height, width = content.shape[:2]
    np.add(content, grain[y : y + height, x : x + width], out=content)


def _write_words(frame: Picture, spec: ClipSpec, truth: Truth, time_s: float) -> None:
    for writing, written in zip(spec.writings, truth.written, strict=True):
        if not written.span.start_s <= time_s < written.span.end_s:
            continue
        if writing.style is not None:
            blend(frame, *placed(writing, spec, time_s - written.span.start_s))
            continue
        mask = lettering(writing.text, round(writing.size * spec.height_px))
        left, top = (spec.width_px - min(mask.shape[1], spec.width_px)) // 2, round(writing.y * spec.height_px)
        offset = max(1, round(writing.size * spec.height_px / 16))
        for colour, shift in ((SHADOW_COLOUR, offset), (LETTER_COLOUR, 0)):
            paste(frame, np.broadcast_to(colour, (*mask.shape, 3)), mask, left + shift, top + shift)
