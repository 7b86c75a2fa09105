"""Running detectors over a view: order, gates, failures and bounds."""

from collections.abc import Iterator

import pytest

from tidegate.errors import MissingDependencyError
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Box,
    Evidence,
    Loudness,
    OnScreenText,
    Quote,
    Signal,
    Span,
    TextSource,
    Upload,
    Utterance,
)
from tidegate.signals.base import Need, Requirement, Resources, Said, TextView, Tier, View, When
from tidegate.signals.readings import MAX_READINGS
from tidegate.signals.run import MAX_ABSTENTIONS_PER_DETECTOR, MAX_SIGNALS_PER_DETECTOR, cpu_s, load_all, run_detectors
from tidegate.testing.fakes import FakeDetector

QUOTE = Quote(source=TextSource.CAPTION, text="buy", start_char=0, end_char=3)


class Says:
    """A detector that says what it was built with."""

    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0, memory_mib=1.0)
    requires: tuple[Requirement, ...] = ()

    def __init__(
        self,
        name: str,
        *labels: str,
        score: float = 0.9,
        when: When | None = None,
        needs: frozenset[Need] = frozenset({Need.TEXTS}),
        times: int = 1,
        error: Exception | None = None,
        load_error: MissingDependencyError | None = None,
        says_label: str = "",
    ) -> None:
        self.id = f"fake.{name}@1"
        self.emits = frozenset(labels)
        self.when = when
        self.needs = needs
        self.seen_prior: list[str] = []
        self._score, self._times, self._error, self._load_error = score, times, error, load_error
        self._says = (says_label,) if says_label else labels

    def load(self) -> None:
        if self._load_error:
            raise self._load_error

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        self.seen_prior = [signal.label for signal in view.prior]
        for label in self._says * self._times:
            yield Signal(label=label, score=self._score, evidence=Evidence(quote=QUOTE), detector_id=self.id)
        if self._error:
            raise self._error


def view_of(caption: str = "buy now") -> View:
    return View(upload=Upload(id="u"), texts=(TextView(source=TextSource.CAPTION, text=caption),))


def reasons(abstentions: list[Abstention]) -> dict[str, AbstentionReason]:
    return {abstention.detector_id: abstention.reason for abstention in abstentions}


def test_a_later_detector_sees_the_signals_of_earlier_ones() -> None:
    first, second = Says("first", "pattern.link"), Says("second", "wording.spam")
    found = run_detectors([first, second], view_of())
    assert [signal.label for signal in found.signals] == ["pattern.link", "wording.spam"]
    assert (first.seen_prior, second.seen_prior) == ([], ["pattern.link"])
    assert [cost.stage for cost in found.costs] == ["fake.first@1", "fake.second@1"]


def test_a_dear_detector_runs_only_when_its_condition_holds() -> None:
    cheap = Says("cheap", "pattern.link", score=0.4)
    eager = Says("eager", "wording.spam", when=When(any_of={"pattern.link": 0.4}, because="links pay"))
    lazy = Says("lazy", "wording.scam", when=When(any_of={"pattern.link": 0.5}, because="links pay"))
    found = run_detectors([cheap, eager, lazy], view_of())
    assert [signal.label for signal in found.signals] == ["pattern.link", "wording.spam"]
    assert reasons(found.abstentions) == {"fake.lazy@1": AbstentionReason.NOT_NEEDED}
    assert not found.abstentions[0].is_blind


def test_a_detector_without_its_input_abstains_and_is_not_blind() -> None:
    found = run_detectors([Says("eyes", "visual.face", needs=frozenset({Need.FRAMES}))], view_of())
    assert reasons(found.abstentions) == {"fake.eyes@1": AbstentionReason.NO_INPUT}
    assert not found.abstentions[0].is_blind


def test_a_detector_whose_media_is_damaged_is_blind() -> None:
    eyes = Says("eyes", "visual.face", needs=frozenset({Need.FRAMES}))
    words = Says("words", "wording.spam")
    found = run_detectors([eyes, words], view_of(), is_media_damaged=True)
    assert reasons(found.abstentions) == {"fake.eyes@1": AbstentionReason.DAMAGED_MEDIA}
    assert found.abstentions[0].is_blind
    assert [signal.label for signal in found.signals] == ["wording.spam"]


def test_a_failing_detector_is_abstained_and_what_it_said_before_is_kept() -> None:
    broken = Says("broken", "pattern.link", error=ValueError("secret caption"))
    found = run_detectors([broken, Says("next", "wording.spam")], view_of())
    assert [signal.label for signal in found.signals] == ["pattern.link", "wording.spam"]
    assert reasons(found.abstentions) == {"fake.broken@1": AbstentionReason.FAILED}
    assert [problem.code for problem in found.problems] == ["TG-S001"]
    assert "secret" not in str(found.problems), "an error's own text may quote content and must not travel"


