"""Goes through the frames of a clip once, in order: looks where letters are new, reads them, follows the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.records import Span
from tidegate.signals.onscreen.assembled import LIKE_LETTERS
from tidegate.signals.onscreen.changes import WHOLE, Area, Bounds, ChangeGate
from tidegate.signals.onscreen.lettering import grey
from tidegate.signals.onscreen.looks import Look, LookGate
from tidegate.signals.onscreen.prints import print_of
from tidegate.signals.onscreen.reader import SURE, LineText
from tidegate.signals.onscreen.regions import Region
from tidegate.signals.onscreen.small_print import has_rows
from tidegate.signals.onscreen.tracks import LineTrack, LineTracks, covered, looks_alike, share_inside, still_there

SIDE_PX = 512
"""Frames are looked at in their own size: larger finds no more (measured at 640 and 768), smaller loses letters."""

MOST_LOOKED_FRAMES = 32
"""Whole frames' worth of pixels that the finder looks at in one clip: 1.4 CPU-s at 288 x 512."""

MOST_LINES_A_FRAME = 40
MOST_COST_PX = 40_000
"""Pixels of line read in one clip, 48 high: about 3 CPU-s."""
MOST_COST_PX_A_FRAME = 16_000

TRUSTED_S = 8.0
"""Within a shot, for how long after it was read a line counts as the same while it looks alike; from then on it is read
again unless every letter looks the same. So one letter changed in place may be passed over for so long. Our own
choice."""

_EDGE_PX = 2
_SAME_PLACE = 0.5
_CLOSER = 2


class Finder(Protocol):
    """Finds lines on a picture."""

    def find(self, rgb: NDArray[np.uint8], side_px: int) -> list[Region]:
        """Regions of uint8 (h, w, 3), looked at with its longest side at `side_px`."""


class Reader(Protocol):
    """Reads a region of a picture, and says how many pixels of line that has cost so far."""

    cost_px: int

    def read(self, rgb: NDArray[np.uint8], region: Region) -> LineText:
        """What the region says."""


@dataclass(slots=True, kw_only=True)
class Followed:
    """The lines of a clip, the spans of frames with rows of letters that are too small to be found, and of frames on
    which something was left unread for want of budget.
    """

    tracks: list[LineTrack] = field(default_factory=list)
    too_small: list[Span] = field(default_factory=list)
    passed_over: list[Span] = field(default_factory=list)
    looked_frames: float = 0.0
    read_count: int = 0


