"""Known pictures again: PDQ of every sampled frame against the bank, with and without borders, and mirrored."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.records import Abstention, AbstentionReason, Box, Evidence, Signal, Span
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.matching.bank import Bank, BankEntry
from tidegate.signals.matching.index import HashIndex, Neighbour, build_index
from tidegate.signals.matching.pdq import PDQ_BYTES, QUALITY_FLOOR, RADIUS, load_hasher, pdq

_LABEL = "matching.frame"
_MAX_ENTRIES = 32
_WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One way of looking at one frame: whole or without borders, as is or mirrored."""

    frame: int
    box: tuple[float, float, float, float]
    is_mirrored: bool
    code: bytes


class FrameMatchDetector:
    """Says when sampled frames look like a bank entry's picture: at most 31 of 256 bits apart.

    Each frame is hashed as it is, and without its borders, if it has any, as it is and mirrored; what has a quality
    below 50 is passed over. Score is 1 - distance / 64: 1 at no difference, 0.52 at the radius.
    """

    id = "matching.frame@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({_LABEL})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.007, memory_mib=30.0)
    requires: tuple[Requirement, ...] = (
        Requirement(package="pdqhash", extra="matching"),
        Requirement(package="faiss", extra="matching"),
    )
    when: When | None = None

    def __init__(self, bank: Bank | None = None) -> None:
        self._bank = bank or Bank()
        self._index: HashIndex | None = None

    def load(self) -> None:
        """Import the hasher and index the bank, if there is one. Raises MissingDependencyError."""
        if self._index is None and self._bank.pictures:
            load_hasher()
            self._index = build_index(self._bank.picture_codes)

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each run of neighbouring frames like one bank entry, the closest first."""
        if self._index is None:
            yield self._abstention("no bank with picture hashes is loaded")
            return
        looks = list(_looks(view))
        if not looks:
            yield self._abstention("no frame has enough detail to be told apart")
            return
        queries = np.frombuffer(b"".join(look.code for look in looks), np.uint8).reshape(-1, PDQ_BYTES)
        best = self._best_per_entry_and_frame(looks, self._index.search(queries, RADIUS))
        signals = [signal for entry, hits in best.items() for signal in self._signals(view, entry, hits)]
        yield from sorted(signals, key=lambda signal: -signal.score)

    def _best_per_entry_and_frame(
        self, looks: list[_Look], neighbours: tuple[Neighbour, ...]
    ) -> dict[tuple[str, str], dict[int, tuple[int, _Look]]]:
        """For the closest entries: frame -> (distance, look) of its closest hash."""
        best: dict[tuple[str, str], dict[int, tuple[int, _Look]]] = {}
        for neighbour in sorted(neighbours, key=lambda n: (n.distance, n.query, n.row)):
            entry: BankEntry = self._bank.pictures[neighbour.row]
            look = looks[neighbour.query]
            address = (entry.bank, entry.entry)
            if address not in best and len(best) == _MAX_ENTRIES:
                continue
            best.setdefault(address, {}).setdefault(look.frame, (neighbour.distance, look))
        return best

    def _signals(self, view: View, entry: tuple[str, str], hits: dict[int, tuple[int, _Look]]) -> Iterator[Signal]:
        for run in _runs(sorted(hits)):
            distance, look = min((hits[index] for index in run), key=lambda hit: hit[0])
            spans = [view.frames[index].span for index in run]
            how = ", mirrored" if look.is_mirrored else ""
            yield Signal(
                label=_LABEL,
                score=1.0 - distance / 64.0,
                evidence=Evidence(
                    span=Span(start_s=spans[0].start_s, end_s=max(span.end_s for span in spans)),
                    box=Box(x=look.box[0], y=look.box[1], width=look.box[2], height=look.box[3]),
                    note=f"like entry {entry[1]!r} of bank {entry[0]!r}: {distance} of 256 bits differ{how}",
                ),
                detector_id=self.id,
            )

    def _abstention(self, detail: str) -> Abstention:
        return Abstention(detector_id=self.id, reason=AbstentionReason.NO_INPUT, labels=(_LABEL,), detail=detail)


def _looks(view: View) -> Iterator[_Look]:
    for index, frame in enumerate(view.frames):
        ways = dict.fromkeys([(_WHOLE, False), (frame.content_box, False), (frame.content_box, True)])
        for box, is_mirrored in ways:
            picture = cropped(frame, box)
            code, quality = pdq(picture[:, ::-1] if is_mirrored else picture)
            if quality >= QUALITY_FLOOR:
                yield _Look(frame=index, box=box, is_mirrored=is_mirrored, code=code)


def cropped(frame: Frame, box: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """The part of a frame inside `box` (x, y, width, height as shares), at least one pixel."""
    height_px, width_px = frame.rgb.shape[:2]
    left, top = round(box[0] * width_px), round(box[1] * height_px)
    right, bottom = round((box[0] + box[2]) * width_px), round((box[1] + box[3]) * height_px)
    left, top = min(left, width_px - 1), min(top, height_px - 1)
    return frame.rgb[top : max(bottom, top + 1), left : max(right, left + 1)]


def _runs(indices: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for index in indices:
        if run and index != run[-1] + 1:
            yield run
            run = []
        run.append(index)
    if run:
        yield run
