"""The set of built-in detectors is a promise: it changes on purpose only."""

from collections.abc import Callable

from tidegate.signals.base import Detector
from tidegate.signals.labels import LABELS
from tidegate.signals.registry import BUILT_IN, built_in, check_pipeline


def _row(detector: Detector) -> str:
    facts = {
        "needs": " ".join(sorted(need.value for need in detector.needs)),
        "emits": " ".join(sorted(detector.emits)),
        "tier": detector.resources.tier.value,
        "requires": " ".join(one.package for one in detector.requires) or "-",
        "when": str(detector.when) if detector.when else "always",
    }
    return f"{detector.id}\n" + "".join(f"  {name}: {value}\n" for name, value in facts.items())


def test_the_built_in_detectors_are_the_agreed_ones(golden: Callable[[str, str], None]) -> None:
    golden("signals/detectors.txt", "\n".join(_row(detector) for detector in built_in()))


def test_the_built_in_detectors_fit_together_in_their_order() -> None:
    check_pipeline(built_in())


def test_every_label_is_somebodys() -> None:
    emitted = {label for detector in built_in() for label in detector.emits}
    for_mounted_taggers = {"sound.gunshot", "sound.scream"}
    assert set(LABELS) == emitted | for_mounted_taggers


def test_a_detectors_family_is_the_room_it_lives_in() -> None:
    rooms = [name.removeprefix("tidegate.signals.").partition(":")[0].partition(".")[0] for name in BUILT_IN]
    assert rooms == sorted(rooms, key=rooms.index)
    families = {"matching", "metadata", "onscreen", "provenance", "sound", "speech", "visual", "wording"}
    assert set(rooms) == families
