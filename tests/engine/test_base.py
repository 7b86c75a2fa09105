"""Specs that are refused, and statuses as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.base import (
    MOST_CONFIG_BYTES,
    ExitKind,
    LaneSpec,
    ProcessExit,
    ProcessState,
    ProcessStatus,
    check_specs,
    read_status_json,
    status_json,
)
from tidegate.errors import LaneSpecError

GOOD = {"name": "screen", "factory": "package.module:make"}
EXITS = st.none() | st.builds(ProcessExit, kind=st.sampled_from(ExitKind), text=st.text(), code=st.text())
STATUSES = st.builds(
    ProcessStatus,
    lane=st.text(),
    index=st.integers(0, 99),
    pid=st.none() | st.integers(1, 2**22),
    state=st.sampled_from(ProcessState),
    restarts=st.integers(0),
    recycles=st.integers(0),
    last_exit=EXITS,
    steps=st.integers(0),
    items=st.integers(0),
    rss_mib=st.floats(0, 1e6),
)


@given(st.lists(STATUSES).map(tuple))
def test_statuses_survive_being_written_as_one_line(statuses: tuple[ProcessStatus, ...]) -> None:
    text = status_json(statuses)
    assert "\n" not in text
    assert read_status_json(text) == statuses


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "Screen lane"},
        {"factory": "package.module"},
        {"factory": "package.module:make()"},
        {"config": "{"},
        {"config": '"' + "x" * MOST_CONFIG_BYTES + '"'},
        {"processes": 0},
        {"memory_limit_mib": 0},
        {"recycle_after": -1},
        {"stuck_after_s": 0.0},
        {"open_within_s": float("nan")},
        {"listen_fds": (1_000_000,)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_lane_that_cannot_run_is_refused_with_the_field_named(fields: dict[str, object]) -> None:
    with pytest.raises(LaneSpecError, match=next(iter(fields))):
        check_specs([LaneSpec(**{**GOOD, **fields})])  # type: ignore[arg-type]


def test_two_lanes_of_one_name_are_refused() -> None:
    with pytest.raises(LaneSpecError, match="the name of two lanes"):
        check_specs([LaneSpec(**GOOD), LaneSpec(**GOOD)])  # type: ignore[arg-type]


def test_ordinary_lanes_are_accepted() -> None:
    check_specs([LaneSpec(**GOOD), LaneSpec(name="web", factory="a:b.c", listen_fds=(0,))])  # type: ignore[arg-type]
