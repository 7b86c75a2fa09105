"""The model that comes with this version serves the policy that comes with it."""

from tidegate.judgement.model import FusionModel
from tidegate.policy import bundled
from tidegate.signals.registry import built_in

MODEL = FusionModel.bundled()
POLICY = bundled.community()


def test_every_clause_of_the_default_policy_has_a_base_rate_of_its_own() -> None:
    assert {clause.id for clause in POLICY.clauses} <= MODEL.base_rates.keys()


def test_every_base_rate_serves_a_clause() -> None:
    assert MODEL.base_rates.keys() <= {clause.id for clause in POLICY.clauses}


def test_every_label_of_the_default_policy_that_a_built_in_detector_emits_is_calibrated() -> None:
    for detector in built_in():
        for label in detector.emits & {label for clause in POLICY.clauses for label in clause.labels}:
            assert MODEL.calibration(label, detector.id) is not MODEL.fallback, f"{label} of {detector.id}"


def test_every_row_names_its_source() -> None:
    sources = [row.source for row in MODEL.calibrations.values()]
    sources += [row.source for row in MODEL.base_rates.values()] + [row.source for row in MODEL.groups.values()]
    assert all(len(source) > 20 for source in sources)


def test_nothing_found_is_under_every_look_target() -> None:
    for clause in POLICY.clauses:
        assert MODEL.base_rate(clause.id).rate < 1.0 / clause.targets.look_one_in, clause.id
