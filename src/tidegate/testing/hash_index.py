"""The promises every hash index keeps, as a test class to inherit from: the same neighbours as comparing with all.

class TestMyIndex(HashIndexConformance):
    make = MyIndex
"""

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.matching.index import BruteForceIndex, HashIndex
from tidegate.signals.matching.pdq import PDQ_BYTES, RADIUS

Codes = NDArray[np.uint8]


def random_codes(seed: int, count: int) -> Codes:
    """That many uint8 (count, 32) codes with independent bits."""
    return np.random.default_rng(seed).integers(0, 256, (count, PDQ_BYTES), dtype=np.uint8)


def at_distance(code: Codes, bits: int, seed: int) -> Codes:
    """A copy of one uint8 (32,) code with exactly that many of its bits turned."""
    turned = np.zeros(PDQ_BYTES * 8, np.uint8)
    turned[np.random.default_rng(seed).choice(PDQ_BYTES * 8, bits, replace=False)] = 1
    return code ^ np.packbits(turned)


def spread_evenly(code: Codes, bits: int) -> Codes:
    """A copy with its turned bits as far apart as can be: the worst case for tables of pieces."""
    turned = np.zeros(PDQ_BYTES * 8, np.uint8)
    turned[(np.arange(bits) * PDQ_BYTES * 8) // max(bits, 1)] = 1
    return code ^ np.packbits(turned)


class HashIndexConformance:
    """Inherit, set `make` to the index's class or a factory taking codes, and pytest finds the rest."""

    make: ClassVar[Callable[[Codes], HashIndex]]

    def index(self, codes: Codes) -> HashIndex:
        """The index under test over these codes."""
        return type(self).make(codes)

    def check(self, codes: Codes, queries: Codes, radius: int = RADIUS) -> None:
        """The index finds what the reference finds, in the same order."""
        assert self.index(codes).search(queries, radius) == BruteForceIndex(codes).search(queries, radius)

    def test_it_knows_how_many_codes_it_holds(self) -> None:
        """Repeats count each time."""
        codes = random_codes(1, 5)
        assert len(self.index(np.concatenate([codes, codes]))) == 10

    def test_an_empty_index_finds_nothing(self) -> None:
        """No codes, no neighbours, no error."""
        assert self.index(random_codes(2, 0)).search(random_codes(3, 4), RADIUS) == ()

    def test_no_query_finds_nothing(self) -> None:
        """An empty batch is an empty answer."""
        assert self.index(random_codes(4, 4)).search(random_codes(5, 0), RADIUS) == ()

    def test_it_finds_a_code_at_every_distance_within_the_radius(self) -> None:
        """Ten random choices of bits at each distance from 0 to 31."""
        codes = random_codes(6, 64)
        queries = np.stack(
            [at_distance(codes[i], bits, 100 * bits + i) for bits in range(RADIUS + 1) for i in range(10)]
        )
        found = {(n.query, n.row, n.distance) for n in self.index(codes).search(queries, RADIUS)}
        assert {(10 * bits + i, i, bits) for bits in range(RADIUS + 1) for i in range(10)} <= found

    def test_it_finds_a_code_whose_turned_bits_are_spread_evenly(self) -> None:
        """The worst case for an index that looks up pieces of the code."""
        codes = random_codes(7, 16)
        queries = np.stack([spread_evenly(codes[0], bits) for bits in range(RADIUS + 1)])
        self.check(codes, queries)
        assert len(self.index(codes).search(queries, RADIUS)) >= RADIUS + 1

    def test_it_leaves_out_what_is_just_outside(self) -> None:
        """A code at 32 bits is no neighbour at radius 31."""
        codes = random_codes(8, 1)
        assert self.index(codes).search(at_distance(codes[0], RADIUS + 1, 9)[None], RADIUS) == ()

    def test_equal_codes_are_all_found(self) -> None:
        """Two rows with one code are two neighbours."""
        codes = np.repeat(random_codes(10, 1), 3, axis=0)
        assert [n.row for n in self.index(codes).search(codes[:1], 0)] == [0, 1, 2]

    def test_it_agrees_with_the_reference_among_near_copies(self) -> None:
        """Crowded codes: 40 families of 20 near copies, searched at several radii."""
        codes = np.stack([at_distance(code, i, 20 * i) for code in random_codes(11, 40) for i in range(20)])
        queries = np.stack([at_distance(code, 12, 7) for code in codes[::16]])
        for radius in (0, 1, 15, 16, RADIUS):
            self.check(codes, queries, radius)
