import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.signals.onscreen.tesseract import LANGUAGES, Tesseract, lines_of, prepared
from tidegate.testing.captions import CaptionStyle, blend, drawn
from tidegate.testing.fonts import font_for, has_font

Picture = NDArray[np.uint8]

SAYINGS = {
    "Latn": "Subscribe to the channel",
    "Cyrl": "Подпишись на канал",
    "Grek": "Πώς να φτιάξετε ψωμί",
    "Arab": "كيف حالك اليوم يا صديقي",
    "Hebr": "איך להכין לחם בבית",
    "Deva": "आज का मौसम बहुत अच्छा है",
    "Beng": "আজকের আবহাওয়া খুব সুন্দর",
    "Taml": "இன்று வானிலை நன்றாக உள்ளது",
    "Telu": "అందరికీ నమస్కారం",
    "Thai": "วันนี้อากาศดีมาก",
    "Geor": "დღეს კარგი ამინდია",
    "Armn": "Այսօր եղանակը լավ է",
    "Hang": "구독과 좋아요 부탁해요",
    "Jpan": "今日はとても天気がいいです",
    "Hani": "今天天气非常好",
}


def line(text: str, script: str, *, background: int = 40, style: CaptionStyle | None = None) -> Picture:
    if not has_font(script):
        pytest.skip(f"no font for {script} is installed")
    style = style or CaptionStyle(font=font_for(script))
    caption = drawn(text, 30, style)
    height, width = caption.pixels.shape[:2]
    frame = np.full((height + 12, width + 16, 3), background, np.uint8)
    blend(frame, caption, 8, 6)
    return frame


@pytest.fixture(scope="module")
def engine() -> Tesseract:
    engine = Tesseract()
    if not engine.available_scripts():
        pytest.skip("the program tesseract or its data is not installed")
    return engine


def needs(engine: Tesseract, script: str) -> None:
    if script not in engine.available_scripts():
        pytest.skip(f"no tesseract data for {script} is installed")


def errors(read: str, truth: str) -> int:
    """Edits between two texts (Levenshtein 1966)."""
    row = list(range(len(truth) + 1))
    for index, one in enumerate(read, 1):
        before, row = row, [index]
        for place, other in enumerate(truth, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (one != other)))
    return row[-1]


@pytest.mark.parametrize("script", SAYINGS)
def test_a_plain_line_is_read_in_each_script_that_is_installed(engine: Tesseract, script: str) -> None:
    needs(engine, script)
    found = engine.read(line(SAYINGS[script], script), script)
    assert found is not None
    text, confidence = found
    assert errors(text, SAYINGS[script]) <= max(1, len(SAYINGS[script]) // 8), text
    assert 0.5 < confidence <= 1.0


@pytest.mark.parametrize("background", [30, 120, 200])
def test_an_outlined_line_is_read_on_any_background(engine: Tesseract, background: int) -> None:
    needs(engine, "Latn")
    style = CaptionStyle(font=font_for("Latn") if has_font("Latn") else None, outline=0.1)
    found = engine.read(line(SAYINGS["Latn"], "Latn", background=background, style=style), "Latn")
    assert found is not None
    assert errors(found[0], SAYINGS["Latn"]) <= 1, found


def test_many_lines_are_read_in_the_order_they_were_given(engine: Tesseract) -> None:
    needs(engine, "Latn")
    words = ["first things", "second thoughts", "third wheels"] * 12
    crops: list[Picture] = [line(text, "Latn") for text in words]
    crops.insert(1, np.zeros((0, 5, 3), np.uint8))
    crops.insert(5, np.full((30, 90, 3), 200, np.uint8))
    found = engine.read_many(crops, "Latn")
    assert len(found) == len(crops)
    assert found[1] is None
    read = [one[0] if one else "" for index, one in enumerate(found) if index not in (1, 5)]
    assert sum(errors(one, truth) for one, truth in zip(read, words, strict=True)) <= 4


def test_empty_tiny_and_blank_crops_are_not_read(engine: Tesseract) -> None:
    script = min(engine.available_scripts())
    for shape in ((0, 0, 3), (1, 1, 3), (3, 500, 3), (500, 3, 3), (4, 4, 3), (40, 4000, 3)):
        assert engine.read(np.full(shape, 90, np.uint8), script) is None
    assert engine.read_many([], script) == []


def test_without_the_program_nothing_is_available_and_nothing_raised(tmp_path: Path) -> None:
    (tmp_path / "rus.traineddata").write_bytes(b"")
    engine = Tesseract(str(tmp_path / "absent"), folders=[tmp_path])
    assert engine.read(np.zeros((30, 100, 3), np.uint8), "Cyrl") is None
    assert Tesseract(sys.executable, folders=[]).available_scripts() == frozenset()
    assert Tesseract(sys.executable, folders=[]).read(np.zeros((30, 100, 3), np.uint8), "Cyrl") is None


@pytest.mark.parametrize(
    ("files", "script", "language"),
    [
        (["rus", "ukr"], "Cyrl", "rus"),
        (["rus", "script/Cyrillic"], "Cyrl", "script/Cyrillic"),
        (["rus", "Cyrillic"], "Cyrl", "Cyrillic"),
        (["Hangul"], "Hang", "Hangul"),
        (["fas"], "Arab", "fas"),
        (["osd"], "Latn", None),
    ],
)
def test_languages_and_scripts_are_found_under_their_usual_names(
    tmp_path: Path, files: list[str], script: str, language: str | None
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.traineddata").write_bytes(b"")
    engine = Tesseract(sys.executable, folders=[tmp_path / "absent", tmp_path])
    assert engine.language_of(script) == language
    assert (script in engine.available_scripts()) == (language is not None)


def stand_in(folder: Path, body: str) -> Tesseract:
    """A program that does what `body` says in place of tesseract."""
    program = folder / "program"
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / "rus.traineddata").write_bytes(b"")
    return Tesseract(str(program), folders=[folder], time_limit_s=1.0)


CROP = np.full((30, 100, 3), 90, np.uint8)
CROP[10:20, 20:80] = 250


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    engine = stand_in(tmp_path, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    assert engine.read(CROP, "Cyrl") is None
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(1)",
        "os.abort()",
        "sys.stdout.buffer.write(bytes(range(256)) * 50)",
        "sys.stdout.buffer.write(b'x' * (8 << 20))",
        "print('5\\t1\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\tnan\\tword')",
        "print('5\\t99\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\t90\\tword')",
        "print('5\\t-7\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\t90\\tword')",
    ],
)
def test_a_program_that_fails_or_babbles_reads_nothing(tmp_path: Path, body: str) -> None:
    assert stand_in(tmp_path, body).read(CROP, "Cyrl") is None


