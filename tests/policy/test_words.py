"""Numbers in a trace never claim a certainty that is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.policy.words import number, one_in


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (1e-9, "under 0.0001"),
        (0.00012, "0.00012"),
        (0.0521, "0.052"),
        (0.5, "0.5"),
        (0.97314, "0.9731"),
        (0.999999, "over 0.9999"),
    ],
)
def test_a_share_reads_as_people_write_it(share: float, said: str) -> None:
    assert number(share) == said


@given(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_what_is_not_certain_is_never_shown_as_certain(share: float) -> None:
    assert number(share) not in ("0", "1")
    assert "e" not in number(share).replace("over", "").replace("under", "")


@pytest.mark.parametrize(("share", "said"), [(0.0002, "1 in 5000"), (0.05, "1 in 20"), (0.3, "30%"), (1.0, "100%")])
def test_a_share_as_one_in_n(share: float, said: str) -> None:
    assert one_in(share) == said
