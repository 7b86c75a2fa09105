"""The settings themselves: one dataclass a section, one field a setting, with what it means in its metadata."""

from dataclasses import dataclass, field
from pathlib import Path

from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.settings.server import ServerSettings

HOME_DEFAULT = "~/.local/state/tidegate"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """Which policy decides."""

    path: Path | None = field(default=None, metadata={"doc": "policy file; unset uses the policy of this version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingSettings:
    """Which banks are matched against."""

    bank_paths: tuple[Path, ...] = field(
        default=(), metadata={"doc": "bank files that frames and files are matched against"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningSettings:
    """How a batch is screened."""

    detectors: tuple[str, ...] = field(
        default=(), metadata={"doc": "detector ids or families that run; empty runs every one"}
    )
    jobs: int = field(default=1, metadata={"doc": "decode processes that work ahead of the detectors"})
    seed: int = field(
        default=0, metadata={"doc": "seed of the stable choice of which blind uploads a person samples", "least": 0}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSettings:
    """How speech becomes words."""

    model: str = field(
        default="",
        metadata={
            "doc": "recogniser of speech: empty for the bundled one, a folder with a CTranslate2 Whisper model, or "
            "`hub:owner/name` or `hub:owner/name@revision` for one on the model hub",
            "is_model": True,
        },
    )
    english: str = field(
        default="off",
        metadata={
            "doc": "small English recogniser at half the cost: `auto` tries it first where the upload is declared "
            "English and asks the larger one in doubt, `only` uses no other, `off` never",
            "choices": ("auto", "only", "off"),
        },
    )
    max_speech_s: float = field(
        default=600.0,
        metadata={
            "doc": "most seconds of speech recognised in one upload; a minute of it takes the bundled recogniser about "
            "3.5 CPU-s"
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnScreenSettings:
    """How words on the picture are read."""

    second_engine: str = field(
        default="auto",
        metadata={
            "doc": "the program tesseract for scripts that the bundled model cannot read: `auto` where it is installed",
            "choices": ("auto", "off"),
        },
    )
    look_every_s: float = field(
        default=0.0,
        metadata={
            "doc": "seconds after which words are looked for again where a frame shows no more strokes than those just "
            "looked at; 0 looks at every frame, coarsely where nothing new came"
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """Which recognisers of sounds are mounted."""

    tagger_paths: tuple[Path, ...] = field(
        default=(), metadata={"doc": "folders of mounted sound taggers, each with a tagger.json and its ONNX model"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceSettings:
    """Whose signatures are trusted."""

    trust_list_path: Path | None = field(
        default=None, metadata={"doc": "PEM file of certificates whose C2PA signatures are trusted; unset trusts none"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting's value. `home` is the one folder that holds all state; a section is a dataclass of its own."""

    home: Path = field(
        default=Path(HOME_DEFAULT),
        metadata={"doc": "folder that holds all state; follows XDG_STATE_HOME where that is set"},
    )
    media: MediaLimits = field(default_factory=MediaLimits)
    sampling: SamplingBudget = field(default_factory=SamplingBudget)
    policy: PolicySettings = field(default_factory=PolicySettings)
    matching: MatchingSettings = field(default_factory=MatchingSettings)
    screening: ScreeningSettings = field(default_factory=ScreeningSettings)
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    onscreen: OnScreenSettings = field(default_factory=OnScreenSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    provenance: ProvenanceSettings = field(default_factory=ProvenanceSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
