"""From followed lines to texts of the clip: joined, timed, boxed, and marks of platforms told apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.media.clip import Frame
from tidegate.records import Box, OnScreenKind, OnScreenText, Span, TimedBox
from tidegate.signals.onscreen.letters import LANGUAGE_OF_SCRIPT, plain
from tidegate.signals.onscreen.lines import Block, blocks
from tidegate.signals.onscreen.regions import Region
from tidegate.signals.onscreen.second import LIKE_FOREIGN_LETTERS
from tidegate.signals.onscreen.sequences import in_sequence
from tidegate.signals.onscreen.tracks import LineTrack
from tidegate.signals.onscreen.watermarks import Picture, marks
from tidegate.signals.unicode_scripts import script_of

LEAST_CONFIDENCE = 0.6
"""Mean probability of its characters below which a line is no reading."""

LEAST_OF_SHORT = ((2, 0.92), (4, 0.85))
"""Most letters and digits -> the same for short readings: coins, wheels and windows read as 0, 000, I or DOO, measured
up to 0.87, and short words on photographs mostly above 0.9."""

SECOND_SURE = 0.9
"""Confidence of the second engine below which its reading is told, and that it may be wrong is told as well. Measured
over 848 lines of drawn captions in ten scripts, where what a line lacks of its caption counts too: 46% of the letters
are wrong from 0.6 on, 23% from 0.7, 18% from 0.8, 9% from 0.9; in the median line 37%, 13%, 8% and none. Thai is worse
below 0.9."""

LIKE_LETTERS = 0.8
"""How much a line that could not be read has to look like letters to be told as such; most texture is below."""
LEAST_ASPECT, LEAST_ASPECT_UNCLEAR = 2.0, 3.0
"""Least length in heights of a line told as unread, and as unclear: single shapes are taken for letters at times."""
LEAST_SCRIPT_CONFIDENCE = 0.6

_TREMBLE_DEG = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundText:
    """A text of the clip, and how long that part of it which stays longest is there at a stretch, in seconds."""

    record: OnScreenText
    longest_s: float
    is_always_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedLines:
    """Lines that were read, lines in a script that nobody reads, and lines of letters too unclear to read."""

    read: list[LineTrack]
    unread: list[LineTrack]
    unclear: list[LineTrack]


def sorted_out(tracks: Sequence[LineTrack]) -> SortedLines:
    """The lines by what became of them; what looks too little like letters is left out."""
    read, unread, unclear = list[LineTrack](), list[LineTrack](), list[LineTrack]()
    for track in tracks:
        region, line = track.best.region, track.line
        least = LIKE_FOREIGN_LETTERS if line.is_unread or line.is_second else LIKE_LETTERS
        aspect = region.width_px / max(region.height_px, 1.0) if region.score >= least else 0.0
        if line.is_unread and line.script_confidence >= LEAST_SCRIPT_CONFIDENCE:
            if aspect >= LEAST_ASPECT:
                unread.append(track)
        elif is_clear(line.text, line.confidence):
            read.append(track)
            if line.is_second and line.confidence < SECOND_SURE:
                unclear.append(track)
        elif aspect >= (LEAST_ASPECT if line.is_second else LEAST_ASPECT_UNCLEAR):
            unclear.append(track)
    return SortedLines(read=read, unread=unread, unclear=unclear)


def is_clear(text: str, confidence: float) -> bool:
    """Whether a reading is sure enough for its length to be told; one without letters and digits never is."""
    length = len(plain(text))
    least = next((least for most, least in LEAST_OF_SHORT if length <= most), LEAST_CONFIDENCE)
    return length > 0 and confidence >= least


def texts_of_clip(tracks: Sequence[LineTrack], frames: Sequence[Frame], detector_id: str) -> list[FoundText]:
    """The texts that lines read with enough confidence make, by time."""
    height, width = frames[0].rgb.shape[:2]
    picture = Picture(frames=len(frames), width_px=width, height_px=height)
    marked = marks(tracks, picture)
    of_marks = {id(track) for group in marked for track in group}
    rest = [track for track in tracks if id(track) not in of_marks]
    made = [
        *((block, OnScreenKind.WATERMARK) for group in marked for block in [_mark(group)]),
        *((block, OnScreenKind.CAPTION) for block in in_sequence(blocks(rest), [frame.time_s for frame in frames])),
    ]
    found = [_text(block, kind, frames, picture, detector_id) for block, kind in made]
    return sorted(found, key=lambda one: (one.record.span.start_s, one.record.box.y, one.record.box.x))


def spans_of(tracks: Sequence[LineTrack], frames: Sequence[Frame]) -> list[Span]:
    """When any of the lines was seen: neighbouring frames joined, by time."""
    numbers = sorted(frozenset[int]().union(*(track.frames for track in tracks)))
    return [_span(run, frames) for run in runs(numbers)]


def runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Ascending numbers cut where one is missing."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _mark(group: Sequence[LineTrack]) -> Block:
    """One mark, however often it was read: its words once, its owner's beside them."""
    words: dict[str, str] = {}
    for track in sorted(group, key=lambda one: -one.line.confidence):
        words.setdefault(plain(track.line.text), track.line.text)
    return Block(tracks=tuple(group), text=" ".join(words.values()))


