"""Stretches of a clip laid one behind the other into chunks that are recognised at once, and the way back in time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import Span
from tidegate.signals.speech.stretches import LEVEL_FRAME_S, Stretch, levels

MOST_CHUNK_S = 18.0
"""Well below Whisper's 30 s: a clip of 30 s in two chunks, recognised together, costs about 60% of one window and is
read as well; see the card."""

GAP_S = 0.4
"""Most silence kept between two pieces of a chunk."""

_LONG_PAUSE_S = 1.5
_LEAST_ALONE_S = 5.0
"""After so much pause perhaps another speaker or language goes on: a chunk of so many seconds ends there."""

_AIM_SHARE = 0.9
"""Share of the longest chunk that is aimed at, so that there is room to cut where it is quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the clip and where in its chunk it stands, all in seconds."""

    start_s: float
    end_s: float
    at_s: float
    confidence: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Pieces in order with silence between them; at least one."""

    pieces: tuple[Piece, ...]

    @property
    def duration_s(self) -> float:
        """Length of what is recognised, gaps included, in seconds."""
        return self.pieces[-1].at_s + self.pieces[-1].duration_s

    @property
    def span(self) -> Span:
        """From the first piece's start to the last piece's end, on the clip's clock."""
        return Span(start_s=self.pieces[0].start_s, end_s=self.pieces[-1].end_s)

    @property
    def voice_s(self) -> float:
        """Seconds of the clip in it."""
        return sum(piece.duration_s for piece in self.pieces)

    @property
    def confidence(self) -> float:
        """Confidence in [0, 1] that somebody speaks or sings in it."""
        return sum(piece.confidence * piece.duration_s for piece in self.pieces) / max(self.voice_s, 1e-9)

    def on_clip(self, start_s: float, end_s: float) -> Span | None:
        """Where on the clip something lies that was heard at these seconds of the chunk.

        It goes to the piece it overlaps most, clamped to it, so that no word leaves the voice it was heard in; what
        lies in a gap goes nowhere. `None` then, and for what lies behind the chunk's end.
        """
        overlap_s, piece = max(
            ((min(end_s, one.at_s + one.duration_s) - max(start_s, one.at_s), one) for one in self.pieces),
            key=lambda pair: pair[0],
        )
        if overlap_s < 0.0 or (overlap_s == 0.0 and start_s < end_s):
            return None
        shift_s = piece.start_s - piece.at_s
        start_on_clip_s = min(max(start_s + shift_s, piece.start_s), piece.end_s)
        return Span(start_s=start_on_clip_s, end_s=max(start_on_clip_s, min(end_s + shift_s, piece.end_s)))

    def wave(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sound to recognise: float32 mono at 16 kHz, the pieces of `audio` with zeros between them."""
        found = np.zeros(_sample(self.duration_s), np.float32)
        for piece in self.pieces:
            part = audio[_sample(piece.start_s) : _sample(piece.end_s)]
            at = _sample(piece.at_s)
            found[at : at + part.size] = part[: found.size - at]
        return found


def packed(stretches: Sequence[Stretch], audio: NDArray[np.float32], *, most_s: float = MOST_CHUNK_S) -> list[Chunk]:
    """The stretches as few chunks of similar length, none above `most_s`; longer ones are cut where it is quiet."""
    total_s = sum(one.duration_s for one in stretches)
    if total_s <= 0.0:
        return []
    # Chunks of even length: a last one of two seconds would cost as much as one of nine.
    aim_s = total_s / math.ceil(total_s / (_AIM_SHARE * most_s))
    chunks: list[list[Piece]] = []
    for one in (part for stretch in stretches for part in _cut(stretch, audio, most_s=most_s)):
        last = chunks[-1] if chunks else []
        at_s = _place(last, one, most_s=most_s, aim_s=aim_s)
        piece = Piece(start_s=one.start_s, end_s=one.end_s, at_s=at_s or 0.0, confidence=one.confidence)
        if at_s is None:
            chunks.append([piece])
        else:
            last.append(piece)
    return [Chunk(pieces=tuple(pieces)) for pieces in chunks]


def _place(pieces: Sequence[Piece], one: Stretch, *, most_s: float, aim_s: float) -> float | None:
    """Where in a chunk with these pieces the next one would begin; `None` when it belongs into a new chunk."""
    if not pieces:
        return None
    end_s = pieces[-1].at_s + pieces[-1].duration_s
    pause_s = max(0.0, one.start_s - pieces[-1].end_s)
    at_s = end_s + min(pause_s, GAP_S)
    is_over = at_s + one.duration_s > most_s
    is_other = end_s >= _LEAST_ALONE_S and pause_s >= _LONG_PAUSE_S
    is_full = end_s >= 0.5 * aim_s and at_s + one.duration_s > 1.1 * aim_s
    return None if is_over or is_other or is_full else at_s


def _cut(stretch: Stretch, audio: NDArray[np.float32], *, most_s: float) -> Iterator[Stretch]:
    """The stretch in parts of similar length, at most `most_s`, each cut at the quietest moment around its end."""
    start_s = stretch.start_s
    for parts in range(math.ceil(stretch.duration_s / (_AIM_SHARE * most_s)), 1, -1):
        left_s = stretch.end_s - start_s
        aim_s = left_s / parts
        least_s = max(0.75 * aim_s, left_s - (parts - 1) * most_s)
        cut_s = _quietest_s(audio, start_s + least_s, start_s + min(1.25 * aim_s, most_s))
        yield Stretch(start_s=start_s, end_s=cut_s, confidence=stretch.confidence)
        start_s = cut_s
    yield Stretch(start_s=start_s, end_s=stretch.end_s, confidence=stretch.confidence)


def _quietest_s(audio: NDArray[np.float32], earliest_s: float, latest_s: float) -> float:
    """The middle of the quietest 0.1 s between two moments; the middle of both where nothing is quieter."""
    level = levels(audio[_sample(earliest_s) : _sample(latest_s)])
    width = 5
    if level.size < width:
        return (earliest_s + latest_s) / 2
    smooth = np.convolve(level, np.ones(width) / width, mode="valid")
    quiet = np.flatnonzero(smooth <= smooth.min() * 1.05)
    middle = quiet[np.argmin(np.abs(quiet - smooth.size / 2))]
    return min(latest_s, earliest_s + (float(middle) + width / 2) * LEVEL_FRAME_S)


def _sample(time_s: float) -> int:
    return round(time_s * AUDIO_RATE_HZ)
