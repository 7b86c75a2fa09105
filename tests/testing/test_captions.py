"""Captions stand in the box that is told, in the font, colour and angle that were asked for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import MissingDependencyError, UsageError
from tidegate.testing import fonts
from tidegate.testing.captions import CaptionStyle, blend, box_of, drawn
from tidegate.testing.fonts import FAMILIES, SCRIPTS, Font, font_for, font_of, has_font

GREY = 120


def frame() -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    return np.full((200, 300, 3), GREY, np.uint8)


def changed(picture: "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]") -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is no longer grey, faint edges left out."""
    far = np.abs(picture.astype(int) - GREY).max(axis=2) > 60
    columns, rows = np.flatnonzero(far.any(axis=0)), np.flatnonzero(far.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize("rotation_deg", [0.0, 12.0, -30.0, 90.0, 180.0])
def test_the_letters_begin_where_they_are_put_and_fill_their_box(rotation_deg: float) -> None:
    picture, caption = frame(), drawn("Low tide\nat noon", 24, CaptionStyle(rotation_deg=rotation_deg))
    blend(picture, caption, 80, 50)
    wanted = (80, 50, 80 + caption.right - caption.left, 50 + caption.bottom - caption.top)
    assert changed(picture) == pytest.approx(wanted, abs=1)
    box = box_of(caption, 80, 50, 300, 200)
    assert (box.x * 300, box.y * 200, (box.x + box.width) * 300) == pytest.approx((80, 50, wanted[2]))


def test_a_positive_angle_turns_clockwise() -> None:
    pixels = drawn("- - - - - -", 20, CaptionStyle(rotation_deg=20)).pixels[..., 3] > 127
    rows = np.arange(pixels.shape[0])[:, None] * np.ones(pixels.shape[1], int)
    half = pixels.shape[1] // 2
    assert rows[:, :half][pixels[:, :half]].mean() < rows[:, half:][pixels[:, half:]].mean()


def test_outline_plate_and_shadow_reach_beyond_the_letters_but_not_the_box() -> None:
    plain = drawn("Low tide", 24)
    for style in (CaptionStyle(outline=0.1), CaptionStyle(plate=(200, 30, 30)), CaptionStyle(has_shadow=True)):
        caption = drawn("Low tide", 24, style)
        assert (caption.pixels[..., 3] > 127).sum() > 1.1 * (plain.pixels[..., 3] > 127).sum()
        assert caption.right - caption.left == plain.right - plain.left
        assert caption.bottom - caption.top == plain.bottom - plain.top


def test_colours_are_those_asked_for() -> None:
    style = CaptionStyle(colour=(10, 200, 30), plate=(200, 20, 180))
    solid = drawn("IIII", 40, style).pixels.reshape(-1, 4)
    shown = {tuple(int(part) for part in pixel[:3]) for pixel in solid if pixel[3] == 255}
    assert {(10, 200, 30), (200, 20, 180)} <= shown


def test_half_opacity_is_half_way_to_the_picture() -> None:
    picture = frame()
    blend(picture, drawn("IIII", 40, CaptionStyle(colour=(220, 220, 220), opacity=0.5)), 50, 50)
    assert int(picture.max()) == pytest.approx((220 + GREY) / 2, abs=1)


@given(left=st.integers(-400, 400), top=st.integers(-400, 400))
def test_what_leaves_the_picture_is_cut_off(left: int, top: int) -> None:
    picture, caption = frame(), drawn("Low tide at noon", 24)
    blend(picture, caption, left, top)
    box = box_of(caption, left, top, 300, 200)
    assert 0 <= box.x <= box.x + box.width <= 1 + 1e-9
    assert 0 <= box.y <= box.y + box.height <= 1 + 1e-9
    outside = picture.copy()
    x, y = round(box.x * 300), round(box.y * 200)
    outside[max(0, y - 2) : y + round(box.height * 200) + 2, max(0, x - 2) : x + round(box.width * 300) + 2] = GREY
    assert (outside == GREY).all()


def test_an_empty_text_is_an_empty_caption() -> None:
    picture = frame()
    blend(picture, drawn("", 24), 50, 50)
    assert (picture == GREY).all()


@pytest.mark.parametrize("fields", [{"outline": 0.6}, {"opacity": 0.0}])
def test_a_style_that_cannot_be_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="opacity"):
        CaptionStyle(**fields)  # type: ignore[arg-type]


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    path = tmp_path / "not-a-font.ttf"
    path.write_bytes(b"tide")
    with pytest.raises(UsageError, match="not-a-font"):
        drawn("Low tide", 24, CaptionStyle(font=Font(path)))


def test_a_missing_font_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_installed", dict)
    assert not has_font("Hang")
    for find, name, package in ((font_for, "Hang", "fonts-noto-cjk"), (font_of, "Lato", "fonts-lato")):
        with pytest.raises(MissingDependencyError, match=package):
            find(name)


def test_an_unknown_script_or_family_is_told_those_that_are_known() -> None:
    assert not has_font("Xxxx")
    with pytest.raises(UsageError, match="Deva"):
        font_for("Xxxx")
    with pytest.raises(UsageError, match="Lato"):
        font_of("No Such Family")


SAMPLES = {"Arab": "سلام", "Deva": "नमस्ते", "Thai": "สวัสดี", "Hang": "안녕", "Jpan": "こんにちは", "Hebr": "שלום"}


@pytest.mark.parametrize("script", [script for script in SAMPLES if script in SCRIPTS])
def test_a_script_is_drawn_in_its_own_letters_not_in_boxes(script: str) -> None:
    if not has_font(script):
        pytest.skip(f"the font of {script} is not installed")
    style = CaptionStyle(script=script)
    word, unknown = (drawn(text, 40, style).pixels[..., 3] for text in (SAMPLES[script], "\U000f0000" * 4))
    assert word.shape != unknown.shape or (word != unknown).mean() > 0.05


def test_right_to_left_words_begin_at_the_right() -> None:
    if not has_font("Hebr"):
        pytest.skip("the font of Hebr is not installed")
    style = CaptionStyle(script="Hebr")
    long, short = drawn("שיייי", 40, style).pixels[..., 3], drawn("ש", 40, style).pixels[..., 3]
    ink = (long > 127).sum(axis=0)
    assert ink[-short.shape[1] :].sum() > 1.3 * ink[: short.shape[1]].sum()


def test_families_draw_one_word_in_different_shapes() -> None:
    there = [name for name in FAMILIES if has_font(name)]
    if len(there) < 2:
        pytest.skip("fewer than two of the font families are installed")
    shapes = {drawn("Harbour", 40, CaptionStyle(font=font_of(name))).pixels.tobytes() for name in there}
    assert len(shapes) == len(there)
