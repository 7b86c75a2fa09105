"""Views for conformance tests: ordinary ones, empty ones, and what hostile uploads look like to a detector."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records import DeclaredFacts, Sound, Upload
from tidegate.signals.base import View
from tidegate.testing.drawing import Picture, picture
from tidegate.testing.fakes import clip_of, view_of

NOWHERE = Path("/nonexistent/clip.mp4")

_CAPTION = (
    "Low tide at the harbour this morning 🌊 what did you find? More at https://example.com/tides, @harbour #beach"
)


def _tone(seconds: float) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    at_s = np.arange(round(seconds * AUDIO_RATE_HZ)) / AUDIO_RATE_HZ
    return (0.2 * np.sin(2 * np.pi * 440.0 * at_s)).astype(np.float32)


def ordinary() -> View:
    """A benign clip of four pictures with a tone, a caption, hashtags and declared facts."""
    upload = Upload(
        id="ordinary",
        caption=_CAPTION,
        hashtags=("beach", "tidepool", "바다"),
        sound=Sound(id="s1", title="Waves"),
        region="KR",
        declared=DeclaredFacts(ai_generated=True, paid_promotion=False),
    )
    pictures = [picture(seed, 144, 256).copy() for seed in (1, 2, 3, 4)]
    return view_of(upload, clip=clip_of(pictures, audio=_tone(4.0)), path=NOWHERE)


def other() -> View:
    """Another benign upload, unlike `ordinary` in every part."""
    upload = Upload(id="other", caption="Ein ruhiger Abend am Hafen, Brot und Tee", hashtags=("abend",), region="DE")
    pictures = [picture(seed, 256, 144).copy() for seed in (8, 9)]
    return view_of(upload, clip=clip_of(pictures, audio=_tone(2.0)), path=NOWHERE)


def empty() -> View:
    """An upload of nothing: no file, no words, no facts."""
    return view_of(Upload(id="empty"))


def words_only() -> View:
    """A caption without a clip."""
    return view_of(Upload(id="words", caption=_CAPTION, hashtags=("beach",)))


def pictures_only() -> View:
    """A silent clip without words."""
    return view_of(Upload(id="pictures"), clip=clip_of([picture(5, 144, 256).copy()]), path=NOWHERE)


def hostile_words() -> Iterator[View]:
    """Captions and hashtags made to break readers of words; all harmless in meaning."""
    captions = (
        "tide " * 200_000,
        "t" * 1_000_000,
        "\ud83d low \udc00 tide \ud800\ud800",
        "\0tide\0\x1b[31m\x07\r\n\t" * 50,
        "\u202eedit\u202c \u2066tide\u2069 \u200b\u200d\ufeff" * 200,
        "t" + "\u0301" * 20_000 + "ide",
        "🌊" * 50_000,
        "👨\u200d👩\u200d👧\u200d👦" * 5_000,
        " \n\u3000\u00a0" * 5_000,
        "https://" * 20_000,
        "@" * 50_000 + "#" * 50_000,
        "a.b." * 50_000,
        "1" * 50_000 + " " + "1 " * 50_000,
        "\ufdfa" * 10_000,
        "𝓽𝓲𝓭𝓮 ⓣⓘⓓⓔ tιdе " * 2_000,
        "\U0010ffff\ufffe\ufdd0",
    )
    for number, caption in enumerate(captions):
        yield view_of(Upload(id=f"words-{number}", caption=caption))
    yield view_of(Upload(id="hashtags", hashtags=tuple(f"tag{number}" for number in range(20_000))))
    yield view_of(Upload(id="empty-hashtags", hashtags=("", " ", "#", "\ud800")))


def hostile_pictures() -> Iterator[View]:
    """Pictures made to break readers of pictures."""
    rng = np.random.default_rng(97)
    sets: tuple[list[Picture], ...] = (
        [np.zeros((1, 1, 3), np.uint8)],
        [np.full((1, 512, 3), 90, np.uint8), np.full((512, 1, 3), 90, np.uint8)],
        [np.full((2, 3, 3), 255, np.uint8), np.full((511, 513, 3), 128, np.uint8)],
        [np.zeros((512, 288, 3), np.uint8)] * 3,
        [np.full((512, 288, 3), 255, np.uint8)],
        [rng.integers(0, 256, (288, 512, 3), dtype=np.uint8)],
        [np.indices((256, 256)).sum(0).astype(np.uint8)[..., None].repeat(3, 2) % 2 * 255],
        [picture(6, 72, 128).copy() for _ in range(64)],
    )
    for number, pictures in enumerate(sets):
        yield view_of(Upload(id=f"pictures-{number}"), clip=clip_of(pictures), path=NOWHERE)


def hostile_sound() -> Iterator[View]:
    """Sound made to break readers of sound."""
    rng = np.random.default_rng(98)
    waves = (
        np.zeros(0, np.float32),
        np.zeros(1, np.float32),
        np.zeros(AUDIO_RATE_HZ, np.float32),
        np.ones(AUDIO_RATE_HZ, np.float32),
        rng.uniform(-1, 1, AUDIO_RATE_HZ).astype(np.float32),
    )
    for number, wave in enumerate(waves):
        yield view_of(Upload(id=f"sound-{number}"), clip=clip_of((), audio=wave), path=NOWHERE)
