"""Sound to 16 kHz mono float32, bounded, with silence where the file has a hole."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.layout import AudioLayout
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream
    from av.packet import Packet

HOLE_S = 0.1
"""Missing sound longer than this is replaced by as much silence, so that later sound keeps its time."""
MOST_HOLE_S = 60.0
CANCELLED_SHARE = 0.02
"""Below this share of the louder channel's power the mean of two channels is a cancellation, not a mix."""
BATCH_SAMPLES = 32_768
"""Samples gathered before resampling: one resampler call a frame of 1,024 would cost half as much as decoding."""


class SoundReader:
    """Decodes one sound stream packet by packet. Cost: 2.5 ms a second of AAC."""

    def __init__(self, stream: "AudioStream", most_s: float) -> None:
        self._stream = stream
        self._tick_s = float(stream.time_base or 0)
        self._most = int(most_s * AUDIO_RATE_HZ)
        self._parts: list[NDArray[np.float32]] = []
        self._count = 0
        self._mixer = _Mixer()
        self._first_s: float | None = None
        self._first_packet_s: float | None = None
        self._silent_count = 0
        self.decode_errors = 0
        self.is_full = False
        self.last_end_s = 0.0
        self.passed_s = 0.0
        self.holes: list[tuple[float, float]] = []

    @property
    def heard_s(self) -> float:
        """Seconds of decoded sound, without the silence put into holes."""
        return max(0, min(self._count, self._most) - self._silent_count) / AUDIO_RATE_HZ

    @property
    def kept_s(self) -> float:
        """Seconds of sound that `samples` hands over, with the silence put into holes."""
        return min(self._count, self._most) / AUDIO_RATE_HZ

    @property
    def start_s(self) -> float:
        """When the first sample is heard, in seconds of the container's clock."""
        return self._first_s or 0.0

    def feed(self, packet: "Packet[AudioStream] | None") -> None:
        """Decode one packet, or flush with `None`; damaged packets are counted and passed over.

        `holes` are missing stretches on the container's clock, `passed_s` how far packets reach from the first.
        """
        import av

        self._note_time(packet)
        if self.is_full:
            return
        try:
            frames = self._stream.codec_context.decode(packet)
        except (av.error.FFmpegError, ValueError):
            self.decode_errors += 1
            return
        for frame in frames:
            self._take(frame)
        if packet is None:
            self._append(self._mixer.flush())

    def samples(self) -> NDArray[np.float32] | None:
        """All sound so far, float32 mono 16 kHz in [-1, 1]; `None` when nothing was decoded."""
        self._append(self._mixer.flush())
        if not self._count:
            return None
        whole = np.concatenate(self._parts)[: self._most]
        np.nan_to_num(whole, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        return np.clip(whole, -1.0, 1.0, out=whole)

    def _note_time(self, packet: "Packet[AudioStream] | None") -> None:
        """Keep how far packets reach, decoded or not."""
        if packet is None or packet.pts is None:
            return
        time_s = packet.pts * self._tick_s
        if self._first_packet_s is None:
            self._first_packet_s = time_s
        self.passed_s = max(self.passed_s, time_s - self._first_packet_s)

    def _take(self, frame: "AudioFrame") -> None:
        rate = frame.sample_rate
        if rate <= 0 or frame.samples <= 0:
            return
        time_s = frame.time
        if time_s is not None:
            self._bridge(time_s)
            self.last_end_s = time_s + frame.samples / rate
        self._append(self._mixer.push(frame))

    def _bridge(self, time_s: float) -> None:
        """Put silence where time jumped ahead of the samples."""
        if self._first_s is None:
            self._first_s = time_s
            return
        hole_s = time_s - self.last_end_s
        if hole_s > HOLE_S:
            self._append(self._mixer.flush())
            silence = np.zeros(int(min(hole_s, MOST_HOLE_S) * AUDIO_RATE_HZ), dtype=np.float32)
            self._append(silence)
            self._silent_count += silence.size
            self.holes.append((self.last_end_s, time_s))

    def _append(self, part: NDArray[np.float32] | None) -> None:
        if part is None or not part.size:
            return
        self._parts.append(part)
        self._count += part.size
        self.is_full = self._count >= self._most


class _Mixer:
    """Gathers decoded frames of one format, then mixes and resamples them at once."""

    def __init__(self) -> None:
        self._frames: list[AudioFrame] = []
        self._gathered = 0
        self._shape: tuple[str, str, int] | None = None
        self._resampler: AudioResampler | None = None
        self._gain = np.float32(1.0)

    def push(self, frame: "AudioFrame") -> NDArray[np.float32] | None:
        """Take one frame; mixed sound when enough has come together."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        out = self.flush() if self._shape is not None and shape != self._shape else None
        self._shape = shape
        self._frames.append(frame)
        self._gathered += frame.samples
        if self._gathered >= BATCH_SAMPLES:
            out = _joined(out, self._drain())
        return out

    def flush(self) -> NDArray[np.float32] | None:
        """What is gathered and what the resampler still holds."""
        out = self._drain()
        tail = self._resampled(None)
        self._resampler, self._shape = None, None
        return _joined(out, tail)

    def _drain(self) -> NDArray[np.float32] | None:
        if not self._frames:
            return None
        import av

        frames, self._frames, self._gathered = self._frames, [], 0
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=AUDIO_RATE_HZ)
            self._gain = np.float32(1.0 / summed_weights(frames[0].layout))
        if frames[0].layout.nb_channels > 2:  # one by one, unopened: PyAV cannot read eight planes and more
            parts = [part for frame in frames if (part := self._resampled(frame)) is not None]
            return np.concatenate(parts) if parts else None
        samples = np.ascontiguousarray(mixed(_channels_of(frames)))
        joined = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        joined.sample_rate = frames[0].sample_rate
        return self._resampled(joined)

    def _resampled(self, frame: "AudioFrame | None") -> NDArray[np.float32] | None:
        if self._resampler is None:
            return None
        parts = [self._gain * part.to_ndarray()[0].astype(np.float32) for part in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else None


def summed_weights(layout: "AudioLayout") -> float:
    """How many times too loud the resampler's mono is where all channels say the same; 1 up to two channels.

    It adds channels with weights of its own and, into float samples, without norming them: found by mixing ones. So
    nothing clips, and what is in one channel alone, a voice in the centre, is told quieter: by 11 dB of 5.1, 13 of 7.1.
    """
    import av

    if layout.nb_channels <= 2:
        return 1.0
    ones = av.AudioFrame.from_ndarray(np.ones((1, layout.nb_channels), np.float32), format="flt", layout=layout)
    ones.sample_rate = AUDIO_RATE_HZ
    mono = av.AudioResampler(format="fltp", layout="mono", rate=AUDIO_RATE_HZ)
    parts = [part.to_ndarray().ravel() for given in (ones, None) for part in mono.resample(given)]
    return max(1.0, float(np.concatenate(parts).max(initial=1.0))) if parts else 1.0


def _channels_of(frames: "Sequence[AudioFrame]") -> NDArray[np.float32]:
    """Decoded frames of one format as float32 (channels, samples) in about [-1, 1]."""
    if frames[0].format.name != "fltp":
        return np.concatenate([_channels(frame) for frame in frames], axis=1)
    return np.stack(
        [
            np.concatenate([np.frombuffer(memoryview(frame.planes[at]), np.float32, frame.samples) for frame in frames])
            for at in range(len(frames[0].planes))
        ]
    )


def _channels(frame: "AudioFrame") -> NDArray[np.float32]:
    raw: NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    samples: NDArray[np.float32] = raw.astype(np.float32)
    if raw.dtype == np.uint8:
        samples = (samples - 128.0) / 128.0
    elif raw.dtype.kind == "i":
        samples = samples / float(2 ** (8 * raw.dtype.itemsize - 1))
    return samples


def mixed(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """One or two channels as one, shape (1, n): their mean, or the louder one where the two would cancel out."""
    if samples.shape[0] == 1:
        return samples
    mean: NDArray[np.float32] = samples.mean(axis=0, keepdims=True, dtype=np.float32)
    powers = np.einsum("cn,cn->c", samples, samples)
    if float(np.dot(mean[0], mean[0])) >= CANCELLED_SHARE * float(powers.max()):
        return mean
    louder = int(powers.argmax())
    return samples[louder : louder + 1]


def _joined(a: NDArray[np.float32] | None, b: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    if a is None or b is None:
        return b if a is None else a
    return np.concatenate([a, b])
