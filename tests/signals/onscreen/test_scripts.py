from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.signals.onscreen.networks import networks
from tidegate.signals.onscreen.recognise import LINE_HEIGHT_PX
from tidegate.signals.onscreen.regions import crop
from tidegate.signals.onscreen.scripts import NO_LETTERS, READABLE, SURE, ScriptClassifier, joined, softmax
from tidegate.testing.captions import CaptionStyle, blend, drawn
from tidegate.testing.drawing import Scene
from tidegate.testing.fonts import font_for, has_font

Picture = NDArray[np.uint8]

SAYINGS = {
    "Latn": ("Subscribe to the channel", "How to bake bread", "GANZ NEU HIER", "¿Qué hacemos mañana?"),
    "Hani": ("今天天气非常好", "欢迎来到我的频道", "怎么做面包"),
    "Jpan": ("今日はとても天気がいいです", "ご視聴ありがとう", "チャンネル登録してね"),
    "Hang": ("구독과 좋아요 부탁해요", "오늘의 날씨를 알려드립니다", "맛있는 김치찌개"),
    "Cyrl": ("Подпишись на канал", "Как приготовить борщ", "ЭТО ОЧЕНЬ ВАЖНО"),
    "Grek": ("Πώς να φτιάξετε ψωμί", "Ευχαριστώ πολύ για όλα", "Καλημέρα σε όλους"),
    "Arab": ("كيف حالك اليوم يا صديقي", "هذا الفيديو مهم جدا", "مرحبا بكم"),
    "Hebr": ("איך להכין לחם בבית", "שלום לכולם", "תודה רבה על הצפייה"),
    "Deva": ("आज का मौसम बहुत अच्छा है", "नमस्ते दोस्तों", "वीडियो को पसंद करें"),
    "Beng": ("আজকের আবহাওয়া খুব সুন্দর", "আমার চ্যানেলে স্বাগতম"),
    "Taml": ("இன்று வானிலை நன்றாக உள்ளது", "வணக்கம் நண்பர்களே"),
    "Telu": ("అందరికీ నమస్కారం", "ఈ రోజు వాతావరణం బాగుంది"),
    "Thai": ("วันนี้อากาศดีมาก", "ขอบคุณที่รับชมวิดีโอ"),
    "Geor": ("დღეს კარგი ამინდია", "გამარჯობა მეგობრებო"),
    "Armn": ("Այսօր եղանակը լավ է", "Բարև ձեզ ընկերներ"),
}
LOOKS = ((40, CaptionStyle(), 32), (130, CaptionStyle(outline=0.1), 30), (220, CaptionStyle(colour=(20, 20, 20)), 22))

YELLOW = (250, 210, 40)
HARD_LOOKS = (
    CaptionStyle(opacity=0.5, colour=(255, 255, 255)),
    CaptionStyle(has_shadow=True, colour=YELLOW),
    CaptionStyle(outline=0.1, rotation_deg=12.0),
)


def lines(script: str) -> list[Picture]:
    """Every saying of a script in three looks: white on dark, outlined on grey, dark on light and smaller."""
    if not has_font(script):
        pytest.skip(f"no font for {script} is installed")
    found = []
    for background, look, size_px in LOOKS:
        for text in SAYINGS[script]:
            style = CaptionStyle(font=font_for(script), outline=look.outline, colour=look.colour)
            caption = drawn(text, size_px, style)
            height, width = caption.pixels.shape[:2]
            frame = np.full((height + 8, width + 12, 3), background, np.uint8)
            blend(frame, caption, 6, 4)
            found.append(frame)
    return found


def found_lines(script: str) -> list[Picture]:
    """Every saying of a script over a busy scene, seen through, shadowed or turned, as the detector crops it."""
    if not has_font(script):
        pytest.skip(f"no font for {script} is installed")
    try:
        finder = networks().finder
    except MissingDependencyError as error:
        pytest.skip(str(error))
    found = []
    for seed, text in enumerate(SAYINGS[script]):
        for look in HARD_LOOKS:
            frame = Scene(seed, 512, 288).draw(1.0)
            style = replace(look, font=font_for(script))
            blend(frame, drawn(text, 26, style), 40, 120)
            found += [crop(frame, region, LINE_HEIGHT_PX) for region in finder.find(frame, 512)[:1]]
    return found