def test_the_program_gets_one_thread_and_no_words_of_the_upload(tmp_path: Path) -> None:
    row = "'5\\t1\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\t90\\t' + os.environ['OMP_THREAD_LIMIT'] + '|'.join(sys.argv[1:3])"
    assert stand_in(tmp_path, f"print({row})").read(CROP, "Cyrl") == ("1stdin|stdout", pytest.approx(0.9))


def row(page: int, left: int, width: int, confidence: float, word: str) -> str:
    return f"5\t{page}\t1\t1\t1\t1\t{left}\t0\t{width}\t40\t{confidence}\t{word}"


def test_words_are_joined_and_confidence_is_weighted_by_length() -> None:
    tsv = "\n".join([row(1, 0, 10, 90, "abc"), row(1, 20, 10, 60, "d"), row(2, 0, 5, 50, "x"), row(3, 0, 5, -1, " ")])
    assert lines_of(tsv) == {0: ("abc d", pytest.approx(0.825)), 1: ("x", 0.5)}


def test_scripts_that_come_in_pieces_get_blanks_by_the_width_of_the_gaps() -> None:
    tsv = "\n".join([row(1, 0, 30, 90, "가"), row(1, 33, 30, 90, "나"), row(1, 80, 30, 90, "다")])
    assert lines_of(tsv, "Hang")[0][0] == "가나 다"
    assert lines_of(tsv, "Jpan")[0][0] == "가나다"
    assert lines_of(tsv, "Latn")[0][0] == "가 나 다"


@given(st.text(max_size=400))
def test_no_output_breaks_the_parser(tsv: str) -> None:
    for text, confidence in lines_of(tsv).values():
        assert text
        assert 0.0 <= confidence <= 1.0


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9), st.text("abc", min_size=1)), max_size=20))
def test_every_word_comes_back_on_its_page(words: list[tuple[int, int, str]]) -> None:
    tsv = "\n".join(row(page, 0, 1, 10.0 * tens, word) for page, tens, word in words)
    found = lines_of(tsv)
    for page in {page for page, _, _ in words}:
        assert found[page - 1][0].split() == [word for at, _, word in words if at == page]


@pytest.mark.parametrize(("ink", "paper"), [(255, 20), (10, 240), (255, 120), (20, 160)])
def test_letters_become_dark_on_white_whatever_they_were(ink: int, paper: int) -> None:
    crop = np.full((40, 200, 3), paper, np.uint8)
    crop[12:28, 40:160:8] = crop[12:28, 41:161:8] = ink
    ready = prepared(crop)
    assert ready.shape[0] == 80
    assert np.median(ready) > 240
    assert ready.min() < 40


def test_the_other_end_of_the_greys_can_be_asked_for() -> None:
    crop = np.full((40, 200, 3), 120, np.uint8)
    crop[10:30, 50:90], crop[10:30, 110:150] = 255, 0
    light, dark = prepared(crop), prepared(crop, is_other=True)
    middle = light.shape[1] // 2
    assert light[:, :middle].min() < 30
    assert light[:, middle:].min() > 200
    assert dark[:, middle:].min() < 30
    assert dark[:, :middle].min() > 200


def test_every_script_has_data_to_look_for() -> None:
    assert all(languages and len(code) == 4 for code, languages in LANGUAGES.items())
