"""The detector protocol: five facts and one verb. A detector never knows where it runs or who reads its signals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from tidegate.media.clip import Clip
from tidegate.records import (
    Abstention,
    MediaInfo,
    OnScreenText,
    Provenance,
    Reading,
    Signal,
    SoundSpan,
    Upload,
    Utterance,
)
from tidegate.signals.frames import FrameBatch
from tidegate.signals.text_view import TextPiece, TextView

Said = Signal | Abstention | Reading
"""What a detector may yield: signals, abstentions, and the records of what was heard, read and proven."""


class Need(StrEnum):
    """A part of the view that a detector reads; without it the detector is abstained with `no_input`."""

    FILE = "file"
    FRAMES = "frames"
    AUDIO = "audio"
    TEXTS = "texts"
    FACTS = "facts"
    SPEECH = "speech"
    ON_SCREEN = "on_screen"
    SOUND_SPANS = "sound_spans"
    PROVENANCE = "provenance"


class Tier(StrEnum):
    """Cheap detectors run first; a dear one runs only when its `when` holds."""

    CHEAP = "cheap"
    DEAR = "dear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a detector costs: tier, measured CPU seconds for one item (frame, text or file), peak memory in MiB."""

    tier: Tier
    cpu_s_per_item: float
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Something optional a detector needs: an importable package, and the extra of Tidegate that installs it.

    `install` is the command that brings it where the extra alone does not.
    """

    package: str
    extra: str
    install: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The condition under which a dear detector can matter: any of these labels reached its score.

    `any_of` maps labels of cheaper detectors to the least score, `because` says why in a line.
    """

    any_of: Mapping[str, float]
    because: str

    def holds(self, signals: Sequence[Signal]) -> bool:
        """Whether any signal so far reaches its threshold."""
        return any(signal.score >= self.any_of.get(signal.label, 2.0) for signal in signals)

    def __str__(self) -> str:
        terms = " or ".join(f"{label} >= {score:g}" for label, score in self.any_of.items())
        return f"{terms} ({self.because})"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All a detector may look at: the upload, its file, decoded frames and sound, its texts, and what is known so far.

    `frames` is empty and `clip` is `None` when the media could not be decoded. `texts` holds caption, hashtags and
    sound title, then what earlier detectors heard and read, then what these say together. `prior` are the signals and
    `utterances`, `on_screen_texts`, `sound_spans`, `provenance` the records of earlier detectors.
    """

    upload: Upload
    path: Path | None = None
    media: MediaInfo | None = None
    clip: Clip | None = None
    frames: FrameBatch = field(default_factory=FrameBatch)
    texts: tuple[TextView, ...] = ()
    prior: tuple[Signal, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    on_screen_texts: tuple[OnScreenText, ...] = ()
    sound_spans: tuple[SoundSpan, ...] = ()
    provenance: Provenance | None = None

    def has(self, need: Need) -> bool:
        """Whether this view carries that part."""
        match need:
            case Need.FILE:
                return self.path is not None and self.media is not None
            case Need.FRAMES:
                return len(self.frames) > 0
            case Need.AUDIO:
                return self.clip is not None and self.clip.audio is not None and self.clip.audio.size > 0
            case Need.TEXTS:
                return any(text.text for text in self.texts)
            case Need.FACTS:
                return True
            case Need.SPEECH:
                return bool(self.utterances)
            case Need.ON_SCREEN:
                return bool(self.on_screen_texts)
            case Need.SOUND_SPANS:
                return bool(self.sound_spans)
            case Need.PROVENANCE:
                return self.provenance is not None


@runtime_checkable
class Detector(Protocol):
    """Turns views into signals or abstentions.

    `id` is `family.name@version` and changes with weights or thresholds; `emits` are the only labels it may use;
    `when` is `None` for detectors that always run. `load` does every heavy import and raises
    MissingDependencyError or ModelFileError; `detect` runs after it, once per upload, and saves nothing.

    A detector that hears or reads has one fact more, `assigns: frozenset[Need]`: the parts of the view that the
    records it yields become for the detectors behind it. What it abstains from, detectors of words are blind to.
    """

    id: str
    needs: frozenset[Need]
    emits: frozenset[str]
    resources: Resources
    requires: tuple[Requirement, ...]
    when: When | None

    def load(self) -> None:
        """Make ready: heavy imports, weights, sessions. Called once per process; calling again is free."""

    def detect(self, view: View) -> Iterator[Said]:
        """Look at one upload. Every signal carries evidence that a person can check."""


def assigned_by(detector: Detector) -> frozenset[Need]:
    """The parts of the view that a detector adds to; empty for one that only signals."""
    return getattr(detector, "assigns", frozenset())


__all__ = [
    "Detector",
    "Need",
    "Requirement",
    "Resources",
    "Said",
    "TextPiece",
    "TextView",
    "Tier",
    "View",
    "When",
    "assigned_by",
]
