"""What media may cost: refusals before decoding, limits on the decode process, and the sampling budget.

Every field is a setting (`media.<field>` or `sampling.<field>`); the settings table is made from the metadata here.
"""

from dataclasses import dataclass, field

from tidegate.errors import TooLongError


def _setting(default: float, doc: str) -> float:
    value: float = field(default=default, metadata={"doc": doc})
    return value


def _count(default: int, doc: str, least: int = 1) -> int:
    value: int = field(default=default, metadata={"doc": doc, "least": least})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """Refusals before any decode, and the walls around the decode process."""

    max_size_bytes: int = _count(4 * 1024**3, "largest file read, in bytes")
    max_duration_s: float = _setting(3600.0, "longest clip, declared or measured, in seconds")
    max_pixels: int = _count(8192 * 4320, "most pixels in one picture")
    max_side_px: int = _count(16384, "longest side of a picture, in pixels")
    max_frames: int = _count(1_000_000, "most frames declared by a stream")
    max_streams: int = _count(16, "most streams in a container")
    cpu_limit_s: float = _setting(60.0, "CPU seconds one clip's decode may take")
    wall_limit_s: float = _setting(90.0, "wall seconds one clip's decode may take")
    memory_limit_bytes: int = _count(1024**3, "address space of a decode process beyond what it starts with, in bytes")
    max_output_bytes: int = _count(256 * 1024**2, "most data a decode process may hand back, in bytes")
    recycle_after: int = _count(500, "clips after which a decode process is replaced")


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingBudget:
    """How frames are chosen; the price of seeing between keyframes is `between_keyframes_frames`."""

    max_frames: int = _count(
        24, "most frames kept for detectors and people; a third more where further lettering appears"
    )
    max_gap_s: float = _setting(
        2.0, "longest stretch without a looked-at frame before one is decoded for it, in seconds"
    )
    between_keyframes_frames: int = _count(
        240, "most frames decoded between keyframes to see what changed there", least=0
    )
    frame_side_px: int = _count(512, "longest side of a kept frame, in pixels")
    audio_max_s: float = _setting(900.0, "most seconds of sound decoded")
    max_keyframes: int = _count(600, "most keyframes decoded; in longer clips they are thinned evenly")


def too_long(duration_s: float, limits: MediaLimits, name: str, said: str = "") -> TooLongError:
    """The refusal of a clip past `max_duration_s`; its length has the decimals that show it to be past."""
    limit_s = limits.max_duration_s
    lengths = (f"{duration_s:.{decimals}f}" for decimals in (0, 1, 3))
    length = next((text for text in lengths if float(text) > limit_s), repr(duration_s))
    return TooLongError(
        f"{length} s{said}, at most {limit_s:g} s are read",
        where=name,
        next_step="shorten the clip or raise media.max_duration_s",
    )
