from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.media.audio import SoundReader, mixed
from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget

if TYPE_CHECKING:
    import av

Sound = NDArray[np.float32]


def tone(hz: float, seconds: float, rate_hz: int, level: float = 0.5) -> Sound:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def write(path: Path, channels: Sound, rate_hz: int, *, codec: str = "pcm_s16le", skip_s: float = 0.0) -> Path:
    """A sound file; with `skip_s` the second half comes so much later."""
    import av

    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[len(channels)]
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate_hz, layout=layout)
        step = stream.codec_context.frame_size or 1024
        half = channels.shape[1] // 2 // step * step
        for start in range(0, channels.shape[1], step):
            part = np.ascontiguousarray(channels[:, start : start + step])
            pts = start + (int(skip_s * rate_hz) if start >= half else 0)
            if codec != "aac" and len(channels) > 2:
                frame = packed(part, stream.codec_context.format.name, layout)
            else:
                frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, pts
            if codec.startswith("pcm") and len(channels) <= 2:
                frame = av.AudioResampler(format="s16").resample(frame)[0]
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def packed(part: Sound, sample_format: str, layout: str) -> "av.AudioFrame":
    """Many channels one after the other, as integers of the codec."""
    import av

    bits, kind = (16, np.int16) if sample_format == "s16" else (32, np.int32)
    whole = (part.T.reshape(1, -1).astype(np.float64) * (2 ** (bits - 1) - 1)).astype(kind)
    return av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), format=sample_format, layout=layout)


def read(path: Path, most_s: float = 900.0) -> SoundReader:
    import av

    with av.open(str(path)) as opened:
        reader = SoundReader(opened.streams.audio[0], most_s)
        for packet in opened.demux(audio=0):
            reader.feed(packet if packet.size else None)
        reader.feed(None)
    return reader


def loudest_hz(sound: Sound) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * AUDIO_RATE_HZ / len(sound))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_sound_becomes_16_khz_mono_float32_of_the_same_length(tmp_path: Path, rate_hz: int) -> None:
    reader = read(write(tmp_path / "a.wav", tone(440, 2.0, rate_hz)[None], rate_hz))
    sound = reader.samples()
    assert sound is not None
    assert sound.dtype == np.float32
    assert sound.ndim == 1
    assert len(sound) / AUDIO_RATE_HZ == pytest.approx(2.0, abs=0.01)
    assert loudest_hz(sound) == pytest.approx(440, abs=2)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("codec", "suffix"), [("aac", ".m4a"), ("libopus", ".ogg"), ("mp3", ".mp3"), ("flac", ".flac")]
)
def test_compressed_stereo_is_mixed(tmp_path: Path, codec: str, suffix: str) -> None:
    stereo = np.stack([tone(300, 1.5, 48_000), tone(300, 1.5, 48_000)])
    sound = read(write(tmp_path / f"a{suffix}", stereo, 48_000, codec=codec)).samples()
    assert sound is not None
    assert loudest_hz(sound[2000:-2000]) == pytest.approx(300, abs=2)


def test_six_channels_are_mixed(tmp_path: Path) -> None:
    channels = np.zeros((6, 48_000), np.float32)
    channels[2] = tone(700, 1.0, 48_000)
    sound = read(write(tmp_path / "a.m4a", channels, 48_000, codec="aac")).samples()
    assert sound is not None
    assert loudest_hz(sound[2000:-2000]) == pytest.approx(700, abs=2)


@pytest.mark.parametrize("count", [6, 8])
@pytest.mark.parametrize(("codec", "suffix"), [("pcm_s16le", ".wav"), ("flac", ".flac")])
def test_many_channels_that_say_the_same_are_no_louder_than_one(
    tmp_path: Path, count: int, codec: str, suffix: str
) -> None:
    channels = np.repeat(tone(440, 1.0, 48_000, 0.63)[None], count, axis=0)
    sound = read(write(tmp_path / f"a{suffix}", channels, 48_000, codec=codec)).samples()
    assert sound is not None
    assert np.abs(sound[2000:-2000]).max() == pytest.approx(0.63, abs=0.02)
    assert loudest_hz(sound[2000:-2000]) == pytest.approx(440, abs=2)


