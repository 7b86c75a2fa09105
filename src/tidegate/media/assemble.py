"""From looks, packets and sound to one Clip: shots, kept frames with their spans, coverage and gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tidegate.media.audio import MOST_HOLE_S, SoundReader
from tidegate.media.border import WHOLE, Box, content_box
from tidegate.media.changes import Change
from tidegate.media.clip import AUDIO_RATE_HZ, Clip, Frame, FrameReason
from tidegate.media.colour import target_size
from tidegate.media.coverage import Seen, damaged_runs, heard_of, picture_gaps, picture_holes, sound_gaps, unseen_runs
from tidegate.media.lettering import Appearance
from tidegate.media.limits import SamplingBudget
from tidegate.media.looks import Look, shows_same
from tidegate.media.packets import PacketTable
from tidegate.media.reader import PictureReader
from tidegate.media.shots import Choice, choose, cuts, shots
from tidegate.records import FrameClock, GapReason, MediaCoverage, MediaInfo, Shot, Span, VideoStream

_HDR_TRANSFERS = (16, 18)
_LARGE = 2**31
AUDIBLE_SHIFT_S = 0.02


@dataclass(slots=True, kw_only=True)
class Picture:
    """What the passes over the picture stream left behind; everything empty without one."""

    reader: PictureReader | None = None
    packets: PacketTable | None = None
    changes: tuple[Change, ...] = ()
    missed: tuple[Change, ...] = ()
    is_over_budget: bool = False
    skipped_streams: int = 0


def assemble(
    info: MediaInfo,
    picture: Picture,
    sound: SoundReader | None,
    budget: SamplingBudget,
    *,
    read_errors: int,
    is_time_up: bool,
) -> Clip:
    """Put one Clip together. Pure but for the pictures it is handed; CPU and wall time are filled in by the caller."""
    packets, reader = picture.packets, picture.reader
    clock = packets.clock() if packets is not None else FrameClock(times_s=(), end_s=0.0)
    looks = _timed(reader, packets) if reader is not None and packets is not None else []
    info = _refined(info, picture, clock)
    marks_s = _marks(picture)
    starts = cuts(looks, marks_s)
    shot_list = shots(looks, starts, marks_s, max(clock.end_s, looks[-1].time_s if looks else 0.0))
    shot_of = _shot_of(looks, starts)
    choice = choose(looks, shot_of, budget.max_frames)
    frames = _frames(looks, shot_list, shot_of, clock, choice.kept)
    late_s = _late_s(sound, picture, clock)
    seen = _seen(picture, looks, clock, shot_list, _unkept(looks, starts, frames), _unread(picture, choice))
    heard = heard_of(sound, late_s) if sound else None
    late = GapReason.TIME_LIMIT if is_time_up else GapReason.OVER_BUDGET
    return Clip(
        info=info,
        frames=frames,
        shots=tuple(shot_list),
        audio=_aligned(sound, late_s),
        coverage=MediaCoverage(
            frames_sampled=len(frames),
            frames_decoded=reader.decoded_count if reader else 0,
            seconds_heard=sound.heard_s if sound else 0.0,
            decode_errors=read_errors + _decode_errors(reader, sound),
            longest_unseen_s=seen.longest_unseen_s,
            gaps=(*picture_gaps(info, seen, heard, late, budget.max_gap_s), *sound_gaps(info, heard, late)),
        ),
        clock=clock,
        decode_cpu_s=0.0,
        decode_wall_s=0.0,
    )


def _decode_errors(reader: PictureReader | None, sound: SoundReader | None) -> int:
    of_pictures = reader.decode_errors + reader.log.corrupt_count if reader else 0
    return of_pictures + (sound.decode_errors if sound else 0)


def _seen(
    picture: Picture,
    looks: list[Look],
    clock: FrameClock,
    shot_list: list[Shot],
    unkept: tuple[int, ...],
    unread: tuple[Appearance, ...],
) -> Seen:
    packets = picture.packets
    return Seen(
        has_looks=bool(looks),
        clock=clock,
        unseen=tuple(unseen_runs(packets, looks)) if packets is not None else (),
        missed=picture.missed,
        damaged=tuple(damaged_runs(packets)) if packets is not None else (),
        holes=tuple(picture_holes(packets)) if packets is not None else (),
        shots=tuple(shot_list),
        unkept=unkept,
        unread=unread,
        is_over_budget=picture.is_over_budget,
        skipped_streams=picture.skipped_streams,
    )


def _timed(reader: PictureReader, packets: PacketTable) -> list[Look]:
    """The looks by time; their times, and those of lettering, put on the clip's clock."""
    book = reader.book
    later_s = float(packets.time_s[book.looks[0].index]) - book.looks[0].time_s if book.looks else 0.0
    for look in book.looks:
        look.time_s = float(packets.time_s[look.index])
        if look.lettering is not None:
            look.lettering = replace(look.lettering, span=_moved(look.lettering.span, later_s))
    book.unread = [replace(one, span=_moved(one.span, later_s)) for one in book.unread]
    return book.in_order()


def _moved(span: Span, later_s: float) -> Span:
    return Span(start_s=max(0.0, span.start_s + later_s), end_s=max(0.0, span.end_s + later_s))


def _marks(picture: Picture) -> list[float]:
    """Moments at which packets say that the picture changed: change points, and keyframes put in out of turn."""
    marks = [change.time_s for change in picture.changes]
    if picture.packets is not None:
        times_s = picture.packets.time_s[picture.packets.is_keyframe]
        steps = np.diff(times_s)
        if steps.size:
            usual_s = float(np.max(steps))
            marks += times_s[1:][steps < 0.9 * usual_s].tolist()
    return sorted(marks)


