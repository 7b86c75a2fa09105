"""The conformance suite fails for detectors that break a promise, each by the test that is about it."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tidegate.records import Abstention, AbstentionReason, Evidence, Quote, Signal, Span, TextSource
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.fakes import FakeDetector

SPAN = Evidence(span=Span(start_s=0.0, end_s=1.0))


def suite(**facts: Any) -> DetectorConformance:
    """The suite for a fake detector with these facts, every cache empty."""
    defaults = {"needs": frozenset({Need.FRAMES}), "say": one_each}
    kind = type("Suite", (DetectorConformance,), {"make": staticmethod(lambda: FakeDetector(**(defaults | facts)))})
    return kind()


def signal(**fields: Any) -> Signal:
    return Signal(
        **({"label": "visual.object", "score": 0.5, "evidence": SPAN, "detector_id": "visual.fake@1"} | fields)
    )


def one_each(view: View) -> Iterator[Signal]:
    for frame in view.frames:
        yield signal(evidence=Evidence(span=frame.span))


def promises() -> list[str]:
    return [name for name in dir(DetectorConformance) if name.startswith("test_")]


@pytest.mark.parametrize("name", [name for name in promises() if name != "test_making_one_imports_nothing_heavy"])
def test_a_good_detector_passes(name: str) -> None:
    getattr(suite(), name)()


class _Counting(FakeDetector):
    """Answers depend on how often it was asked."""

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        self.loads += 1
        yield from (signal(score=min(1.0, self.loads / 1000), evidence=Evidence(span=f.span)) for f in view.frames)


def shouting(view: View) -> Iterator[Signal]:
    yield signal()


def measuring(view: View) -> Iterator[Signal]:
    assert view.clip, "a clip"
    return iter(())


def misquoting(view: View) -> Iterator[Signal]:
    yield signal(evidence=Evidence(quote=Quote(source=TextSource.CAPTION, text="ebb", start_char=0, end_char=3)))


def overrunning(view: View) -> Iterator[Signal]:
    if view.frames:
        yield signal(evidence=Evidence(span=Span(start_s=0.0, end_s=1e6)))


def choking(view: View) -> Iterator[Signal]:
    for text in view.texts:
        text.text.encode()
    return iter(())


def writing(view: View) -> Iterator[Signal]:
    for frame in view.frames:
        frame.rgb[0] = 0
    return iter(())


def dividing(view: View) -> Iterator[Signal]:
    for frame in view.frames:
        _ = 1 / (frame.rgb.shape[1] // 2)
    return iter(())


def babbling(view: View) -> Iterator[Signal]:
    return (signal() for _ in range(600)) if view.frames else iter(())


def abstaining_wrongly(view: View) -> Iterator[Abstention]:
    yield Abstention(detector_id="visual.fake@1", reason=AbstentionReason.FAILED, labels=("visual.nudity",))


def abstaining_from_nothing(view: View) -> Iterator[Abstention]:
    yield Abstention(detector_id="visual.fake@1", reason=AbstentionReason.FAILED, labels=())


def opening(view: View) -> Iterator[Signal]:
    if view.path:
        view.path.read_bytes()
    return iter(())


DEAR = Resources(tier=Tier.DEAR, cpu_s_per_item=1.0, memory_mib=1.0)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("test_its_id_is_family_name_and_version", {"id": "fake"}),
        ("test_its_id_is_family_name_and_version", {"id": "visual.fake@0"}),
        ("test_its_needs_are_parts_of_a_view", {"needs": frozenset()}),
        ("test_its_needs_are_parts_of_a_view", {"needs": frozenset({"frames"})}),
        ("test_its_labels_are_explained_in_the_table", {"emits": frozenset({"visual.unheard_of"})}),
        ("test_its_labels_are_explained_in_the_table", {"emits": frozenset()}),
        ("test_it_says_what_it_costs", {"resources": Resources(tier=Tier.CHEAP, cpu_s_per_item=-1, memory_mib=0)}),
        ("test_it_says_what_must_be_installed", {"requires": (Requirement(package="", extra="vision"),)}),
        ("test_a_dear_detector_says_when_it_matters", {"resources": DEAR}),
        ("test_a_dear_detector_says_when_it_matters", {"when": When(any_of={"visual.object": 0.5}, because="x")}),
        ("test_the_same_view_gives_the_same_answer", {"emits": frozenset({"visual.face"})}),
        ("test_the_same_view_gives_the_same_answer", {"say": lambda _: iter([signal(detector_id="visual.other@1")])}),
        ("test_the_same_view_gives_the_same_answer", {"say": overrunning}),
        ("test_the_same_view_gives_the_same_answer", {"say": misquoting}),
        ("test_an_empty_view_raises_no_signal", {"say": shouting, "needs": frozenset({Need.FACTS})}),
        ("test_missing_media_raises_no_error", {"say": measuring, "needs": frozenset({Need.TEXTS})}),
        ("test_a_file_that_is_gone_is_survived", {"say": opening}),
        ("test_ordinary_signals_are_few", {"say": babbling}),
        ("test_hostile_words_are_survived", {"say": choking, "needs": frozenset({Need.TEXTS})}),
        ("test_hostile_pictures_are_survived", {"say": writing}),
        ("test_hostile_pictures_are_survived", {"say": dividing}),
        ("test_abstentions_name_what_is_unseen", {"say": abstaining_wrongly}),
        ("test_abstentions_name_what_is_unseen", {"say": abstaining_from_nothing}),
    ],
)
def test_a_broken_promise_is_caught(name: str, facts: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, ValueError, OSError, ZeroDivisionError)):
        getattr(suite(**facts), name)()


@pytest.mark.parametrize(
    "name",
    [
        "test_the_same_view_gives_the_same_answer",
        "test_what_was_seen_before_leaves_no_trace",
        "test_loading_twice_changes_nothing",
    ],
)
def test_an_answer_that_depends_on_the_past_is_caught(name: str) -> None:
    kind = type(
        "Suite", (DetectorConformance,), {"make": staticmethod(lambda: _Counting(needs=frozenset({Need.FRAMES})))}
    )
    with pytest.raises(AssertionError):
        getattr(kind(), name)()


def test_a_heavy_import_before_load_is_caught(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hasty_plugin.py").write_text("import PIL.Image\n\nclass Hasty:\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import hasty_plugin

    kind = type("Suite", (DetectorConformance,), {"make": hasty_plugin.Hasty})
    with pytest.raises(AssertionError, match="imported before load"):
        kind().test_making_one_imports_nothing_heavy()


def test_importing_the_suite_needs_no_pytest() -> None:
    code = "import sys; import tidegate.testing.conformance; sys.exit('pytest' in sys.modules or 'av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
