"""What of a clip was not seen or heard, and why."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.media.audio import SoundReader
from tidegate.media.changes import Change
from tidegate.media.lettering import Appearance
from tidegate.media.looks import Look
from tidegate.media.packets import PacketTable
from tidegate.media.plan import STRONG
from tidegate.records import CoverageGap, FrameClock, GapReason, MediaInfo, Modality, Shot, Span

END_SLACK_S = 0.5
"""Containers round durations; less than this, or 2 % of the clip, is no missing end."""
END_SLACK_SHARE = 0.02
GAP_SLACK_S = 0.25
"""Disposable pictures are left out on the way, so that a stretch may exceed the aim by a few frames."""
HOLE_S = 0.5
"""A picture that stays this much longer than its packet says stands before lost packets."""
HOLE_TIMES = 4.0
MOST_GAPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known about the pictures of a clip once they have been looked at.

    `damaged` packets hold no picture; `holes` are stretches whose packets may be lost; `unkept` are shots
    without a kept frame, `unread` new lettering without one.
    """

    has_looks: bool
    clock: FrameClock
    unseen: tuple[Span, ...]
    missed: tuple[Change, ...]
    damaged: tuple[Span, ...]
    holes: tuple[Span, ...]
    shots: tuple[Shot, ...]
    unkept: tuple[int, ...]
    unread: tuple[Appearance, ...]
    is_over_budget: bool
    skipped_streams: int

    @property
    def longest_unseen_s(self) -> float:
        """The longest stretch without a looked-at frame, kept or not, in seconds."""
        return max((run.duration_s for run in self.unseen), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known about the sound: where it ends on the clip's clock, its holes, and whether it was cut short."""

    end_s: float
    holes: tuple[Span, ...]
    is_full: bool


def heard_of(sound: SoundReader, late_s: float) -> Heard:
    """The state of a sound reader on the clip's clock, on which its sound begins at `late_s`."""
    shift_s = late_s - sound.start_s
    holes = (Span(start_s=max(0.0, a + shift_s), end_s=max(0.0, b + shift_s)) for a, b in sound.holes[:MOST_GAPS])
    end_s = sound.last_end_s + shift_s if sound.heard_s > 0.0 else 0.0
    if sound.is_full:  # a little more was decoded than is handed over
        end_s = late_s + sound.kept_s
    return Heard(end_s=max(0.0, end_s), holes=tuple(holes), is_full=sound.is_full)


def unseen_runs(packets: PacketTable, looks: Sequence[Look]) -> list[Span]:
    """Stretches of presented pictures that nobody looked at, by time."""
    positions = _in_order(packets)
    return _runs(packets, positions, ~np.isin(positions, [look.index for look in looks]))


def damaged_runs(packets: PacketTable) -> list[Span]:
    """Stretches of packets that hold no picture, by time."""
    positions = _in_order(packets)
    return _runs(packets, positions, packets.is_damaged[positions])


def _runs(packets: PacketTable, positions: NDArray[np.intp], is_in: NDArray[np.bool_]) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_in, [False]]).astype(np.int8)))
    runs: list[Span] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        start_s = float(packets.time_s[positions[start]])
        runs.append(Span(start_s=start_s, end_s=max(start_s, float(packets.end_s[positions[end - 1]]))))
    return runs


def picture_holes(packets: PacketTable) -> list[Span]:
    """Stretches that a picture fills although its packet says that it is shown much shorter."""
    positions = _in_order(packets)[:-1]
    said_s = packets.duration_s[positions]
    shown_s = packets.end_s[positions] - packets.time_s[positions]
    is_hole = (said_s > 0.0) & (shown_s > said_s + HOLE_S) & (shown_s > HOLE_TIMES * said_s)
    return [
        Span(start_s=float(packets.time_s[at] + packets.duration_s[at]), end_s=float(packets.end_s[at]))
        for at in positions[is_hole]
    ]


def _in_order(packets: PacketTable) -> NDArray[np.intp]:
    """Positions of presented packets by time of presentation."""
    shown = np.flatnonzero(~packets.is_hidden)
    return shown[np.argsort(packets.time_s[shown], kind="stable")]


