"""The contact sheet: sampled frames as small JPEG data URIs, sensitive ones marked so that the page blurs them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.cli.report.scale import clock_text
from tidegate.cli.report.timeline import lane_of
from tidegate.records import Box, Signal

if TYPE_CHECKING:
    from tidegate.media.clip import Frame

FRAME_SIDE_PX = 400
JPEG_QUALITY = 74

_REASONS = {"keyframe": "keyframe", "change": "picture changed", "gap": "in between"}
_HARMLESS_LABELS = frozenset({"visual.detail", "visual.face", "visual.flash", "visual.object"})
_SENSITIVE_SCORE = 0.2
"""Pictures with a weaker nudity or weapon score than this are shown as they are: most frames have some score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A box on a picture, in percent of its sides, for the evidence of that number."""

    number: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure of the sheet. `source` is a data URI; `numbers` are the evidence that shows here."""

    index: int
    source: str
    width_px: int
    height_px: int
    clock: str
    reason: str
    numbers: tuple[int, ...]
    overlays: tuple[Overlay, ...]
    is_sensitive: bool


def contact_sheet(
    frames: "Sequence[Frame]", numbered: Sequence[tuple[int, Signal]], *, most: int
) -> tuple[Picture, ...]:
    """At most `most` frames in order of time, those with evidence before the others. Cost: about 2 ms a frame."""
    seen = {frame.index: [item for item in numbered if _shows(item[1], frame)] for frame in frames}
    kept = _chosen(frames, seen, most)
    return tuple(_picture(frame, seen[frame.index], numbered) for frame in kept)


def _shows(signal: Signal, frame: "Frame") -> bool:
    span = signal.evidence.span
    if span is None or lane_of(signal) not in ("picture", "matches"):
        return False
    return span.start_s <= frame.time_s < span.end_s or span.start_s == frame.time_s


def _chosen(frames: "Sequence[Frame]", seen: dict[int, list[tuple[int, Signal]]], most: int) -> "list[Frame]":
    if len(frames) <= most:
        return list(frames)
    best = sorted(frames, key=lambda frame: min((number for number, _ in seen[frame.index]), default=10**9))
    telling = [frame for frame in best if seen[frame.index]][:most]
    others = [frame for frame in frames if frame not in telling]
    spare = most - len(telling)
    spread = [others[round(step * (len(others) - 1) / max(1, spare - 1))] for step in range(spare)] if others else []
    indexes = {frame.index for frame in (*telling, *spread)}
    return [frame for frame in frames if frame.index in indexes]


def _picture(frame: "Frame", shown: Sequence[tuple[int, Signal]], numbered: Sequence[tuple[int, Signal]]) -> Picture:
    from tidegate.media.renditions import jpeg
    from tidegate.signals.frames import resize

    height_px, width_px = frame.rgb.shape[:2]
    shrink = min(1.0, FRAME_SIDE_PX / max(height_px, width_px, 1))
    width_px, height_px = max(1, round(width_px * shrink)), max(1, round(height_px * shrink))
    small = resize(frame.rgb, width_px, height_px) if shrink < 1.0 else frame.rgb
    encoded = base64.b64encode(jpeg(small, quality=JPEG_QUALITY)).decode("ascii")
    is_known_file = any(signal.label == "matching.file" for _, signal in numbered)
    return Picture(
        index=frame.index,
        source=f"data:image/jpeg;base64,{encoded}",
        width_px=width_px,
        height_px=height_px,
        clock=clock_text(frame.time_s),
        reason=_REASONS[frame.reason.value],
        numbers=tuple(dict.fromkeys(number for number, _ in shown)),
        overlays=tuple(_overlay(number, s.evidence.box) for number, s in shown if s.evidence.box is not None),
        is_sensitive=is_known_file or any(is_sensitive(signal) for _, signal in shown),
    )


def is_sensitive(signal: Signal) -> bool:
    """Whether a person should choose to see the picture behind this signal."""
    if signal.label in _HARMLESS_LABELS or lane_of(signal) not in ("picture", "matches"):
        return False
    return signal.score >= _SENSITIVE_SCORE


def _overlay(number: int, box: Box) -> Overlay:
    return Overlay(
        number=number,
        x=round(100 * box.x, 2),
        y=round(100 * box.y, 2),
        width=round(100 * box.width, 2),
        height=round(100 * box.height, 2),
    )
