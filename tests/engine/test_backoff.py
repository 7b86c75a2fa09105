"""Waits between tries."""

import random

from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.backoff import FIRST_S, MOST_S, STEADY_AFTER_S, Backoff


@given(st.integers(0, 200), st.integers())
def test_waits_double_within_bounds_and_are_never_more_than_the_longest(tries: int, seed: int) -> None:
    backoff = Backoff(chance=random.Random(seed))
    for number in range(tries):
        longest_s = min(MOST_S, FIRST_S * 2.0 ** min(number, 20))
        assert longest_s / 2 <= backoff.next_wait_s(0.0) <= longest_s


@given(st.integers(1, 50))
def test_running_well_for_long_makes_earlier_failures_forgotten(tries: int) -> None:
    backoff = Backoff()
    for _ in range(tries):
        backoff.next_wait_s(0.0)
    assert backoff.next_wait_s(STEADY_AFTER_S) <= FIRST_S


def test_two_places_do_not_try_at_the_same_moment() -> None:
    waits = {Backoff(chance=random.Random(seed)).next_wait_s(0.0) for seed in range(20)}
    assert len(waits) == 20
