"""How loud each fiftieth of a second is, and which of them are silent: what everything dearer is gated by."""

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import Abstention, AbstentionReason
from tidegate.signals.base import View

LEVEL_FRAME_S = 0.02
SILENT_DBFS = -70.0
"""Level below which a frame is silent. ITU-R BS.1770-5 discards blocks under -70 LUFS as silence; taken over here."""

LEAST_SAMPLES = 400
"""Sound shorter than this, 25 ms, is nothing that could be heard or named."""

_FRAME = round(LEVEL_FRAME_S * AUDIO_RATE_HZ)
_ROWS = 4096
"""Frames at a time, so that an hour of sound is not copied whole."""

_FLOOR_DBFS = -120.0
_FULL_SCALE = 1.0


def levels_dbfs(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """RMS level of each 20 ms in dB relative to a full-scale square wave, at least -120; the last frame may be shorter.

    `audio` is float32 mono at 16 kHz in [-1, 1]. A constant offset counts as nothing: it moves no air. About 1.5 ms
    for 30 s.
    """
    whole = audio.size // _FRAME
    rows = audio[: whole * _FRAME].reshape(whole, _FRAME)
    power = np.zeros(-(-audio.size // _FRAME), np.float32)
    for first in range(0, whole, _ROWS):
        power[first : min(whole, first + _ROWS)] = np.var(rows[first : first + _ROWS], axis=1)
    if audio.size > whole * _FRAME:
        power[whole] = np.var(audio[whole * _FRAME :])
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (_FLOOR_DBFS / 10))), np.float32)


def audio_of(view: View) -> NDArray[np.float32]:
    """The clip's sound, empty where there is none; values that are no number are silence, all within [-1, 1]."""
    if view.clip is None or view.clip.audio is None:
        return np.zeros(0, np.float32)
    audio = view.clip.audio
    if audio.min(initial=0.0) >= -_FULL_SCALE and audio.max(initial=0.0) <= _FULL_SCALE:  # false for NaN
        return audio
    return np.clip(np.nan_to_num(audio, nan=0.0, posinf=0.0, neginf=0.0), -_FULL_SCALE, _FULL_SCALE)


def end_of(view: View, audio: NDArray[np.float32]) -> float:
    """Where sound ends on the clip's clock, in seconds: never behind the clip itself."""
    heard_s = audio.size / AUDIO_RATE_HZ
    return heard_s if view.clip is None else min(heard_s, view.clip.info.duration_s)


def too_short(detector_id: str, labels: frozenset[str]) -> Abstention:
    """What a detector of sound says to less than 25 ms of it."""
    return Abstention(
        detector_id=detector_id,
        reason=AbstentionReason.NO_INPUT,
        labels=tuple(sorted(labels)),
        detail="less than 25 ms of sound",
    )
