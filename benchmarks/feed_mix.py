"""A mix of clips such as a feed may hold: plain and busy scenes, music, a street, talk, captions, a mark, silence.

The shares are our own assumption. No count of a feed by what its clips show and sound like is known to us; for sound
alone, AudioSet (Gemmeke et al. 2017) labels about half of its clips, picked from YouTube, with speech and half with
music, which these shares follow roughly. Of pictures nothing follows: photographs are all but absent here, and what
stands in for them is said in `Look`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import measure  # noqa: F401 - one thread for NumPy, before it loads
from tidegate.errors import MissingDependencyError
from tidegate.records import Span
from tidegate.testing.captions import CaptionStyle
from tidegate.testing.clips import ClipSpec, Look, Truth, Writing, truth_of, write_clip
from tidegate.testing.sound import Background, BackgroundKind, Spoken
from tidegate.testing.voices import can_say

LINES = (
    "The tide is low this morning, so we walk along the harbour and look for shells.",
    "My grandmother taught me this recipe when I was nine years old.",
    "First we wash the rice, then we let it rest for half an hour.",
    "The boats come back at noon, and the market opens right behind them.",
    "I bought two loaves of bread, a bag of apples and a piece of cheese.",
)
CAPTIONS = (
    "LOW TIDE TODAY\nlook what we found",
    "wash the rice twice",
    "the market opens at noon",
    "thanks for watching",
)
RUSSIAN = ("сегодня отлив", "смотрите что мы нашли")

LINE_EVERY_S = 5.4

_OUTLINED = CaptionStyle(outline=0.08)
_CYRILLIC = CaptionStyle(script="Cyrl", outline=0.08)
_MARK = CaptionStyle(opacity=0.7)
_SMALL, _LARGE = (720, 1280), (1080, 1920)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of clip: what it holds, its share of the mix, and the language of its words."""

    spec: ClipSpec
    share: float
    language: str = "en"


def talk(until_s: float) -> tuple[Spoken, ...]:
    """A line every 5.4 seconds, of 3.7 to 4.9 seconds each with the usual voice: which words are said depends on the
    length of the clip alone, not on how long the voice takes for them.
    """
    count = int((until_s - 0.5) / LINE_EVERY_S)
    return tuple(
        Spoken(text=LINES[number % len(LINES)], language="en", at_s=0.5 + LINE_EVERY_S * number)
        for number in range(count)
    )


def captions(until_s: float, texts: tuple[str, ...] = CAPTIONS, style: CaptionStyle = _OUTLINED) -> tuple[Writing, ...]:
    """A caption every 7.4 seconds, 6.5 seconds long."""
    starts_s = (0.5 + 7.4 * number for number in range(round(until_s / 7.4)))
    return tuple(
        Writing(
            text=texts[number % len(texts)],
            span=Span(start_s=start_s, end_s=min(start_s + 6.5, until_s)),
            y=0.62,
            size=0.03,
            style=style,
        )
        for number, start_s in enumerate(starts_s)
        if start_s + 1.0 < until_s
    )


def _spec(seed: int, duration_s: float, look: Look, size: tuple[int, int] = _SMALL, **more: object) -> ClipSpec:
    """A clip of that look with a cut every eight seconds or so."""
    cuts_s = tuple(float(7.9 * number) for number in range(1, int(duration_s / 8)))
    plain = ClipSpec(
        seed=seed, duration_s=duration_s, look=look, width_px=size[0], height_px=size[1], keyframe_every_s=1.0
    )
    return replace(plain, cuts_s=cuts_s, **more)  # type: ignore[arg-type]


def _sound(kind: BackgroundKind, duration_s: float, seed: int, level_db: float = -20.0) -> tuple[Background, ...]:
    return (Background(kind=kind, span=Span(start_s=0.0, end_s=duration_s), seed=seed, level_db=level_db),)