@pytest.fixture(scope="module")
def classifier() -> ScriptClassifier:
    classifier = ScriptClassifier()
    try:
        classifier.load()
    except MissingDependencyError as error:
        pytest.skip(str(error))
    return classifier


@pytest.mark.parametrize("script", SAYINGS)
def test_the_script_of_ordinary_captions_is_told(classifier: ScriptClassifier, script: str) -> None:
    answers = classifier.classify(lines(script))
    right = [code == script for code, _ in answers]
    assert sum(right) >= 0.65 * len(right), answers


@pytest.mark.parametrize("script", SAYINGS)
def test_the_script_of_lines_cropped_from_busy_pictures_is_told(classifier: ScriptClassifier, script: str) -> None:
    answers = classifier.classify(found_lines(script))
    right = [code == script for code, _ in answers]
    assert len(answers) >= len(SAYINGS[script])
    assert sum(right) >= 0.75 * len(right), answers


@pytest.mark.parametrize("script", [script for script in SAYINGS if script not in READABLE])
def test_a_script_that_is_not_read_is_seldom_surely_called_one_that_is(
    classifier: ScriptClassifier, script: str
) -> None:
    answers = classifier.classify(lines(script))
    assert not [answer for answer in answers if answer[0] in READABLE and answer[1] >= SURE]


@pytest.mark.parametrize("script", READABLE)
def test_a_script_that_is_read_is_not_surely_called_another(classifier: ScriptClassifier, script: str) -> None:
    answers = classifier.classify(lines(script))
    assert not [answer for answer in answers if answer[0] not in (*READABLE, NO_LETTERS) and answer[1] >= SURE]


def test_a_picture_without_letters_is_told(classifier: ScriptClassifier) -> None:
    blank = np.full((30, 200, 3), 90, np.uint8)
    grain = np.random.default_rng(0).integers(88, 93, (30, 200, 3), dtype=np.uint8)
    for code, confidence in classifier.classify([blank, grain]):
        assert (code, confidence) == (NO_LETTERS, 1.0)


def test_a_long_line_is_looked_at_in_several_places(classifier: ScriptClassifier) -> None:
    (crop, *_) = lines("Latn")
    long = np.concatenate([crop] * 6, axis=1)
    ((code, confidence),) = classifier.classify([long])
    assert code == "Latn"
    assert confidence > 0.5


def test_crops_of_any_shape_are_answered_and_none_gives_none(classifier: ScriptClassifier) -> None:
    rng = np.random.default_rng(0)
    shapes = ((0, 0, 3), (1, 1, 3), (3, 900, 3), (900, 3, 3), (12, 20, 3), (64, 64, 3))
    crops = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    for code, confidence in classifier.classify(crops):
        assert code in classifier.codes
        assert 0.0 <= confidence <= 1.0
    assert classifier.classify([]) == []


def test_one_line_gets_the_same_answer_alone_and_among_others(classifier: ScriptClassifier) -> None:
    crops = lines("Latn")[:5]
    together = classifier.probabilities(crops)
    assert np.allclose(together.sum(axis=1), 1.0)
    for line, row in zip(crops, together, strict=True):
        assert np.allclose(classifier.probabilities([line])[0], row, atol=1e-5)


def test_windows_without_letters_count_little() -> None:
    parts = np.array([[0.9, 0.05, 0.05], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    row = joined(parts, 2)
    assert row.argmax() == 0
    assert row.sum() == pytest.approx(1.0)


def test_probabilities_are_made_of_any_logits() -> None:
    assert softmax(np.array([[1e4, -1e4, 0.0]])).tolist() == [[1.0, 0.0, 0.0]]


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        ScriptClassifier(tmp_path).load()
