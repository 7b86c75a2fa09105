"""What decoding found: streams, shots, words, and what could not be seen or heard."""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.records.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """The picture stream as probed; width and height in upright display pixels (rotation, sample aspect applied)."""

    codec: str
    width_px: int
    height_px: int
    duration_s: float
    frame_rate_hz: float
    frame_count: int
    keyframe_count: int
    rotation_deg: int = 0
    is_hdr: bool = False
    is_still: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """The sound stream as probed."""

    codec: str
    sample_rate_hz: int
    channels: int
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What the file is: size, digest, container and streams; a stream that is absent is `None`."""

    size_bytes: int
    sha256: str
    container: str
    duration_s: float
    video: VideoStream | None = None
    audio: AudioStream | None = None


class GapReason(StrEnum):
    """Why a part of the clip was not seen or not heard; `unread` is lettering that changed and has no frame."""

    DAMAGED = "damaged"
    OVER_BUDGET = "over_budget"
    NO_STREAM = "no_stream"
    TIME_LIMIT = "time_limit"
    UNREAD = "unread"


class Modality(StrEnum):
    """The channels a clip speaks through."""

    PICTURE = "picture"
    SOUND = "sound"
    WORDS = "words"
    FACTS = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGap:
    """A part of one modality that was not looked at, and why. `span` is `None` when its place is unknown."""

    modality: Modality
    reason: GapReason
    span: Span | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCoverage:
    """How much of the clip was seen: sampled frames, decoded frames, heard seconds, decode errors, gaps."""

    frames_sampled: int = 0
    frames_decoded: int = 0
    seconds_heard: float = 0.0
    decode_errors: int = 0
    longest_unseen_s: float = 0.0
    gaps: tuple[CoverageGap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A run of pictures without a cut; `frame_times_s` are the sampled moments inside it."""

    index: int
    span: Span
    frame_times_s: tuple[float, ...] = ()
