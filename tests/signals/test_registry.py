"""The open registry: unique ids, a pipeline that fits together, and detectors chosen by name."""

import importlib.metadata

import pytest

from tidegate.errors import DuplicateDetectorError, PipelineError, PluginError, UnknownDetectorError
from tidegate.signals.base import Detector, Need, When
from tidegate.signals.registry import ENTRY_POINT_GROUP, available, check_pipeline, check_unique, ordered


class Stub:
    """The facts of a detector, nothing else: the checks never call it."""

    resources = None
    requires = ()

    def __init__(
        self,
        detector_id: str,
        emits: set[str],
        *,
        needs: set[Need] = frozenset(),
        when: When | None = None,
        assigns: set[Need] = frozenset(),
    ) -> None:
        self.id, self.emits, self.needs, self.when = detector_id, frozenset(emits), frozenset(needs), when
        self.assigns = frozenset(assigns)


def pipeline(*stubs: Stub) -> tuple[Detector, ...]:
    return stubs  # type: ignore[return-value]


def test_the_bundled_pipeline_fits_together() -> None:
    check_pipeline(available())


def test_two_owners_of_one_id_are_both_named() -> None:
    with pytest.raises(DuplicateDetectorError, match=r"words.one@1 is claimed by .*Stub and by .*Stub"):
        check_unique(pipeline(Stub("words.one@1", set()), Stub("words.one@1", set())))


def test_a_need_nobody_provides_is_refused() -> None:
    with pytest.raises(PipelineError, match="needs audio, which nothing provides"):
        check_pipeline(pipeline(Stub("a.b@1", set(), needs={Need.AUDIO})), provides=frozenset({Need.TEXTS}))


def test_a_label_the_table_does_not_explain_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"emits wording.unheard_of, which the label table does not explain"):
        check_pipeline(pipeline(Stub("a.b@1", {"wording.unheard_of"})))


def test_a_condition_must_ask_about_an_earlier_detectors_label() -> None:
    asks = Stub("a.dear@1", set(), when=When(any_of={"pattern.link": 0.5}, because="links pay"))
    answers = Stub("a.cheap@1", {"pattern.link"})
    check_pipeline(pipeline(answers, asks))
    with pytest.raises(PipelineError, match=r"asks about pattern.link, which no earlier detector emits"):
        check_pipeline(pipeline(asks, answers))


@pytest.mark.parametrize("name", ["Nudity", "visual.nudity", "visual.nudity@zero", "@1"])
def test_a_malformed_id_is_refused(name: str) -> None:
    if name == "visual.nudity":
        name += "@0"
    with pytest.raises(PipelineError, match=r"is not family\.name@version"):
        check_pipeline(pipeline(Stub(name, set())))


def test_detectors_are_chosen_by_id_name_or_family() -> None:
    everything = available()
    one = everything[0]
    family = one.id.partition(".")[0]
    assert [d.id for d in available([one.id])] == [one.id]
    assert [d.id for d in available([one.id.partition("@")[0]])] == [one.id]
    assert [d.id for d in available([family])] == [d.id for d in everything if d.id.startswith(f"{family}.")]


def test_an_unknown_detector_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownDetectorError, match=r"no detector .visual\.unheard_of."):
        available(["visual.unheard_of"])


def test_a_detector_asked_for_alone_brings_what_its_when_asks_about() -> None:
    kept = available(["visual.nudity"])
    assert [detector.id for detector in kept] == ["visual.detail@1", "visual.nudity@1"]
    check_pipeline(kept)


def test_a_plugin_that_cannot_be_imported_is_named_and_nothing_runs_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.metadata.EntryPoint(name="gore", value="no_such_package:Gore", group=ENTRY_POINT_GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda *, group: [entry])
    with pytest.raises(PluginError, match=r"TG-S006 no_such_package:Gore: the plugin gore of an unknown package"):
        available()


def test_nobody_reads_words_before_all_of_them_are_there() -> None:
    ears = Stub("speech.ears@1", set(), assigns={Need.TEXTS})
    words = Stub("wording.reader@1", set(), needs={Need.TEXTS})
    check_pipeline(pipeline(ears, words))
    with pytest.raises(PipelineError, match=r"reads texts before speech.ears@1, which adds to it"):
        check_pipeline(pipeline(words, ears))


def test_a_plugin_that_reads_stands_before_the_detectors_of_words() -> None:
    eyes, words = Stub("visual.eyes@1", set()), Stub("wording.reader@1", set(), needs={Need.TEXTS})
    plugin, other = Stub("plugin.reads@1", set(), assigns={Need.TEXTS}), Stub("plugin.looks@1", set())
    order = ordered(pipeline(eyes, words), pipeline(plugin, other))
    assert [detector.id for detector in order] == ["visual.eyes@1", "plugin.reads@1", "wording.reader@1", other.id]
