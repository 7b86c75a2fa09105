"""Fusion is pure, monotone, blind to order, and every part of a judgement is named."""

import itertools
import json
import math
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.judgement.fusion import judge
from tidegate.judgement.model import FusionModel
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Action,
    Blind,
    Clause,
    CoverageGap,
    EuReference,
    Evidence,
    GapReason,
    Judgement,
    MediaCoverage,
    Modality,
    RiskTargets,
    Rule,
    Severity,
    Signal,
    Span,
    dumps,
)

LABELS = ("wording.hate", "wording.toxicity", "pattern.link", "visual.nudity", "acme.gore")
NOTHING = MediaCoverage()


def _row(label: str, group: str, top: float, basis: str = "measured", detector_id: str = "") -> dict[str, object]:
    count = 50 if basis == "measured" else 0
    points = [[0.0, -1.0, 0.1], [0.5, top / 3, 0.2], [1.0, top, 0.3]]
    return {
        "label": label,
        "detector_id": detector_id,
        "group": group,
        "points": points,
        "basis": basis,
        "labelled_count": count,
        "source": "made up for this test",
        "recall": [[0.2, 0.9], [0.6, 0.5]] if label == "wording.hate" else [],
    }


MODEL = FusionModel.from_files(
    {
        "test.json": json.dumps(
            {
                "format": "tidegate.fusion@1",
                "id": "test@1",
                "labels": [
                    _row("wording.hate", "words", 5.0),
                    _row("wording.toxicity", "words", 3.0),
                    _row("pattern.link", "links", 1.0, "assumed"),
                    _row("visual.nudity", "pictures", 8.0),
                    _row("wording.hate", "words", 0.5, detector_id="acme.gore@2"),
                ],
                "groups": [{"group": "words", "discount": 0.25, "source": "made up for this test"}],
                "base_rates": [
                    {"clause": "hate", "rate": 0.01, "low": 0.005, "high": 0.02, "basis": "assumed", "source": "test"}
                ],
                "fallback": {
                    "label": {"group": "unlisted", "points": [[0.0, 0.0, 1.0], [1.0, 4.0, 1.0]], "source": "test"},
                    "base_rate": {"rate": 0.001, "low": 0.0001, "high": 0.01, "source": "test"},
                },
            }
        ).encode()
    }
)


def _clause(labels: Mapping[str, float], clause_id: str = "hate", confidence: float = 0.95) -> Clause:
    return Clause(
        id=clause_id,
        title="Hate",
        text="Attacks on people for who they are.",
        severity=Severity.HIGH,
        labels=labels,
        targets=RiskTargets(confidence=confidence),
        rules=(Rule(actions=(Action.REMOVE,)),),
        blind=Blind(),
        eu=EuReference(category="STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"),
    )


def _signal(label: str, score: float, start_s: float = 0.0, detector_id: str = "wording.heads@1") -> Signal:
    evidence = Evidence(span=Span(start_s=start_s, end_s=start_s + 1.0))
    return Signal(label=label, score=score, evidence=evidence, detector_id=detector_id)


def _judge(
    clause: Clause,
    signals: Sequence[Signal],
    abstentions: Sequence[Abstention] = (),
    coverage: MediaCoverage = NOTHING,
    emitted: frozenset[str] | None = None,
) -> Judgement:
    (judgement,) = judge([clause], signals, abstentions, coverage=coverage, model=MODEL, emitted=emitted)
    return judgement


SIGNALS = st.lists(
    st.builds(
        _signal,
        st.sampled_from(LABELS),
        st.floats(0.0, 1.0),
        st.integers(0, 3).map(float),
        st.sampled_from(["wording.heads@1", "acme.gore@2"]),
    ),
    max_size=10,
)
CLAUSES = st.builds(
    _clause,
    st.dictionaries(st.sampled_from(LABELS), st.floats(0.01, 1.0), max_size=len(LABELS)),
    st.sampled_from(["hate", "another"]),
    st.floats(0.5, 0.999),
)


