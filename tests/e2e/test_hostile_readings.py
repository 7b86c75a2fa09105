"""Sound and pictures made to break whoever hears and reads: bounded, coded, abstained, through the whole pipeline."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.assembly import open_screener
from tidegate.errors import TooLongError
from tidegate.records import Abstention, AbstentionReason, GapReason, Modality, Screening, SoundKind, Upload
from tidegate.settings import resolve
from tidegate.testing.drawing import lettering, picture

pytestmark = pytest.mark.slow
pytest.importorskip("faster_whisper", reason="speech is not installed")

Wave = NDArray[np.float32]
Picture = NDArray[np.uint8]
RATE_HZ = 48_000
MOST_TEXTS = 64
"""What `signals.onscreen.text` hands on at most; a literal, so that raising it there is noticed here."""
MOST_SOUND_S = 900


@pytest.fixture(scope="module")
def screen() -> Iterator[Callable[[Path], Screening]]:
    """Screens a file as the command does: decode process, every detector, the default policy."""
    with open_screener(resolve()) as (whole, _):

        def screened(path: Path) -> Screening:
            upload = Upload(id="hostile", caption="A day at the harbour")
            return whole.screen(upload, path, now_s=time.time()).screening

        yield screened


def sound_file(
    path: Path, parts: Iterable[Wave], *, rate_hz: int = RATE_HZ, layout: str = "mono", codec: str = "pcm_s16le"
) -> Path:
    """A file of one sound stream of 16-bit integers; `parts` are float32 (samples, channels) or (samples,)."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate_hz, layout=layout)
        first = 0
        for part in parts:
            whole = (part.clip(-1.0, 1.0) * 32_767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(whole, format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
            first += frame.samples
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def film(path: Path, pictures: Sequence[Picture], *, rate_hz: int = 2) -> Path:
    """A silent film of these pictures, every one a keyframe."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate_hz, options={"crf": "16", "g": "1", "preset": "veryfast"})
        stream.pix_fmt = "yuv420p"
        stream.height, stream.width = pictures[0].shape[:2]
        for number, one in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(one), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate_hz)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def silence(seconds: int) -> Iterator[Wave]:
    return (np.zeros(16_000, np.float32) for _ in range(seconds))


def noise(seconds: float, level: float = 0.2) -> Wave:
    return np.random.default_rng(7).normal(0.0, level, round(seconds * RATE_HZ)).astype(np.float32)


def sine(hz: float, seconds: float, level: float = 0.5, rate_hz: int = RATE_HZ) -> Wave:
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * hz * at_s)).astype(np.float32)


SOUNDS: dict[str, Callable[[], Wave]] = {
    "a minute of white noise": lambda: noise(60.0),
    "noise at full scale": lambda: noise(20.0, 5.0),
    "a clipped square": lambda: np.sign(sine(110.0, 10.0)).astype(np.float32),
    "the highest that is kept": lambda: sine(7_990.0, 10.0),
    "one long tone": lambda: sine(1_000.0, 30.0),
    "a constant": lambda: np.full(10 * RATE_HZ, 0.7, np.float32),
    "clicks": lambda: np.where(np.arange(10 * RATE_HZ) % 12_000 == 0, 1.0, 0.0).astype(np.float32),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_without_a_voice_gives_no_words(screen: Callable[[Path], Screening], tmp_path: Path, name: str) -> None:
    result = screen(sound_file(tmp_path / "a.wav", [SOUNDS[name]()]))
    assert result.problems == ()
    assert result.coverage.seconds_heard > 9.0
    assert result.loudness is not None
    assert [one.text for one in result.utterances] == []


def test_two_hours_are_refused_before_they_are_decoded(screen: Callable[[Path], Screening], tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.flac", silence(7_200), rate_hz=16_000, codec="flac")
    (problem,) = screen(path).problems
    assert problem.code == TooLongError.code


def test_most_of_an_hour_of_silence_is_called_silent_and_its_rest_lost_to_words(
    screen: Callable[[Path], Screening], tmp_path: Path
) -> None:
    result = screen(sound_file(tmp_path / "a.flac", silence(3_500), rate_hz=16_000, codec="flac"))
    assert result.problems == ()
    assert {one.kind for one in result.sound_spans} == {SoundKind.SILENCE}
    assert result.loudness is not None
    assert result.loudness.integrated_lufs <= -70.0
    assert result.coverage.seconds_heard == MOST_SOUND_S
    (gap,) = (gap for gap in result.coverage.gaps if gap.modality is Modality.SOUND)
    assert gap.reason is GapReason.OVER_BUDGET
    assert gap.span is not None
    assert (gap.span.start_s, gap.span.end_s) == pytest.approx((MOST_SOUND_S, 3_500), abs=1.0)
    lost = {one.clause_id for one in result.judgements if any(blind.is_lost for blind in one.blind)}
    assert "scams_fraud" in lost


@pytest.mark.parametrize("layout", ["mono", "stereo", "7.1"])
def test_ultrasonic_sound_is_silence_to_whoever_hears(
    screen: Callable[[Path], Screening], tmp_path: Path, layout: str
) -> None:
    channels = {"mono": 1, "stereo": 2, "7.1": 8}[layout]
    edges = np.minimum(1.0, np.minimum(np.arange(960_000), np.arange(960_000)[::-1]) / 19_200)  # a click is audible
    wave = (sine(40_000.0, 5.0, 0.9, rate_hz=192_000) * edges)[:, None].repeat(channels, axis=1)
    result = screen(sound_file(tmp_path / "a.wav", [wave], rate_hz=192_000, layout=layout))
    assert result.problems == ()
    assert result.coverage.seconds_heard == pytest.approx(5.0, abs=0.1)
    assert result.utterances == ()
    assert result.loudness is not None
    assert result.loudness.integrated_lufs < -60.0


def test_eight_loud_channels_at_192_khz_are_not_clipped(screen: Callable[[Path], Screening], tmp_path: Path) -> None:
    wave = sine(440.0, 5.0, 0.63, rate_hz=192_000)[:, None].repeat(8, axis=1)
    result = screen(sound_file(tmp_path / "a.wav", [wave], rate_hz=192_000, layout="7.1"))
    assert result.problems == ()
    assert result.utterances == ()
    assert result.loudness is not None
    assert result.loudness.peak_dbfs == pytest.approx(20 * np.log10(0.63), abs=0.5)


def page_of(lines: int, size_px: int) -> Picture:
    """A picture full of small print."""
    page = np.full((512, 288, 3), 235, np.uint8)
    for row in range(lines):
        mask = lettering(f"line {row} of the long small print of this page", size_px)
        height, width = min(mask.shape[0], 512 - row * (size_px + 2)), min(mask.shape[1], 280)
        if height > 0:
            place = page[row * (size_px + 2) : row * (size_px + 2) + height, 4 : 4 + width]
            place[mask[:height, :width] > 0] = 20
    return page


def scattered(count: int, seed: int) -> Picture:
    """A picture with that many texts laid over one another."""
    rng = np.random.default_rng(seed)
    canvas = picture(3, 288, 512).copy()
    for number in range(count):
        mask = lettering(f"TEXT {number}", int(rng.integers(10, 30)))
        y, x = int(rng.integers(0, 512 - mask.shape[0])), int(rng.integers(0, max(1, 288 - mask.shape[1])))
        place = canvas[y : y + mask.shape[0], x : x + mask.shape[1]]
        place[mask[:, : place.shape[1]] > 0] = rng.integers(0, 256, 3)
    return canvas


def flickering(seed: int) -> Picture:
    canvas = picture(4, 288, 512).copy()
    mask = lettering(f"WORD {seed * 7919 % 997}", 36)
    canvas[200 : 200 + mask.shape[0], 20 : 20 + mask.shape[1]][mask > 0] = 255
    return canvas


PICTURES: dict[str, Callable[[], list[Picture]]] = {
    "a hundred texts over one another": lambda: [scattered(100, 1), scattered(100, 2)],
    "a full page of small print": lambda: [page_of(36, 12)] * 2,
    "text that changes in every frame": lambda: [flickering(seed) for seed in range(24)],
    "noise": lambda: [np.random.default_rng(n).integers(0, 256, (512, 288, 3), dtype=np.uint8) for n in range(6)],
    "stripes": lambda: [(np.indices((512, 288))[0] // 3 % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2)] * 3,
}


LETTERED = [name for name in PICTURES if name not in ("noise", "stripes")]


def unread(result: Screening) -> list[Abstention]:
    """Where the reader of texts says that it did not read what was there."""
    said = [one for one in result.abstentions if one.detector_id.startswith("onscreen.text")]
    return [one for one in said if one.is_blind]


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_full_of_text_end_in_bounded_work(
    screen: Callable[[Path], Screening], tmp_path: Path, name: str
) -> None:
    result = screen(film(tmp_path / "a.mp4", PICTURES[name]()))
    assert result.problems == ()
    assert len(result.on_screen_texts) <= MOST_TEXTS
    assert result.media is not None
    assert all(one.span.end_s <= result.media.duration_s for one in result.on_screen_texts)


@pytest.mark.parametrize("name", LETTERED)
def test_letters_are_read_or_said_to_be_unread(screen: Callable[[Path], Screening], tmp_path: Path, name: str) -> None:
    result = screen(film(tmp_path / "a.mp4", PICTURES[name]()))
    assert result.on_screen_texts or unread(result)


def test_text_that_changes_in_every_frame_is_seen_to_change(
    screen: Callable[[Path], Screening], tmp_path: Path
) -> None:
    result = screen(film(tmp_path / "a.mp4", PICTURES["text that changes in every frame"]()))
    shown = {str(seed * 7919 % 997) for seed in range(24)}
    read = {word for one in result.on_screen_texts for word in one.text.split()}
    assert len(shown & read) >= 20


@pytest.mark.parametrize("name", ["noise", "stripes"])
def test_pictures_without_letters_are_not_read_as_words(
    screen: Callable[[Path], Screening], tmp_path: Path, name: str
) -> None:
    result = screen(film(tmp_path / "a.mp4", PICTURES[name]()))
    assert [one.text for one in result.on_screen_texts] == []


def test_what_was_too_much_to_read_is_said(screen: Callable[[Path], Screening], tmp_path: Path) -> None:
    result = screen(film(tmp_path / "a.mp4", [scattered(100, seed) for seed in range(12)]))
    assert {one.reason for one in unread(result)} & {AbstentionReason.OVER_BUDGET, AbstentionReason.LOW_CONFIDENCE}