def test_a_detector_that_emits_what_it_did_not_declare_is_abstained() -> None:
    liar = Says("liar", "pattern.link", says_label="wording.hate")
    found = run_detectors([liar], view_of())
    assert found.signals == []
    assert "wording.hate" in found.problems[0].what


def test_a_detector_that_says_too_much_is_cut_off() -> None:
    found = run_detectors([Says("loud", "pattern.link", times=MAX_SIGNALS_PER_DETECTOR + 5)], view_of())
    assert len(found.signals) == MAX_SIGNALS_PER_DETECTOR
    assert reasons(found.abstentions) == {"fake.loud@1": AbstentionReason.OVER_BUDGET}


def test_a_detector_that_abstains_without_end_is_cut_off() -> None:
    class Shy(Says):
        said = 0

        def detect(self, view: View) -> Iterator[Signal | Abstention]:
            for self.said in range(1, 100_000):
                yield Abstention(detector_id=self.id, reason=AbstentionReason.LOW_CONFIDENCE, labels=("pattern.link",))

    shy = Shy("shy", "pattern.link")
    found = run_detectors([shy], view_of())
    assert len(found.abstentions) == MAX_ABSTENTIONS_PER_DETECTOR + 1
    assert found.abstentions[-1].detail == f"more than {MAX_ABSTENTIONS_PER_DETECTOR} abstentions"
    assert shy.said <= 20 * MAX_ABSTENTIONS_PER_DETECTOR


def test_a_signal_behind_too_many_abstentions_is_heard() -> None:
    class Wordy(Says):
        def detect(self, view: View) -> Iterator[Signal | Abstention]:
            for _ in range(MAX_ABSTENTIONS_PER_DETECTOR + 40):
                yield Abstention(detector_id=self.id, reason=AbstentionReason.LOW_CONFIDENCE, labels=("pattern.link",))
            yield from super().detect(view)

    found = run_detectors([Wordy("wordy", "pattern.link")], view_of())
    assert [one.label for one in found.signals] == ["pattern.link"]
    assert len(found.abstentions) == MAX_ABSTENTIONS_PER_DETECTOR + 1


@pytest.mark.parametrize(
    ("signals", "records", "limit"),
    [
        (MAX_SIGNALS_PER_DETECTOR, MAX_READINGS + 1, f"more than {MAX_READINGS} records"),
        (MAX_SIGNALS_PER_DETECTOR + 1, 1, f"more than {MAX_SIGNALS_PER_DETECTOR} signals"),
        (MAX_SIGNALS_PER_DETECTOR, MAX_READINGS, None),
    ],
)
def test_the_limit_that_was_reached_is_the_one_that_is_named(signals: int, records: int, limit: str | None) -> None:
    said: list[Said] = [
        Signal(label="speech.words", score=0.5, evidence=Evidence(quote=QUOTE), detector_id="speech.ears@1")
    ] * signals
    found = run_detectors([ears(*said, *[utterance("again")] * records)], view_of())
    assert [one.detail for one in found.abstentions] == ([limit] if limit else [])
    assert len(found.readings.utterances) == min(records, MAX_READINGS if signals <= MAX_SIGNALS_PER_DETECTOR else 0)


def test_a_detector_that_cannot_be_loaded_abstains_as_unavailable() -> None:
    error = MissingDependencyError("no package", next_step="pip install 'tidegate[vision]'")
    detectors = [Says("gone", "visual.face", load_error=error), Says("here", "pattern.link")]
    unavailable = load_all(detectors)
    found = run_detectors(detectors, view_of(), unavailable=unavailable)
    assert list(unavailable) == ["fake.gone@1"]
    assert reasons(found.abstentions) == {"fake.gone@1": AbstentionReason.UNAVAILABLE}
    assert found.abstentions[0].detail == "no package; pip install 'tidegate[vision]'"
    assert [signal.label for signal in found.signals] == ["pattern.link"]


# --- detectors that hear and read -----------------------------------------------------------------

WORDS = frozenset({Need.TEXTS})


def utterance(text: str, start_s: float = 0.0, *, who: str = "speech.ears@1") -> Utterance:
    span = Span(start_s=start_s, end_s=start_s + 1.0)
    return Utterance(text=text, span=span, language="en", confidence=0.9, detector_id=who)


def ears(*said: Said, when: When | None = None, error: Exception | None = None) -> FakeDetector:
    """A detector that hears what it is told."""

    def say(view: View) -> Iterator[Said]:
        yield from said
        if error:
            raise error

    return FakeDetector(
        id="speech.ears@1",
        needs=frozenset({Need.FACTS}),
        emits=frozenset({"speech.words"}),
        assigns=frozenset({Need.SPEECH, Need.TEXTS}),
        when=when,
        say=say,
    )


