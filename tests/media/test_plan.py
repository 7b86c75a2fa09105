import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.changes import Change
from tidegate.media.packets import PacketLog, PacketTable, table
from tidegate.media.plan import GAP_SHARE, Plan, plan
from tidegate.media.slices import Kind, Peek, Peeker


def packets(count: int, every: int, *, disposable_every: int = 0, hidden: int = 0) -> PacketTable:
    """`count` packets at 10 a second, a keyframe `every` so many; the first `hidden` are cut off by an edit list."""
    log = PacketLog(Peeker(lambda _: Peek(Kind.REFERENCE), knows_kinds=True))
    for number in range(count):
        is_disposable = bool(disposable_every) and number % every != 0 and number % disposable_every == 0
        kind = Kind.DISPOSABLE if is_disposable else Kind.REFERENCE
        log.add_plain(number, 1, 1000, Peek(kind), is_keyframe=number % every == 0, is_hidden=number < hidden)
    return table(log, 0.1, 0.0)


def keyframes(all_packets: PacketTable) -> list[int]:
    return [int(at) for at in np.flatnonzero(all_packets.is_keyframe)]


def change(packet: int, score: float = 10.0) -> Change:
    return Change(packet=packet, time_s=packet / 10, score=score)


def planned(all_packets: PacketTable, found: list[Change], most: int, gap_s: float = 1e9) -> Plan:
    return plan(all_packets, keyframes(all_packets), found, most_frames=most, max_gap_s=gap_s)


def test_a_change_is_decoded_from_its_keyframe_up_to_where_it_settles() -> None:
    result = planned(packets(60, 20), [change(25)], most=100)
    (group,) = result.groups
    assert (group.start, group.stop, group.wanted) == (20, 27, {25})
    assert result.frame_count == 7
    assert result.missed == ()


def test_nothing_is_decoded_where_nothing_changed_and_keyframes_are_near() -> None:
    assert planned(packets(60, 20), [], most=100, gap_s=2.0).groups == ()


def test_disposable_pictures_cost_nothing() -> None:
    dear = planned(packets(60, 60), [change(51)], most=100).frame_count
    cheap = planned(packets(60, 60, disposable_every=2), [change(51)], most=100).frame_count
    assert dear == 53
    assert cheap == 27


def test_a_change_that_is_too_dear_is_named_as_missed() -> None:
    far, near = change(50, score=20.0), change(65)
    result = planned(packets(120, 60), [far, near], most=10)
    assert [group.wanted for group in result.groups] == [{65}]
    assert result.missed == (far,)


def test_clear_changes_are_paid_before_many_doubtful_ones() -> None:
    doubtful = [change(at, score=4.5) for at in range(62, 118, 3)]
    result = planned(packets(120, 60), [*doubtful, change(40)], most=45)
    assert any(40 in group.wanted for group in result.groups)


def test_a_second_change_on_the_way_is_free() -> None:
    one = planned(packets(60, 60), [change(50)], most=100)
    two = planned(packets(60, 60), [change(20), change(50)], most=100)
    assert two.frame_count == one.frame_count
    assert two.groups[0].wanted == {20, 50}


def test_long_stretches_are_topped_up_evenly() -> None:
    result = planned(packets(300, 100), [], most=1000, gap_s=2.0)
    assert [group.stop - group.start for group in result.groups] == [80, 80, 80]


def test_when_money_is_short_every_group_is_left_with_the_same_tail() -> None:
    result = planned(packets(300, 100), [], most=120, gap_s=2.0)
    assert result.frame_count <= 120 * GAP_SHARE
    assert len({group.stop - group.start for group in result.groups}) == 1
    assert len(result.groups) == 3


def test_a_keyframe_cut_off_by_an_edit_list_leads_to_the_first_presented_picture() -> None:
    result = planned(packets(60, 60, hidden=30), [], most=100)
    assert result.groups[0].wanted == {30}
    assert result.groups[0].stop == 31


def test_no_packets_need_no_plan() -> None:
    assert planned(packets(0, 10), [], most=100) == Plan(groups=(), frame_count=0, missed=())


@given(
    st.integers(1, 300),
    st.integers(1, 120),
    st.integers(0, 4),
    st.integers(0, 200),
    st.floats(0.1, 20.0),
    st.lists(st.tuples(st.integers(0, 299), st.floats(0.1, 30.0)), max_size=12),
)
def test_a_plan_never_spends_more_than_it_has(
    count: int, every: int, disposable: int, most: int, gap_s: float, marks: list[tuple[int, float]]
) -> None:
    all_packets = packets(count, every, disposable_every=disposable)
    found = [change(at, score) for at, score in dict(marks).items() if at < count and at % every]
    result = planned(all_packets, found, most, gap_s)
    fed = sum(
        all_packets.kind[at] != Kind.DISPOSABLE for group in result.groups for at in range(group.start, group.stop)
    )
    assert fed == result.frame_count <= most
    assert all(group.start < group.stop <= group.end for group in result.groups)
    wanted = {at for group in result.groups for at in group.wanted}
    assert wanted | {missed.packet for missed in result.missed} == {one.packet for one in found}


@pytest.mark.parametrize("gap_s", [0.5, 2.0, 5.0])
def test_with_money_enough_no_tail_is_longer_than_asked(gap_s: float) -> None:
    all_packets = packets(400, 130)
    result = planned(all_packets, [], most=10_000, gap_s=gap_s)
    for start, end in ((0, 130), (130, 260), (260, 390), (390, 400)):
        stop = next((group.stop for group in result.groups if group.start == start), start + 1)
        assert (end - stop) / 10 <= gap_s + 1e-9
