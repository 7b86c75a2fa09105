"""Listening to the chunks of a clip: once to all, once more to what was heard badly or was given no words."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Span
from tidegate.signals.speech.chunks import Chunk
from tidegate.signals.speech.judge import (
    HOPELESS_LANGUAGE,
    LEAST_VOICE,
    NO_SPEECH,
    UNSURE_MEAN_LOG_PROBABILITY,
    Verdict,
    judged,
    loop_start,
)
from tidegate.signals.speech.languages import is_written_otherwise
from tidegate.signals.speech.lengths import bounded, is_spoken
from tidegate.signals.speech.recogniser import Heard, HeardWord, Recogniser
from tidegate.signals.speech.wordless import Gap, gaps, mean_probability

SURE_MEAN_LOG_PROBABILITY, SURE_NO_SPEECH = -0.45, 0.45
"""Limits beyond which the second recogniser listens to what the first one heard. Clean English lies inside with
tiny.en; of synthetic speech in 13 other languages everything lay outside one of them."""

MOST_SECOND_LOOKS = 2
"""Chunks of one clip that are heard again with the full context, which costs about 1.5 CPU-s each."""

MOST_GAPS = 8
"""Stretches of one clip that are heard again because they have voice and no words; 0.2 to 0.4 CPU-s each."""

_POSSIBLE_VOICE = 0.35
"""Confidence in a voice from which on words that cannot be trusted are told as missed."""

_LEAST_MISSED_S = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardChunk:
    """A chunk, what was heard in it as far as it can be trusted, and what became of the rest."""

    chunk: Chunk
    heard: Heard
    verdict: Verdict

    def missed(self) -> Iterator[tuple[Span, str]]:
        """The stretches of probable voice without words to rely on, and why."""
        if self.chunk.voice_s < _LEAST_MISSED_S:
            return
        if self.verdict is Verdict.HEARD:
            if self.heard.language_probability < HOPELESS_LANGUAGE:
                yield self.chunk.span, "the language is unknown"
            elif self.heard.mean_log_probability < UNSURE_MEAN_LOG_PROBABILITY:
                yield self.chunk.span, "heard badly"
            elif is_written_otherwise(self.heard.text, self.heard.language):
                yield self.chunk.span, f"words in {self.heard.language}, written in letters of another language"
        elif self.verdict is Verdict.LEFT_OUT:
            yield self.chunk.span, "a voice without words, one of many such stretches"
        elif self.chunk.confidence >= (LEAST_VOICE if self.verdict is Verdict.SILENT else _POSSIBLE_VOICE):
            yield self._untrusted(), f"a voice, but what is heard is {self.verdict.value}"

    def _untrusted(self) -> Span:
        """From the end of the words that were kept."""
        end_s = max((word.end_s for word in self.heard.words), default=0.0)
        kept = self.chunk.on_clip(0.0, end_s) if end_s else None
        for piece in self.chunk.pieces:
            if piece.at_s <= end_s < piece.at_s + piece.duration_s and kept:
                return Span(start_s=piece.start_s + end_s - piece.at_s, end_s=self.chunk.span.end_s)
        return self.chunk.span


def hear(
    chunks: Sequence[Chunk],
    audio: NDArray[np.float32],
    *,
    first: Recogniser,
    second: Recogniser | None = None,
    language: str = "",
) -> list[HeardChunk]:
    """What is heard in each chunk of `audio`. `second` listens to what `first`, the cheaper one, is unsure of.

    Words of chunks that failed are left out; of a chunk that repeats itself the words before are kept. A second of
    voice or more without words, or a sentence that is not believed, is heard again by itself and becomes a chunk of its
    own, behind the given ones, eight a clip: a recogniser writes a chunk in one language and leaves the other out.
    """
    if not chunks:
        return []
    waves = [chunk.wave(audio) for chunk in chunks]
    found = [_verdict(*pair) for pair in zip(chunks, first.recognise(waves, language=language), strict=True)]
    if second is not None:
        _again(found, waves, second, [i for i, one in enumerate(found) if _is_unsure(one)], language=language)
    failed = [i for i, one in enumerate(found) if _deserves_another(one)]
    _again(found, waves, second or first, failed[:MOST_SECOND_LOOKS], language=language, is_thorough=True)
    return _with_gaps(found, audio, second or first)


def _with_gaps(found: Sequence[HeardChunk], audio: NDArray[np.float32], recogniser: Recogniser) -> list[HeardChunk]:
    """With what is heard in the voice that got no words to believe, and in what that leaves, while there is budget."""
    told = list(found)
    waiting = _gaps_of(told, range(len(told)), audio)
    left = MOST_GAPS
    while waiting and left > 0:
        now, waiting = waiting[:left], waiting[left:]
        left -= len(now)
        answers = recogniser.recognise([gap.chunk.wave(audio) for _, gap in now])
        size = len(told)
        for (index, gap), answer in zip(now, answers, strict=True):
            new = _trusted(_verdict(gap.chunk, _without_echo(answer, gap)))
            is_better = mean_probability(new.heard.words) > mean_probability(gap.doubted)
            if new.verdict is Verdict.HEARD and is_better:
                told[index] = _without(told[index], gap.doubted)
                told.append(new)
            elif gap.doubted:
                told.append(HeardChunk(chunk=gap.chunk, heard=Heard(), verdict=Verdict.DOUBTFUL))
            else:
                told.append(new)
        waiting += _gaps_of(told, range(size, len(told)), audio)
    told = [_trusted(one) for one in told]
    left_out = [HeardChunk(chunk=gap.chunk, heard=Heard(), verdict=Verdict.LEFT_OUT) for _, gap in waiting]
    return [one for one in told if one.verdict is not Verdict.HEARD or one.heard.words] + left_out


def _gaps_of(found: Sequence[HeardChunk], indices: Sequence[int], audio: NDArray[np.float32]) -> list[tuple[int, Gap]]:
    """With the index of the chunk they are in, longest first.

    Several languages can make the whole chunk too unsure; what else failed is missed as a whole.
    """
    all_gaps = [
        (index, gap)
        for index in indices
        if found[index].verdict in (Verdict.HEARD, Verdict.DOUBTFUL)
        for gap in gaps(found[index].chunk, found[index].heard.words, audio)
        if gap.chunk.confidence >= LEAST_VOICE
    ]
    return sorted(all_gaps, key=lambda pair: (-pair[1].chunk.voice_s, pair[1].chunk.span.start_s))


def _without(one: HeardChunk, doubted: Sequence[HeardWord]) -> HeardChunk:
    """Without words that were heard better since, and as sure as the others are; without any, there is no loss left."""
    if not doubted:
        return one
    words: list[HeardWord] = []
    is_left = False
    for word in one.heard.words:
        # Punctuation goes with the word before it.
        is_left = word not in doubted if is_spoken(word.text) else is_left
        words += [word] if is_left else []
    sure = math.log(max(mean_probability(words), 1e-3))
    heard = replace(one.heard, words=tuple(words), mean_log_probability=sure)
    return _verdict(one.chunk, heard) if words else replace(one, heard=heard, verdict=Verdict.HEARD)


def _without_echo(heard: Heard, gap: Gap) -> Heard:
    """Without the neighbours' words, of which the stretch may hold the rest."""
    words = list(heard.words)
    while words and _plain(words[0].text) in ("", _plain(gap.before)):
        del words[0]
    while words and _plain(words[-1].text) and _plain(words[-1].text) == _plain(gap.after):
        del words[-1]
    return replace(heard, words=tuple(words))


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _verdict(chunk: Chunk, heard: Heard) -> HeardChunk:
    heard = replace(heard, words=bounded(heard.words, chunk.pieces))
    verdict = judged(heard, voice_s=chunk.voice_s, voice_confidence=chunk.confidence)
    return HeardChunk(chunk=chunk, heard=heard, verdict=verdict)