def _text(block: Block, kind: OnScreenKind, frames: Sequence[Frame], picture: Picture, detector_id: str) -> FoundText:
    numbers = block.frames
    best = max(numbers, key=lambda number: (len(block.regions_at(number)), -number))
    script = script_of(block.text) if len(block.tracks) > 1 else block.tracks[0].line.script
    lead = max(block.tracks, key=lambda track: len(track.line.text))
    record = OnScreenText(
        text=block.text,
        span=_span(numbers, frames),
        box=_box(block.regions_at(best), picture),
        language=LANGUAGE_OF_SCRIPT.get(script, ""),
        confidence=_confidence(block),
        kind=kind,
        path=tuple(
            TimedBox(time_s=frames[number].time_s, box=_box(block.regions_at(number), picture)) for number in numbers
        ),
        script=script,
        rotation_deg=rotation_deg(lead),
        detector_id=detector_id,
    )
    longest_s = max(_longest_s(track, frames) for track in block.tracks)
    return FoundText(record=record, longest_s=longest_s, is_always_there=len(numbers) == len(frames))


def _longest_s(track: LineTrack, frames: Sequence[Frame]) -> float:
    """How long a line is there at a stretch."""
    return max(sum(frames[number].span.duration_s for number in run) for run in runs(sorted(track.frames)))


def rotation_deg(track: LineTrack) -> float:
    """How far a line is turned clockwise, in (-180, 180], in whole degrees; a column of upright letters is not.

    Within two degrees of a quarter turn it is that: so far boxes tremble.
    """
    region = track.best.region
    if region.is_on_its_side and not track.line.is_turned and track.line.script in ("Hani", "Jpan"):
        return 0.0
    turned = region.angle_deg + (180.0 if track.line.is_turned else 0.0)
    quarter = 90.0 * round(turned / 90.0)
    settled = quarter if abs(turned - quarter) <= _TREMBLE_DEG else turned
    return float(round(180.0 - (180.0 - settled) % 360.0))


def _confidence(block: Block) -> float:
    """Mean over the lines, by their length."""
    weights = [max(1, len(track.line.text)) for track in block.tracks]
    total = sum(weight * track.line.confidence for weight, track in zip(weights, block.tracks, strict=True))
    return min(1.0, total / sum(weights))


def _span(numbers: Sequence[int], frames: Sequence[Frame]) -> Span:
    first, last = frames[numbers[0]].span, frames[numbers[-1]].span
    return Span(start_s=first.start_s, end_s=max(first.end_s, last.end_s))


def _box(regions: Sequence[Region], picture: Picture) -> Box:
    """The smallest upright box around all regions."""
    boxes = [region.box(picture.width_px, picture.height_px) for region in regions]
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(x=x, y=y, width=right - x, height=bottom - y)
