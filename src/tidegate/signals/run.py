"""Runs detectors over one view in order: cheap first, dear ones when they can matter; failures are abstained."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tidegate.errors import DetectorError, MissingDependencyError, ModelFileError, TidegateError
from tidegate.records import Abstention, AbstentionReason, Problem, Signal, StageCost
from tidegate.signals.base import Detector, Need, View

MAX_SIGNALS_PER_DETECTOR = 512
"""A detector that says more than this about one upload is cut off with an abstention: output stays bounded."""

_MEDIA_NEEDS = frozenset({Need.FILE, Need.FRAMES, Need.AUDIO})


@dataclass(slots=True, kw_only=True)
class Findings:
    """What one pass over the detectors found, in the order it was found."""

    signals: list[Signal] = field(default_factory=list)
    abstentions: list[Abstention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    costs: list[StageCost] = field(default_factory=list)


def load_all(detectors: Sequence[Detector]) -> dict[str, TidegateError]:
    """Load every detector; the ones that cannot be loaded are returned as id -> error and abstain from then on."""
    unavailable: dict[str, TidegateError] = {}
    for detector in detectors:
        try:
            detector.load()
        except (MissingDependencyError, ModelFileError) as error:
            unavailable[detector.id] = error
    return unavailable


def run_detectors(
    detectors: Sequence[Detector],
    view: View,
    *,
    unavailable: dict[str, TidegateError] | None = None,
    is_media_damaged: bool = False,
    cpu_clock: Callable[[], float] = time.thread_time,
) -> Findings:
    """Run `detectors` in order over `view`; each sees the signals of those before it in `view.prior`.

    Never raises for a detector's fault: the detector is abstained as FAILED and a coded Problem says why.
    """
    findings = Findings()
    for detector in detectors:
        seen = replace(view, prior=tuple(findings.signals))
        if reason := _reason_not_to_run(detector, seen, unavailable or {}, is_media_damaged=is_media_damaged):
            findings.abstentions.append(reason)
            continue
        cpu_start_s, wall_start_s = cpu_clock(), time.perf_counter()
        found = _run_one(detector, seen, findings)
        cost = StageCost(
            stage=detector.id,
            cpu_s=cpu_clock() - cpu_start_s,
            wall_s=time.perf_counter() - wall_start_s,
            items=len(found),
        )
        findings.costs.append(cost)
    return findings


def _reason_not_to_run(
    detector: Detector, view: View, unavailable: dict[str, TidegateError], *, is_media_damaged: bool
) -> Abstention | None:
    labels = tuple(sorted(detector.emits))
    if error := unavailable.get(detector.id):
        return Abstention(
            detector_id=detector.id, reason=AbstentionReason.UNAVAILABLE, labels=labels, detail=error.next_step
        )
    if missing := sorted(need for need in detector.needs if not view.has(need)):
        is_damage = is_media_damaged and bool(_MEDIA_NEEDS.intersection(missing))
        return Abstention(
            detector_id=detector.id,
            reason=AbstentionReason.DAMAGED_MEDIA if is_damage else AbstentionReason.NO_INPUT,
            labels=labels,
            detail=f"no {', '.join(missing)} in this upload",
        )
    if detector.when and not detector.when.holds(view.prior):
        return Abstention(
            detector_id=detector.id, reason=AbstentionReason.NOT_NEEDED, labels=labels, detail=str(detector.when)
        )
    return None


def _run_one(detector: Detector, view: View, findings: Findings) -> list[Signal]:
    """Collect one detector's output into `findings`; what it said before failing is kept."""
    found: list[Signal] = []
    try:
        for said in _checked(detector, view):
            if isinstance(said, Abstention):
                findings.abstentions.append(said)
                continue
            if len(found) == MAX_SIGNALS_PER_DETECTOR:
                findings.abstentions.append(_over_budget(detector))
                break
            found.append(said)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and an upload must never be lost to it
        findings.problems.append(_problem_of(detector, error))
        findings.abstentions.append(
            Abstention(
                detector_id=detector.id,
                reason=AbstentionReason.FAILED,
                labels=tuple(sorted(detector.emits)),
                detail=type(error).__name__,
            )
        )
    findings.signals.extend(found)
    return found


def _checked(detector: Detector, view: View) -> Iterator[Signal | Abstention]:
    for said in detector.detect(view):
        if said.detector_id != detector.id:
            raise DetectorError(f"speaks as {said.detector_id}", where=detector.id)
        if isinstance(said, Signal) and said.label not in detector.emits:
            raise DetectorError(f"emits {said.label}, which it does not declare", where=detector.id)
        yield said


def _over_budget(detector: Detector) -> Abstention:
    return Abstention(
        detector_id=detector.id,
        reason=AbstentionReason.OVER_BUDGET,
        labels=tuple(sorted(detector.emits)),
        detail=f"more than {MAX_SIGNALS_PER_DETECTOR} signals",
    )


def _problem_of(detector: Detector, error: Exception) -> Problem:
    if isinstance(error, TidegateError):
        return Problem(code=error.code, what=error.what, where=error.where or detector.id, next_step=error.next_step)
    return Problem(
        code=DetectorError.code,
        what=f"failed with {type(error).__name__}",
        where=detector.id,
        next_step="screen the file alone with --explain, and report it with the detector's id",
    )
