"""Nearest hashes: every stored 256-bit code within a Hamming radius of a query, exactly.

`BruteForceIndex` is the reference; any other index must find the same neighbours (`HashIndexConformance` in
`tidegate.testing.hash_index` checks it).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError
from tidegate.signals.matching.pdq import PDQ_BYTES

FLAT_LIMIT = 5_000
"""Codes up to which comparing with every one (0.03 ms a query per 1,000) costs less than importing faiss (0.7 s)."""


@dataclass(frozen=True, slots=True, order=True)
class Neighbour:
    """Stored code `row` lies `distance` bits from query `query`; ordered by query, distance, row."""

    query: int
    distance: int
    row: int


class HashIndex(Protocol):
    """Holds uint8 (n, 32) codes and finds those near a query."""

    def __len__(self) -> int:
        """Number of codes held."""

    def search(self, queries: NDArray[np.uint8], radius: int) -> tuple[Neighbour, ...]:
        """Every stored code within `radius` bits (inclusive) of each uint8 (m, 32) query, in order."""


class BruteForceIndex:
    """Compares with every code: XOR and count of bits in numpy. The reference, exact at any radius.

    Cost: 3 ms a query at 100,000 codes. Raises ValueError unless codes are uint8 (n, 32).
    """

    def __init__(self, codes: NDArray[np.uint8]) -> None:
        self._words = _words(codes)

    def __len__(self) -> int:
        return len(self._words)

    def search(self, queries: NDArray[np.uint8], radius: int) -> tuple[Neighbour, ...]:
        """Every stored code within `radius` bits (inclusive) of each query, in order."""
        found: list[Neighbour] = []
        for query, words in enumerate(_words(queries)):
            distances = np.bitwise_count(self._words ^ words).sum(axis=1, dtype=np.int64)
            rows = np.flatnonzero(distances <= radius)
            found.extend(Neighbour(query, int(distances[row]), int(row)) for row in rows)
        return tuple(sorted(found))


class MultiHashIndex:
    """Sixteen tables of 16 bits each, looked up with one bit flipped at a time (faiss IndexBinaryMultiHash).

    Exact up to radius 31: of 31 differing bits, some 16-bit piece holds at most one (pigeonhole). Larger radii
    raise ValueError. Cost: 0.16 ms a query at 100,000 codes, 1.9 ms at 1,000,000; building takes 5.4 s there.
    Raises MissingDependencyError without faiss.
    """

    _TABLES = 16
    _TABLE_BITS = 16
    MAX_RADIUS = 31

    def __init__(self, codes: NDArray[np.uint8]) -> None:
        try:
            import faiss
        except ImportError as error:
            raise MissingDependencyError(
                "a bank of this size needs the package faiss-cpu", next_step="pip install 'tidegate[matching]'"
            ) from error
        _words(codes)
        # A detector owns one thread; the batch process decides how many detectors run.
        faiss.omp_set_num_threads(1)
        self._count = len(codes)
        self._index = faiss.IndexBinaryMultiHash(PDQ_BYTES * 8, self._TABLES, self._TABLE_BITS)
        self._index.nflip = 1
        if self._count:
            self._index.add(np.ascontiguousarray(codes))

    def __len__(self) -> int:
        return self._count

    def search(self, queries: NDArray[np.uint8], radius: int) -> tuple[Neighbour, ...]:
        """Every stored code within `radius` bits (inclusive, at most 31) of each query, in order."""
        if not 0 <= radius <= self.MAX_RADIUS:
            raise ValueError(f"radius {radius} is outside 0 to {self.MAX_RADIUS}")
        _words(queries)
        if not len(queries) or not self._count:
            return ()
        # faiss counts a radius as exclusive for binary codes.
        starts, distances, rows = self._index.range_search(np.ascontiguousarray(queries), radius + 1)
        of_query = np.repeat(np.arange(len(queries)), np.diff(starts.astype(np.int64)))
        triples = zip(of_query, distances, rows, strict=True)
        return tuple(sorted(Neighbour(int(query), int(bits), int(row)) for query, bits, row in triples))


def build_index(codes: NDArray[np.uint8]) -> HashIndex:
    """The cheaper exact index for that many codes: flat up to `FLAT_LIMIT`, tables beyond."""
    return BruteForceIndex(codes) if len(codes) <= FLAT_LIMIT else MultiHashIndex(codes)


def _words(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    if codes.ndim != 2 or codes.shape[1] != PDQ_BYTES or codes.dtype != np.uint8:
        raise ValueError(f"codes are {codes.dtype} {codes.shape}, not uint8 (n, {PDQ_BYTES})")
    return np.ascontiguousarray(codes).view(np.uint64)