def _is_unsure(one: HeardChunk) -> bool:
    if one.verdict is Verdict.SILENT:
        return one.chunk.confidence >= LEAST_VOICE
    heard = one.heard
    is_clear = heard.mean_log_probability >= SURE_MEAN_LOG_PROBABILITY and heard.no_speech_probability <= SURE_NO_SPEECH
    return one.verdict is not Verdict.HEARD or not is_clear


def _deserves_another(one: HeardChunk) -> bool:
    """Whether more context may help: something failed, and neither detector nor recogniser takes it for noise."""
    is_voice = one.chunk.confidence >= _POSSIBLE_VOICE and one.heard.no_speech_probability <= NO_SPEECH
    return one.verdict not in (Verdict.HEARD, Verdict.SILENT) and is_voice


def _again(
    found: list[HeardChunk],
    waves: Sequence[NDArray[np.float32]],
    recogniser: Recogniser,
    indices: Sequence[int],
    *,
    language: str,
    is_thorough: bool = False,
) -> None:
    """Listen again to some chunks. An answer that can be trusted replaces the first, else the better of both stays."""
    if not indices:
        return
    answers = recogniser.recognise([waves[i] for i in indices], language=language, is_thorough=is_thorough)
    for index, answer in zip(indices, answers, strict=True):
        again = _verdict(found[index].chunk, answer)
        found[index] = again if again.verdict is Verdict.HEARD else max(again, found[index], key=_quality)


def _quality(one: HeardChunk) -> tuple[bool, bool, float]:
    is_heard = one.verdict is Verdict.HEARD
    return is_heard, one.verdict is not Verdict.LOOPING, one.heard.mean_log_probability


def _trusted(one: HeardChunk) -> HeardChunk:
    if one.verdict is Verdict.HEARD:
        return one
    words = one.heard.words
    start = loop_start(words) if one.verdict is Verdict.LOOPING else None
    shorter = replace(one.heard, words=words[:start] if start is not None else ())
    is_good = judged(shorter, voice_s=one.chunk.voice_s, voice_confidence=one.chunk.confidence) is Verdict.HEARD
    return replace(one, heard=shorter if is_good else replace(one.heard, words=()))