def test_nothing_found_leaves_the_base_rate() -> None:
    judgement = _judge(_clause({"wording.hate": 1.0}), [])
    assert judgement.probability == pytest.approx(0.01)
    assert [one.name for one in judgement.contributions] == ["base rate"]
    assert not judgement.is_measured


def test_the_strongest_signal_of_a_label_counts_and_is_pointed_at() -> None:
    judgement = _judge(_clause({"wording.hate": 1.0}), [_signal("wording.hate", 0.3), _signal("wording.hate", 1.0)])
    (base, found) = judgement.contributions
    assert (found.name, found.signal_index, found.log_odds) == ("wording.hate", 1, 5.0)
    assert (found.basis, found.labelled_count) == ("measured", 50)
    assert base.signal_index == -1


def test_what_a_signal_is_worth_counts_and_not_its_score() -> None:
    loud = _signal("wording.hate", 1.0, detector_id="acme.gore@2")
    judgement = _judge(_clause({"wording.hate": 1.0}), [loud, _signal("wording.hate", 0.9)])
    assert judgement.contributions[1].signal_index == 1


def test_a_clauses_share_scales_what_a_label_is_worth() -> None:
    full = _judge(_clause({"wording.hate": 1.0}), [_signal("wording.hate", 1.0)])
    half = _judge(_clause({"wording.hate": 0.5}), [_signal("wording.hate", 1.0)])
    assert half.contributions[1].log_odds == full.contributions[1].log_odds / 2


def test_labels_of_one_group_are_not_counted_twice_in_full() -> None:
    clause = _clause({"wording.hate": 1.0, "wording.toxicity": 1.0, "visual.nudity": 1.0})
    found = [_signal("wording.hate", 1.0), _signal("wording.toxicity", 1.0), _signal("visual.nudity", 1.0)]
    worth = {one.name: one.log_odds for one in _judge(clause, found).contributions}
    assert worth["wording.hate"] == 5.0
    assert worth["wording.toxicity"] == 0.75
    assert worth["visual.nudity"] == 8.0


def test_a_label_nobody_calibrated_is_assumed_and_never_ignored() -> None:
    judgement = _judge(_clause({"acme.gore": 1.0}), [_signal("acme.gore", 1.0, detector_id="acme.gore@2")])
    assert judgement.contributions[1].basis == "assumed"
    assert judgement.probability > 0.3


def test_a_judgement_is_measured_only_if_all_that_carries_it_is() -> None:
    clause = _clause({"wording.hate": 1.0, "pattern.link": 1.0})
    assert _judge(clause, [_signal("wording.hate", 1.0)]).is_measured
    assert not _judge(clause, [_signal("pattern.link", 1.0)]).is_measured
    assert not _judge(clause, [_signal("wording.hate", 1.0), _signal("pattern.link", 1.0)]).is_measured


def test_a_trifle_that_is_assumed_does_not_unmeasure_a_judgement() -> None:
    clause = _clause({"wording.hate": 1.0, "pattern.link": 0.1})
    assert _judge(clause, [_signal("wording.hate", 1.0), _signal("pattern.link", 1.0)]).is_measured


def test_assumed_evidence_widens_the_interval_more_than_measured_evidence_of_equal_worth() -> None:
    measured = _judge(_clause({"wording.hate": 0.2}), [_signal("wording.hate", 1.0)])
    assumed = _judge(_clause({"pattern.link": 1.0}), [_signal("pattern.link", 1.0)])
    assert measured.probability == assumed.probability
    assert assumed.interval.low < measured.interval.low < measured.interval.high < assumed.interval.high


def test_recall_is_the_least_share_of_labelled_violations_at_or_above_a_score() -> None:
    clause = _clause({"wording.hate": 1.0, "visual.nudity": 1.0})
    assert _judge(clause, [_signal("wording.hate", 0.7), _signal("visual.nudity", 1.0)]).recall_at == 0.5
    assert _judge(clause, [_signal("visual.nudity", 1.0)]).recall_at is None


