"""Voice that a recogniser gave no words, or none that it believes: it writes a chunk in one language, whatever is said.

The second language of a chunk is left out, or is written in words of the first, of which the recogniser is unsure: a
word of such sentences had a probability of 0.26 to 0.66 in the mean with whisper-base, of 40 among 42 spoken lines in
seven languages, clean and over music 10 dB below, 0.81 and more. The other two were heard in a wrong language as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.signals.speech.chunks import GAP_S, Chunk, Piece
from tidegate.signals.speech.lengths import is_spoken
from tidegate.signals.speech.recogniser import HeardWord
from tidegate.signals.speech.stretches import LEVEL_FRAME_S, QUIET_RMS, levels
from tidegate.signals.unicode_scripts import SENTENCE_ENDS

LEAST_GAP_S = 1.0
"""Voice without a word from which on it is heard again; less is breath, laughter, and the ends of words."""

BELIEVED = 0.7
"""Mean probability of a sentence's words from which on they are taken for what was said."""

VOICE_LEVEL = 0.15
"""Share of the level of the words, -16 dB, below which a frame is a pause or what plays behind the voice."""

_LEAST_PART_S = 0.4
_LOUD_SHARE = 0.4
_PADDING_S = 0.1
_NEAR_S = LEVEL_FRAME_S
_LEAST_DOUBTED = 3
_MOST_SHARE = 0.85
"""Share of a chunk's voice from which on a stretch of it would be heard as the chunk was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Voice without words that are believed, to be heard by itself; the words in it, and the texts on both sides."""

    chunk: Chunk
    doubted: tuple[HeardWord, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Voice without words within one piece, in seconds of the chunk."""

    start_s: float
    end_s: float
    piece: Piece


def gaps(chunk: Chunk, words: Sequence[HeardWord], audio: NDArray[np.float32]) -> list[Gap]:
    """The stretches of at least 1 s of a chunk that are as loud as its words and have none that are believed, in order.

    `audio` is the clip's, float32 mono at 16 kHz; the words are believed to be as long as they say. Stretches with no
    word between them are one, whatever pause is between; each doubted sentence is one. A chunk of one doubted sentence
    is none: it would be heard the same again. Cost: below 1 ms.
    """
    said = sentences(chunk, words)
    doubted = [one for one in said if not is_believed(one)]
    spoken = [word for one in said if is_believed(one) for word in one]
    cuts = sorted(at_s for one in doubted for at_s in (one[0].start_s, one[-1].end_s))
    groups = _grouped(list(_parts(chunk, spoken, cuts, audio)), list(map(_middle_s, spoken)), cuts)
    long = [group for group in groups if _length_s(group) >= LEAST_GAP_S]
    found = [_gap(group, spoken, doubted) for group in long]
    return [gap for gap in found if gap.chunk.voice_s < _MOST_SHARE * chunk.voice_s]


def sentences(chunk: Chunk, words: Sequence[HeardWord]) -> list[list[HeardWord]]:
    """The words, without punctuation, in groups that end with a sentence or a piece of the chunk."""
    found: list[list[HeardWord]] = []
    is_new = True
    place = -1
    for word in words:
        if is_spoken(word.text):
            now = sum(one.at_s <= _middle_s(word) for one in chunk.pieces)
            if is_new or now != place:
                found.append([])
            found[-1].append(word)
            is_new, place = False, now
        is_new = is_new or word.text.rstrip().endswith(SENTENCE_ENDS)
    return found


def is_believed(sentence: Sequence[HeardWord]) -> bool:
    """Whether the recogniser is as sure of its words as of a language it understands; short ones always are."""
    is_short = len(sentence) < _LEAST_DOUBTED or sentence[-1].end_s - sentence[0].start_s < LEAST_GAP_S
    return is_short or mean_probability(sentence) >= BELIEVED


def mean_probability(words: Sequence[HeardWord]) -> float:
    """Of words that are spoken, in [0, 1]; 0 without any."""
    found = [word.probability for word in words if is_spoken(word.text)]
    return sum(found) / len(found) if found else 0.0


def _grouped(parts: Sequence[_Part], middles: Sequence[float], cuts: Sequence[float]) -> list[list[_Part]]:
    """Parts with no word between them together, and with no cut unless one side is too short to stand alone."""
    groups: list[list[_Part]] = []
    for part in parts:
        last = groups[-1] if groups else []
        is_long = min(_length_s(last), _length_s([part])) >= LEAST_GAP_S
        if not last or _is_between(last[-1], part, [*middles, *cuts] if is_long else middles):
            groups.append([part])
        else:
            last.append(part)
    return groups


def _is_between(before: _Part, after: _Part, times_s: Sequence[float]) -> bool:
    return any(before.end_s - _NEAR_S <= at_s <= after.start_s + _NEAR_S for at_s in times_s)


def _length_s(parts: Sequence[_Part]) -> float:
    return sum(part.end_s - part.start_s for part in parts)


def _parts(
    chunk: Chunk, words: Sequence[HeardWord], cuts: Sequence[float], audio: NDArray[np.float32]
) -> Iterator[_Part]:
    level = [levels(audio[_sample(one.start_s) : _sample(one.end_s)]) for one in chunk.pieces]
    covered = [_covered(piece, one.size, words) for piece, one in zip(chunk.pieces, level, strict=True)]
    of_words = np.concatenate([one[mask] for one, mask in zip(level, covered, strict=True)])
    least = max(QUIET_RMS, VOICE_LEVEL * float(np.percentile(of_words, 75))) if of_words.size else QUIET_RMS
    for piece, loudness, mask in zip(chunk.pieces, level, covered, strict=True):
        for first, last in _runs(mask, [round((at_s - piece.at_s) / LEVEL_FRAME_S) for at_s in cuts]):
            loud = first + np.flatnonzero(loudness[first:last] > least)
            if loud.size * LEVEL_FRAME_S < _LEAST_PART_S * _LOUD_SHARE:
                continue
            start_s, end_s = float(loud[0]) * LEVEL_FRAME_S, float(loud[-1] + 1) * LEVEL_FRAME_S
            if end_s - start_s >= _LEAST_PART_S and loud.size * LEVEL_FRAME_S >= _LOUD_SHARE * (end_s - start_s):
                yield _Part(start_s=piece.at_s + start_s, end_s=piece.at_s + end_s, piece=piece)


def _runs(mask: NDArray[np.bool_], cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The runs of frames that no word covers, in parts that end at the cuts."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], mask, [True])).astype(np.int8)))
    for first, last in edges.reshape(-1, 2):
        yield from pairwise([int(first), *(cut for cut in cuts if first < cut < last), int(last)])


def _covered(piece: Piece, size: int, words: Sequence[HeardWord]) -> NDArray[np.bool_]:
    """Which frames of 20 ms of a piece lie in a word."""
    found = np.zeros(size, np.bool_)
    for word in words:
        first, last = (round((at_s - piece.at_s) / LEVEL_FRAME_S) for at_s in (word.start_s, word.end_s))
        found[max(0, first) : max(0, last)] = True
    return found


def _gap(parts: Sequence[_Part], words: Sequence[HeardWord], doubted: Sequence[Sequence[HeardWord]]) -> Gap:
    """The parts as a chunk of their own, with a little more on both sides: soft starts and ends of words."""
    pieces: list[Piece] = []
    for part in parts:
        shift_s = part.piece.start_s - part.piece.at_s
        start_s = max(part.piece.start_s, part.start_s + shift_s - _PADDING_S)
        end_s = min(part.piece.end_s, part.end_s + shift_s + _PADDING_S)
        at_s = 0.0
        if pieces:
            start_s = max(start_s, pieces[-1].end_s)
            at_s = pieces[-1].at_s + pieces[-1].duration_s + min(GAP_S, start_s - pieces[-1].end_s)
        pieces.append(Piece(start_s=start_s, end_s=end_s, at_s=at_s, confidence=part.piece.confidence))
    return Gap(
        chunk=Chunk(pieces=tuple(pieces)),
        doubted=tuple(
            word
            for one in doubted
            if parts[0].start_s <= (one[0].start_s + one[-1].end_s) / 2 <= parts[-1].end_s
            for word in one
        ),
        before=next((word.text for word in reversed(words) if _middle_s(word) < parts[0].start_s), ""),
        after=next((word.text for word in words if _middle_s(word) > parts[-1].end_s), ""),
    )


def _middle_s(word: HeardWord) -> float:
    return (word.start_s + word.end_s) / 2


def _sample(time_s: float) -> int:
    return round(time_s * AUDIO_RATE_HZ)
