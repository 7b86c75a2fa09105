"""Captions drawn under the conditions that `onscreen_quality.py` measures: one text, one look, a few frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tidegate.media.clip import Clip
from tidegate.records import Span
from tidegate.testing.captions import CaptionStyle, blend, drawn
from tidegate.testing.clips import ClipSpec, Writing, placed, write_clip
from tidegate.testing.drawing import Picture, Scene
from tidegate.testing.fakes import clip_of
from tidegate.testing.fonts import FAMILIES, font_of, has_font

WIDTH_PX, HEIGHT_PX = 288, 512
"""The size at which frames are screened: longest side 512."""

LARGEST, SMALLEST = 0.06, 0.03
"""Height of the letters as a share of the picture's."""

ROOM = 0.9
"""Share of the width that a line may fill; longer lines get smaller letters."""

TURN_DEG = 12.0
FRAME_COUNT, SECONDS_EACH = 3, 0.5


OUTLINED = CaptionStyle(outline=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a caption is shown. `motion` is in widths and heights a second, `size` None fits one line."""

    is_hard: bool
    style: CaptionStyle = OUTLINED
    size: float | None = None
    has_two_lines: bool = False
    motion: tuple[float, float] = (0.0, 0.0)
    is_encoded: bool = False


CONDITIONS: Mapping[str, Condition] = {
    "outlined": Condition(is_hard=False),
    "on a plate": Condition(is_hard=False, style=CaptionStyle(plate=(24, 24, 24))),
    "two lines": Condition(is_hard=False, has_two_lines=True),
    "small": Condition(is_hard=True, size=SMALLEST),
    "low contrast": Condition(is_hard=True, style=CaptionStyle(opacity=0.5, colour=(255, 255, 255))),
    "turned": Condition(is_hard=True, style=CaptionStyle(outline=0.1, rotation_deg=TURN_DEG)),
    "moving": Condition(is_hard=True, motion=(0.03, 0.12)),
    "coloured": Condition(is_hard=True, style=CaptionStyle(has_shadow=True, colour=(250, 210, 40))),
    "encoded": Condition(is_hard=True, is_encoded=True),
}
"""Clean ones first. Every background moves and is busy; "encoded" goes through H.264 and the decoder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A caption to draw: its script (ISO 15924), language and words."""

    script: str
    language: str
    words: str


def texts(path: Path, most: int) -> tuple[Text, ...]:
    """At most `most` texts of every script, from a table with the columns script, language, text."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    found = [Text(script=row[0], language=row[1], words=row[2]) for row in rows]
    return tuple(text for index, text in enumerate(found) if _rank(found, index) < most)


def _rank(found: Sequence[Text], index: int) -> int:
    """How many texts of the same script stand before this one."""
    return sum(other.script == found[index].script for other in found[:index])


def clip_with(text: Text, condition: Condition, folder: Path, *, family: str = "", seed: int = 0) -> Clip:
    """The decoded clip of a caption under a condition, in a named family's font or the one of its script."""
    writing = writing_of(text, condition, family)
    if condition.is_encoded:
        return _through_h264(writing, folder / "caption.mp4", seed)
    return clip_of(pictures(writing, seed), seconds_each=SECONDS_EACH)


def writing_of(text: Text, condition: Condition, family: str = "") -> Writing:
    """The caption as `testing.clips` describes it, placed in the lower half and sized to fit."""
    font = {"font": font_of(family)} if family else {}
    style = replace(condition.style, script=text.script, **font)
    words = in_two_lines(text) if condition.has_two_lines else text.words
    size = condition.size or fitting(words, style)
    span = Span(start_s=0.0, end_s=FRAME_COUNT * SECONDS_EACH)
    return Writing(text=words, span=span, y=0.55, size=size, style=style, motion=condition.motion)


def fitting(words: str, style: CaptionStyle) -> float:
    """The largest letters, as a share of the height, with which the lines keep inside the picture."""
    largest_px = round(LARGEST * HEIGHT_PX)
    for size_px in range(largest_px, round(SMALLEST * HEIGHT_PX) - 1, -1):
        caption = drawn(words, size_px, style)
        if caption.right - caption.left <= ROOM * WIDTH_PX:
            return size_px / HEIGHT_PX
    return SMALLEST


def in_two_lines(text: Text) -> str:
    """Broken at the space nearest to the middle, or in the middle where there is none."""
    middle = len(text.words) // 2
    spaces = [index for index, letter in enumerate(text.words) if letter == " "]
    if not spaces:
        return f"{text.words[:middle]}\n{text.words[middle:]}"
    at = min(spaces, key=lambda index: abs(index - middle))
    return f"{text.words[:at]}\n{text.words[at + 1 :]}"


def pictures(writing: Writing, seed: int) -> list[Picture]:
    """The frames: a scene that moves, and the caption over it."""
    scene, shown = Scene(seed, WIDTH_PX, HEIGHT_PX), list[Picture]()
    spec = ClipSpec(width_px=WIDTH_PX, height_px=HEIGHT_PX)
    for number in range(FRAME_COUNT):
        frame = scene.draw(number * SECONDS_EACH)
        blend(frame, *placed(writing, spec, number * SECONDS_EACH))
        shown.append(frame)
    return shown


def families() -> tuple[str, ...]:
    """The font families that are installed."""
    return tuple(name for name in FAMILIES if has_font(name))


def _through_h264(writing: Writing, path: Path, seed: int) -> Clip:
    from tidegate.media.decode import decode
    from tidegate.media.limits import MediaLimits, SamplingBudget

    spec = ClipSpec(
        seed=seed,
        duration_s=FRAME_COUNT * SECONDS_EACH,
        width_px=540,
        height_px=960,
        frame_rate_hz=15.0,
        has_audio=False,
        writings=(writing,),
    )
    write_clip(path, spec)
    return decode(path, MediaLimits(), SamplingBudget())
