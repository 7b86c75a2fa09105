"""The whole way from frames to texts, with the networks; what only these can read is skipped where they are absent."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.records import Abstention, AbstentionReason, OnScreenKind, OnScreenText, Signal
from tidegate.signals.base import Said
from tidegate.signals.onscreen.letters import edit_distance
from tidegate.signals.onscreen.second import NoEngine
from tidegate.signals.onscreen.text import MOST_ABSTENTIONS, MOST_TEXTS, OnScreenDetector
from tidegate.testing.captions import CaptionStyle, blend, drawn
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import Picture, picture
from tidegate.testing.fakes import clip_of, view_of
from tidegate.testing.fonts import has_font
from tidegate.testing.reading_errors import ErrorCount, read_errors

Write = Callable[..., Picture]

CJK_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
needs_cjk_font = pytest.mark.skipif(not CJK_FONT.exists(), reason="needs the Debian package fonts-noto-cjk")


class OneScript:
    """Says that every line is in one script."""

    def __init__(self, code: str = "Latn") -> None:
        self.codes = (code, "Zzzz")

    def load(self) -> None: ...

    def probabilities(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([[0.99, 0.01] for _ in crops])


class NeverAsked(NoEngine):
    """A second engine that must not be asked."""

    def read_many(
        self, crops: Sequence[np.ndarray], script: str, *, time_limit_s: float
    ) -> list[tuple[str, float] | None]:
        raise AssertionError(script)


def latin() -> OnScreenDetector:
    return OnScreenDetector(OneScript(), NeverAsked())


class TestOnScreenDetector(DetectorConformance):
    make = staticmethod(latin)


@pytest.fixture(scope="module")
def detector() -> OnScreenDetector:
    one = latin()
    try:
        one.load()
    except (MissingDependencyError, ModelFileError) as error:
        pytest.skip(f"the networks are not installed: {error.next_step}")
    return one


@pytest.fixture(scope="module")
def with_scripts() -> OnScreenDetector:
    """The detector with the real classifier of scripts: `detector` is told that everything is Latin."""
    one = OnScreenDetector(second=NoEngine())
    try:
        one.load()
    except (MissingDependencyError, ModelFileError) as error:
        pytest.skip(f"the networks are not installed: {error.next_step}")
    return one


def say(detector: OnScreenDetector, pages: Sequence[Picture], seconds_each: float = 1.0) -> list[Said]:
    copies = [page.copy() for page in pages]
    return list(detector.detect(view_of(clip=clip_of(copies, seconds_each=seconds_each))))


def texts(said: Sequence[Said]) -> list[OnScreenText]:
    return [one for one in said if isinstance(one, OnScreenText)]


def signals(said: Sequence[Said], label: str) -> list[Signal]:
    return [one for one in said if isinstance(one, Signal) and one.label == label]


def abstained(said: Sequence[Said], reason: AbstentionReason) -> list[Abstention]:
    return [one for one in said if isinstance(one, Abstention) and one.reason is reason]


def is_read(found: str, truth: str, share: float = 0.1) -> bool:
    return edit_distance(found, truth) <= share * len(truth)


def dark(seed: int) -> Picture:
    return (picture(seed, 288, 512) // 3).astype(np.uint8)


@pytest.mark.parametrize("height_px", [12, 18, 28])
def test_a_caption_is_read_with_its_place_and_time(detector: OnScreenDetector, write: Write, height_px: int) -> None:
    empty = np.full((512, 288, 3), 70, np.uint8)
    said = say(detector, [empty, write("Low tide at 6:45", height_px=height_px), empty])
    (text,) = texts(said)
    assert is_read(text.text, "Low tide at 6:45")
    assert (text.span.start_s, text.span.end_s) == (1.0, 2.0)
    assert 0.56 < text.box.y < 0.6
    assert text.confidence > 0.8
    assert (text.script, text.kind, text.rotation_deg) == ("Latn", OnScreenKind.CAPTION, 0.0)
    (signal,) = signals(said, "onscreen.text")
    assert signal.evidence.box == text.box
    assert "tide" not in signal.evidence.note


@pytest.mark.parametrize(("turn_deg", "told"), [(20, 20), (90, 90), (180, 180), (270, -90), (-35, -35)])
def test_a_turned_caption_is_read_and_its_turn_told(
    detector: OnScreenDetector, write: Write, turn_deg: int, told: float
) -> None:
    (text,) = texts(say(detector, [write("meet me at the pier", y=150, turn_deg=turn_deg)]))
    assert is_read(text.text, "meet me at the pier")
    assert abs((text.rotation_deg - told + 180.0) % 360.0 - 180.0) <= 3


def test_faint_words_are_read(detector: OnScreenDetector, write: Write) -> None:
    (text,) = texts(say(detector, [write("meet me at the pier", ground=(90, 90, 90), ink=(122, 122, 122))]))
    assert is_read(text.text, "meet me at the pier", 0.15)


def test_two_lines_on_a_picture_are_one_text(detector: OnScreenDetector, write: Write) -> None:
    found = texts(say(detector, [write("meet me at noon\nby the old pier", ground=dark(seed)) for seed in range(3)]))
    (text,) = [one for one in found if len(one.text) > 5]
    assert is_read(text.text, "meet me at noon by the old pier")
    assert len(text.path) == 3


def test_scrolling_words_are_one_text_with_a_path(detector: OnScreenDetector, write: Write) -> None:
    pages = [write("meet me at the pier", y=440 - 70 * n) for n in range(5)]
    (text,) = texts(say(detector, pages))
    tops = [one.box.y for one in text.path]
    assert len(tops) == 5
    assert tops == sorted(tops, reverse=True)


def test_captions_that_change_are_told_apart_with_their_times(detector: OnScreenDetector, write: Write) -> None:
    lines = ("we came by the sea", "nobody knew the way", "and then it rained")
    pages = [write(line, ground=dark(n)) for n, line in enumerate(line for line in lines for _ in range(3))]
    found = texts(say(detector, pages))
    assert [is_read(one.text, line) for one, line in zip(found, lines, strict=True)] == [True] * 3
    assert [(one.span.start_s, one.span.end_s) for one in found] == [(0.0, 3.0), (3.0, 6.0), (6.0, 9.0)]


def test_words_one_after_another_are_one_sentence(detector: OnScreenDetector, write: Write) -> None:
    words = ["meet", "them", "near", "the", "harbour", "tonight"]
    (text,) = texts(say(detector, [write(word, height_px=36) for word in words], 0.4))
    assert is_read(text.text, " ".join(words))


def test_the_mark_of_a_platform_is_no_statement(detector: OnScreenDetector, write: Write) -> None:
    page = write("@sea.walker", ground=write("TikTok", x=12, y=14, height_px=16), x=12, y=36, height_px=12)
    said = say(detector, [write("low tide at six", ground=page)] * 3)
    mark, caption = sorted(texts(said), key=lambda one: one.kind, reverse=True)
    assert mark.kind is OnScreenKind.WATERMARK
    assert "TikTok" in mark.text
    assert is_read(caption.text, "low tide at six")
    assert len(signals(said, "onscreen.watermark")) == 1


def test_words_that_flicker_by_are_told(detector: OnScreenDetector, write: Write) -> None:
    empty = np.full((512, 288, 3), 70, np.uint8)
    said = say(detector, [empty, write("watch closely now"), empty, empty, empty], 0.1)
    (signal,) = signals(said, "onscreen.flicker")
    assert signal.score > 0.5
    assert signal.evidence.span is not None
    assert signal.evidence.span.duration_s == pytest.approx(0.1)
    assert signals(say(detector, [empty, write("watch closely now"), empty], 1.0), "onscreen.flicker") == []


def test_words_that_flicker_on_every_frame_are_bounded_and_told(detector: OnScreenDetector, write: Write) -> None:
    names = ("harbour walk", "evening bread", "white stones", "old boats here", "garden flower", "summer nights")
    said = say(detector, [write(names[n % 6], y=60 + 60 * (n % 7)) for n in range(18)], 0.1)
    assert len(texts(said)) <= MOST_TEXTS
    assert 1 <= len(signals(said, "onscreen.flicker")) <= 18


NAMES = ("harbour walk", "evening bread", "white stones", "old boats here", "garden flower", "summer nights")


def test_words_on_every_frame_that_flicker_by_are_an_abstention_with_their_span(
    detector: OnScreenDetector, write: Write
) -> None:
    said = say(detector, [write(name) for name in NAMES], 0.1)
    (one,) = abstained(said, AbstentionReason.LOW_CONFIDENCE)
    assert one.span is not None
    assert (one.span.start_s, one.span.end_s) == (pytest.approx(0.0), pytest.approx(0.6))
    assert "faster" in one.detail


def test_captions_that_change_at_a_reading_pace_are_none(detector: OnScreenDetector, write: Write) -> None:
    said = say(detector, [write(name) for name in NAMES], 2.0)
    assert len(texts(said)) == len(NAMES)
    assert abstained(said, AbstentionReason.LOW_CONFIDENCE) == []


@pytest.mark.parametrize("script", ["Cyrl", "Arab", "Thai", "Hang"])
def test_a_script_that_nobody_reads_is_an_abstention_with_its_span(write: Write, script: str) -> None:
    detector = OnScreenDetector(OneScript(script), NoEngine())
    try:
        detector.load()
    except (MissingDependencyError, ModelFileError) as error:
        pytest.skip(f"the networks are not installed: {error.next_step}")
    empty = np.full((512, 288, 3), 70, np.uint8)
    strange_letters = write("meet me at the pier")[:, ::-1]
    said = say(detector, [empty, strange_letters, empty])
    assert texts(said) == []
    (one,) = abstained(said, AbstentionReason.UNSUPPORTED_LANGUAGE)
    assert script in one.detail
    assert one.span is not None
    assert (one.span.start_s, one.span.end_s) == (1.0, 2.0)


def test_a_page_of_small_print_is_read_in_part_and_the_rest_is_said(detector: OnScreenDetector, write: Write) -> None:
    page = np.full((512, 288, 3), 245, np.uint8)
    for row in range(30):
        line = f"row {row} of the small print that goes on"
        page = write(line, ground=page, ink=(20, 20, 20), height_px=11, x=8, y=8 + 16 * row)
    said = say(detector, [page])
    assert "small print" in " ".join(one.text for one in texts(said))
    assert abstained(said, AbstentionReason.OVER_BUDGET)


def test_a_hundred_texts_are_bounded_and_said(detector: OnScreenDetector, write: Write) -> None:
    page = np.full((512, 288, 3), 60, np.uint8)
    rng = np.random.default_rng(6)
    for number in range(100):
        x, y = int(rng.integers(0, 230)), int(rng.integers(0, 490))
        page = write(f"text {number}", ground=page, height_px=14, x=x, y=y)
    said = say(detector, [page])
    assert 1 <= len(texts(said)) <= MOST_TEXTS
    assert abstained(said, AbstentionReason.OVER_BUDGET)


def test_noise_says_little_and_abstains_within_bounds(detector: OnScreenDetector) -> None:
    rng = np.random.default_rng(7)
    said = say(detector, [rng.integers(0, 256, (512, 288, 3), dtype=np.uint8) for _ in range(3)])
    assert texts(said) == []
    assert len(said) <= 3 * MOST_ABSTENTIONS


def drawn_cjk(text: str, *, is_column: bool = False) -> Picture:
    image = Image.new("RGB", (288, 512), (50, 60, 80))
    font = ImageFont.truetype(str(CJK_FONT), 24)
    draw = ImageDraw.Draw(image)
    for row, char in enumerate(text if is_column else [text]):
        draw.text((130 if is_column else 30, 60 + 27 * row), char, font=font, fill=(250, 250, 250))
    return np.asarray(image)


@needs_cjk_font
@pytest.mark.parametrize("is_column", [False, True])
@pytest.mark.parametrize(
    ("line", "script", "language"), [("今天我们去海边", "Hani", ""), ("明日は海に行く", "Jpan", "ja")]
)
def test_chinese_and_japanese_are_read_in_rows_and_columns(
    detector: OnScreenDetector, line: str, script: str, language: str, *, is_column: bool
) -> None:
    (text,) = texts(say(detector, [drawn_cjk(line, is_column=is_column)]))
    assert (text.text, text.script, text.language, text.rotation_deg) == (line, script, language, 0.0)


TURNED = {
    "Latn": (
        "Fresh bread every morning",
        "Meet me at the old bridge",
        "Frühstück am Fluss mit Käse",
        "Déjà l'été à la plage",
    ),
    "Hani": ("早上的面包很新鲜", "我们在河边散步", "今天的市场人很多", "晚饭后一起喝茶"),
    "Jpan": ("毎朝のパンはおいしい", "川のそばを歩きました", "今日の市場はにぎやか", "夕食のあとでお茶を飲む"),
}
"""Several lines a script: the classifier takes some of them for another script on their head, and not others."""


@pytest.mark.parametrize("script", TURNED)
@pytest.mark.parametrize("rotation_deg", [0.0, 180.0])
def test_captions_are_read_on_their_head_as_well_as_upright(
    with_scripts: OnScreenDetector, script: str, rotation_deg: float
) -> None:
    if not has_font(script):
        pytest.skip(f"no font of {script} is installed")
    errors = ErrorCount()
    for words in TURNED[script]:
        caption = drawn(words, 24, CaptionStyle(script=script, outline=0.1, rotation_deg=rotation_deg))
        frame = (picture(7, 288, 512) // 2).copy()
        blend(frame, caption, max(2, (288 - (caption.right - caption.left)) // 2), 240)
        read = " ".join(text.text for text in texts(say(with_scripts, [frame])))
        errors += read_errors(words, read, "en" if script == "Latn" else "zh")
    assert errors.rate <= 0.1