def test_recall_of_a_label_the_clause_counts_in_part_is_not_the_clauses_recall() -> None:
    assert _judge(_clause({"wording.hate": 0.5}), [_signal("wording.hate", 0.7)]).recall_at is None


def test_judgements_come_in_the_order_of_the_clauses() -> None:
    clauses = [_clause({}, "b"), _clause({}, "a")]
    found = judge(clauses, [], [], coverage=NOTHING, model=MODEL, emitted=frozenset())
    assert [one.clause_id for one in found] == ["b", "a"]


def test_a_label_that_no_detector_of_the_run_emits_is_blind_and_not_lost() -> None:
    (blind,) = _judge(_clause({"wording.hate": 1.0}), [], emitted=frozenset({"visual.nudity"})).blind
    assert (blind.what, blind.is_lost) == ("wording.hate", False)


@pytest.mark.parametrize("reason", list(AbstentionReason))
def test_abstentions_are_blindness_unless_there_was_nothing_to_see(reason: AbstentionReason) -> None:
    abstention = Abstention(detector_id="wording.heads@1", reason=reason, labels=("wording.hate",))
    blind = _judge(_clause({"wording.hate": 1.0}), [], [abstention]).blind
    lost = {"failed", "unavailable", "over_budget", "damaged_media"}
    assert bool(blind) == (reason not in ("no_input", "not_needed"))
    assert any(one.is_lost for one in blind) == (reason.value in lost)


def test_an_abstention_about_other_labels_is_not_this_clauses_blindness() -> None:
    abstention = Abstention(detector_id="a.b@1", reason=AbstentionReason.FAILED, labels=("visual.nudity",))
    assert _judge(_clause({"wording.hate": 1.0}), [], [abstention]).blind == ()


def test_an_abstention_that_names_no_label_is_every_clauses_blindness() -> None:
    abstention = Abstention(detector_id="a.b@1", reason=AbstentionReason.FAILED, labels=())
    assert _judge(_clause({}), [], [abstention]).blind[0].is_lost


@pytest.mark.parametrize(
    ("reason", "is_blind", "is_lost"),
    [
        (GapReason.DAMAGED, True, True),
        (GapReason.TIME_LIMIT, True, True),
        (GapReason.OVER_BUDGET, True, False),
        (GapReason.NO_STREAM, False, False),
    ],
)
def test_gaps_in_the_picture_blind_clauses_with_picture_labels_only(
    reason: GapReason, is_blind: bool, is_lost: bool
) -> None:
    gap = CoverageGap(modality=Modality.PICTURE, reason=reason, span=Span(start_s=5.0, end_s=7.5))
    coverage = MediaCoverage(gaps=(gap,))
    blind = _judge(_clause({"visual.nudity": 1.0}), [], coverage=coverage).blind
    assert bool(blind) == is_blind
    assert any(one.is_lost for one in blind) == is_lost
    assert not is_blind or "2.5 s" in blind[0].what
    assert _judge(_clause({"wording.hate": 1.0}), [], coverage=coverage).blind == ()


def test_lettering_without_a_frame_does_not_explain_decode_errors() -> None:
    gap = CoverageGap(modality=Modality.PICTURE, reason=GapReason.UNREAD, span=Span(start_s=1.0, end_s=2.0), detail="")
    coverage = MediaCoverage(decode_errors=3, gaps=(gap,))
    (blind,) = _judge(_clause({"visual.nudity": 1.0}), [], coverage=coverage).blind
    assert (blind.reason, blind.is_lost) == ("decode errors", True)


def test_decode_errors_without_a_named_gap_are_blindness_too() -> None:
    (blind,) = _judge(_clause({"visual.nudity": 1.0}), [], coverage=MediaCoverage(decode_errors=3)).blind
    assert blind.is_lost


