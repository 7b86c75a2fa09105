"""Where evidence lies: seconds on the clip's clock, boxes on its picture, quotes in its words."""

import bisect
import math
from dataclasses import dataclass
from enum import StrEnum

from tidegate.errors import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The half-open interval `[start_s, end_s)` on the clip's own clock, in seconds from its first sample.

    An instant (a still picture) has `start_s == end_s`. Raises RecordError when not finite, negative or reversed.
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s) and 0.0 <= self.start_s <= self.end_s):
            raise RecordError(f"span [{self.start_s}, {self.end_s}) is not 0 <= start_s <= end_s", where="Span")

    @property
    def duration_s(self) -> float:
        """Length in seconds, zero for an instant."""
        return self.end_s - self.start_s

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a moment; an instant overlaps the interval that contains it."""
        if self.start_s == self.end_s or other.start_s == other.end_s:
            return self.start_s <= other.end_s and other.start_s <= self.end_s
        return self.start_s < other.end_s and other.start_s < self.end_s

    def union(self, other: "Span") -> "Span":
        """The smallest span that holds both."""
        return Span(start_s=min(self.start_s, other.start_s), end_s=max(self.end_s, other.end_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameClock:
    """The only conversion between frame numbers and seconds; right for variable frame rates.

    `times_s` are the presentation times of the clip's frames, ascending, in seconds; `end_s` is where the last ends.
    """

    times_s: tuple[float, ...]
    end_s: float

    def __post_init__(self) -> None:
        if any(b < a for a, b in zip(self.times_s, self.times_s[1:], strict=False)):
            raise RecordError("frame times are not ascending", where="FrameClock.times_s")
        if self.times_s and self.end_s < self.times_s[-1]:
            raise RecordError("end_s lies before the last frame", where="FrameClock.end_s")

    def span_of(self, frame_index: int) -> Span:
        """The seconds during which frame `frame_index` is on screen. Raises RecordError outside the clip."""
        if not 0 <= frame_index < len(self.times_s):
            raise RecordError(f"frame {frame_index} of {len(self.times_s)}", where="FrameClock.span_of")
        is_last = frame_index + 1 == len(self.times_s)
        return Span(start_s=self.times_s[frame_index], end_s=self.end_s if is_last else self.times_s[frame_index + 1])

    def frame_at(self, time_s: float) -> int:
        """The frame on screen at `time_s`; the first frame before it, the last after. Raises RecordError if empty."""
        if not self.times_s:
            raise RecordError("a clip without frames has no frame at any time", where="FrameClock.frame_at")
        return max(0, bisect.bisect_right(self.times_s, time_s) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on the upright picture, each number a share of its width or height in [0, 1], origin top left."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        sides = (self.x, self.y, self.width, self.height, self.x + self.width, self.y + self.height)
        if not all(math.isfinite(side) and -1e-6 <= side <= 1.0 + 1e-6 for side in sides):
            raise RecordError(f"box {sides[:4]} leaves the picture", where="Box")


class TextSource(StrEnum):
    """Which words of the upload a quote is taken from.

    `CODE` is the payload of a QR or bar code. `JOINED` is several texts read as one: evidence from it has a part for
    each text, and no quote names it.
    """

    CAPTION = "caption"
    HASHTAG = "hashtag"
    SPEECH = "speech"
    ON_SCREEN = "on_screen"
    SOUND_TITLE = "sound_title"
    FILE_NAME = "file_name"
    DECLARED = "declared"
    CODE = "code"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The exact characters `[start_char, end_char)` of one text of the upload, as the creator wrote them."""

    source: TextSource
    text: str
    start_char: int
    end_char: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_char <= self.end_char or self.end_char - self.start_char != len(self.text):
            raise RecordError(
                f"quote of {len(self.text)} characters at [{self.start_char}, {self.end_char})", where="Quote"
            )
