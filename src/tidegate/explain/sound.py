"""How loud a clip is, as a curve over time and as one sentence for whoever is about to listen."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.explain.phrases import loudness_text
from tidegate.explain.scale import TimeScale
from tidegate.records import Screening, SoundKind

FLOOR_LUFS = -60.0
"""Bottom of the curve: quieter than this is silence to anyone who listens at an ordinary volume."""

MOST_POINTS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Momentary loudness as an SVG path in a box of 1000 by 60, one unit a decibel, and the lines and dots on it.

    `level` and `peak_top` are percent of the height from the top, `peak_at` and `startling` of the width.
    """

    path: str
    level: float
    peak_at: float
    peak_top: float
    startling: tuple[float, ...]
    words: str


def kinds_heard(screening: Screening) -> tuple[str, ...]:
    """The kinds of sound that occur, in the order of the vocabulary."""
    heard = {one.kind for one in screening.sound_spans}
    return tuple(kind.value for kind in SoundKind if kind in heard)


def envelope_of(screening: Screening, scale: TimeScale) -> Envelope | None:
    """The curve of a screening's loudness, `None` where it was not measured over time."""
    loudness = screening.loudness
    if loudness is None or not loudness.envelope_lufs:
        return None
    onsets = onsets_s(screening)
    return Envelope(
        path=_path(loudness.envelope_lufs, loudness.envelope_step_s, scale),
        level=_top_percent(loudness.integrated_lufs),
        peak_at=scale.percent(loudness.loudest_at_s),
        peak_top=_top_percent(loudness.loudest_lufs),
        startling=tuple(scale.percent(time_s) for time_s in onsets[:100]),
        words=loudness_text(loudness, onsets),
    )


def loudness_line(screening: Screening) -> str:
    """How loud the clip is in one sentence; empty where it was not measured."""
    return loudness_text(screening.loudness, onsets_s(screening)) if screening.loudness else ""


def onsets_s(screening: Screening) -> list[float]:
    """When something sudden and loud begins, in seconds."""
    return [one.span.start_s for one in screening.sound_spans if one.kind is SoundKind.LOUD_ONSET]


def _path(levels: Sequence[float], step_s: float, scale: TimeScale) -> str:
    """An area under the curve; of many points the loudest of each run is kept, so that no peak is lost."""
    run = -(-len(levels) // MOST_POINTS)
    points = [(index * step_s, max(levels[index : index + run])) for index in range(0, len(levels), run)]
    steps = [f"{10 * scale.percent(time_s):g},{0.6 * _top_percent(level):.3g}" for time_s, level in points]
    end = f"{10 * scale.percent(len(levels) * step_s):g}"
    return f"M{steps[0].partition(',')[0]},60 L{' '.join(steps)} H{end} V60 Z"


def _top_percent(level_lufs: float) -> float:
    """How far below the top of the curve a level lies, 0 LUFS being the top."""
    return round(100 * min(1.0, max(0.0, level_lufs / FLOOR_LUFS)), 2)
