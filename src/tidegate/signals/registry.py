"""The open registry: one table of built-in detectors, plugins by entry point, and the whole-pipeline check."""

import importlib
import importlib.metadata
from collections.abc import Iterable, Sequence, Set

from tidegate.errors import DuplicateDetectorError, PipelineError, PluginError, UnknownDetectorError
from tidegate.records.signal import DETECTOR_ID_PATTERN
from tidegate.signals.base import Detector, Need, assigned_by
from tidegate.signals.labels import LABELS

ENTRY_POINT_GROUP = "tidegate.detectors"

BUILT_IN: tuple[str, ...] = (
    "tidegate.signals.metadata:MetadataDetector",
    "tidegate.signals.matching.file:FileMatchDetector",
    "tidegate.signals.matching.frame:FrameMatchDetector",
    "tidegate.signals.visual.detail:DetailDetector",
    "tidegate.signals.visual.flash:FlashDetector",
    "tidegate.signals.visual.nudity:NudityDetector",
    "tidegate.signals.visual.objects:ObjectDetector",
    "tidegate.signals.visual.faces:FaceDetector",
    "tidegate.signals.provenance.marks:ProvenanceDetector",
    "tidegate.signals.sound.spans:SoundSpansDetector",
    "tidegate.signals.sound.loudness:LoudnessDetector",
    "tidegate.signals.sound.tagger:TaggerDetector",
    "tidegate.signals.speech.detector:SpeechDetector",
    "tidegate.signals.onscreen.codes:CodeDetector",
    "tidegate.signals.onscreen.lettering:LetteringDetector",
    "tidegate.signals.onscreen.text:OnScreenDetector",
    "tidegate.signals.wording.patterns:PatternDetector",
    "tidegate.signals.wording.lexicon:LexiconDetector",
    "tidegate.signals.wording.heads:HeadsDetector",
)
"""Every built-in detector as `module:Class`, in running order: a gate before who waits for it, readers of words behind
everyone who adds words. The set is a golden file."""


def built_in() -> tuple[Detector, ...]:
    """A fresh instance of every built-in detector, in running order. Imports no heavy package."""
    return tuple(_instance(name) for name in BUILT_IN)


def plugins() -> tuple[Detector, ...]:
    """A fresh instance of every detector that installed packages offer under `tidegate.detectors`.

    Raises PluginError naming the first that cannot be imported or made: leaving it out would be silent blindness.
    """
    return tuple(_plugin(entry) for entry in _entries())


def usable() -> tuple[tuple[Detector, ...], tuple[PluginError, ...]]:
    """Built-in detectors and the plugins that can be made, and one error for each that cannot.

    For listing only: what screens must know every detector, and takes `available`. Raises DuplicateDetectorError.
    """
    made, broken = list[Detector](), list[PluginError]()
    for entry in _entries():
        try:
            made.append(_plugin(entry))
        except PluginError as error:
            broken.append(error)
    detectors = ordered(built_in(), made)
    check_unique(detectors)
    return detectors, tuple(broken)


def _entries() -> list[importlib.metadata.EntryPoint]:
    return sorted(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name)


def _plugin(entry: importlib.metadata.EntryPoint) -> Detector:
    try:
        detector: Detector = entry.load()()
    except Exception as error:
        owner = entry.dist.name if entry.dist else "an unknown package"
        raise PluginError(
            f"the plugin {entry.name} of {owner} cannot be made: {type(error).__name__}: {error}",
            where=entry.value,
            next_step=f"repair {owner}, or uninstall it",
        ) from error
    return detector


def available(only: Iterable[str] = ()) -> tuple[Detector, ...]:
    """Built-in detectors and plugins, checked for duplicate ids; `only` keeps the named ids or families,
    and what their `when` asks about. A plugin that hears or reads stands before all who read what it adds.

    Raises DuplicateDetectorError, PluginError, UnknownDetectorError.
    """
    detectors = ordered(built_in(), plugins())
    check_unique(detectors)
    return chosen(detectors, only)


def ordered(first: Sequence[Detector], then: Sequence[Detector]) -> tuple[Detector, ...]:
    """`first` in its order, and those of `then` at the end, or before the first who reads what they assign."""
    order = list(first)
    for detector in then:
        assigned = assigned_by(detector)
        readers = (at for at, other in enumerate(order) if other.needs & assigned)
        order.insert(next(readers, len(order)), detector)
    return tuple(order)


