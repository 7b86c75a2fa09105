"""Runs detectors over one view in order: cheap first, dear ones when they can matter; failures are abstained."""

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tidegate.errors import DetectorError, MissingDependencyError, ModelFileError, TidegateError
from tidegate.records import Abstention, AbstentionReason, Problem, Signal, StageCost
from tidegate.signals.base import Detector, Need, Said, View, assigned_by
from tidegate.signals.readings import MAX_READINGS, Readings

MAX_SIGNALS_PER_DETECTOR = 512
"""A detector that says more than this about one upload is cut off with an abstention: output stays bounded."""

MAX_ABSTENTIONS_PER_DETECTOR = 256
"""The same for its abstentions."""

_MEDIA_NEEDS = frozenset({Need.FILE, Need.FRAMES, Need.AUDIO})


@dataclass(slots=True, kw_only=True)
class Findings:
    """What one pass over the detectors found, in the order it was found."""

    signals: list[Signal] = field(default_factory=list)
    abstentions: list[Abstention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    costs: list[StageCost] = field(default_factory=list)
    readings: Readings = field(default_factory=Readings)

    @property
    def unanswered(self) -> frozenset[str]:
        """Labels that a blind detector could not vouch for: whoever waits for one of them must not wait in vain."""
        return frozenset(label for one in self.abstentions if one.is_blind for label in one.labels)


def cpu_s() -> float:
    """CPU seconds that this process and its finished children have used.

    Not the thread's clock: a speech model computes in a thread of its own, a second engine in a child process.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


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
    cpu_clock: Callable[[], float] = cpu_s,
) -> Findings:
    """Run `detectors` in order over `view`; each sees the signals and records of those before it.

    Never raises for a detector's fault: the detector is abstained as FAILED and a coded Problem says why. What a
    detector that hears or reads abstains from, the detectors of words behind it are blind to: its abstentions name
    their labels too.
    """
    findings = Findings()
    behind = _labels_behind(detectors)
    for detector in detectors:
        seen = replace(view, prior=tuple(findings.signals))
        labels = tuple(sorted(detector.emits | behind[detector.id]))
        if reason := _reason_not_to_run(
            detector, seen, labels, unavailable or {}, findings, is_media_damaged=is_media_damaged
        ):
            findings.abstentions.append(reason)
            continue
        cpu_start_s, wall_start_s = cpu_clock(), time.perf_counter()
        count = _run_one(detector, seen, labels, findings)
        cost = StageCost(
            stage=detector.id,
            cpu_s=cpu_clock() - cpu_start_s,
            wall_s=time.perf_counter() - wall_start_s,
            items=count,
        )
        findings.costs.append(cost)
        if assigned_by(detector):
            findings.readings.settle()
            view = findings.readings.onto(view)
            if findings.readings.is_joined_in_part and behind[detector.id]:
                detail = "more words of several sources than are read together"
                findings.abstentions.append(_over_budget(detector, tuple(sorted(behind[detector.id])), detail))
    return findings


def _labels_behind(detectors: Sequence[Detector]) -> dict[str, frozenset[str]]:
    """For each detector that adds words to the view, the labels of the detectors of words behind it; else nothing."""
    behind: dict[str, frozenset[str]] = {}
    of_words: frozenset[str] = frozenset()
    for detector in reversed(detectors):
        behind[detector.id] = of_words if Need.TEXTS in assigned_by(detector) else frozenset()
        if Need.TEXTS in detector.needs:
            of_words |= detector.emits
    return behind


def _reason_not_to_run(
    detector: Detector,
    view: View,
    labels: tuple[str, ...],
    unavailable: dict[str, TidegateError],
    findings: Findings,
    *,
    is_media_damaged: bool,
) -> Abstention | None:
    if missing := sorted(need for need in detector.needs if not view.has(need)):
        is_damage = is_media_damaged and bool(_MEDIA_NEEDS.intersection(missing))
        return Abstention(
            detector_id=detector.id,
            reason=AbstentionReason.DAMAGED_MEDIA if is_damage else AbstentionReason.NO_INPUT,
            labels=labels,
            detail=f"no {', '.join(missing)} in this upload",
        )
    if error := unavailable.get(detector.id):
        return Abstention(
            detector_id=detector.id, reason=AbstentionReason.UNAVAILABLE, labels=labels, detail=_why(error)
        )
    is_asked_in_vain = detector.when is not None and not findings.unanswered.isdisjoint(detector.when.any_of)
    if detector.when and not is_asked_in_vain and not detector.when.holds(view.prior):
        return Abstention(
            detector_id=detector.id, reason=AbstentionReason.NOT_NEEDED, labels=labels, detail=str(detector.when)
        )
    return None


def _why(error: TidegateError) -> str:
    """What is wrong, where, and what to do about it, in one line."""
    return "; ".join(filter(None, (f"{error.what} ({error.where})" if error.where else error.what, error.next_step)))


def _run_one(detector: Detector, view: View, labels: tuple[str, ...], findings: Findings) -> int:
    """Collect one detector's output into `findings`, signals and records; what it said before failing is kept."""
    found: list[Signal] = []
    counts = dict.fromkeys(_LIMITS, 0)
    try:
        for said in _checked(detector, view):
            what = _kind_of(said)
            counts[what] += 1
            if counts[what] > _LIMITS[what]:
                if counts[what] == _LIMITS[what] + 1:
                    findings.abstentions.append(_over_budget(detector, labels, f"more than {_LIMITS[what]} {what}"))
                # Too many abstentions do not keep signals behind them from being heard, unless there is no end to them.
                if what == "abstentions" and counts[what] < _ENDLESS * _LIMITS[what]:
                    continue
                break
            if isinstance(said, Signal):
                found.append(said)
            elif isinstance(said, Abstention):
                is_reader = Need.TEXTS in assigned_by(detector)
                findings.abstentions.append(replace(said, labels=labels) if is_reader else said)
            else:
                findings.readings.add(said)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and an upload must never be lost to it
        findings.problems.append(_problem_of(detector, error))
        findings.abstentions.append(
            Abstention(
                detector_id=detector.id,
                reason=AbstentionReason.FAILED,
                labels=labels,
                detail=type(error).__name__,
            )
        )
    findings.signals.extend(found)
    return counts["signals"] + counts["records"]


_ENDLESS = 16
"""Times the limit of abstentions that a detector is listened to beyond it."""

_LIMITS = {
    "signals": MAX_SIGNALS_PER_DETECTOR,
    "abstentions": MAX_ABSTENTIONS_PER_DETECTOR,
    "records": MAX_READINGS,
}


def _kind_of(said: Said) -> str:
    if isinstance(said, Signal):
        return "signals"
    return "abstentions" if isinstance(said, Abstention) else "records"


def _checked(detector: Detector, view: View) -> Iterator[Said]:
    for said in detector.detect(view):
        if said.detector_id != detector.id:
            raise DetectorError(f"speaks as {said.detector_id}", where=detector.id)
        if isinstance(said, Signal) and said.label not in detector.emits:
            raise DetectorError(f"emits {said.label}, which it does not declare", where=detector.id)
        if not isinstance(said, Signal | Abstention) and not assigned_by(detector):
            raise DetectorError(f"yields a {type(said).__name__}, but assigns nothing", where=detector.id)
        yield said


def _over_budget(detector: Detector, labels: tuple[str, ...], detail: str) -> Abstention:
    return Abstention(detector_id=detector.id, reason=AbstentionReason.OVER_BUDGET, labels=labels, detail=detail)


def _problem_of(detector: Detector, error: Exception) -> Problem:
    if isinstance(error, TidegateError):
        return Problem(code=error.code, what=error.what, where=error.where or detector.id, next_step=error.next_step)
    return Problem(
        code=DetectorError.code,
        what=f"failed with {type(error).__name__}",
        where=detector.id,
        next_step="screen the file alone with --explain, and report it with the detector's id",
    )
