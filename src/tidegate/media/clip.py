"""The views that decoding hands to detectors: sampled frames, sound, shots and coverage of one clip."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tidegate.media.marks import FileMarks
from tidegate.records import FrameClock, MediaCoverage, MediaInfo, Shot, Span

AUDIO_RATE_HZ = 16_000


class FrameReason(StrEnum):
    """Why a frame was sampled."""

    KEYFRAME = "keyframe"
    CHANGE = "change"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One sampled picture, upright, in square pixels, full-range sRGB, borders kept.

    `index` is its number on the clip's frame clock. `rgb` is uint8 (height, width, 3) with the longest side at
    `SamplingBudget.frame_side_px` or less; `span` is the stretch of the clip this frame stands for. `content_box` is
    the picture without letterbox or border as (x, y, width, height) shares of the frame, (0, 0, 1, 1) where there is
    none.
    """

    index: int
    time_s: float
    span: Span
    rgb: NDArray[np.uint8]
    reason: FrameReason
    shot_index: int
    content_box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Everything decoding found in one file. `audio` is float32 mono at 16 kHz in [-1, 1], `None` without sound.

    `marks` are what the file says about its own origin.
    """

    info: MediaInfo
    frames: tuple[Frame, ...]
    shots: tuple[Shot, ...]
    audio: NDArray[np.float32] | None
    coverage: MediaCoverage
    clock: FrameClock
    decode_cpu_s: float
    decode_wall_s: float
    marks: FileMarks = field(default_factory=FileMarks)
