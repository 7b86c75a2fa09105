"""Paints the frames of a synthetic clip, upright, in time order."""

from collections.abc import Iterator

import numpy as np

from tidegate.testing.captions import blend
from tidegate.testing.clips import ClipSpec, Insert, Truth, placed
from tidegate.testing.drawing import Picture, Scene, lettering, paste, picture

LETTER_COLOUR = np.array([235, 235, 235], np.uint8)
SHADOW_COLOUR = np.array([10, 10, 10], np.uint8)


def frames(spec: ClipSpec, truth: Truth) -> Iterator[Picture]:
    """Every frame of the clip as shown, uint8 (height_px, width_px, 3), one after the other."""
    left, top, width, height = _content_px(spec)
    grain = _grain(spec, width, height)
    rng = np.random.default_rng([spec.seed, 5])
    cuts_s = (0.0, *sorted(spec.cuts_s))
    scene, scene_number = Scene(spec.seed * 1000, width, height, motion=spec.motion), 0
    for time_s in truth.frame_times_s:
        number = sum(cut_s <= time_s + 1e-9 for cut_s in cuts_s) - 1
        if number != scene_number:
            scene, scene_number = Scene(spec.seed * 1000 + number, width, height, motion=spec.motion), number
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
