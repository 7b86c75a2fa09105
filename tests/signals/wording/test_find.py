from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.wording.find import Find, best

FINDS = st.lists(
    st.builds(
        lambda start, size, label, score: Find(start, start + size, label, score, "note"),
        st.integers(0, 40),
        st.integers(1, 10),
        st.sampled_from(["pattern.link", "pattern.contact"]),
        st.sampled_from([0.3, 0.5, 0.9]),
    ),
    max_size=20,
)


@given(FINDS)
def test_of_one_label_nothing_overlaps_and_every_find_left_out_met_a_better_one(finds: list[Find]) -> None:
    kept = best(finds)
    assert kept == sorted(kept)
    for find in finds:
        rivals = [k for k in kept if k.label == find.label and k.start < find.end and find.start < k.end]
        assert rivals
        assert max(k.score for k in rivals) >= find.score
    for index, find in enumerate(kept):
        assert not any(
            other.label == find.label and other.start < find.end and find.start < other.end
            for other in kept[index + 1 :]
        )
