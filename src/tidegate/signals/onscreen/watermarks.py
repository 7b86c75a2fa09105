"""Marks of platforms and creators, told from statements by a short open list: nothing else is ever a watermark.

The name of a platform is left out of the words that detectors read, so nobody may hide a statement as one: the whole
text has to be such a name with at most a handle or number beside it, or a handle beside such a name on the same
frames; it has to be small, to stand at an edge of the picture, and to stay through the clip or to hop between places.
Handles and numbers are words that somebody chose, and are read as all others (`texts.views_of_handles`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tidegate.records import Box
from tidegate.signals.onscreen.letters import plain
from tidegate.signals.onscreen.lines import belong_together
from tidegate.signals.onscreen.tracks import LineTrack
from tidegate.signals.platforms import HANDLE, NAME, NUMBER

_NOTE = r"[♪♫♩d•·|\-—:：\s]{0,4}"
"""Notes, dots and what the platform's own sign (a note, read as a small d) is taken for."""

_MARK = re.compile(rf"{_NOTE}(?:{NAME})(?:{_NOTE}(?:{HANDLE}|{NUMBER}))?{_NOTE}", re.IGNORECASE)
_OWNER = re.compile(rf"{_NOTE}(?:{HANDLE}|{NUMBER}){_NOTE}", re.IGNORECASE)

MOST_HEIGHT, MOST_WIDTH, MOST_AREA = 0.06, 0.5, 0.03
"""Highest and widest line of a mark and its largest area, as shares of the picture's: what is wider is a caption."""

EDGE = 0.12
"""Most distance of a mark from the nearest edge of the picture, as a share of the picture's width or height."""

LEAST_SHARE = 0.5
"""Share of the clip's frames that a mark stays on, unless it hops."""
_STEP = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What sizes are told by: the frames of the clip and their size in pixels."""

    frames: int
    width_px: int
    height_px: int


def marks(tracks: Sequence[LineTrack], picture: Picture) -> list[list[LineTrack]]:
    """The lines that are marks, those with the same words together, each with its owner's line where one stands by."""
    by_words: dict[str, list[LineTrack]] = {}
    for track in tracks:
        if _MARK.fullmatch(track.line.text.strip()):
            by_words.setdefault(plain(track.line.text), []).append(track)
    found = [group for group in by_words.values() if _is_discreet(group, picture)]
    owners = [track for track in tracks if _OWNER.fullmatch(track.line.text.strip())]
    for group in found:
        group += [owner for owner in owners if any(belong_together(owner, mark) for mark in group)]
    return [group for group in found if _is_discreet(group, picture)]


def _is_discreet(group: Sequence[LineTrack], picture: Picture) -> bool:
    """Small, at an edge, and on most frames or hopping."""
    regions = [one.region for track in group for one in track.sightings]
    boxes = [region.box(picture.width_px, picture.height_px) for region in regions]
    if any(region.height_px > MOST_HEIGHT * picture.height_px for region in regions):
        return False
    if any(box.width > MOST_WIDTH or box.width * box.height > MOST_AREA for box in boxes):
        return False
    if any(min(box.x, 1 - box.x - box.width, box.y, 1 - box.y - box.height) > EDGE for box in boxes):
        return False
    frames = frozenset[int]().union(*(track.frames for track in group))
    return len(frames) >= LEAST_SHARE * picture.frames or _hops(boxes)


def _hops(boxes: Sequence[Box]) -> bool:
    """Whether boxes jump between places."""
    middles = [(box.x + box.width / 2, box.y + box.height / 2) for box in boxes]
    return any(abs(a[0] - b[0]) + abs(a[1] - b[1]) > _STEP for a, b in pairwise(middles))
