"""When a delivery is tried again: the schedule, its jitter, what a receiver may ask for, the breaker."""

import random
from datetime import UTC, datetime
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from tidegate.server.enforcement.retrying import (
    BREAKER_FAILURES,
    FIRST_BLOCK_S,
    MOST_BLOCK_S,
    MOST_RETRY_AFTER_S,
    MOST_TRIES,
    RETRY_WAITS_S,
    block_s,
    retry_after_s,
    wait_s,
)

CHANCES = st.integers(0, 2**32).map(random.Random)
NOW_S = 1_800_000_000.0


@given(st.integers(0, MOST_TRIES - 1), st.floats(0, 1e6), CHANCES)
def test_a_wait_is_drawn_from_nothing_to_twice_its_mean_and_never_below_what_was_asked(
    tries: int, asked_s: float, chance: random.Random
) -> None:
    mean_s, floor_s = RETRY_WAITS_S[max(tries, 1) - 1], min(asked_s, MOST_RETRY_AFTER_S)
    pause_s = wait_s(tries, asked_s=asked_s, chance=chance)
    assert pause_s is not None
    assert floor_s <= pause_s <= floor_s + 2 * mean_s


@given(st.integers(MOST_TRIES, 1000), CHANCES)
def test_after_the_last_try_there_is_no_other(tries: int, chance: random.Random) -> None:
    assert wait_s(tries, asked_s=5.0, chance=chance) is None


def test_what_failed_together_is_spread_over_the_whole_wait() -> None:
    chance = random.Random(1)
    waits = [wait_s(3, asked_s=0.0, chance=chance) or 0.0 for _ in range(2000)]
    mean_s = RETRY_WAITS_S[2]
    assert abs(sum(waits) / len(waits) - mean_s) < 0.05 * mean_s
    parts = [sum(low <= one / mean_s < low + 0.5 for one in waits) for low in (0.0, 0.5, 1.0, 1.5)]
    assert min(parts) > 400


def test_all_tries_together_take_more_than_a_day_and_a_half() -> None:
    assert 36 * 3600 < sum(RETRY_WAITS_S) < 3 * 24 * 3600
    assert list(RETRY_WAITS_S) == sorted(RETRY_WAITS_S)


@given(st.integers(0, 10_000), CHANCES)
def test_the_breaker_blocks_longer_with_every_failure_up_to_its_most(failures: int, chance: random.Random) -> None:
    pause_s = block_s(failures, chance=chance)
    if failures < BREAKER_FAILURES:
        assert pause_s == 0.0
    else:
        mean_s = min(MOST_BLOCK_S, FIRST_BLOCK_S * 2 ** min(failures - BREAKER_FAILURES, 20))
        assert 0.75 * mean_s <= pause_s <= 1.25 * mean_s


@given(st.text(max_size=60) | st.integers(-5, 10**30).map(str) | st.floats().map(str))
def test_whatever_retry_after_says_the_wait_is_bounded(text: str) -> None:
    assert 0.0 <= retry_after_s(text, now_s=NOW_S) <= MOST_RETRY_AFTER_S


@given(st.integers(-7200, 7200))
def test_retry_after_is_read_as_seconds_and_as_a_date(left_s: int) -> None:
    wanted = float(min(max(left_s, 0), MOST_RETRY_AFTER_S))
    date = format_datetime(datetime.fromtimestamp(NOW_S + left_s, UTC), usegmt=True)
    assert retry_after_s(date, now_s=NOW_S) == wanted
    if left_s >= 0:
        assert retry_after_s(f" {left_s} ", now_s=NOW_S) == wanted


def test_a_retry_after_that_is_none_asks_for_nothing() -> None:
    texts = ("", "soon", "-5", "1.5", "١٢", "Wed, 99 Nov 2026 00:00:00 GMT", "nan")
    assert [retry_after_s(text, now_s=NOW_S) for text in texts] == [0.0] * len(texts)
