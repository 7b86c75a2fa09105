import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.changes import APART_S, changes
from tidegate.media.packets import PacketLog, PacketTable, table
from tidegate.media.slices import Kind, Peek, Peeker

RATE_HZ = 30
KEYFRAME_BYTES = 100_000


def packets(sizes: list[int], *, kinds: list[Kind] | None = None, keyframe_every: int = 250) -> PacketTable:
    """Packets at 30 a second, one keyframe of 100 kB every `keyframe_every`."""
    log = PacketLog(Peeker(lambda _: Peek(Kind.REFERENCE), knows_kinds=True))
    for number, size in enumerate(sizes):
        is_keyframe = number % keyframe_every == 0
        kind = Kind.INTRA if is_keyframe else kinds[number] if kinds else Kind.REFERENCE
        log.add_plain(number, 1, KEYFRAME_BYTES if is_keyframe else size, Peek(kind), is_keyframe=is_keyframe)
    return table(log, 1 / RATE_HZ, 0.0)


def noisy(level: int, count: int, seed: int = 0, spread: float = 0.15) -> list[int]:
    rng = np.random.default_rng(seed)
    return [int(size) for size in level * np.exp(rng.normal(0, spread, count))]


@pytest.mark.parametrize(
    ("level", "into", "back"),
    [(300, 76_000, 26_000), (3_000, 76_000, 26_000), (3_000, 40_000, 90_000), (15_000, 90_000, 80_000)],
)
def test_both_edges_of_a_foreign_picture_are_change_points(level: int, into: int, back: int) -> None:
    sizes = noisy(level, 240)
    sizes[100], sizes[115] = into, back
    found = changes(packets(sizes))
    assert [change.packet for change in found] == [100, 115]
    assert all(change.score >= 8 for change in found)


@pytest.mark.parametrize("level", [300, 3_000, 15_000, 40_000])
@pytest.mark.parametrize("seed", range(3))
def test_steady_motion_has_no_change_points(level: int, seed: int) -> None:
    assert changes(packets(noisy(level, 600, seed))) == []


def test_a_plain_card_in_a_still_scene_is_a_change_although_it_costs_next_to_nothing() -> None:
    sizes = noisy(90, 240)
    sizes[100] = 1_000
    assert [change.packet for change in changes(packets(sizes))] == [100]


def test_a_camera_that_comes_to_rest_is_no_change() -> None:
    assert changes(packets(noisy(900, 120) + noisy(60, 120))) == []


def test_a_level_that_falls_for_good_is_a_change_without_a_rise() -> None:
    found = changes(packets(noisy(20_000, 120) + noisy(400, 120)))
    assert len(found) == 1
    assert abs(found[0].packet - 120) <= 2


def test_an_intra_picture_that_is_no_keyframe_is_a_change_by_itself() -> None:
    kinds = [Kind.REFERENCE] * 240
    kinds[77] = Kind.INTRA
    assert [change.packet for change in changes(packets(noisy(9_000, 240), kinds=kinds))] == [77]


def test_kinds_of_unlike_size_are_not_held_against_each_other() -> None:
    pattern = [Kind.REFERENCE, Kind.BETWEEN, Kind.DISPOSABLE, Kind.DISPOSABLE] * 75
    level = {Kind.REFERENCE: 15_000, Kind.BETWEEN: 1_800, Kind.DISPOSABLE: 1_000}
    sizes = [noisy(level[kind], 1, seed)[0] for seed, kind in enumerate(pattern)]
    assert changes(packets(sizes, kinds=pattern)) == []


def test_a_mixture_that_cannot_be_told_apart_still_shows_a_foreign_picture() -> None:
    log = PacketLog(Peeker(lambda _: Peek(Kind.REFERENCE), knows_kinds=False))
    for number in range(480):
        size = KEYFRAME_BYTES if number == 0 else 9_000 if number % 16 == 0 else 60
        size = 90_000 if number == 224 else size
        log.add_plain(number, 1, size, Peek(Kind.REFERENCE), is_keyframe=number == 0)
    assert [change.packet for change in changes(table(log, 1 / RATE_HZ, 0.0))] == [224]


@pytest.mark.parametrize("count", range(8))
def test_clips_of_a_few_packets_are_no_trouble(count: int) -> None:
    assert changes(packets([500] * count)) == []


@given(st.lists(st.integers(0, 2**31), max_size=60), st.integers(1, 40))
def test_changes_are_ordered_apart_and_never_keyframes(sizes: list[int], keyframe_every: int) -> None:
    all_packets = packets(sizes, keyframe_every=keyframe_every)
    found = changes(all_packets)
    assert all(b.time_s - a.time_s >= APART_S for a, b in itertools.pairwise(found))
    assert not any(all_packets.is_keyframe[change.packet] for change in found)
    assert all(change.score > 0 for change in found)