def reader(seen: list[View]) -> FakeDetector:
    """A detector of words that keeps the views it is given."""

    def say(view: View) -> Iterator[Said]:
        seen.append(view)
        yield from ()

    return FakeDetector(id="wording.reader@1", needs=WORDS, emits=frozenset({"wording.hate"}), say=say)


def test_what_one_detector_hears_the_next_one_reads() -> None:
    seen: list[View] = []
    found = run_detectors([ears(utterance("second", 2.0), utterance("first", 0.5)), reader(seen)], view_of("a caption"))
    assert [one.text for one in found.readings.utterances] == ["first", "second"]
    assert [(text.source, text.text) for text in seen[0].texts] == [(TextSource.SPEECH, "first second")]


def test_what_a_reader_abstains_from_the_detectors_of_words_are_blind_to() -> None:
    deaf = Abstention(
        detector_id="speech.ears@1",
        reason=AbstentionReason.LOW_CONFIDENCE,
        labels=("speech.words",),
        span=Span(start_s=1.0, end_s=2.0),
    )
    found = run_detectors([ears(deaf), reader([])], view_of())
    assert found.abstentions[0].labels == ("speech.words", "wording.hate")
    assert found.abstentions[0].span == deaf.span


def test_a_reader_that_fails_keeps_what_it_heard_and_blinds_the_words_behind_it() -> None:
    found = run_detectors([ears(utterance("kept"), error=ValueError("x")), reader([])], view_of())
    assert [one.text for one in found.readings.utterances] == ["kept"]
    assert found.abstentions[0].reason is AbstentionReason.FAILED
    assert "wording.hate" in found.abstentions[0].labels


def test_a_reader_that_never_ends_is_cut_off() -> None:
    found = run_detectors([ears(*[utterance("again")] * (MAX_READINGS + 3))], view_of())
    assert len(found.readings.utterances) == MAX_READINGS
    assert found.abstentions[0].reason is AbstentionReason.OVER_BUDGET


def test_a_detector_that_assigns_nothing_may_yield_no_record() -> None:
    loud = Loudness(integrated_lufs=-20, loudest_lufs=-9, loudest_at_s=1.0, peak_dbfs=-1, detector_id="visual.fake@1")
    found = run_detectors([FakeDetector(say=lambda view: iter([loud]))], view_of())
    assert found.readings.loudness is None
    assert "assigns nothing" in found.problems[0].what


def test_a_gate_that_could_not_look_does_not_keep_the_detector_behind_it_from_looking() -> None:
    gate = Says("gate", "sound.speech", load_error=MissingDependencyError("gone", next_step="pip install it"))
    behind = ears(utterance("heard"), when=When(any_of={"sound.speech": 0.2}, because="somebody has to speak"))
    found = run_detectors([gate, behind], view_of(), unavailable=load_all([gate]))
    assert [one.text for one in found.readings.utterances] == ["heard"]


def test_a_detector_that_is_gone_is_not_missed_where_there_is_nothing_for_it() -> None:
    eyes = Says("eyes", "visual.face", needs=frozenset({Need.FRAMES}), load_error=MissingDependencyError("gone"))
    found = run_detectors([eyes], view_of(), unavailable=load_all([eyes]))
    assert reasons(found.abstentions) == {"fake.eyes@1": AbstentionReason.NO_INPUT}


def test_the_cost_of_a_detector_counts_its_threads() -> None:
    from threading import Thread

    def work(view: View) -> Iterator[Said]:
        thread = Thread(target=lambda: sum(range(3_000_000)))
        thread.start()
        thread.join()
        yield from ()

    before_s = cpu_s()
    found = run_detectors([FakeDetector(say=work)], view_of())
    assert 0.0 < found.costs[0].cpu_s <= cpu_s() - before_s


def test_words_too_many_to_be_read_together_are_an_abstention_of_the_detectors_behind() -> None:
    def pages(count: int) -> FakeDetector:
        box = Box(x=0.1, y=0.1, width=0.8, height=0.1)
        said: list[Said] = [
            OnScreenText(
                text=f"{number} " + " ".join(str(number * place) for place in range(60)),
                span=Span(start_s=number, end_s=number + 1.0),
                box=box,
                language="en",
                confidence=0.9,
                detector_id="speech.ears@1",
            )
            for number in range(count)
        ]
        return ears(*said, *(utterance(f"word {number} is heard here", number) for number in range(count)))

    (one,) = run_detectors([pages(400), reader([])], view_of()).abstentions
    assert (one.reason, one.labels) == (AbstentionReason.OVER_BUDGET, ("wording.hate",))
    assert run_detectors([pages(5), reader([])], view_of()).abstentions == []
