"""Reading one open container: a pass over all packets that decodes keyframes and sound, then chosen groups again."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tidegate.errors import TooManyFramesError
from tidegate.media.audio import SoundReader
from tidegate.media.clip import FrameReason
from tidegate.media.deadline import Deadline
from tidegate.media.limits import MediaLimits
from tidegate.media.looks import LookBook
from tidegate.media.packets import PacketLog, PacketTable
from tidegate.media.plan import Group
from tidegate.media.probe import check_duration, sample_aspect
from tidegate.media.slices import Kind, peeker

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

DENSE_SPACING_S = 0.4
"""Where every picture is a keyframe, one in this many seconds is decoded, and those whose size jumps."""
DENSE_JUMP = 0.5
"""log2 of a jump in size between neighbouring keyframes that is looked into."""
SEQUENTIAL_SPACING_S = 0.2
PASSING_SPACING_S = 0.1
"""Of the frames decoded on the way to a change, one in this many seconds is looked at."""
MOST_DEMUX_ERRORS = 32
DEADLINE_EVERY = 8
_OUTPUT_CORRUPT = 1 << 3
_HOUR_S = 3600.0


class PictureReader:
    """Decodes pictures of one stream on one thread; every way a decoder can fail is counted, none of them raises."""

    def __init__(self, stream: "VideoStream", book: LookBook, limits: MediaLimits, name: str) -> None:
        context = stream.codec_context
        context.thread_count = 1
        context.thread_type = "NONE"
        context.flags |= _OUTPUT_CORRUPT
        context.options = {"max_pixels": str(limits.max_pixels)}
        self.stream = stream
        self.book = book
        self.log = PacketLog(peeker(context.name, context.extradata))
        self.tick_s = float(stream.time_base or 0) or 1e-6
        self.decode_errors = 0
        self.decoded_count = 0
        self.has_lacked_memory = False
        self.keyframes: list[int] = []
        self._context = context
        self._limits = limits
        self._name = name

    def note(self, packet: "Packet[VideoStream]") -> int:
        """Put a packet in the log. Raises TooManyFramesError, TooLongError when more is there than was declared."""
        position = self.log.add(packet)
        if position >= self._limits.max_frames:
            raise TooManyFramesError(f"more than {self._limits.max_frames} frames are read", where=self._name)
        check_duration((self.log.pts[position] - self.log.pts[0]) * self.tick_s, self._name, self._limits)
        return position

    def decode(self, packet: "Packet[VideoStream] | None") -> "list[VideoFrame]":
        """Frames that come out for this packet, or at the end with `None`."""
        import av

        try:
            frames = self._context.decode(packet)
        except (av.error.FFmpegError, ValueError) as error:
            self.decode_errors += 1
            self.has_lacked_memory |= isinstance(error, MemoryError)
            return []
        self.decode_errors += sum(frame.is_corrupt for frame in frames)
        self.decoded_count += len(frames)
        return frames

    def decode_keyframe(self, packet: "Packet[VideoStream]", position: int) -> None:
        """Decode a packet that claims to stand alone, and look at it if its decoder agrees."""
        frames = self.decode(packet) + self.decode(None)
        self._context.flush_buffers()
        for frame in frames[:1]:
            if not frame.key_frame:
                self.decode_errors += 1
            elif self.show(frame, position, FrameReason.KEYFRAME):
                self.keyframes.append(position)
        if not frames and not self.log.hidden[position]:
            self.decode_errors += 1
        elif not frames:
            self.keyframes.append(position)

    def show(self, frame: "VideoFrame", position: int, reason: FrameReason, *, keep: bool = True) -> bool:
        """Look at one decoded frame; a frame the scaler cannot read is counted as an error."""
        import av

        self.book.aspect = sample_aspect(self.stream)
        try:
            self.book.look(frame, position, self.log.pts[position] * self.tick_s, reason, keep=keep)
        except (av.error.FFmpegError, ValueError):
            self.decode_errors += 1
            return False
        return True

    def reset(self) -> None:
        """Forget everything the decoder holds."""
        self._context.flush_buffers()


class KeyframeChoice:
    """Which keyframes are decoded: all, unless they are so many that they are no longer cheap."""

    def __init__(self, duration_s: float, most: int) -> None:
        known_s = duration_s if math.isfinite(duration_s) and duration_s > 0 else _HOUR_S / 6
        self._least_apart_s = known_s / max(1, most)
        self._last_s = -math.inf
        self._last_size = 0
        self._was_keyframe = False

    def wants(self, time_s: float, size_bytes: int, *, is_keyframe: bool) -> bool:
        """Whether to decode this packet; call once for every packet in order."""
        is_dense, self._was_keyframe = self._was_keyframe and is_keyframe, is_keyframe
        if not is_keyframe:
            return False
        passed_s = time_s - self._last_s
        has_jumped = abs(math.log2(max(size_bytes, 1) / max(self._last_size, 1))) > DENSE_JUMP
        self._last_size = size_bytes
        if 0 <= passed_s < self._least_apart_s:
            return False
        if is_dense and 0 <= passed_s < DENSE_SPACING_S and not has_jumped:
            return False
        self._last_s = time_s
        return True


def demux(opened: "InputContainer", streams: Sequence[Any], deadline: Deadline) -> Iterator[Any]:
    """Packets of `streams`; yields `None` for each read error that was passed over, at most MOST_DEMUX_ERRORS."""
    import av

    for _ in range(MOST_DEMUX_ERRORS):
        try:
            for count, packet in enumerate(opened.demux(*streams)):
                if count % DEADLINE_EVERY == 0 and deadline.is_over():
                    return
                if packet.size:
                    yield packet
        except (av.error.FFmpegError, ValueError):
            yield None
            continue
        return


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
