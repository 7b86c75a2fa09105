"""The same file again: SHA-256 of the upload's bytes against the bank."""

from collections.abc import Iterator

from tidegate.records import Abstention, AbstentionReason, Evidence, Signal, Span
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.matching.bank import Bank

_LABEL = "matching.file"


class FileMatchDetector:
    """Says when the upload's bytes are those of a bank entry. One look-up; the digest is taken while probing."""

    id = "matching.file@1"
    needs = frozenset({Need.FILE})
    emits = frozenset({_LABEL})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=1e-5, memory_mib=1.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def __init__(self, bank: Bank | None = None) -> None:
        self._bank = bank or Bank()

    def load(self) -> None:
        """Index the bank's file hashes."""
        _ = self._bank.by_sha256

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal for each bank entry with these bytes, score 1; abstains where no bank holds file hashes."""
        if not self._bank.by_sha256:
            yield Abstention(
                detector_id=self.id,
                reason=AbstentionReason.NO_INPUT,
                labels=(_LABEL,),
                detail="no bank with file hashes is loaded",
            )
            return
        if view.media is None:
            return
        for entry in self._bank.by_sha256.get(view.media.sha256, ()):
            yield Signal(
                label=_LABEL,
                score=1.0,
                evidence=Evidence(
                    span=Span(start_s=0.0, end_s=max(0.0, view.media.duration_s)),
                    note=f"the same bytes as entry {entry.entry!r} of bank {entry.bank!r}",
                ),
                detector_id=self.id,
            )