class Follower:
    """One clip's pass. Make a new one for each clip. `look_every_s` as `LookGate.every_s`."""

    def __init__(self, finder: Finder, reader: Reader, *, look_every_s: float = 0.0) -> None:
        self._finder, self._reader = finder, reader
        self._gate, self._looks = ChangeGate(), LookGate(look_every_s)
        self._frames: Sequence[Frame] = ()
        self.found = Followed()

    def follow(self, frames: Sequence[Frame]) -> Followed:
        """Go through the frames, by time."""
        if not frames:
            return self.found
        self._frames = frames
        tracks = LineTracks(max(max(frame.rgb.shape[:2]) for frame in frames))
        for number, frame in enumerate(frames):
            self._frame(number, frame, grey(frame.rgb), tracks)
        self.found.tracks = tracks.tracks
        return self.found

    def _frame(self, number: int, frame: Frame, luma: NDArray[np.uint8], tracks: LineTracks) -> None:
        known = list(tracks.lately(number))
        still = [track for track in known if self._is_still_there(track, number, tracks)]
        gone = [track for track in known if track not in still and track.last.frame == number - 1]
        bounds = [track.last.region.bounds() for track in still]
        look = self._looks.wants(frame, luma, bounds, is_line_gone=bool(gone))
        regions = self._regions_of(frame, luma, bounds, look)
        grown = {id(track) for track in still if any(_outgrows(region, track.last.region) for region in regions)}
        staying = [track for track in still if id(track) not in grown]
        there = [track.last.region for track in staying]
        fresh = [region for region in regions if not covered(region, there)]
        if look is Look.COARSE:
            fresh = [region for region in fresh if not any(_share(region, one) for one in there)]
        count = len(tracks.tracks)
        self._read(number, frame, fresh, tracks)
        if look is not Look.NONE:
            self._looks.found(has_lines=bool(regions), has_new=any(_is_line(one) for one in tracks.tracks[count:]))
        for track in staying:
            if track.last.frame < number:
                tracks.stay(track, number)

    def _regions_of(self, frame: Frame, luma: NDArray[np.uint8], known: Sequence[Bounds], look: Look) -> list[Region]:
        """Regions where letters are new, found as closely as was asked for."""
        if look is Look.NONE:
            return []
        if look is Look.FULL:
            return self._look(frame, self._gate.look(luma, known))
        areas = self._gate.look(luma, known, is_kept=False)
        return self._look_at(frame, [replace(area, is_half=True) for area in areas])

    def _is_still_there(self, track: LineTrack, number: int, tracks: LineTracks) -> bool:
        """Whether a line stands on this frame where it was seen last: by its looks, or read again where they differ.

        What was not read surely may be no line at all, and is not trusted to hide what comes up in its place.
        """
        frame, read_on = self._frames[number], self._frames[track.read_on]
        print_ = print_of(frame.rgb, track.last.region)
        if still_there(track, print_):
            return True
        if track.line.confidence < SURE or not looks_alike(track, print_):
            return False
        trusted_s = max(TRUSTED_S, self._looks.every_s)
        if frame.shot_index == read_on.shot_index and frame.time_s - read_on.time_s < trusted_s:
            return True
        if self._reader.cost_px >= MOST_COST_PX:
            return False
        self.found.read_count += 1
        return tracks.confirm(track, number, self._reader.read(frame.rgb, track.last.region), print_)

    def _look(self, frame: Frame, areas: list[Area]) -> list[Region]:
        """Regions in the areas of a frame; where an area's edge cuts one off, a wider area is looked at instead."""
        small = self._look_at(frame, [area for area in areas if not area.is_half])
        large = self._look_at(frame, [area for area in areas if area.is_half])
        return [*small, *(region for region in large if not any(_share(region, one) for one in small))]

    def _look_at(self, frame: Frame, areas: list[Area]) -> list[Region]:
        """The same for areas of one scale."""
        height, width = frame.rgb.shape[:2]
        found: list[Region] = []
        for area in areas:
            if not self._may_look(frame, area):
                return found
            regions = self._regions(frame, area)
            if any(_is_cut(region, area, width, height) for region in regions):
                wide = _widened(area, regions, width, height)
                if not self._may_look(frame, wide):
                    return found
                regions = self._regions(frame, wide)
            found += regions or self._closer(frame, area)
        return found

    def _closer(self, frame: Frame, area: Area) -> list[Region]:
        """Regions of small print, found at twice the size: PP-OCR reads letters of 7 px that it does not find."""
        part = frame.rgb[area.top : area.bottom, area.left : area.right]
        if area.is_half or not has_rows(grey(part)) or not self._may_look(frame, area, times=_CLOSER**2):
            return []
        import cv2

        large = cv2.resize(part, None, fx=_CLOSER, fy=_CLOSER, interpolation=cv2.INTER_CUBIC)
        found = self._finder.find(np.asarray(large, np.uint8), max(large.shape[:2]))
        if not found:
            _add(self.found.too_small, frame.span)
        return [region.scaled(1.0 / _CLOSER).moved(area.left, area.top) for region in found]

    def _may_look(self, frame: Frame, area: Area, *, times: int = 1) -> bool:
        share = times * area.size_px / (frame.rgb.shape[0] * frame.rgb.shape[1])
        if self.found.looked_frames + share > MOST_LOOKED_FRAMES:
            self._pass_over(frame)
            return False
        self.found.looked_frames += share
        return True

    def _regions(self, frame: Frame, area: Area) -> list[Region]:
        part = frame.rgb[area.top : area.bottom, area.left : area.right]
        longest = max(part.shape[:2])
        found = self._finder.find(part, min(longest // 2 if area.is_half else longest, SIDE_PX))
        return [region.moved(area.left, area.top) for region in found]

    def _read(self, number: int, frame: Frame, regions: list[Region], tracks: LineTracks) -> None:
        """Read regions, the largest first, as far as the budget goes."""
        start_px = self._reader.cost_px
        regions = sorted(regions, key=lambda region: -region.width_px * region.height_px)
        for count, region in enumerate(regions):
            spent_px = self._reader.cost_px
            if (
                count >= MOST_LINES_A_FRAME
                or tracks.is_full
                or spent_px >= MOST_COST_PX
                or spent_px - start_px >= MOST_COST_PX_A_FRAME
            ):
                self._pass_over(frame)
                self._gate.forget()
                return
            line = self._reader.read(frame.rgb, region)
            self.found.read_count += 1
            tracks.add(number, region, line, print_of(frame.rgb, region))

    def _pass_over(self, frame: Frame) -> None:
        _add(self.found.passed_over, frame.span)


def _add(spans: list[Span], span: Span) -> None:
    """Once for each frame."""
    if not spans or spans[-1] != span:
        spans.append(span)


def _is_line(track: LineTrack) -> bool:
    """Whether it is surely a line of letters, not texture that was taken for one."""
    return track.line.confidence >= SURE or (track.line.is_unread and track.best.region.score >= LIKE_LETTERS)


def _share(one: Region, other: Region) -> bool:
    """Whether one of the two lies mostly inside the other."""
    return max(share_inside(one, other), share_inside(other, one)) > _SAME_PLACE


def _outgrows(region: Region, known: Region) -> bool:
    """Whether a region holds a known one and a good deal more in its row."""
    return share_inside(known, region) > 0.7 and region.width_px > 1.3 * known.width_px


def _widened(area: Area, regions: Sequence[Region], width_px: int, height_px: int) -> Area:
    """The area with as much again beyond each edge that cuts a region; the whole picture where that is most of it."""
    cut = [region.bounds() for region in regions if _is_cut(region, area, width_px, height_px)]
    across, down = area.right - area.left, area.bottom - area.top
    wide = replace(
        area,
        left=max(0, area.left - across * any(left <= area.left + _EDGE_PX for left, _, _, _ in cut)),
        top=max(0, area.top - down * any(top <= area.top + _EDGE_PX for _, top, _, _ in cut)),
        right=min(width_px, area.right + across * any(right >= area.right - _EDGE_PX for _, _, right, _ in cut)),
        bottom=min(height_px, area.bottom + down * any(bottom >= area.bottom - _EDGE_PX for _, _, _, bottom in cut)),
    )
    if (wide.right - wide.left) * (wide.bottom - wide.top) > WHOLE * width_px * height_px:
        return replace(area, left=0, top=0, right=width_px, bottom=height_px)
    return wide


def _is_cut(region: Region, area: Area, width_px: int, height_px: int) -> bool:
    """Whether a region reaches an edge of the area that is no edge of the picture."""
    left, top, right, bottom = region.bounds()
    return (
        (area.left > 0 and left <= area.left + _EDGE_PX)
        or (area.top > 0 and top <= area.top + _EDGE_PX)
        or (area.right < width_px and right >= area.right - _EDGE_PX)
        or (area.bottom < height_px and bottom >= area.bottom - _EDGE_PX)
    )
