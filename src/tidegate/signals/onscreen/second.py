"""Lines in scripts that the bundled engine does not read: their script agreed on over the clip, then read by a second.

One line alone often leaves open which script it is in, or whether it is one that the bundled engine reads. So nothing
is decided until the whole clip was seen: what stood in the same place before, and what stands in the next line, have a
say. Then all lines of a script are read in one go.
"""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.signals.onscreen.letters import likeness
from tidegate.signals.onscreen.lines import belong_together
from tidegate.signals.onscreen.reader import SURE, LineText, fullness, unread
from tidegate.signals.onscreen.recognise import LINE_HEIGHT_PX
from tidegate.signals.onscreen.regions import Region, crop
from tidegate.signals.onscreen.tracks import GAP_FRAMES, SAME_TEXT, LineTrack, digits

MOST_CROPS = 64
"""Most crops given to the second engine for one clip: about 2 CPU-s."""

TIME_LIMIT_S = 20.0
"""Most seconds by the clock for all lines of a clip, so that an engine that hangs holds up nothing."""

LOOKS_A_LINE = 2
"""Sightings of a line that are read; the surest reading counts."""

SETTLED, LEAST_TRIED, MOST_TRIED = 0.8, 0.1, 3
"""Share of a line's likeliest script below which the next ones are tried as well, from which share on, and how many in
all; the surest reading counts."""

_EVEN_SHARE = 0.05
"""What a script that no other line is in keeps of its share."""

LIKE_FOREIGN_LETTERS, LEAST_ASPECT_READ = 0.6, 1.5
"""How much a line of foreign letters has to look like letters, and how many heights it has to be long, to be read or
told: small letters look less so than `assembled.LIKE_LETTERS`. Measured on 60 drawn scenes and ten clips without words:
none of the ten lines found on them was longer than 1.5 heights."""

ALIKE, ALIKE_ELSEWHERE = 0.5, 0.7
"""Likeness from which two readings, one after the other, are one text, in one place and where it may have moved, when
one of them is unsure: the second engine errs more than the first."""

RIGHT = 0.93
"""Confidence of the second engine from which most of its readings hold no error (236 of 848 lines, in the median)."""
_IN_PLACE = 0.4
_CLEARLY_TURNED = 0.1


class SecondEngine(Protocol):
    """Reads lines in scripts that the first engine cannot."""

    def available_scripts(self) -> frozenset[str]:
        """ISO 15924 codes it has data for; empty where it is not installed."""

    def read_many(
        self, crops: Sequence[NDArray[np.uint8]], script: str, *, time_limit_s: float
    ) -> list[tuple[str, float] | None]:
        """Words and confidence in [0, 1] of each upright uint8 (h, w, 3) crop; `None` where it finds none in time."""


class NoEngine:
    """No second engine: every script beyond the first one's is an abstention."""

    def available_scripts(self) -> frozenset[str]:
        """None."""
        return frozenset()

    def read_many(
        self, crops: Sequence[NDArray[np.uint8]], script: str, *, time_limit_s: float
    ) -> list[tuple[str, float] | None]:
        """Nothing."""
        return [None] * len(crops)


@dataclass(slots=True, kw_only=True)
class SecondReading:
    """The lines of a clip after the second engine, and those that it was not given for want of budget."""

    tracks: list[LineTrack] = field(default_factory=list)
    passed_over: list[LineTrack] = field(default_factory=list)


