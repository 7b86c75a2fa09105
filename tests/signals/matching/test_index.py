from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.matching.index import (
    FLAT_LIMIT,
    BruteForceIndex,
    MultiHashIndex,
    Neighbour,
    build_index,
)
from tidegate.signals.matching.pdq import hamming
from tidegate.testing.hash_index import Codes, HashIndexConformance, at_distance, random_codes


class TestBruteForceIndex(HashIndexConformance):
    make = BruteForceIndex


class TestMultiHashIndex(HashIndexConformance):
    make = MultiHashIndex


class _LossyIndex(BruteForceIndex):
    """Forgets one code: what the conformance suite must notice."""

    def search(self, queries: Codes, radius: int) -> tuple[Neighbour, ...]:
        return tuple(n for n in super().search(queries, radius) if n.row != 0)


class _Lossy(HashIndexConformance):
    make: ClassVar = _LossyIndex


def test_the_conformance_suite_notices_an_index_that_misses_one_code() -> None:
    with pytest.raises(AssertionError):
        _Lossy().test_it_finds_a_code_at_every_distance_within_the_radius()


def test_brute_force_says_what_counting_bits_one_by_one_says() -> None:
    codes, queries = random_codes(1, 50), np.concatenate([random_codes(2, 3), random_codes(1, 50)[:2]])
    wanted = [
        Neighbour(q, bits, row)
        for q, query in enumerate(queries)
        for row, code in enumerate(codes)
        if (bits := hamming(query.tobytes(), code.tobytes())) <= 120
    ]
    assert list(BruteForceIndex(codes).search(queries, 120)) == sorted(wanted)


code_bytes = st.binary(min_size=32, max_size=32)


@given(
    codes=st.lists(code_bytes, min_size=1, max_size=30),
    turns=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 40), st.integers(0, 2**32 - 1)), max_size=12),
    radius=st.integers(0, 31),
)
def test_every_index_agrees_with_the_reference(
    codes: list[bytes], turns: list[tuple[int, int, int]], radius: int
) -> None:
    stored = np.frombuffer(b"".join(codes), np.uint8).reshape(-1, 32)
    queries = np.array(
        [at_distance(stored[row % len(stored)], bits, seed) for row, bits, seed in turns], np.uint8
    ).reshape(-1, 32)
    assert MultiHashIndex(stored).search(queries, radius) == BruteForceIndex(stored).search(queries, radius)


def test_a_small_bank_is_searched_flat_and_a_large_one_by_tables() -> None:
    assert isinstance(build_index(random_codes(3, FLAT_LIMIT)), BruteForceIndex)
    assert isinstance(build_index(random_codes(3, FLAT_LIMIT + 1)), MultiHashIndex)


@pytest.mark.parametrize("radius", [-1, 32])
def test_tables_refuse_a_radius_they_are_not_exact_at(radius: int) -> None:
    with pytest.raises(ValueError, match="radius"):
        MultiHashIndex(random_codes(4, 2)).search(random_codes(4, 1), radius)


@pytest.mark.parametrize("codes", [np.zeros((2, 31), np.uint8), np.zeros((2, 32), np.int64), np.zeros(32, np.uint8)])
def test_an_index_refuses_what_is_no_code(codes: Codes) -> None:
    for kind in (BruteForceIndex, MultiHashIndex):
        with pytest.raises(ValueError, match="codes are"):
            kind(codes)