def _mark(duration_s: float) -> tuple[Writing, ...]:
    span = Span(start_s=0.0, end_s=duration_s)
    return (Writing(text="TikTok @tidepools", span=span, x=0.22, y=0.05, size=0.018, style=_MARK),)


def _without_words() -> Mapping[str, Kind]:
    def music(duration_s: float, seed: int) -> tuple[Background, ...]:
        return _sound(BackgroundKind.MUSIC, duration_s, seed)

    street = _sound(BackgroundKind.STREET, 12.0, 4)
    return {
        "silent, soft": Kind(_spec(31, 10.0, Look.SOFT, _LARGE, has_audio=False), 0.04),
        "silent, game": Kind(_spec(32, 20.0, Look.GAME, has_audio=False), 0.04),
        "music, one colour": Kind(_spec(33, 8.0, Look.CARD, backgrounds=music(8.0, 1)), 0.03),
        "music, clouds": Kind(_spec(34, 15.0, Look.CLOUDS, backgrounds=music(15.0, 2)), 0.07),
        "music, person": Kind(_spec(35, 15.0, Look.PERSON, backgrounds=music(15.0, 3)), 0.08),
        "music, busy": Kind(_spec(36, 30.0, Look.BUSY, _LARGE, backgrounds=music(30.0, 4)), 0.05),
        "street, photo-like": Kind(_spec(37, 12.0, Look.TEXTURE, backgrounds=street), 0.07),
    }


def _with_writing() -> Mapping[str, Kind]:
    def music(duration_s: float, seed: int) -> tuple[Background, ...]:
        return _sound(BackgroundKind.MUSIC, duration_s, seed)

    street, russian = _sound(BackgroundKind.STREET, 10.0, 5), captions(15.0, RUSSIAN, _CYRILLIC)
    return {
        "street, clouds, mark": Kind(_spec(38, 10.0, Look.CLOUDS, backgrounds=street, writings=_mark(10.0)), 0.05),
        "music, photo-like, captions": Kind(
            _spec(39, 20.0, Look.TEXTURE, backgrounds=music(20.0, 5), writings=captions(20.0)), 0.10
        ),
        "music, game, captions": Kind(
            _spec(40, 30.0, Look.GAME, backgrounds=music(30.0, 6), writings=captions(30.0)), 0.05
        ),
        "music, person, Russian captions": Kind(
            _spec(41, 15.0, Look.PERSON, backgrounds=music(15.0, 7), writings=russian), 0.04, "ru"
        ),
    }


def _with_talk() -> Mapping[str, Kind]:
    over = _sound(BackgroundKind.MUSIC, 60.0, 8, -35.0)
    return {
        "talk, person": Kind(_spec(42, 45.0, Look.PERSON, speech=talk(45.0)), 0.14),
        "talk, person, captions": Kind(
            _spec(43, 30.0, Look.PERSON, _LARGE, speech=talk(30.0), writings=captions(30.0)), 0.16
        ),
        "talk over music, game, captions": Kind(
            _spec(44, 60.0, Look.GAME, speech=talk(60.0), backgrounds=over, writings=captions(60.0)), 0.08
        ),
    }


def kinds() -> Mapping[str, Kind]:
    """Kind of clip -> what it is. The shares add up to one; what needs a voice that is not installed is left out."""
    every = {**_without_words(), **_with_writing(), **(_with_talk() if can_say("en") else {})}
    whole = sum(kind.share for kind in every.values())
    return {name: replace(kind, share=kind.share / whole) for name, kind in every.items()}


def made(folder: Path, name: str, spec: ClipSpec) -> Truth | None:
    """The clip of that name and its truth, written once; `None`, and a word about it, where a font is missing."""
    path = folder / f"reading-{name.replace(', ', '-').replace(' ', '-')}.mp4"
    try:
        if not path.exists():
            print(f"making {path} ...", flush=True)
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f"unfinished-{path.name}")
            write_clip(unfinished, spec)
            unfinished.rename(path)
        return truth_of(path, spec)
    except MissingDependencyError as error:
        print(f"left out: {name}: {error}")
        return None
