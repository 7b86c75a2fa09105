"""Where a reader of the feed stands: a number of the journal, and the earlier entries that it is still to be told.

A person's decision is told only when it can no longer be taken back, so entries are told out of the journal's order.
A position therefore names, behind `~`, the numbers below its own that were held back: `120~97.115`. Pure.
"""

import itertools
import re
from dataclasses import dataclass

from tidegate.errors import CursorError

MOST_PENDING = 64
"""Entries that a position may name; with more held back, the feed waits for them."""
_POSITION = re.compile(r"(0|[1-9][0-9]{0,17})(?:~([1-9][0-9]{0,17}(?:\.[1-9][0-9]{0,17}){0,63}))?\Z")
MOST_POSITION_CHARS = 19 * (MOST_PENDING + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Everything up to `seq` was told or will never be, but for `pending`, which are ascending.

    `is_plain` marks a position that came as a number alone: what was held back when that entry was told is not in it.
    """

    seq: int
    pending: tuple[int, ...] = ()
    is_plain: bool = False

    @property
    def text(self) -> str:
        """The cursor."""
        return f"{self.seq}~{'.'.join(map(str, self.pending))}"


def read(text: str) -> Position:
    """The position of a cursor; a number alone is taken too. Raises CursorError."""
    if text.endswith("~"):
        text, is_plain = text[:-1], False
    else:
        is_plain = "~" not in text
    found = _POSITION.match(text) if len(text) <= MOST_POSITION_CHARS else None
    if found is None:
        raise _refused("this is no position in the feed")
    seq, pending = int(found[1]), tuple(map(int, found[2].split("."))) if found[2] else ()
    is_ascending = all(earlier < later for earlier, later in itertools.pairwise(pending))
    if not is_ascending or seq < max(pending, default=0):
        raise _refused("this is no position in the feed")
    return Position(seq=seq, pending=pending, is_plain=is_plain)


def check_reached(position: Position, head_seq: int) -> None:
    """Raises CursorError for a position that the journal has not reached: it would silently skip what comes."""
    if position.seq > head_seq:
        raise _refused(f"the journal ends at {head_seq}, before this position")


def _refused(what: str) -> CursorError:
    return CursorError(what, where="?after", next_step="pass the `next` or `cursor` of the last answer, or 0")
