import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.learning.calibration import (
    MAX_ASSUMED_RATIO,
    SINGLE_SOURCE_SHIFT,
    Scored,
    pooled_monotone,
    ratio_curve,
    recall_at,
)

values = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 10)), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(values)
def test_pooling_never_falls_keeps_the_weighted_mean_and_leaves_monotone_values_alone(
    pairs: list[tuple[float, float]],
) -> None:
    raw, weights = (np.array(part) for part in zip(*pairs, strict=True))
    pooled = pooled_monotone(raw, weights)
    assert np.all(np.diff(pooled) >= -1e-9)
    assert np.isclose((pooled * weights).sum(), (raw * weights).sum(), atol=1e-6)
    assert np.allclose(pooled_monotone(np.sort(raw), weights), np.sort(raw))


def _scored(separation: float, sources: int = 3, shift: float = 0.0) -> Scored:
    rng = np.random.default_rng(7)

    def draw(mean: float, count: int) -> np.ndarray:
        return 1 / (1 + np.exp(-rng.normal(mean, 1.0, count)))

    return Scored(
        positives={f"s{i}": draw(separation + shift * i, 800) for i in range(sources)},
        hard={f"s{i}": draw(0.0, 800) for i in range(sources)},
        everyday=draw(-2.0, 4000),
    )


def test_evidence_rises_with_the_score_and_with_separation() -> None:
    weak, strong = ratio_curve(_scored(0.3), is_measured=True), ratio_curve(_scored(3.0), is_measured=True)
    ratios = [ratio for _, ratio, _ in strong.points]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0 < ratios[-1]
    assert ratios[-1] > [ratio for _, ratio, _ in weak.points][-1]


def test_sources_that_disagree_widen_the_error() -> None:
    alike, apart = ratio_curve(_scored(1.0), is_measured=True), ratio_curve(_scored(1.0, shift=1.0), is_measured=True)
    assert apart.shift_error > alike.shift_error
    assert all(error >= apart.shift_error for _, _, error in apart.points)


def test_one_source_is_given_an_assumed_shift() -> None:
    assert ratio_curve(_scored(1.0, sources=1), is_measured=True).shift_error >= SINGLE_SOURCE_SHIFT


def test_what_was_only_assumed_is_weaker_wider_and_capped() -> None:
    scored = _scored(6.0)
    known, assumed = ratio_curve(scored, is_measured=True), ratio_curve(scored, is_measured=False)
    assert max(ratio for _, ratio, _ in assumed.points) <= MAX_ASSUMED_RATIO
    assert assumed.points[-1][1] < known.points[-1][1]
    assert assumed.shift_error > known.shift_error


def test_recall_falls_from_all_to_none() -> None:
    shares = recall_at([0.0, 0.5, 1.1], [np.array([0.2, 0.9]), np.array([0.6, 0.8])])
    assert shares == (1.0, 0.75, 0.0)