def test_channels_in_opposition_do_not_cancel_to_silence() -> None:
    left = tone(440, 0.5, 16_000)
    assert np.array_equal(mixed(np.stack([left, -left]))[0], left)


@given(st.floats(0.05, 1.0), st.floats(-1.0, 1.0))
def test_a_mix_is_the_mean_unless_it_would_be_silence(level: float, other: float) -> None:
    left = tone(440, 0.1, 16_000, level)
    out = mixed(np.stack([left, np.float32(other) * left]))[0]
    mean = (left + np.float32(other) * left) / 2
    is_mean = np.allclose(out, mean, atol=1e-6)
    assert is_mean or other < -0.7
    assert np.abs(out).max() >= 0.1 * np.abs(left).max()


def test_a_hole_is_filled_with_silence_and_named(tmp_path: Path) -> None:
    reader = read(write(tmp_path / "a.mkv", tone(440, 2.0, 48_000)[None], 48_000, codec="aac", skip_s=1.0))
    sound = reader.samples()
    assert sound is not None
    assert len(sound) / AUDIO_RATE_HZ == pytest.approx(3.0, abs=0.1)
    assert np.abs(sound[int(1.3 * AUDIO_RATE_HZ) : int(1.7 * AUDIO_RATE_HZ)]).max() < 1e-3
    ((start_s, end_s),) = reader.holes
    assert end_s - start_s == pytest.approx(1.0, abs=0.1)
    assert reader.heard_s == pytest.approx(2.0, abs=0.1)


def test_no_more_than_asked_is_kept(tmp_path: Path) -> None:
    reader = read(write(tmp_path / "a.wav", tone(440, 5.0, 16_000)[None], 16_000), most_s=1.5)
    sound = reader.samples()
    assert sound is not None
    assert len(sound) == int(1.5 * AUDIO_RATE_HZ)
    assert reader.is_full
    assert reader.passed_s > 4.0


def test_damaged_packets_are_counted_and_passed_over(tmp_path: Path) -> None:
    import av

    path = write(tmp_path / "a.m4a", tone(440, 2.0, 48_000)[None], 48_000, codec="aac")
    with av.open(str(path)) as opened:
        reader = SoundReader(opened.streams.audio[0], 900.0)
        for number, packet in enumerate(opened.demux(audio=0)):
            if packet.size and number % 5 == 2:
                packet = av.Packet(bytes([0xFF, 0xF0] * 40))  # noqa: PLW2901
            reader.feed(packet if packet.size else None)
    sound = reader.samples()
    assert sound is not None
    assert reader.decode_errors > 0
    assert len(sound) > AUDIO_RATE_HZ
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.0


def test_eight_channels_at_a_high_rate_are_heard(tmp_path: Path) -> None:
    import av

    path, codec, rate_hz = tmp_path / "surround.mkv", "pcm_s16le", 192_000
    packed = np.zeros((rate_hz, 8), np.float32)
    packed[:, 2] = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(rate_hz) / rate_hz)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="7.1")
        convert = av.AudioResampler(format=stream.format.name, layout="7.1", rate=rate_hz)
        for first in range(0, rate_hz, 4096):
            part = np.ascontiguousarray(packed[first : first + 4096].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(part, format="flt", layout="7.1")
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
            for one in convert.resample(frame):
                container.mux(stream.encode(one))
        container.mux(stream.encode(None))
    clip = decode(path, MediaLimits(), SamplingBudget())
    assert clip.audio is not None
    assert clip.audio.size == pytest.approx(AUDIO_RATE_HZ, abs=2000)
    assert float(np.abs(clip.audio).max()) > 0.02
    assert clip.coverage.decode_errors == 0
