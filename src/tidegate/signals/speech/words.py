"""What was heard in a chunk as utterances of the clip: words with times, cut at pauses, beeps left out; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.records import SoundKind, SoundSpan, Span, Utterance, Word
from tidegate.signals.speech.chunks import Chunk
from tidegate.signals.speech.lengths import is_spoken
from tidegate.signals.speech.recogniser import Heard
from tidegate.signals.speech.stretches import PADDING_S, share_within
from tidegate.signals.unicode_scripts import SENTENCE_ENDS

PAUSE_S = 0.7
"""A pause this long ends an utterance."""

LONG_UTTERANCE_S = 8.0
"""An utterance this long ends with its sentence."""

SUNG_CONFIDENCE = 0.6
"""Most confidence in a sung word: Whisper was taught to speech, and lyrics are often guessed."""

COVERED_SHARE = 0.5
"""Share of a word under a beep from which on it was not heard, whatever the recogniser makes of it."""

_MOST_QUIET_S = PADDING_S + 0.01

_OPENING = frozenset("\"'“‘„«¿¡([{（「『-–—")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    text: str
    span: Span
    probability: float


def utterances(chunk: Chunk, heard: Heard, sounds: Sequence[SoundSpan], *, detector_id: str) -> Iterator[Utterance]:
    """The utterances of one chunk in order of time.

    A word is a run of characters with its punctuation; in writing without blanks it is what the recogniser calls one.
    Words outside the chunk's voice and words under a beep are left out. Confidence is the recogniser's probability,
    lowered where the language is unsure, and at most 0.6 where it is sung.
    """
    trust = min(1.0, 0.5 + heard.language_probability)
    voices = [one.span for one in sounds if one.kind in (SoundKind.SPEECH, SoundKind.SINGING)]
    placed = [_voiced(word, voices) for word in _placed(chunk, heard) if not _is_covered(word.span, sounds)]
    for group in _groups(placed):
        text, places = joined([one.text for one in group])
        span = Span(start_s=group[0].span.start_s, end_s=max(one.span.end_s for one in group))
        is_sung = share_within(span, sounds, SoundKind.SINGING) > share_within(span, sounds, SoundKind.SPEECH)
        most = SUNG_CONFIDENCE if is_sung else 1.0
        confidences = [min(most, one.probability * trust) for one in group]
        yield Utterance(
            text=text,
            span=span,
            language=heard.language,
            confidence=sum(confidences) / len(confidences),
            words=tuple(
                Word(start_char=start, end_char=end, span=one.span, confidence=confidence)
                for (start, end), one, confidence in zip(places, group, confidences, strict=True)
            ),
            is_sung=is_sung,
            detector_id=detector_id,
        )


def joined(texts: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Words as running text without outer blanks, and where each stands in it, its own outer blanks not counted."""
    text = ""
    places: list[tuple[int, int]] = []
    for word in texts:
        body = word.strip()
        lead = word[: len(word) - len(word.lstrip())] if text else ""
        places.append((len(text) + len(lead), len(text) + len(lead) + len(body)))
        text += lead + body + (word[len(word.rstrip()) :] if body else "")
    return text.rstrip(), places


def _placed(chunk: Chunk, heard: Heard) -> list[_Placed]:
    """Words on the clip's clock, times never running backwards, punctuation with the word it belongs to."""
    found: list[_Placed] = []
    opening = ""
    reached_s = 0.0
    for word in heard.words:
        span = chunk.on_clip(word.start_s, word.end_s)
        if not is_spoken(word.text):
            if found and not _opens(word.text):
                found[-1] = _Placed(
                    text=found[-1].text + word.text, span=found[-1].span, probability=found[-1].probability
                )
            else:
                opening += word.text
            continue
        if span is None:
            opening = ""
            continue
        start_s = max(reached_s, span.start_s)
        end_s = max(start_s, span.end_s)
        found.append(
            _Placed(text=opening + word.text, span=Span(start_s=start_s, end_s=end_s), probability=word.probability)
        )
        opening, reached_s = "", start_s
    return found


def _voiced(word: _Placed, voices: Sequence[Span]) -> _Placed:
    """A word without the quiet that a stretch of voice was padded with, at its beginning and its end."""
    start_s, end_s = word.span.start_s, word.span.end_s
    voices = [voice for voice in voices if voice.overlaps(word.span)]
    if voices and not any(voice.start_s <= start_s for voice in voices):
        onset_s = min(voice.start_s for voice in voices)
        start_s = onset_s if onset_s - start_s <= _MOST_QUIET_S else start_s
    if voices and not any(voice.end_s >= end_s for voice in voices):
        last_s = max(voice.end_s for voice in voices)
        end_s = last_s if end_s - last_s <= _MOST_QUIET_S else end_s
    return replace(word, span=Span(start_s=start_s, end_s=max(start_s, end_s)))


def _opens(text: str) -> bool:
    return text.startswith((" ", "¿", "¡")) and all(character in _OPENING or character == " " for character in text)


def _is_covered(span: Span, sounds: Sequence[SoundSpan]) -> bool:
    if span.duration_s == 0.0:
        return any(one.kind is SoundKind.BEEP and one.span.overlaps(span) for one in sounds)
    return share_within(span, sounds, SoundKind.BEEP) >= COVERED_SHARE


def _groups(placed: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    group: list[_Placed] = []
    for one in placed:
        if group and _ends(group, one):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _ends(group: Sequence[_Placed], following: _Placed) -> bool:
    last = group[-1]
    if following.span.start_s - last.span.end_s >= PAUSE_S:
        return True
    is_sentence = last.text.rstrip().endswith(SENTENCE_ENDS)
    return is_sentence and last.span.end_s - group[0].span.start_s >= LONG_UTTERANCE_S
