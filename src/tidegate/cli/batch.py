"""Screens many uploads in order while the next ones are already being decoded; one bad file stops nothing."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tidegate.cli.inputs import STDIN, Request
from tidegate.cli.paths import Refusal
from tidegate.media.ahead import DecodeAhead
from tidegate.records import Verdict
from tidegate.screening import renamed

if TYPE_CHECKING:
    from tidegate.screening import Screened, Screener

EXIT_UNREADABLE = 4
EXIT_REVIEW = 10
EXIT_RESTRICTED = 20


def fed(items: Iterable[Request | Refusal], ahead: DecodeAhead) -> Iterator[Request | Refusal]:
    """The same items in the same order, each file handed to `ahead` before it is due."""
    waiting: deque[Request | Refusal] = deque()
    for item in items:
        if isinstance(item, Request) and item.path is not None:
            ahead.begin(item.path)
        waiting.append(item)
        if len(waiting) > ahead.jobs:
            yield waiting.popleft()
    yield from waiting


def screen_each(items: Iterable[Request | Refusal], screener: "Screener") -> Iterator[tuple[str, "Screened | Refusal"]]:
    """Each upload's name with what came of it, in order. Raises nothing for bad media, sidecars or detectors."""
    for item in items:
        if isinstance(item, Refusal):
            yield item.name, item
        else:
            result = screener.screen(item.upload, item.path, now_s=time.time())
            yield item.name, renamed(result, "stdin") if item.name == STDIN else result


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a batch came to so far."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    unreadable_count: int = 0
    refused_count: int = 0
    cpu_s: float = 0.0

    @property
    def total(self) -> int:
        """How many uploads were looked at or refused."""
        return self.verdicts.total() + self.refused_count

    def add(self, result: "Screened | Refusal") -> None:
        """Count one more."""
        if isinstance(result, Refusal):
            self.refused_count += 1
            return
        self.verdicts[result.decision.verdict] += 1
        self.unreadable_count += result.path is not None and result.screening.media is None
        self.cpu_s += sum(cost.cpu_s for cost in result.screening.costs)

    def exit_code(self, fail_on: Literal["review", "restricted"] | None) -> int:
        """4 when anything was unreadable; else, with `fail_on`, 20 for restricted or removed, 10 for held; else 0."""
        if self.unreadable_count or self.refused_count:
            return EXIT_UNREADABLE
        if fail_on and (self.verdicts[Verdict.RESTRICTED] or self.verdicts[Verdict.REMOVED]):
            return EXIT_RESTRICTED
        return EXIT_REVIEW if fail_on == "review" and self.verdicts[Verdict.HELD] else 0

    def text(self, wall_s: float) -> str:
        """`14 screened in 21.0 s: 12 allowed, 1 held (1 of them unreadable), 1 not screened; 18.2 CPU-s`."""
        unread = f" ({self.unreadable_count} of them unreadable)" if self.unreadable_count else ""
        parts = [
            f"{count} {verdict.value}{unread if verdict is Verdict.HELD else ''}"
            for verdict in Verdict
            if (count := self.verdicts[verdict])
        ]
        if unread and not self.verdicts[Verdict.HELD]:
            parts.append(f"{self.unreadable_count} unreadable")
        if self.refused_count:
            parts.append(f"{self.refused_count} not screened")
        named = ", ".join(parts) or "nothing"
        return f"{self.verdicts.total()} screened in {wall_s:.1f} s: {named}; {self.cpu_s:.2f} CPU-s"
