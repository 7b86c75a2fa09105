"""Lines into texts: what stands together is read together, line by line, in the order of its script."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from tidegate.signals.onscreen.grids import is_grid
from tidegate.signals.onscreen.letters import RIGHT_TO_LEFT, WITHOUT_BLANKS, joint, plain
from tidegate.signals.onscreen.regions import Region
from tidegate.signals.onscreen.tracks import LineTrack, share_inside

MOST_CHARS = 2000
"""Longest text made of lines; what would be longer is several texts."""

_TOGETHER = 0.5
"""Share of the frames of each of two lines that both must stand on, to be parts of one text."""

_LINE_GAP = 1.1
"""Most blank space between two lines of one text, and between two parts of one line, in line heights."""
_WORD_GAP = 1.6
_ALIKE = 1.8
"""Most ratio of the heights of two lines of one text."""
_ANGLE_DEG = 12.0

_INSIDE = 0.8
"""Share of a line that lies inside a longer one of which it is a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that are one text, in reading order."""

    tracks: tuple[LineTrack, ...]
    text: str

    @property
    def frames(self) -> list[int]:
        """The frames on which any of it was seen, ascending."""
        return sorted(set().union(*(track.frames for track in self.tracks)))

    def regions_at(self, frame: int) -> list[Region]:
        """Where its lines stood on that frame."""
        return [region for track in self.tracks if (region := track.at(frame)) is not None]


def blocks(tracks: Sequence[LineTrack]) -> list[Block]:
    """All lines as texts, by the first frame they were seen on. Cost: square of the lines.

    A line that was read alone and as part of a longer one is in the longer one only. Cells of a table are a text each.
    """
    groups: list[list[LineTrack]] = []
    single = [one for one in tracks if not any(_is_part_of(one, other) for other in tracks)]
    for track in sorted(single, key=lambda one: (one.sightings[0].frame, one.best.region.y_px, one.best.region.x_px)):
        joined = [group for group in groups if any(belong_together(track, other) for other in group)]
        fitting = [group for group in joined if _chars(group) + len(track.line.text) <= MOST_CHARS]
        merged = [track]
        for group in fitting:
            if _chars(merged) + _chars(group) <= MOST_CHARS:
                merged += group
                groups.remove(group)
        groups.append(merged)
    made = [_block(part) for group in groups for part in _cells(group)]
    return sorted(made, key=lambda block: block.frames[0])


def _is_part_of(one: LineTrack, other: LineTrack) -> bool:
    """Whether a line is a stretch of a longer one that stood in its place whenever it was seen."""
    if len(one.line.text) >= len(other.line.text) or not one.frames <= other.frames:
        return False
    if plain(one.line.text) not in plain(other.line.text):
        return False
    # The longer one is followed by a part of it at times: then its place where it was read whole is what counts.
    outer = (other.at(one.best.frame), other.best.region)
    return any(region is not None and share_inside(one.best.region, region) > _INSIDE for region in outer)


def _cells(group: list[LineTrack]) -> list[list[LineTrack]]:
    """The lines one by one where they are a table, else as they are."""
    regions = [region for track in group if (region := track.at(_fullest(group))) is not None]
    return [[track] for track in group] if is_grid(regions) else [group]


def belong_together(one: LineTrack, other: LineTrack) -> bool:
    """Whether two lines stand on mostly the same frames, next to each other, in the same size and direction."""
    shared = one.frames & other.frames
    if not shared or len(shared) < _TOGETHER * max(len(one.frames), len(other.frames)):
        return False
    frame = min(shared)
    a, b = one.at(frame), other.at(frame)
    return a is not None and b is not None and _is_next(a, b)


def _is_next(one: Region, other: Region) -> bool:
    low, high = sorted((one.height_px, other.height_px))
    turn = abs((one.angle_deg - other.angle_deg + 90.0) % 180.0 - 90.0)
    if high > _ALIKE * low or (turn > _ANGLE_DEG and min(_aspect(one), _aspect(other)) > 1.5):
        return False
    a, b = _extent(one, one.angle_deg), _extent(other, one.angle_deg)
    along = max(a[0], b[0]) - min(a[2], b[2])
    across = max(a[1], b[1]) - min(a[3], b[3])
    size = (one.height_px + other.height_px) / 2
    in_one_line = across < -0.5 * low and along < _WORD_GAP * size
    under_another = along < 0.0 and across < _LINE_GAP * size
    return in_one_line or under_another


def _aspect(region: Region) -> float:
    return region.width_px / max(region.height_px, 1.0)


def _extent(region: Region, angle_deg: float) -> tuple[float, float, float, float]:
    """Least and most along and across a direction: along from, across from, along to, across to."""
    turn = math.radians(angle_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    corners = region.corners()
    along, across = corners[:, 0] * cos + corners[:, 1] * sin, corners[:, 1] * cos - corners[:, 0] * sin
    return float(along.min()), float(across.min()), float(along.max()), float(across.max())


def _block(group: Sequence[LineTrack]) -> Block:
    ordered = tuple(in_reading_order(group))
    text = ""
    for track in ordered:
        text += joint(text, track.line.text) + track.line.text
    return Block(tracks=ordered, text=text)


def in_reading_order(group: Sequence[LineTrack]) -> list[LineTrack]:
    """Lines on the fullest frame as they lie there; lines that were gone before it stand before, later ones behind."""
    fullest = _fullest(group)
    there = [(region, track) for track in group if (region := track.at(fullest)) is not None]
    before = [track for track in group if track.last.frame < fullest]
    after = [track for track in group if track.sightings[0].frame > fullest]
    gap = [track for track in group if track not in before and track not in after and track.at(fullest) is None]
    lying = [track for _, track in _laid_out(there)]
    return [*_by_time(before), *lying, *_by_time([*gap, *after])]


def _fullest(group: Sequence[LineTrack]) -> int:
    """The first of the frames on which most of the lines are seen."""
    counts: dict[int, int] = {}
    for track in group:
        for frame in track.frames:
            counts[frame] = counts.get(frame, 0) + 1
    return max(sorted(counts), key=lambda frame: counts[frame])


def _by_time(tracks: Sequence[LineTrack]) -> list[LineTrack]:
    return sorted(tracks, key=lambda track: (track.sightings[0].frame, track.best.region.y_px))


def _laid_out(placed: Sequence[tuple[Region, LineTrack]]) -> list[tuple[Region, LineTrack]]:
    """Rows from the top down, each from its script's side; columns from right to left; in the text's own direction."""
    scripts = [track.line.script for _, track in placed]
    columns = [region.is_on_its_side and track.line.script in WITHOUT_BLANKS for region, track in placed]
    if sum(columns) * 2 > len(columns):
        return sorted(placed, key=lambda one: (-round(one[0].x_px / max(one[0].height_px, 1.0)), one[0].y_px))
    longest = max(placed, key=lambda one: one[0].width_px)
    angle = longest[0].angle_deg + (180.0 if longest[1].line.is_turned else 0.0)
    side = -1.0 if sum(script in RIGHT_TO_LEFT for script in scripts) * 2 > len(scripts) else 1.0
    return [one for row in _rows(placed, angle) for one in sorted(row, key=lambda it: side * _along(it[0], angle))]


def _rows(placed: Sequence[tuple[Region, LineTrack]], angle_deg: float) -> Iterator[list[tuple[Region, LineTrack]]]:
    """Regions whose middles lie within half a height of their row's, from the top down."""
    height = median(region.height_px for region, _ in placed)
    row: list[tuple[Region, LineTrack]] = []
    for one in sorted(placed, key=lambda it: _across(it[0], angle_deg)):
        if row and _across(one[0], angle_deg) - _across(row[0][0], angle_deg) > 0.5 * height:
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def _along(region: Region, angle_deg: float) -> float:
    turn = math.radians(angle_deg)
    return region.x_px * math.cos(turn) + region.y_px * math.sin(turn)


def _across(region: Region, angle_deg: float) -> float:
    turn = math.radians(angle_deg)
    return region.y_px * math.cos(turn) - region.x_px * math.sin(turn)


def _chars(group: Sequence[LineTrack]) -> int:
    return sum(len(track.line.text) for track in group)
