"""The passes over an open container: everything once with keyframes decoded, chosen groups again, or all in order."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tidegate.media.audio import SoundReader
from tidegate.media.clip import FrameReason
from tidegate.media.deadline import Deadline
from tidegate.media.limits import MediaLimits
from tidegate.media.packets import PacketTable
from tidegate.media.plan import Group
from tidegate.media.probe import check_duration
from tidegate.media.reader import KeyframeChoice, PictureReader, demux
from tidegate.media.slices import Kind

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

SEQUENTIAL_SPACING_S = 0.2
"""Where all pictures are decoded in order, one in this many seconds is kept whatever it shows."""
PASSING_SPACING_S = 0.1
"""Of the frames decoded on the way to a change, one in this many seconds is looked at."""


def first_pass(
    opened: "InputContainer",
    pictures: PictureReader | None,
    sound: SoundReader | None,
    sound_stream: object,
    choice: KeyframeChoice,
    deadline: Deadline,
    limits: MediaLimits,
    name: str,
) -> int:
    """Demux everything once, decode chosen keyframes and all sound. Returns the number of read errors.

    Raises TooLongError, TooManyFramesError when more is there than was declared.
    """
    streams = [stream for stream in (pictures and pictures.stream, sound_stream) if stream is not None]
    errors = 0
    for packet in demux(opened, streams, deadline):
        if packet is None:
            errors += 1
        elif pictures is not None and packet.stream_index == pictures.stream.index:
            position = pictures.note(packet)
            time_s = pictures.log.pts[position] * pictures.tick_s
            if choice.wants(time_s, packet.size, is_keyframe=packet.is_keyframe):
                pictures.decode_keyframe(packet, position)
        elif sound is not None:
            sound.feed(packet)
            check_duration(sound.passed_s, name, limits)
    if sound is not None:
        sound.feed(None)
    return errors


def decode_groups(
    opened: "InputContainer",
    reader: PictureReader,
    packets: PacketTable,
    groups: Sequence[Group],
    reasons: dict[int, FrameReason],
    deadline: Deadline,
) -> None:
    """Decode the planned part of each group and look at every frame that comes out."""
    by_pts = {int(pts): position for position, pts in enumerate(packets.pts)}
    for group in groups:
        if deadline.is_over():
            return
        last_s = -math.inf
        for frame in _frames_of(opened, reader, packets, group, by_pts, deadline):
            position = by_pts.get(frame.pts if frame.pts is not None else -1)
            if position is None or position == group.start:
                continue
            time_s = float(packets.time_s[position])
            if position not in group.wanted and 0 <= time_s - last_s < PASSING_SPACING_S:
                continue
            last_s = time_s
            reason = reasons.get(position, FrameReason.GAP)
            reader.show(frame, position, reason, keep=position in group.wanted)
    reader.reset()


def _frames_of(
    opened: "InputContainer",
    reader: PictureReader,
    packets: PacketTable,
    group: Group,
    by_pts: dict[int, int],
    deadline: Deadline,
) -> "Iterator[VideoFrame]":
    """Seek to the group's keyframe and feed its packets up to the planned one, leaving out disposable pictures."""
    import av

    reader.reset()
    try:
        opened.seek(int(packets.pts[group.start]), stream=reader.stream, backward=True)
    except (av.error.FFmpegError, ValueError):
        reader.decode_errors += 1
        return
    has_begun = False
    for packet in demux(opened, [reader.stream], deadline):
        if packet is None:
            reader.decode_errors += 1
            continue
        position = by_pts.get(packet.pts if packet.pts is not None else packet.dts or 0, -1)
        has_begun = has_begun or position == group.start
        if not has_begun:
            if position > group.start:
                break
            continue
        if position >= group.stop:
            break
        if position in group.wanted or packets.kind[position] != Kind.DISPOSABLE:
            yield from reader.decode(packet)
        if position == group.stop - 1:
            break
    yield from reader.decode(None)


def rewind(opened: "InputContainer", reader: PictureReader) -> bool:
    """Back to the beginning of the file; false, and an error counted, where that cannot be done."""
    import av

    try:
        opened.seek(0)
    except (av.error.FFmpegError, ValueError):
        reader.decode_errors += 1
        return False
    return True


def sequential_pass(
    opened: "InputContainer", reader: PictureReader, most_frames: int, spacing_s: float, deadline: Deadline
) -> bool:
    """Decode pictures in order, look at one every `spacing_s` and at every one that differs. Returns if all were.

    For animations, streams without usable keyframes, and detectors that need every frame.
    """
    first = len(reader.log) == 0
    last_s = -math.inf
    by_pts: dict[int, int] = {}
    count = 0
    for packet in demux(opened, [reader.stream], deadline):
        if packet is None:
            reader.decode_errors += 1
            continue
        position = reader.note(packet) if first else count
        by_pts[reader.log.pts[position]] = position
        count += 1
        if reader.decoded_count >= most_frames:
            if not first:
                return False
            continue
        for frame in reader.decode(packet):
            last_s = _show_in_passing(reader, frame, by_pts, position, last_s, spacing_s)
    for frame in reader.decode(None):
        last_s = _show_in_passing(reader, frame, by_pts, count - 1, last_s, spacing_s)
    reader.reset()
    return reader.decoded_count < most_frames and not deadline.was_hit


def _show_in_passing(
    reader: PictureReader,
    frame: "VideoFrame",
    by_pts: dict[int, int],
    fallback: int,
    last_s: float,
    spacing_s: float,
) -> float:
    position = by_pts.get(frame.pts if frame.pts is not None else -1, fallback)
    time_s = reader.log.pts[position] * reader.tick_s
    is_due = time_s - last_s >= spacing_s
    reason = FrameReason.KEYFRAME if frame.key_frame else FrameReason.GAP
    reader.show(frame, position, reason, keep=is_due)
    return time_s if is_due else last_s
