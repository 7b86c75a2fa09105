"""The colours of the page can be read, light and dark: WCAG 2.2 AA asks 4.5 for text and 3 for shapes."""

import re
from pathlib import Path

import pytest

import tidegate.cli.report
from tidegate.explain import lanes

STYLE = (Path(tidegate.cli.report.__file__).parent / "style.css").read_text(encoding="utf-8")
TEXT, SHAPE = 4.5, 3.0

ON_GROUNDS = [(name, ground) for name in ("ink", "soft", "accent") for ground in ("surface", "raised", "ground")]
CHIPS = [(name, f"{name}-soft") for name in ("allowed", "restricted", "held", "removed", "accent")]
TONES = [(name, "surface") for name in ("allowed", "restricted", "held", "removed")]
MARKS = [("ink", f"mark{step}") for step in ("", "-2", "-3")]
LANE_NAMES = [key for key, _, _ in lanes.LANES]
LANES = [("surface", lane) for lane in LANE_NAMES]
WORDS = [(lane, "surface") for lane in LANE_NAMES]
TEXTS = [*ON_GROUNDS, *CHIPS, *TONES, *MARKS, *LANES, *WORDS, ("soft", "track")]
SHAPES = [(lane, "track") for lane in LANE_NAMES]


def colours(scheme: str) -> dict[str, str]:
    """The page's colour variables; dark ones replace light ones."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found if scheme == "light" else {**found, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))}


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXTS)
def test_text_stands_out(scheme: str, front: str, back: str) -> None:
    palette = colours(scheme)
    assert contrast(palette[front], palette[back]) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SHAPES)
def test_bars_stand_out(scheme: str, front: str, back: str) -> None:
    palette = colours(scheme)
    assert contrast(palette[front], palette[back]) >= SHAPE


def test_every_colour_has_a_dark_counterpart() -> None:
    light, dark = (
        set(re.findall(r"--([\w-]+): #", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    )
    assert light == dark


def test_every_variable_that_is_used_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", STYLE))
    assert set(re.findall(r"var\(--([\w-]+)", STYLE)) <= defined
