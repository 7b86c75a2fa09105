"""A file's bytes into one Clip: keyframes, what changed between them, shots, sound, and what could not be seen."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.errors import NothingDecodedError, OutputTooLargeError
from tidegate.media.assemble import Picture, assemble
from tidegate.media.audio import SoundReader
from tidegate.media.changes import changes
from tidegate.media.clip import Clip, FrameReason
from tidegate.media.container import open_container, picture_streams, sound_streams
from tidegate.media.deadline import Deadline
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.looks import LookBook
from tidegate.media.packets import PacketTable, table
from tidegate.media.passes import SEQUENTIAL_SPACING_S, decode_groups, first_pass, sequential_pass
from tidegate.media.plan import plan
from tidegate.media.probe import inspect, refuse_early, sample_aspect
from tidegate.media.reader import KeyframeChoice, PictureReader
from tidegate.media.source import Source, open_source
from tidegate.media.stills import is_animated_webp
from tidegate.media.webp import webp_pass
from tidegate.records import MediaInfo

if TYPE_CHECKING:
    from av.container import InputContainer

FULL_HD_PIXELS = 1920 * 1080
"""The size of picture that `between_keyframes_frames` counts in; smaller ones get proportionally more frames."""
MOST_CHEAPER = 16
MOST_FRAMES = 2**62
_CAPACITY_FACTOR = 4
_LEAST_CAPACITY = 32
_ORIGIN_SLACK_S = 0.1


def decode(path: str | os.PathLike[str], limits: MediaLimits, budget: SamplingBudget, *, is_full: bool = False) -> Clip:
    """Probe and decode `path` in this process. Untrusted files belong in `media.pool.DecodePool`.

    `is_full` decodes every frame in order, for a detector that needs motion; it costs ten times as much.
    Raises what `probe` raises, and NothingDecodedError, OutputTooLargeError; MemoryError passes. A damaged or
    over-long part becomes a gap in `Clip.coverage` instead. Cost for 30 s of 1080x1920 H.264 with a keyframe a
    second: 0.8 CPU-s; `budget.between_keyframes_frames` bounds what is added where keyframes are rare.
    """
    deadline = Deadline(limits)
    with open_source(path, limits) as source:
        container, header = refuse_early(source, limits)
        with open_container(source, container, limits) as opened:
            info = inspect(opened, source, container, header, limits)
            clip = _decode(opened, info, source, limits, budget, deadline, is_full=is_full)
        info = replace(clip.info, sha256=source.sha256())
    clip = replace(clip, info=info, decode_cpu_s=deadline.cpu_s, decode_wall_s=deadline.wall_s)
    _check_output(clip, source, limits)
    return clip


def _decode(
    opened: "InputContainer",
    info: MediaInfo,
    source: Source,
    limits: MediaLimits,
    budget: SamplingBudget,
    deadline: Deadline,
    *,
    is_full: bool,
) -> Clip:
    pictures, sounds = picture_streams(opened), sound_streams(opened)
    reader = None
    if pictures:
        capacity = max(_LEAST_CAPACITY, _CAPACITY_FACTOR * budget.max_frames)
        book = LookBook(side_px=budget.frame_side_px, aspect=sample_aspect(pictures[0]), capacity=capacity)
        reader = PictureReader(pictures[0], book, limits, source.name)
    sound = SoundReader(sounds[0], budget.audio_max_s) if sounds else None
    is_in_order = is_full or info.container in ("gif", "apng")
    picture, read_errors = Picture(), 0
    if reader is not None and info.container == "webp" and is_animated_webp(source.head):
        picture = _animation(source, reader, info, budget, deadline, is_full=is_full)
    elif reader is not None and is_in_order:
        picture = _in_order(opened, reader, info, budget, deadline, is_full=is_full)
        if sound is not None:
            opened.seek(0)
            choice = KeyframeChoice(0.0, 1)
            read_errors = first_pass(opened, None, sound, sounds[0], choice, deadline, limits, source.name)
    else:
        choice = KeyframeChoice(info.duration_s, budget.max_keyframes)
        sound_stream = sounds[0] if sounds else None
        read_errors = first_pass(opened, reader, sound, sound_stream, choice, deadline, limits, source.name)
        if reader is not None:
            picture = _between(opened, reader, info, budget, deadline)
    picture.skipped_streams = max(0, len(pictures) - 1)
    clip = assemble(info, picture, sound, budget, read_errors=read_errors, is_time_up=deadline.was_hit)
    if not clip.frames and clip.audio is None:
        raise _nothing(reader, source)
    return clip


def _nothing(reader: PictureReader | None, source: Source) -> Exception:
    if reader is not None and reader.has_lacked_memory:
        return MemoryError()
    return NothingDecodedError(
        "neither a picture nor a sound came out of it", where=source.name, next_step="upload it again"
    )


def _in_order(
    opened: "InputContainer",
    reader: PictureReader,
    info: MediaInfo,
    budget: SamplingBudget,
    deadline: Deadline,
    *,
    is_full: bool,
) -> Picture:
    most = MOST_FRAMES if is_full else _affordable(info, budget)
    spacing_s = max(SEQUENTIAL_SPACING_S, info.duration_s / (_CAPACITY_FACTOR * budget.max_frames))
    is_whole = sequential_pass(opened, reader, most, spacing_s, deadline)
    return Picture(reader=reader, packets=_table(reader), is_over_budget=not is_whole)


def _animation(
    source: Source,
    reader: PictureReader,
    info: MediaInfo,
    budget: SamplingBudget,
    deadline: Deadline,
    *,
    is_full: bool,
) -> Picture:
    most = MOST_FRAMES if is_full else _affordable(info, budget)
    is_whole = webp_pass(source, reader, most, SEQUENTIAL_SPACING_S, deadline)
    return Picture(reader=reader, packets=_table(reader), is_over_budget=not is_whole)


def _between(
    opened: "InputContainer", reader: PictureReader, info: MediaInfo, budget: SamplingBudget, deadline: Deadline
) -> Picture:
    """After the pass over keyframes: find what changed between them and decode what the budget allows."""
    packets = _table(reader)
    if not len(packets) or (info.video and info.video.is_still):
        return Picture(reader=reader, packets=packets)
    if not reader.book.looks and not reader.keyframes:
        opened.seek(0)
        is_whole = sequential_pass(opened, reader, _affordable(info, budget), SEQUENTIAL_SPACING_S, deadline)
        return Picture(reader=reader, packets=packets, is_over_budget=not is_whole)
    found = changes(packets)
    chosen = plan(
        packets,
        reader.keyframes,
        found,
        most_frames=_affordable(info, budget),
        max_gap_s=budget.max_gap_s,
    )
    reasons = {change.packet: FrameReason.CHANGE for change in found}
    decode_groups(opened, reader, packets, chosen.groups, reasons, deadline)
    return Picture(reader=reader, packets=packets, changes=tuple(found), missed=chosen.missed)


def _table(reader: PictureReader) -> PacketTable:
    shown = [pts for pts, hidden in zip(reader.log.pts, reader.log.hidden, strict=True) if not hidden]
    origin_s = min(shown, default=0) * reader.tick_s
    return table(reader.log, reader.tick_s, origin_s)


def _affordable(info: MediaInfo, budget: SamplingBudget) -> int:
    """Frames to decode between keyframes: the setting, counted at 1920x1080; smaller pictures are cheaper."""
    pixels = max(1, info.video.width_px * info.video.height_px) if info.video else FULL_HD_PIXELS
    cheaper = min(float(MOST_CHEAPER), max(1.0, FULL_HD_PIXELS / pixels))
    return int(budget.between_keyframes_frames * cheaper)


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