def _shot_of(looks: Sequence[Look], starts: Sequence[int]) -> list[int]:
    bounds = [*starts, len(looks)]
    return [shot for shot in range(len(starts)) for _ in range(bounds[shot], bounds[shot + 1])]


def _frames(
    looks: Sequence[Look],
    shot_list: Sequence[Shot],
    shot_of: Sequence[int],
    clock: FrameClock,
    kept: Sequence[int],
) -> tuple[Frame, ...]:
    boxes = _boxes(looks, kept, shot_of)
    frames = []
    for rank, position in enumerate(kept):
        look, shot = looks[position], shot_list[shot_of[position]]
        if look.rgb is None:
            continue
        before = kept[rank - 1] if rank and shot_of[kept[rank - 1]] == shot.index else None
        after = kept[rank + 1] if rank + 1 < len(kept) and shot_of[kept[rank + 1]] == shot.index else None
        start_s = shot.span.start_s if before is None else _boundary_s(looks, before, position)
        end_s = shot.span.end_s if after is None else _boundary_s(looks, position, after)
        frames.append(
            Frame(
                index=clock.frame_at(look.time_s) if clock.times_s else 0,
                time_s=look.time_s,
                span=Span(start_s=start_s, end_s=max(start_s, end_s)),
                rgb=look.rgb,
                reason=look.reason,
                shot_index=shot.index,
                content_box=boxes[shot.index],
            )
        )
    return tuple(frames)


def _boundary_s(looks: Sequence[Look], before: int, after: int) -> float:
    """Where one kept frame ends and the next begins: at a marked change, else half-way between the looks around it.

    The earlier of these is the last look that shows the same as the first frame.
    """
    between = range(after - 1, before, -1)
    first = looks[before]
    last = next((at for at in between if looks[at].rgb is not None and shows_same(first, looks[at])), before)
    later = after if last == before else last + 1
    if looks[later].reason is FrameReason.CHANGE:
        return looks[later].time_s
    return (looks[last].time_s + looks[later].time_s) / 2


def _boxes(looks: Sequence[Look], kept: Sequence[int], shot_of: Sequence[int]) -> dict[int, Box]:
    by_shot: dict[int, list[NDArray[np.uint8]]] = {}
    for position in kept:
        rgb = looks[position].rgb
        if rgb is not None:
            by_shot.setdefault(shot_of[position], []).append(rgb)
    return {shot: content_box(pictures) if pictures else WHOLE for shot, pictures in by_shot.items()}


def _refined(info: MediaInfo, picture: Picture, clock: FrameClock) -> MediaInfo:
    """The probe's MediaInfo with what decoding counted and saw: frames, keyframes, rotation, size, HDR, duration."""
    reader, packets = picture.reader, picture.packets
    if info.video is None or reader is None or packets is None:
        return info
    video = info.video
    duration_s = max(video.duration_s, clock.end_s)
    is_still = video.is_still or (len(clock.times_s) <= 1 and info.audio is None)
    updated = replace(
        video,
        frame_count=max(video.frame_count, len(clock.times_s)),
        keyframe_count=int(packets.is_keyframe.sum()),
        duration_s=0.0 if video.is_still else duration_s,
        is_still=is_still,
        is_hdr=video.is_hdr or reader.book.transfer in _HDR_TRANSFERS,
    )
    return replace(info, video=_sized(updated, reader), duration_s=max(info.duration_s, updated.duration_s))


def _sized(video: VideoStream, reader: PictureReader) -> VideoStream:
    width, height = reader.book.frame_size
    if not width or not height:
        return video
    turn = reader.book.turn
    wide, high = target_size(width, height, reader.book.aspect, _LARGE)
    if turn.swaps_sides:
        wide, high = high, wide
    return replace(video, width_px=wide, height_px=high, rotation_deg=-90 * turn.quarter_turns % 360)


def _unkept(looks: Sequence[Look], starts: Sequence[int], frames: Sequence[Frame]) -> tuple[int, ...]:
    """Shots none of whose looks is kept or looks like a kept frame."""
    kept = {id(frame.rgb) for frame in frames}
    bounds = [*starts, len(looks)]
    return tuple(
        shot
        for shot in range(len(starts))
        if not any(id(look.rgb) in kept for look in looks[bounds[shot] : bounds[shot + 1]])
    )


def _unread(picture: Picture, choice: Choice) -> tuple[Appearance, ...]:
    """New lettering of which no picture is kept, by time."""
    given_up = picture.reader.book.unread if picture.reader is not None else []
    return tuple(sorted([*choice.unread, *given_up], key=lambda one: (one.span.start_s, one.span.end_s)))


def _late_s(sound: SoundReader | None, picture: Picture, clock: FrameClock) -> float:
    """How long after the clip's first picture its sound begins, in seconds; 0 without pictures."""
    reader = picture.reader
    if sound is None or reader is None or not clock.times_s:
        return 0.0
    shown = (pts for pts, hidden in zip(reader.log.pts, reader.log.hidden, strict=True) if not hidden)
    late_s = sound.start_s - min(shown) * reader.tick_s
    return late_s if 0.0 < late_s < clock.end_s + MOST_HOLE_S else 0.0


def _aligned(sound: SoundReader | None, late_s: float) -> NDArray[np.float32] | None:
    """Sound on the clip's clock: silence in front if it starts after the first picture."""
    samples = sound.samples() if sound is not None else None
    if samples is None or late_s < AUDIBLE_SHIFT_S:
        return samples
    return np.concatenate([np.zeros(int(late_s * AUDIO_RATE_HZ), dtype=np.float32), samples])