def read_again(tracks: Sequence[LineTrack], frames: Sequence[Frame], second: SecondEngine) -> SecondReading:
    """All lines, those in scripts that only the second engine reads with its words. Changes the tracks given.

    Cost: the square of the lines in script and place; the second engine's for at most 64 crops.
    """
    _agree(tracks)
    foreign = [track for track in tracks if track.line.is_unread and _is_worth_reading(track.best.region)]
    if not foreign:
        return SecondReading(tracks=list(tracks))
    asked: dict[str, list[_Crop]] = {}
    passed_over, left = list[LineTrack](), MOST_CROPS
    pooled = _pooled(foreign)
    for track in sorted(foreign, key=lambda one: -one.best.region.width_px * one.best.region.height_px):
        ranked = _ranked(track.line, pooled)
        track.line = replace(track.line, script=ranked[0][0], script_confidence=ranked[0][1])
        crops = list(_crops(track, frames, ranked, second.available_scripts()))
        if len(crops) > left:
            passed_over.append(track)
            continue
        left -= len(crops)
        for one in crops:
            asked.setdefault(one.script, []).append(one)
    passed_over += _read(asked, second)
    return SecondReading(tracks=_told_once(tracks), passed_over=passed_over)


@dataclass(slots=True, kw_only=True)
class _Crop:
    """One look at a line, to be read in one script."""

    track: LineTrack
    script: str
    share: float
    rgb: NDArray[np.uint8]
    is_turned: bool


def _agree(tracks: Sequence[LineTrack]) -> None:
    """Lines read unsurely that most likely are in another script, seen with those they belong to, become unread."""
    unsure = [one for one in tracks if one.line.is_unread or (not one.line.is_turned and one.line.confidence < SURE)]
    logits = [one.line.foreign_logit for one in unsure]
    extents = np.array([_extent(one) for one in unsure])
    for at, track in enumerate(unsure):
        if track.line.is_unread or not track.line.scripts:
            continue
        is_near = (extents[:, :3] <= extents[at, 3:]).all(axis=1) & (extents[:, 3:] >= extents[at, :3]).all(axis=1)
        near = (other for other in np.flatnonzero(is_near).tolist() if other != at)
        around = sum(logits[other] for other in near if _are_kin(track, unsure[other]))
        if logits[at] + around > 0.0:
            track.line = unread(track.line, *track.line.scripts[0])


def _extent(track: LineTrack) -> tuple[float, ...]:
    """Least frame, x and y, then most, within which a line's kin must lie too."""
    bounds = np.array([one.region.bounds() for one in track.sightings])
    reach_px = 2.0 * max(one.region.height_px for one in track.sightings)
    least = (track.sightings[0].frame - GAP_FRAMES, *(bounds[:, :2].min(axis=0) - reach_px))
    return (*least, track.last.frame + GAP_FRAMES, *(bounds[:, 2:].max(axis=0) + reach_px))


def _are_kin(one: LineTrack, other: LineTrack) -> bool:
    """Whether two lines are parts of one text, or one after the other in one place."""
    return belong_together(one, other) or (_follow(one, other) and _is_in_place(one, other))


def _follow(one: LineTrack, other: LineTrack) -> bool:
    """Whether two lines are never seen together, and one shortly before or after the other."""
    if one.frames & other.frames:
        return False
    return min(abs(a - b) for a in one.frames for b in other.frames) <= 1 + GAP_FRAMES


def _is_in_place(one: LineTrack, other: LineTrack) -> bool:
    """Whether two lines that follow each other stand in one place where they are closest in time."""
    pairs = ((abs(a.frame - b.frame), a.region, b.region) for a in one.sightings for b in other.sightings)
    _, here, there = min(pairs, key=lambda pair: pair[0])
    return here.overlap(there) > _IN_PLACE


def _pooled(tracks: Sequence[LineTrack]) -> Mapping[str, float]:
    """Shares of the scripts over all lines, by their length in heights."""
    sums: dict[str, float] = {}
    total = 0.0
    for track in tracks:
        length = track.best.region.width_px / max(track.best.region.height_px, 1.0)
        total += length
        for script, share in track.line.scripts:
            sums[script] = sums.get(script, 0.0) + length * share
    return {script: one / total for script, one in sums.items()}


def _ranked(line: LineText, pooled: Mapping[str, float]) -> list[tuple[str, float]]:
    """The scripts of a line with their shares once the clip's other lines had their say, likeliest first."""
    weighed = [(script, share * (_EVEN_SHARE + pooled.get(script, 0.0))) for script, share in line.scripts]
    total = sum(share for _, share in weighed)
    if total <= 0.0:
        return [(line.script, line.script_confidence)]
    return sorted(((script, share / total) for script, share in weighed), key=lambda one: -one[1])


