"""A position in the feed is a number and what was held back below it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import CursorError
from tidegate.server.api import positions
from tidegate.server.api.positions import MOST_PENDING, Position

SEQS = st.integers(1, 10**18 - 1)


@st.composite
def whole(draw: st.DrawFn) -> Position:
    pending = draw(st.lists(SEQS, max_size=MOST_PENDING, unique=True))
    seq = draw(st.integers(max(pending, default=0), 10**18 - 1))
    return Position(seq=seq, pending=tuple(sorted(pending)))


@given(whole())
def test_a_position_reads_as_it_was_written(position: Position) -> None:
    assert positions.read(position.text) == position
    assert len(position.text) <= positions.MOST_POSITION_CHARS


@given(st.integers(0, 10**18 - 1))
def test_a_number_alone_is_a_position_that_says_so(seq: int) -> None:
    assert positions.read(str(seq)) == Position(seq=seq, is_plain=True)


@given(st.text(max_size=40))
def test_whatever_is_read_is_a_position_or_a_coded_refusal(text: str) -> None:
    try:
        found = positions.read(text)
    except CursorError as error:
        assert error.where == "?after"
    else:
        assert found.text.startswith(text.rstrip("~"))


@pytest.mark.parametrize(
    "text",
    ["", "~", "-1", "+1", "01", "1.5", "5~6", "5~3.3", "5~3.2", "5~0", "5~~", " 5", "5\n", "١", "9" * 19, "1e3"],
)
def test_what_no_answer_ever_said_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        positions.read(text)


def test_a_position_that_the_journal_has_not_reached_is_refused() -> None:
    positions.check_reached(Position(seq=5), 5)
    with pytest.raises(CursorError, match="ends at 4"):
        positions.check_reached(Position(seq=5), 4)
