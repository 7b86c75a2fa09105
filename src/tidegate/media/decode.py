"""A file's bytes into one Clip: keyframes, what changed between them, shots, sound, and what could not be seen."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidegate.errors import NothingDecodedError, OutputTooLargeError
from tidegate.media.assemble import Picture, assemble
from tidegate.media.audio import SoundReader
from tidegate.media.book import LookBook
from tidegate.media.changes import changes
from tidegate.media.clip import Clip, FrameReason
from tidegate.media.colour import EXIF_TURNS, Turn
from tidegate.media.container import open_container, picture_streams, sound_streams
from tidegate.media.deadline import Deadline
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.origin import read_marks
from tidegate.media.packets import PacketTable, table
from tidegate.media.passes import SEQUENTIAL_SPACING_S, decode_groups, first_pass, rewind, sequential_pass
from tidegate.media.plan import plan
from tidegate.media.probe import inspect, refuse_early, sample_aspect
from tidegate.media.reader import KeyframeChoice, PictureReader
from tidegate.media.source import Source, open_source
from tidegate.media.stills import is_animated_webp, orientation
from tidegate.media.webp import webp_pass
from tidegate.records import MediaInfo

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

FULL_HD_PIXELS = 1920 * 1080
"""The size of picture that `between_keyframes_frames` counts in; smaller ones get proportionally more frames."""
MOST_CHEAPER = 16
MOST_FRAMES = 2**62
_CAPACITY_FACTOR = 4
_LEAST_CAPACITY = 32
_ORIGIN_SLACK_S = 0.1


def decode(path: str | os.PathLike[str], limits: MediaLimits, budget: SamplingBudget, *, is_full: bool = False) -> Clip:
    """Probe and decode `path` in this process. Untrusted files belong in `media.pool.DecodePool`.

    `is_full` decodes every frame in order, for a detector that needs motion; it costs five to ten times as much.
    Raises what `probe` raises, and NothingDecodedError, OutputTooLargeError; MemoryError passes. A damaged or
    over-long part becomes a gap in `Clip.coverage` instead. A C2PA manifest is found, not read. Cost for 30 s of
    1080x1920 H.264 with a keyframe a second: 0.8 CPU-s; `budget.between_keyframes_frames` bounds what is added where
    keyframes are rare.
    """
    deadline = Deadline(limits)
    with open_source(path, limits) as source:
        container, header = refuse_early(source, limits)
        with open_container(source, container, limits) as opened:
            info = inspect(opened, source, container, header, limits)
            job = _Job(opened, info, source, limits, budget, deadline, is_full)
            clip = replace(_decode(job), marks=read_marks(opened, source, container))
        info = replace(clip.info, sha256=source.sha256())
    clip = replace(clip, info=info, decode_cpu_s=deadline.cpu_s, decode_wall_s=deadline.wall_s)
    _check_output(clip, source, limits)
    return clip


@dataclass(frozen=True, slots=True)
class _Job:
    """One decode: the open file, what is known about it, and what it may cost."""

    opened: "InputContainer"
    info: MediaInfo
    source: Source
    limits: MediaLimits
    budget: SamplingBudget
    deadline: Deadline
    is_full: bool

    @property
    def affordable_frames(self) -> int:
        """Frames to decode between keyframes: the setting, counted at 1920x1080; smaller pictures are cheaper."""
        if self.is_full:
            return MOST_FRAMES
        video = self.info.video
        pixels = max(1, video.width_px * video.height_px) if video else FULL_HD_PIXELS
        cheaper = min(float(MOST_CHEAPER), max(1.0, FULL_HD_PIXELS / pixels))
        return int(self.budget.between_keyframes_frames * cheaper)

    @property
    def is_still(self) -> bool:
        """Whether the file is a still picture."""
        return self.info.video is not None and self.info.video.is_still


def _decode(job: _Job) -> Clip:
    pictures, sounds = picture_streams(job.opened), sound_streams(job.opened)
    reader = _reader(job, pictures[0]) if pictures else None
    sound = SoundReader(sounds[0], job.budget.audio_max_s) if sounds else None
    picture, read_errors = Picture(), 0
    if reader is not None and _is_in_order(job):
        picture = _in_order(job, reader)
        if sound is not None and rewind(job.opened, reader):
            read_errors = _first_pass(job, None, sound, sounds)
    else:
        read_errors = _first_pass(job, reader, sound, sounds)
        if reader is not None:
            picture = _between(job, reader)
    picture.skipped_streams = max(0, len(pictures) - 1)
    clip = assemble(job.info, picture, sound, job.budget, read_errors=read_errors, is_time_up=job.deadline.was_hit)
    if not clip.frames and clip.audio is None:
        raise _nothing(reader, job.source)
    return clip


def _nothing(reader: PictureReader | None, source: Source) -> Exception:
    if reader is not None and reader.has_lacked_memory:
        return MemoryError()
    return NothingDecodedError(
        "neither a picture nor a sound came out of it", where=source.name, next_step="upload it again"
    )


def _reader(job: _Job, stream: "VideoStream") -> PictureReader:
    capacity = max(_LEAST_CAPACITY, _CAPACITY_FACTOR * job.budget.max_frames)
    book = LookBook(side_px=job.budget.frame_side_px, aspect=sample_aspect(stream), capacity=capacity)
    if job.is_still:
        book.still_turn = EXIF_TURNS.get(orientation(job.info.container, job.source), Turn())
    return PictureReader(stream, book, job.limits, job.source.name)


def _first_pass(
    job: _Job, reader: PictureReader | None, sound: SoundReader | None, sounds: "Sequence[AudioStream]"
) -> int:
    choice = KeyframeChoice(job.info.duration_s, job.budget.max_keyframes)
    stream = sounds[0] if sounds else None
    return first_pass(job.opened, reader, sound, stream, choice, job.deadline, job.limits, job.source.name)


def _is_in_order(job: _Job) -> bool:
    return job.is_full or job.info.container in ("gif", "apng") or _is_animated_webp(job)


def _is_animated_webp(job: _Job) -> bool:
    return job.info.container == "webp" and is_animated_webp(job.source.head)


def _in_order(job: _Job, reader: PictureReader) -> Picture:
    spacing_s = max(SEQUENTIAL_SPACING_S, job.info.duration_s / (_CAPACITY_FACTOR * max(1, job.budget.max_frames)))
    if _is_animated_webp(job):
        is_whole = webp_pass(job.source, reader, job.affordable_frames, spacing_s, job.deadline)
    else:
        is_whole = sequential_pass(job.opened, reader, job.affordable_frames, spacing_s, job.deadline)
    return Picture(reader=reader, packets=_table(job, reader), is_over_budget=not is_whole)


def _between(job: _Job, reader: PictureReader) -> Picture:
    """After the pass over keyframes: find what changed between them and decode what the budget allows."""
    packets, most = _table(job, reader), job.affordable_frames
    if not len(packets) or job.is_still:
        return Picture(reader=reader, packets=packets)
    if not reader.book.looks and not reader.keyframes:
        is_whole = rewind(job.opened, reader) and sequential_pass(
            job.opened, reader, most, SEQUENTIAL_SPACING_S, job.deadline
        )
        return Picture(reader=reader, packets=packets, is_over_budget=not is_whole)
    found = changes(packets)
    chosen = plan(packets, reader.keyframes, found, most_frames=most, max_gap_s=job.budget.max_gap_s)
    reasons = {change.packet: FrameReason.CHANGE for change in found}
    decode_groups(job.opened, reader, packets, chosen.groups, reasons, job.deadline)
    return Picture(reader=reader, packets=packets, changes=tuple(found), missed=chosen.missed)


def _table(job: _Job, reader: PictureReader) -> PacketTable:
    log = reader.log
    if job.is_still:
        log.durations = [0] * len(log)  # a still is an instant, whatever its demuxer made up
    shown = [pts for pts, hidden in zip(log.pts, log.hidden, strict=True) if not hidden]
    origin_s = min(shown, default=0) * reader.tick_s
    return table(log, reader.tick_s, origin_s)


def _check_output(clip: Clip, source: Source, limits: MediaLimits) -> None:
    size_bytes = sum(frame.rgb.nbytes for frame in clip.frames)
    size_bytes += clip.audio.nbytes if clip.audio is not None else 0
    size_bytes += 8 * len(clip.clock.times_s)
    if size_bytes > limits.max_output_bytes:
        raise OutputTooLargeError(
            f"{size_bytes} bytes of frames and sound, at most {limits.max_output_bytes} are handed over",
            where=source.name,
            next_step="lower sampling.max_frames or sampling.audio_max_s, or raise media.max_output_bytes",
        )