@given(clause=CLAUSES, signals=SIGNALS)
def test_the_contributions_sum_to_the_judgement(clause: Clause, signals: list[Signal]) -> None:
    judgement = _judge(clause, signals)
    total = math.fsum(one.log_odds for one in judgement.contributions)
    assert judgement.probability == pytest.approx(1.0 / (1.0 + math.exp(-total)), abs=1e-8)


@given(clause=CLAUSES, signals=SIGNALS)
def test_the_probability_lies_within_its_interval(clause: Clause, signals: list[Signal]) -> None:
    judgement = _judge(clause, signals)
    assert judgement.interval.low <= judgement.probability <= judgement.interval.high


@given(clause=CLAUSES, signals=SIGNALS, more=SIGNALS)
def test_more_evidence_never_lowers_a_probability(clause: Clause, signals: list[Signal], more: list[Signal]) -> None:
    assert _judge(clause, signals).probability <= _judge(clause, [*signals, *more]).probability


@given(clause=CLAUSES, signals=SIGNALS, data=st.data())
def test_a_higher_score_never_lowers_a_probability(clause: Clause, signals: list[Signal], data: st.DataObject) -> None:
    raised = [_signal(one.label, data.draw(st.floats(one.score, 1.0)), detector_id=one.detector_id) for one in signals]
    assert _judge(clause, signals).probability <= _judge(clause, raised).probability


@given(clause=CLAUSES, signals=SIGNALS, score=st.floats(0.0, 1.0))
def test_a_label_the_clause_does_not_name_changes_nothing(clause: Clause, signals: list[Signal], score: float) -> None:
    assert dumps(_judge(clause, signals)) == dumps(_judge(clause, [*signals, _signal("other.label", score)]))


@given(clause=CLAUSES, signals=SIGNALS, seed=st.integers(0, 1000))
def test_the_order_of_signals_does_not_matter(clause: Clause, signals: list[Signal], seed: int) -> None:
    order = list(range(len(signals)))
    random.Random(seed).shuffle(order)
    shuffled = [signals[index] for index in order]
    one, other = _judge(clause, signals), _judge(clause, shuffled)
    assert (one.probability, one.interval, one.is_measured, one.recall_at, one.blind) == (
        other.probability,
        other.interval,
        other.is_measured,
        other.recall_at,
        other.blind,
    )
    for ours, theirs in zip(one.contributions, other.contributions, strict=True):
        assert (ours.name, ours.log_odds) == (theirs.name, theirs.log_odds)
        if ours.signal_index >= 0:
            assert signals[ours.signal_index] == shuffled[theirs.signal_index]


@given(clause=CLAUSES, signals=SIGNALS)
def test_the_same_inputs_give_the_same_bytes(clause: Clause, signals: list[Signal]) -> None:
    assert dumps(_judge(clause, signals)) == dumps(_judge(clause, list(signals)))


@given(clause=CLAUSES, signals=SIGNALS)
def test_only_material_evidence_on_labelled_data_is_measured(clause: Clause, signals: list[Signal]) -> None:
    judgement = _judge(clause, signals)
    found = judgement.contributions[1:]
    heaviest = max(found, key=lambda one: one.log_odds, default=None)
    if judgement.is_measured:
        assert heaviest is not None
        assert heaviest.basis == "measured"


ABSTENTIONS = st.lists(
    st.builds(
        Abstention,
        detector_id=st.sampled_from(["a.b@1", "c.d@1"]),
        reason=st.sampled_from(list(AbstentionReason)),
        labels=st.lists(st.sampled_from(LABELS), max_size=3).map(tuple),
    ),
    max_size=4,
)


@given(clause=CLAUSES, abstentions=ABSTENTIONS)
def test_blindness_does_not_depend_on_order_and_never_moves_a_probability(
    clause: Clause, abstentions: list[Abstention]
) -> None:
    first = _judge(clause, [], abstentions)
    for order in itertools.islice(itertools.permutations(abstentions), 6):
        assert _judge(clause, [], order).blind == first.blind
    assert first.probability == _judge(clause, []).probability
