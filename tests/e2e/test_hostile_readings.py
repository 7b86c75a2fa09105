"""Sound and pictures made to break whoever hears and reads: bounded, coded, abstained, through the whole pipeline."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.cli.assemble import open_screener
from tidegate.media.clip import AUDIO_RATE_HZ, Clip
from tidegate.records import AbstentionReason, SoundKind, Upload
from tidegate.screening import Decoder, Screened, Screener
from tidegate.settings import resolve
from tidegate.testing.drawing import lettering, picture
from tidegate.testing.fakes import FakeDecoder, clip_of

pytestmark = pytest.mark.slow
pytest.importorskip("faster_whisper", reason="speech is not installed")

Wave = NDArray[np.float32]
CLIP = Path("hostile.mp4")


@pytest.fixture(scope="module")
def screen() -> Iterator[Callable[[Clip], Screened]]:
    """Screens a clip as decoding would hand it over, with every detector."""
    with open_screener(resolve()) as (whole, _):

        def screened(clip: Clip) -> Screened:
            decoder: Decoder = FakeDecoder(clips={CLIP.name: clip})
            one = Screener(policy=whole.policy, detectors=whole.detectors, fusion=whole._fusion, decoder=decoder)
            return one.screen(Upload(id="hostile", caption="A day at the harbour"), CLIP, now_s=time.time())

        yield screened


def noise(seconds: float, level: float = 0.2) -> Wave:
    return np.random.default_rng(7).normal(0.0, level, round(seconds * AUDIO_RATE_HZ)).astype(np.float32).clip(-1, 1)


def sine(hz: float, seconds: float, level: float = 0.5) -> Wave:
    at_s = np.arange(round(seconds * AUDIO_RATE_HZ)) / AUDIO_RATE_HZ
    return (level * np.sin(2 * np.pi * hz * at_s)).astype(np.float32)


SOUNDS: dict[str, Callable[[], Wave]] = {
    "two hours of silence": lambda: np.zeros(7200 * AUDIO_RATE_HZ, np.float32),
    "a minute of white noise": lambda: noise(60.0),
    "noise at full scale": lambda: noise(20.0, 5.0),
    "a clipped square": lambda: np.sign(sine(110.0, 10.0)).astype(np.float32),
    "at the edge of hearing": lambda: sine(7_990.0, 10.0),
    "one long tone": lambda: sine(1_000.0, 30.0),
    "a constant": lambda: np.full(10 * AUDIO_RATE_HZ, 0.7, np.float32),
    "clicks": lambda: np.where(np.arange(10 * AUDIO_RATE_HZ) % 4_000 == 0, 1.0, 0.0).astype(np.float32),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_without_a_voice_gives_no_words(screen: Callable[[Clip], Screened], name: str) -> None:
    result = screen(clip_of([picture(1, 144, 256).copy()], audio=SOUNDS[name]()))
    assert result.screening.problems == ()
    assert [one.text for one in result.screening.utterances] == []


def test_hours_of_silence_are_called_silent(screen: Callable[[Clip], Screened]) -> None:
    result = screen(clip_of([picture(1, 144, 256).copy()], audio=np.zeros(3600 * AUDIO_RATE_HZ, np.float32)))
    assert {one.kind for one in result.screening.sound_spans} == {SoundKind.SILENCE}
    assert result.screening.loudness is not None
    assert result.screening.loudness.integrated_lufs <= -70.0


def page_of(lines: int, size_px: int) -> NDArray[np.uint8]:
    """A picture full of small print."""
    page = np.full((512, 288, 3), 235, np.uint8)
    for row in range(lines):
        mask = lettering(f"line {row} of the long small print of this page", size_px)
        height, width = min(mask.shape[0], 512 - row * (size_px + 2)), min(mask.shape[1], 280)
        if height > 0:
            place = page[row * (size_px + 2) : row * (size_px + 2) + height, 4 : 4 + width]
            place[mask[:height, :width] > 0] = 20
    return page


def scattered(count: int, seed: int) -> NDArray[np.uint8]:
    """A picture with that many texts laid over one another."""
    rng = np.random.default_rng(seed)
    canvas = picture(3, 288, 512).copy()
    for number in range(count):
        mask = lettering(f"TEXT {number}", int(rng.integers(10, 30)))
        y, x = int(rng.integers(0, 512 - mask.shape[0])), int(rng.integers(0, max(1, 288 - mask.shape[1])))
        place = canvas[y : y + mask.shape[0], x : x + mask.shape[1]]
        place[mask[:, : place.shape[1]] > 0] = rng.integers(0, 256, 3)
    return canvas


def flickering(seed: int) -> NDArray[np.uint8]:
    canvas = picture(4, 288, 512).copy()
    mask = lettering(f"WORD {seed * 7919 % 997}", 36)
    canvas[200 : 200 + mask.shape[0], 20 : 20 + mask.shape[1]][mask > 0] = 255
    return canvas


PICTURES: dict[str, Callable[[], list[NDArray[np.uint8]]]] = {
    "a hundred texts over one another": lambda: [scattered(100, 1), scattered(100, 2)],
    "a full page of small print": lambda: [page_of(36, 12)] * 2,
    "text that changes in every frame": lambda: [flickering(seed) for seed in range(24)],
    "noise": lambda: [np.random.default_rng(n).integers(0, 256, (512, 288, 3), dtype=np.uint8) for n in range(6)],
    "stripes": lambda: [(np.indices((512, 288))[0] // 3 % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2)] * 3,
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_full_of_text_end_in_bounded_work(screen: Callable[[Clip], Screened], name: str) -> None:
    result = screen(clip_of(PICTURES[name]()))
    assert result.screening.problems == ()
    assert len(result.screening.on_screen_texts) <= 512
    assert all(one.span.end_s <= result.screening.media.duration_s for one in result.screening.on_screen_texts)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["noise", "stripes"])
def test_pictures_without_letters_are_not_read_as_words(screen: Callable[[Clip], Screened], name: str) -> None:
    result = screen(clip_of(PICTURES[name]()))
    assert [one.text for one in result.screening.on_screen_texts] == []


def test_what_was_too_much_to_read_is_said(screen: Callable[[Clip], Screened]) -> None:
    result = screen(clip_of([scattered(100, seed) for seed in range(12)]))
    said = {one.reason for one in result.screening.abstentions if one.detector_id.startswith("onscreen.text")}
    assert said & {AbstentionReason.OVER_BUDGET, AbstentionReason.LOW_CONFIDENCE}
