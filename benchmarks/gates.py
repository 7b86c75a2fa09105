"""Screens clips with the gates before dear detectors as they ship, lifted, or nothing spared, and keeps account."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from measure import family_cpu_s
from tidegate.assembly import open_screener
from tidegate.records import AbstentionReason, Screening, Upload
from tidegate.screening import Screener
from tidegate.settings import resolve
from tidegate.signals.onscreen import looks
from tidegate.signals.onscreen.tesseract import Tesseract
from tidegate.signals.run import cpu_s

GATED = ("speech.whisper", "onscreen.text", "onscreen.codes", "visual.nudity", "visual.objects", "visual.faces")
"""The dear detectors, without their versions. `onscreen.codes` has no gate of its own."""

READERS = ("speech.whisper", "onscreen.text")
WARM_CLIPS = 2
SECOND_ENGINE = "tesseract, within onscreen.text"
_IDLE = frozenset({AbstentionReason.NOT_NEEDED, AbstentionReason.NO_INPUT})


class Gates(StrEnum):
    """SHIPPED as a clip is screened; LIFTED without any detector's `when`; OPEN also without what spares work behind
    it: everything loud is listened to, voice or not, and every frame is looked at, words found or not.
    """

    SHIPPED = "gated"
    LIFTED = "`when` lifted"
    OPEN = "nothing spared"


@dataclass(slots=True)
class Measured:
    """What one clip cost (CPU seconds, by stage and in all), which detectors ran, and what came of it.

    `words` are those each detector heard or read, `told` its labels, `scores` the highest score of each label.
    """

    total_s: float = float("inf")
    stages: Mapping[str, float] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()
    words: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, frozenset[str]] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A clip to measure, and the language its upload declares; empty for none."""

    path: Path
    language: str = ""


def measured(
    samples: Mapping[str, Sample], gates: Gates, *, tries: int, flags: Sequence[str] = ()
) -> dict[str, Measured]:
    """Every clip screened `tries` times, the cheapest try of each; clips that cannot be read are left out."""
    found: dict[str, Measured] = {}
    with _opened(flags, gates) as screener, _second_engine_counted() as second_s:
        for name, sample in list(samples.items())[-WARM_CLIPS:]:
            _screened(screener, name, sample, second_s)
        for name, sample in samples.items():
            each = [_screened(screener, name, sample, second_s) for _ in range(tries)]
            if all(one is not None for one in each):
                found[name] = min((one for one in each if one is not None), key=lambda one: one.total_s)
            else:
                print(f"left out: {sample.path} cannot be read")
    return found


def in_turns(sample: Sample, flags: Sequence[Sequence[str]], *, tries: int) -> list[float]:
    """CPU seconds of one clip under each of these settings, the cheapest of `tries` tries taken in turns.

    In turns, so that a ratio of two does not depend on which of them met a busy minute.
    """
    with ExitStack() as stack:
        screeners = [stack.enter_context(_opened(each, Gates.SHIPPED)) for each in flags]
        least = [float("inf")] * len(flags)
        for number in range(tries + 1):
            for index, screener in enumerate(screeners):
                one = _screened(screener, sample.path.name, sample, [])
                if one is None:
                    raise SystemExit(f"{sample.path} cannot be read")
                if number:
                    least[index] = min(least[index], one.total_s)
    return least


def all_but(names: Sequence[str]) -> str:
    """A flag for every built-in detector but these."""
    from tidegate.signals.registry import built_in

    kept = (one.id for one in built_in() if one.id.partition("@")[0] not in names)
    return "screening.detectors=" + ",".join(kept)


def dear(found: Mapping[str, Measured]) -> list[str]:
    """Ids, with versions, of the dear detectors that ran on anything, in the order of `GATED`."""
    ids = sorted({stage for one in found.values() for stage in one.stages})
    return [stage for name in GATED for stage in ids if stage.startswith(f"{name}@")]


def words_lost(with_all: str, with_gates: str) -> Counter[str]:
    """Words of the first text that the second lacks, case aside, each as often as it is missing."""
    return Counter(with_all.casefold().split()) - Counter(with_gates.casefold().split())


@contextmanager
def _opened(flags: Sequence[str], gates: Gates) -> Iterator[Screener]:
    gaps_s = looks.EMPTY_GAP_S, looks.QUIET_GAP_S
    with open_screener(resolve(tuple(flags))) as (screener, _):
        if gates is not Gates.SHIPPED:
            for detector in screener.detectors:
                if detector.when is not None:
                    detector.when = None
        if gates is Gates.OPEN:
            # Without spans of speech and music, everything loud is listened to.
            screener.detectors = tuple(one for one in screener.detectors if not one.id.startswith("sound.spans@"))
            looks.EMPTY_GAP_S = looks.QUIET_GAP_S = 0.0
        try:
            yield screener
        finally:
            looks.EMPTY_GAP_S, looks.QUIET_GAP_S = gaps_s


@contextmanager
def _second_engine_counted() -> Iterator[list[float]]:
    """CPU seconds of each call of the second engine, added to the list as they happen."""
    spent_s: list[float] = []
    original: Callable[..., Any] = Tesseract.read_many

    def counted(*given: object, **named: object) -> object:
        start_s = cpu_s()
        read = original(*given, **named)
        spent_s.append(cpu_s() - start_s)
        return read

    Tesseract.read_many = counted  # type: ignore[method-assign, assignment]
    try:
        yield spent_s
    finally:
        Tesseract.read_many = original  # type: ignore[method-assign]


def _screened(screener: Screener, name: str, sample: Sample, second_s: list[float]) -> Measured | None:
    second_s.clear()
    upload = Upload(id=name, caption="A day at the harbour", language=sample.language)
    start_s = family_cpu_s(os.getpid())
    screening = screener.screen(upload, sample.path, now_s=0.0).screening
    total_s = family_cpu_s(os.getpid()) - start_s
    if screening.media is None:
        return None
    stages: dict[str, float] = defaultdict(float)
    for cost in screening.costs:
        stages[cost.stage] += cost.cpu_s
    ran = {detector.id for detector in screener.detectors} - {
        gone.detector_id for gone in screening.abstentions if gone.reason in _IDLE
    }
    if second_s:
        stages[SECOND_ENGINE] = sum(second_s)
        ran.add(SECOND_ENGINE)
    return _account(screening, total_s, stages, frozenset(ran))


def _account(screening: Screening, total_s: float, stages: Mapping[str, float], ran: frozenset[str]) -> Measured:
    words: dict[str, list[str]] = defaultdict(list)
    for said in screening.utterances:
        words[said.detector_id].append(said.text)
    for shown in screening.on_screen_texts:
        words[shown.detector_id].append(shown.text)
    told: dict[str, set[str]] = defaultdict(set)
    scores: dict[str, float] = defaultdict(float)
    for signal in screening.signals:
        told[signal.detector_id].add(signal.label)
        scores[signal.label] = max(scores[signal.label], signal.score)
    return Measured(
        total_s=total_s,
        stages=stages,
        ran=ran,
        words={name: " ".join(texts) for name, texts in words.items()},
        told={name: frozenset(labels) for name, labels in told.items()},
        scores=scores,
        duration_s=screening.media.duration_s if screening.media else 0.0,
    )