def picture_gaps(
    info: MediaInfo, seen: Seen, heard: Heard | None, late: GapReason, max_gap_s: float
) -> list[CoverageGap]:
    """Gaps in what was seen; `late` is the reason for what was there and not decoded."""
    if info.video is None:
        return [_picture(GapReason.NO_STREAM, None, "there is no picture stream")]
    if not seen.has_looks:
        whole = Span(start_s=0.0, end_s=max(0.0, info.duration_s))
        return [_picture(GapReason.DAMAGED, whole, "no picture could be decoded")]
    long = [run for run in seen.unseen if run.duration_s > max_gap_s + GAP_SLACK_S]
    gaps = [
        *_missing_end(info, seen.clock, late),
        *(_picture(GapReason.DAMAGED, run, "no pictures in these packets") for run in seen.damaged[:MOST_GAPS]),
        *_lost(seen.holes, heard),
        *(_picture(late, run, "not looked at between keyframes") for run in long[:MOST_GAPS]),
        *itertools.islice(_missed(seen, long, late), MOST_GAPS),
        *_unkept(seen),
        *_unread(seen),
    ]
    if seen.is_over_budget and not gaps:
        gaps.append(_picture(late, None, "not every picture was decoded"))
    if seen.skipped_streams:
        gaps.append(_picture(GapReason.OVER_BUDGET, None, f"{seen.skipped_streams} further picture streams"))
    return gaps


def _missing_end(info: MediaInfo, clock: FrameClock, late: GapReason) -> Iterator[CoverageGap]:
    declared_s = info.video.duration_s if info.video else 0.0
    missing_s = declared_s - clock.end_s
    if missing_s > max(END_SLACK_S, END_SLACK_SHARE * declared_s):
        reason = late if late is GapReason.TIME_LIMIT else GapReason.DAMAGED
        yield _picture(reason, Span(start_s=clock.end_s, end_s=declared_s), "declared pictures are not there")


def _lost(holes: Sequence[Span], heard: Heard | None) -> Iterator[CoverageGap]:
    """Holes in the pictures; where there is sound, only those that it shares (a still scene may have one alone)."""
    for hole in holes[:MOST_GAPS]:
        if heard is None or any(hole.overlaps(other) for other in heard.holes):
            yield _picture(GapReason.DAMAGED, hole, "pictures are missing here")


def _missed(seen: Seen, long: Sequence[Span], late: GapReason) -> Iterator[CoverageGap]:
    """Clear changes that were too dear to look at, unless a longer gap already says so."""
    for change in seen.missed:
        run = next((run for run in seen.unseen if run.start_s <= change.time_s < run.end_s), None)
        if change.score >= STRONG and run is not None and run not in long:
            yield _picture(late, run, "the picture changed here and was not looked at")


def _unkept(seen: Seen) -> Iterator[CoverageGap]:
    if seen.unkept:
        span = seen.shots[seen.unkept[0]].span.union(seen.shots[seen.unkept[-1]].span)
        detail = f"{len(seen.unkept)} of {len(seen.shots)} shots have no kept frame"
        yield _picture(GapReason.OVER_BUDGET, span, detail)


def _unread(seen: Seen) -> Iterator[CoverageGap]:
    """New lettering without a kept frame; what stands too briefly to be read as a line is the budget's known limit."""
    for is_readable, reason in ((True, GapReason.UNREAD), (False, GapReason.OVER_BUDGET)):
        spans = [one.span for one in seen.unread if one.is_readable == is_readable]
        count = len(spans) if len(spans) <= MOST_GAPS else MOST_GAPS - 1
        for span in spans[:count]:
            yield _picture(reason, span, "new lettering of which no frame is kept")
        if rest := spans[count:]:
            whole = Span(start_s=rest[0].start_s, end_s=max(span.end_s for span in rest))
            yield _picture(reason, whole, f"new lettering of which no frame is kept, {len(rest)} times")


def sound_gaps(info: MediaInfo, heard: Heard | None, late: GapReason) -> list[CoverageGap]:
    """Gaps in what was heard."""
    if info.audio is None or heard is None:
        return [_sound(GapReason.NO_STREAM, None, "there is no sound stream")]
    gaps = [_sound(GapReason.DAMAGED, hole, "sound is missing here") for hole in heard.holes]
    if heard.is_full:
        rest = Span(start_s=heard.end_s, end_s=max(heard.end_s, info.audio.duration_s))
        return [*gaps, _sound(GapReason.OVER_BUDGET, rest, "more sound than is decoded")]
    declared_s = info.audio.duration_s
    if declared_s - heard.end_s > max(END_SLACK_S, END_SLACK_SHARE * declared_s) or heard.end_s <= 0.0:
        reason = late if late is GapReason.TIME_LIMIT else GapReason.DAMAGED
        rest = Span(start_s=heard.end_s, end_s=max(heard.end_s, declared_s))
        gaps.append(_sound(reason, rest, "declared sound was not heard"))
    return gaps


def _picture(reason: GapReason, span: Span | None, detail: str) -> CoverageGap:
    return CoverageGap(modality=Modality.PICTURE, reason=reason, span=span, detail=detail)


def _sound(reason: GapReason, span: Span | None, detail: str) -> CoverageGap:
    return CoverageGap(modality=Modality.SOUND, reason=reason, span=span, detail=detail)
