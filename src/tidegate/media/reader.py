"""Decoding the pictures of one stream, choosing its keyframes, and demuxing past damage."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tidegate.errors import TooManyFramesError
from tidegate.media.book import LookBook
from tidegate.media.clip import FrameReason
from tidegate.media.deadline import Deadline
from tidegate.media.limits import MediaLimits
from tidegate.media.packets import PacketLog
from tidegate.media.probe import check_duration, sample_aspect
from tidegate.media.slices import peeker

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

DENSE_SPACING_S = 0.4
"""Where every picture is a keyframe, one in this many seconds is decoded, and those whose size jumps."""
DENSE_JUMP = 0.5
"""log2 of a jump in size between neighbouring keyframes that is looked into."""
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
            if frame.key_frame and self.show(frame, position, FrameReason.KEYFRAME):
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
