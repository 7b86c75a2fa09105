import numpy as np
import pytest

from tidegate.media.packets import PacketLog, PacketTable, table
from tidegate.media.slices import Kind, Peek, Peeker


def log_of(times: list[int], *, durations: int = 1, hidden: tuple[int, ...] = ()) -> PacketLog:
    log = PacketLog(Peeker(lambda _: Peek(Kind.REFERENCE), knows_kinds=True))
    for number, time in enumerate(times):
        log.add_plain(time, durations, 10, Peek(Kind.REFERENCE), is_keyframe=number == 0, is_hidden=number in hidden)
    return log


def made(log: PacketLog, origin_s: float = 0.0) -> PacketTable:
    return table(log, 0.1, origin_s)


def test_pictures_end_where_the_next_presented_one_begins_whatever_the_decode_order() -> None:
    packets = made(log_of([0, 3, 1, 2]))
    assert packets.time_s == pytest.approx([0.0, 0.3, 0.1, 0.2])
    assert packets.end_s == pytest.approx([0.1, 0.4, 0.2, 0.3])
    assert packets.clock().times_s == pytest.approx((0.0, 0.1, 0.2, 0.3))
    assert packets.clock().end_s == pytest.approx(0.4)


def test_variable_frame_rates_keep_their_times() -> None:
    packets = made(log_of([0, 1, 11, 12], durations=1))
    assert packets.end_s == pytest.approx([0.1, 1.1, 1.2, 1.3])
    assert packets.duration_s == pytest.approx([0.1] * 4)


def test_a_last_picture_without_duration_stays_as_long_as_the_others() -> None:
    assert made(log_of([0, 2, 4], durations=0)).clock().end_s == pytest.approx(0.6)


def test_hidden_pictures_are_on_no_clock() -> None:
    clock = made(log_of([-2, -1, 0, 1], hidden=(0, 1))).clock()
    assert clock.times_s == pytest.approx((0.0, 0.1))


def test_the_clock_begins_at_the_origin() -> None:
    assert made(log_of([50, 51]), origin_s=5.0).clock().times_s == pytest.approx((0.0, 0.1))


def test_no_packets_make_an_empty_clock() -> None:
    clock = made(log_of([])).clock()
    assert (clock.times_s, clock.end_s) == ((), 0.0)


def test_a_lower_layers_disposable_picture_is_kept_as_a_reference() -> None:
    log = PacketLog(Peeker(lambda _: Peek(Kind.REFERENCE), knows_kinds=True))
    for number, layer in enumerate([0, 1, 0, 1]):
        kind = Kind.REFERENCE if number == 0 else Kind.DISPOSABLE
        log.add_plain(number, 1, 10, Peek(kind, layer), is_keyframe=number == 0)
    assert np.array_equal(made(log).kind, [Kind.REFERENCE, Kind.DISPOSABLE, Kind.REFERENCE, Kind.DISPOSABLE])
