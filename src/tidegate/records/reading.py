"""What was heard and read: words with times, text on the picture with boxes, kinds of sound, marks of origin."""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.errors import RecordError
from tidegate.records.span import Box, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word heard: characters `[start_char, end_char)` of its utterance, when, and confidence in [0, 1]."""

    start_char: int
    end_char: int
    span: Span
    confidence: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_char <= self.end_char:
            raise RecordError(f"a word at [{self.start_char}, {self.end_char})", where="Word")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Words heard without a long pause, with the recogniser's confidence in [0, 1]; `language` is a BCP 47 tag.

    `words` are in order and lie inside `text`; empty where the recogniser gives no times. `is_sung` tells singing
    from speech. `detector_id` says who heard it.
    """

    text: str
    span: Span
    language: str
    confidence: float
    words: tuple[Word, ...] = ()
    is_sung: bool = False
    detector_id: str = ""

    def __post_init__(self) -> None:
        if any(word.end_char > len(self.text) for word in self.words):
            raise RecordError("a word leaves its utterance", where="Utterance.words")


class OnScreenKind(StrEnum):
    """What a text on the picture is: written for the viewer, the mark of a platform or creator, or a code's payload."""

    CAPTION = "caption"
    WATERMARK = "watermark"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedBox:
    """Where something stood on the picture at one moment, in seconds."""

    time_s: float
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class OnScreenText:
    """Words read on the picture: one text over all its lines in reading order, when and where, confidence in [0, 1].

    `box` is its place when it was read best; `path` is where it stood at the frames that showed it, by time. `script`
    is an ISO 15924 code such as `Latn`, `rotation_deg` how far the line is turned clockwise, in (-180, 180].
    `detector_id` says who read it.
    """

    text: str
    span: Span
    box: Box
    language: str
    confidence: float
    kind: OnScreenKind = OnScreenKind.CAPTION
    path: tuple[TimedBox, ...] = ()
    script: str = ""
    rotation_deg: float = 0.0
    detector_id: str = ""


class SoundKind(StrEnum):
    """What a stretch of sound is; several may hold at once."""

    SPEECH = "speech"
    SINGING = "singing"
    MUSIC = "music"
    SILENCE = "silence"
    BEEP = "beep"
    LOUD_ONSET = "loud_onset"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSpan:
    """A stretch of one kind of sound, with confidence in [0, 1]."""

    kind: SoundKind
    span: Span
    confidence: float
    detector_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """How loud a clip is: integrated loudness in LUFS (ITU-R BS.1770), its loudest 0.4 s, and the highest sample.

    `envelope_lufs` holds momentary loudness at every `envelope_step_s` from the start of the clip. Silence is -70.
    """

    integrated_lufs: float
    loudest_lufs: float
    loudest_at_s: float
    peak_dbfs: float
    envelope_lufs: tuple[float, ...] = ()
    envelope_step_s: float = 0.1
    detector_id: str = ""


class ManifestState(StrEnum):
    """What is known of a C2PA manifest: none found, read and intact, read and broken, traces of one that is gone."""

    ABSENT = "absent"
    VALID = "valid"
    INVALID = "invalid"
    STRIPPED = "stripped"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Marks of origin inside the file. Claims of whoever wrote them: only a valid manifest is signed by its signer.

    `is_trusted` says whether the signer is on the configured trust list; `generator` is the program that made the
    claim, `software` the encoder or editor that tags name, `actions` the C2PA actions in order, `problems` the
    validation codes of a broken manifest. `declares_ai` is true where manifest or tags say that a machine generated
    or altered the media.
    """

    manifest: ManifestState
    is_trusted: bool = False
    generator: str = ""
    signer: str = ""
    signed_at: str = ""
    declares_ai: bool = False
    actions: tuple[str, ...] = ()
    ingredient_count: int = 0
    software: tuple[str, ...] = ()
    reencode_traces: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    detector_id: str = ""


Reading = Utterance | OnScreenText | SoundSpan | Loudness | Provenance
"""What a detector may find beside signals: records that later detectors, people and reports read."""