def _is_worth_reading(region: Region) -> bool:
    """Whether a region may be a line: shapes of photographs that look a little like letters are as long as high."""
    return region.score >= LIKE_FOREIGN_LETTERS and region.width_px >= LEAST_ASPECT_READ * region.height_px


def _crops(
    track: LineTrack, frames: Sequence[Frame], ranked: Sequence[tuple[str, float]], available: frozenset[str]
) -> Iterator[_Crop]:
    likely = [one for one in ranked[1:MOST_TRIED] if one[1] >= LEAST_TRIED and ranked[0][1] < SETTLED]
    tried = [one for one in (ranked[0], *likely) if one[0] in available]
    sightings = dict.fromkeys([track.best.frame, track.sightings[len(track.sightings) // 2].frame, track.last.frame])
    for frame in list(sightings)[:LOOKS_A_LINE]:
        region = track.at(frame)
        if region is None:
            continue
        rgb = crop(frames[frame].rgb, region, LINE_HEIGHT_PX)
        for script, share in tried:
            yield _Crop(track=track, script=script, share=share, rgb=rgb, is_turned=False)
            if track.line.may_be_turned:
                turned = np.ascontiguousarray(rgb[::-1, ::-1])
                yield _Crop(track=track, script=script, share=share, rgb=turned, is_turned=True)


def _read(asked: Mapping[str, Sequence[_Crop]], second: SecondEngine) -> list[LineTrack]:
    """Give every line its surest reading. The lines that there was no time for."""
    sureness: dict[int, float] = {}
    until_s = time.monotonic() + TIME_LIMIT_S
    late: list[LineTrack] = []
    for script, crops in asked.items():
        left_s = until_s - time.monotonic()
        answers = second.read_many([one.rgb for one in crops], script, time_limit_s=max(left_s, 0.0))
        if time.monotonic() >= until_s:
            late += [one.track for one, found in zip(crops, answers, strict=True) if found is None]
        for one, found in zip(crops, answers, strict=True):
            if found is None or not found[0].strip():
                continue
            confidence = found[1] * fullness(found[0], one.rgb)
            sure = confidence - (_CLEARLY_TURNED if one.is_turned else 0.0)
            if sure <= sureness.get(id(one.track), -math.inf):
                continue
            sureness[id(one.track)] = sure
            one.track.line = replace(
                one.track.line,
                text=found[0].strip(),
                confidence=confidence,
                script=script,
                script_confidence=one.share,
                is_unread=False,
                is_turned=one.is_turned,
                is_second=True,
            )
    return [track for track in {id(one): one for one in late}.values() if track.line.is_unread]


def _told_once(tracks: Sequence[LineTrack]) -> list[LineTrack]:
    """What was read twice in one place, one after the other, is one line with the surer reading."""
    kept: list[LineTrack] = []
    for track in sorted(tracks, key=lambda one: one.sightings[0].frame):
        before = next((one for one in reversed(kept) if _is_same(one, track)), None)
        if before is None:
            kept.append(track)
            continue
        if track.line.confidence > before.line.confidence:
            before.line, before.best = track.line, track.best
        before.print = track.print
        before.sightings = sorted([*before.sightings, *track.sightings], key=lambda sighting: sighting.frame)
    return kept


def _is_same(before: LineTrack, track: LineTrack) -> bool:
    if not (before.line.is_second and track.line.is_second and before.line.script == track.line.script):
        return False
    if digits(before.line.text) != digits(track.line.text) or not _follow(before, track):
        return False
    least = ALIKE if _is_in_place(before, track) else ALIKE_ELSEWHERE
    is_unsure = min(before.line.confidence, track.line.confidence) < RIGHT
    return likeness(before.line.text, track.line.text) >= (least if is_unsure else SAME_TEXT)
