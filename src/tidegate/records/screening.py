"""One pass over one upload: everything found, everything not looked at, what it adds up to, and what it cost."""

from dataclasses import dataclass

from tidegate.records.judgement import Judgement
from tidegate.records.media import MediaCoverage, MediaInfo, Shot
from tidegate.records.reading import Loudness, OnScreenText, Provenance, SoundSpan, Utterance
from tidegate.records.signal import Abstention, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """CPU and wall seconds that one stage took for this upload, over all its processes; `items` it looked at."""

    stage: str
    cpu_s: float
    wall_s: float
    items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A coded error that screening survived; the parts it touched are abstained, not cleared."""

    code: str
    what: str
    where: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Signals, abstentions, judgements and cost of one pass over one upload. `media` is `None` if unreadable."""

    upload_id: str
    media: MediaInfo | None
    coverage: MediaCoverage
    signals: tuple[Signal, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    shots: tuple[Shot, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    on_screen_texts: tuple[OnScreenText, ...] = ()
    sound_spans: tuple[SoundSpan, ...] = ()
    loudness: Loudness | None = None
    provenance: Provenance | None = None
    costs: tuple[StageCost, ...] = ()
    problems: tuple[Problem, ...] = ()
    detector_ids: tuple[str, ...] = ()