def chosen(detectors: Sequence[Detector], only: Iterable[str]) -> tuple[Detector, ...]:
    """The detectors of these ids or families and what their `when` asks about; all without a name.

    Raises UnknownDetectorError.
    """
    wanted = tuple(only)
    if not wanted:
        return tuple(detectors)
    kept = _with_answers(detectors, {d.id for d in detectors if any(_is_named(d.id, name) for name in wanted)})
    for name in wanted:
        if not any(_is_named(detector.id, name) for detector in detectors):
            known = ", ".join(detector.id for detector in detectors)
            raise UnknownDetectorError(f"no detector {name!r}", next_step=f"known: {known}")
    return kept


def _with_answers(detectors: Sequence[Detector], ids: set[str]) -> tuple[Detector, ...]:
    """The detectors of these ids and those whose labels their `when` asks about, in the order of `detectors`."""
    kept: tuple[Detector, ...] = ()
    while len(kept) < len(ids):
        kept = tuple(detector for detector in detectors if detector.id in ids)
        asked = {label for detector in kept if detector.when for label in detector.when.any_of}
        ids |= {detector.id for detector in detectors if detector.emits & asked}
    return kept


def known_labels(detectors: Iterable[Detector]) -> dict[str, str]:
    """Label -> meaning: the built-in table, and the rows that plugins bring in an attribute `labels` of their own."""
    rows = dict(LABELS)
    for detector in detectors:
        rows |= getattr(detector, "labels", {})
    return rows


def check_unique(detectors: Sequence[Detector]) -> None:
    """Raise DuplicateDetectorError, naming both owners, when two detectors share an id."""
    owners: dict[str, str] = {}
    for detector in detectors:
        owner = f"{type(detector).__module__}.{type(detector).__qualname__}"
        if detector.id in owners:
            raise DuplicateDetectorError(
                f"{detector.id} is claimed by {owners[detector.id]} and by {owner}",
                next_step="rename one of them, or uninstall the package that brings it",
            )
        owners[detector.id] = owner


def check_pipeline(detectors: Sequence[Detector], provides: frozenset[Need] = frozenset(Need)) -> None:
    """Check the order as a whole before anything runs. Raises PipelineError naming the first misfit.

    Every need is provided, every emitted label is in the label table, ids are well-formed, every label a `when` asks
    about is emitted by a detector that runs earlier, and nobody reads a part of the view before all who add to it.
    """
    check_unique(detectors)
    explained = known_labels(detectors).keys()
    emitted: set[str] = set()
    for index, detector in enumerate(detectors):
        _check_one(detector, provides, explained, emitted)
        _check_order(detector, detectors[index + 1 :])
        emitted |= detector.emits


def _check_one(detector: Detector, provides: frozenset[Need], explained: Set[str], emitted: set[str]) -> None:
    if not DETECTOR_ID_PATTERN.match(detector.id):
        raise PipelineError(f"{detector.id!r} is not family.name@version", where=type(detector).__qualname__)
    if unmet := sorted(detector.needs - provides):
        raise PipelineError(f"needs {', '.join(unmet)}, which nothing provides", where=detector.id)
    if unknown := sorted(detector.emits - explained):
        raise PipelineError(
            f"emits {', '.join(unknown)}, which the label table does not explain",
            where=detector.id,
            next_step="give the detector a `labels` mapping of label to meaning, or use a known label",
        )
    asked = set(detector.when.any_of) if detector.when else set()
    if unanswered := sorted(asked - emitted):
        raise PipelineError(
            f"its `when` asks about {', '.join(unanswered)}, which no earlier detector emits",
            where=detector.id,
            next_step="move it behind the detector that emits it",
        )


def _check_order(detector: Detector, later: Sequence[Detector]) -> None:
    for other in later:
        if early := sorted(detector.needs & assigned_by(other) - assigned_by(detector)):
            raise PipelineError(
                f"reads {', '.join(early)} before {other.id}, which adds to it",
                where=detector.id,
                next_step=f"move it behind {other.id}",
            )


def _instance(name: str) -> Detector:
    module, _, attribute = name.partition(":")
    detector: Detector = getattr(importlib.import_module(module), attribute)()
    return detector


def _is_named(detector_id: str, name: str) -> bool:
    return name in (detector_id, detector_id.partition("@")[0]) or detector_id.startswith(f"{name}.")
