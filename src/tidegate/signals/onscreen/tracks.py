"""Lines of text followed over the frames of a clip: where each stood, when, and what it says at its best reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.letters import likeness, plain
from tidegate.signals.onscreen.prints import SAME, difference, is_alike
from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import Region

MOST_LINES = 400
"""Most lines followed in one clip."""

SAME_TEXT = 0.8
"""Likeness of two readings from which they are one text, read twice."""

GAP_FRAMES = 2
"""Frames for which a line may be out of sight and still be the same."""

_TREMBLE = 1.15

_REACH = 0.35
"""Share of the frame's longer side that a line may move from one frame to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A line on one frame; `frame` counts the frames of the clip that are looked at."""

    frame: int
    region: Region


@dataclass(slots=True, kw_only=True)
class LineTrack:
    """One line over time. `sightings` ascend by frame; `best` is where it was read best.

    `read_on` is the frame on which it was read last.
    """

    line: LineText
    print: NDArray[np.float32]
    sightings: list[Sighting] = field(default_factory=list)
    best: Sighting
    read_on: int = 0

    @property
    def last(self) -> Sighting:
        """Where it was seen last."""
        return self.sightings[-1]

    @property
    def frames(self) -> frozenset[int]:
        """The frames it was seen on."""
        return frozenset(one.frame for one in self.sightings)

    def at(self, frame: int) -> Region | None:
        """Where it stood on that frame."""
        return next((one.region for one in self.sightings if one.frame == frame), None)


class LineTracks:
    """The lines of one clip, found again from frame to frame. `side_px` is the longer side of its frames."""

    def __init__(self, side_px: int) -> None:
        self._reach_px = _REACH * side_px
        self.tracks: list[LineTrack] = []

    @property
    def is_full(self) -> bool:
        """Whether no further line is followed."""
        return len(self.tracks) >= MOST_LINES

    def lately(self, frame: int) -> Iterator[LineTrack]:
        """Lines seen shortly before that frame and not on it yet, the latest first."""
        for track in reversed(self.tracks):
            if frame - 1 - GAP_FRAMES <= track.last.frame < frame:
                yield track

    def stay(self, track: LineTrack, frame: int) -> None:
        """The line stands on this frame where it stood."""
        track.sightings.append(Sighting(frame=frame, region=track.last.region))

    def add(self, frame: int, region: Region, line: LineText, print_: NDArray[np.float32]) -> LineTrack:
        """A line as read on this frame: one that moved, grew or was read before goes on; else a new one begins."""
        sighting = Sighting(frame=frame, region=region)
        track = self._known(frame, region, line, print_)
        if track is None:
            track = LineTrack(line=line, print=print_, sightings=[sighting], best=sighting, read_on=frame)
            self.tracks.append(track)
        else:
            _see(track, sighting, line, print_)
        return track

    def confirm(self, track: LineTrack, frame: int, line: LineText, print_: NDArray[np.float32]) -> bool:
        """Whether a line read again in its place on this frame is the same; then it goes on."""
        is_same = _goes_on(track, line, track.last.region, print_)
        if is_same:
            _see(track, Sighting(frame=frame, region=track.last.region), line, print_)
        return is_same

    def _known(self, frame: int, region: Region, line: LineText, print_: NDArray[np.float32]) -> LineTrack | None:
        near = [(self._distance_px(track.last.region, region), track) for track in self.lately(frame)]
        fitting = [
            (distance, track)
            for distance, track in near
            if distance <= self._reach_px and _goes_on(track, line, region, print_)
        ]
        return min(fitting, key=lambda one: one[0])[1] if fitting else None

    @staticmethod
    def _distance_px(one: Region, other: Region) -> float:
        return float(np.hypot(one.x_px - other.x_px, one.y_px - other.y_px))


def is_same_text(one: LineText, other: LineText, *, is_in_place: Region, at: Region) -> bool:
    """Whether two readings are one line: alike, or in one row with the later beginning as the earlier did.

    Digits must agree: another number is another text.
    """
    if digits(one.text) == digits(other.text) and likeness(one.text, other.text) >= SAME_TEXT:
        return True
    return _is_grown(one.text, other.text) and _in_one_row(is_in_place, at)


def still_there(track: LineTrack, print_: NDArray[np.float32]) -> bool:
    """Whether the print of the line's place on another frame shows the same letters."""
    return print_.shape == track.print.shape and difference(track.print, print_) < SAME


def looks_alike(track: LineTrack, print_: NDArray[np.float32]) -> bool:
    """The same for letters that a video encoder has changed; one other letter may be passed over."""
    return _alike(track.print, print_)


def _see(track: LineTrack, sighting: Sighting, line: LineText, print_: NDArray[np.float32]) -> None:
    is_grown = len(plain(line.text)) > len(plain(track.line.text)) and _is_grown(track.line.text, line.text)
    if is_grown or line.confidence > track.line.confidence:
        track.line, track.best = line, sighting
    track.print, track.read_on = print_, sighting.frame
    track.sightings.append(sighting)


def _goes_on(track: LineTrack, line: LineText, region: Region, print_: NDArray[np.float32]) -> bool:
    """Whether a line read on a later frame is the one followed. What nobody has read yet is known by how it looks."""
    if track.line.is_unread or line.is_unread:
        is_unread = track.line.is_unread and line.is_unread
        return is_unread and track.last.region.overlap(region) > 0.3 and _alike(track.print, print_)
    return is_same_text(track.line, line, is_in_place=track.last.region, at=region)


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two prints show the same letters, the width of whose boxes may tremble."""
    tremble = max(one.shape[1], other.shape[1]) / min(one.shape[1], other.shape[1])
    return tremble <= _TREMBLE and is_alike(one, other)


def covered(region: Region, others: Sequence[Region]) -> bool:
    """Whether most of the region lies inside one of the others."""
    return any(share_inside(region, other) > 0.5 for other in others)


def share_inside(region: Region, other: Region) -> float:
    """Share of the upright bounds of `region` that lies inside those of `other`, in [0, 1]."""
    a, b = region.bounds(), other.bounds()
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    size = (a[2] - a[0]) * (a[3] - a[1])
    return max(width, 0.0) * max(height, 0.0) / size if size > 0.0 else 0.0


def _is_grown(before: str, after: str) -> bool:
    """Whether a text goes on where another ended: words that appear one by one."""
    old, new = plain(before), plain(after)
    return len(new) > len(old) >= 1 and likeness(old, new[: len(old)]) >= SAME_TEXT and digits(old) in digits(new)


def _in_one_row(one: Region, other: Region) -> bool:
    shared = min(one.bounds()[3], other.bounds()[3]) - max(one.bounds()[1], other.bounds()[1])
    alike = max(one.height_px, other.height_px) < 1.5 * min(one.height_px, other.height_px)
    return alike and shared > 0.5 * min(one.height_px, other.height_px)


def digits(text: str) -> str:
    """The digits of a text, in order: another number is another text."""
    return "".join(char for char in text if char.isdigit())
