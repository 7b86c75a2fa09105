from collections.abc import Sequence

import numpy as np
import pytest

from tidegate.signals.onscreen.reader import RegionReader, stretched
from tidegate.signals.onscreen.recognise import Reading
from tidegate.signals.onscreen.regions import region_of
from tidegate.testing.drawing import Picture

pytest.importorskip("cv2")
REGION = region_of((60.0, 30.0), (96.0, 24.0), 0.0)


def page() -> Picture:
    """Bright at the left, dark at the right, so that a turned crop is known by its first column."""
    ramp = np.linspace(250, 5, 120).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (60, 120, 3)).copy()


def is_turned(crop: np.ndarray) -> bool:
    return bool(crop[:, 0].mean() < crop[:, -1].mean())


class Engine:
    """Reads "tide", well or badly, upright or on its head."""

    def __init__(self, upright: float = 0.98, turned: float = 0.5, grey: float = 0.0) -> None:
        self.upright, self.turned, self.grey = upright, turned, grey
        self.calls = 0

    def read(self, crop: np.ndarray) -> Reading:
        self.calls += 1
        if self.grey and self.calls > 1:
            return Reading(text="tide", confidence=self.grey)
        return (
            Reading(text="ǝpᴉʇ", confidence=self.turned)
            if is_turned(crop)
            else Reading(text="tide", confidence=self.upright)
        )


class Turns:
    def __init__(self, answer: bool = False) -> None:
        self.answer, self.calls = answer, 0

    def is_upside_down(self, crop: np.ndarray) -> bool:
        self.calls += 1
        return self.answer


class Scripts:
    """Gives one script a share and leaves the rest to Latin letters."""

    codes = ("Latn", "Cyrl", "Grek", "Hebr", "Zzzz")

    def __init__(self, code: str = "Latn", share: float = 0.99) -> None:
        self.code, self.share = code, share
        self.turned: list[bool] = []

    def load(self) -> None: ...

    def probabilities(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        self.turned += [is_turned(crop) for crop in crops]
        row = np.zeros(len(self.codes))
        row[self.codes.index(self.code)] = self.share
        row[0] += 1.0 - self.share
        return np.stack([row for _ in crops])


def test_a_clear_line_is_read_once() -> None:
    engine, turns = Engine(), Turns()
    reader = RegionReader(engine, turns, Scripts())
    line = reader.read(page(), REGION)
    assert (line.text, line.confidence, line.script, line.is_turned) == ("tide", 0.98, "Latn", False)
    assert (engine.calls, turns.calls) == (1, 0)
    assert reader.cost_px == 192


def test_a_line_on_its_head_is_turned_and_its_script_told_upright() -> None:
    scripts = Scripts()
    head_down = page()[:, ::-1].copy()
    line = RegionReader(Engine(), Turns(True), scripts).read(head_down, REGION)
    assert (line.text, line.is_turned) == ("tide", True)
    assert scripts.turned == [True, False], "asked as it stands, and told as it is read"


class ForeignUpright(Scripts):
    """Sees letters of another script in an upright crop, and Latin ones in the same crop on its head."""

    def probabilities(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        self.code = "Latn" if is_turned(crops[0]) else "Hebr"
        return super().probabilities(crops)


def test_an_upright_line_of_another_script_is_not_turned_because_it_looks_like_latin_on_its_head() -> None:
    engine = Engine(upright=0.4, turned=0.8)  # as PP-OCR does with Hebrew, Arabic and Korean
    line = RegionReader(engine, Turns(answer=True), ForeignUpright()).read(page(), REGION)
    assert (line.script, line.is_unread, line.is_turned) == ("Hebr", True, False)
    assert line.may_be_turned, "whoever can read it shall try both"


def test_a_line_on_its_head_that_looks_like_another_script_is_turned_where_it_then_reads_surely() -> None:
    reader = RegionReader(Engine(upright=0.4, turned=0.97), Turns(answer=True), ForeignUpright())
    line = reader.read(page(), REGION)
    assert (line.is_turned, line.is_unread) == (True, False)


def test_a_wrong_word_about_its_turn_does_no_harm() -> None:
    line = RegionReader(Engine(upright=0.85), Turns(True), Scripts()).read(page(), REGION)
    assert (line.text, line.is_turned) == ("tide", False)


def test_a_poor_reading_is_tried_again_in_stretched_grey() -> None:
    line = RegionReader(Engine(upright=0.6, grey=0.9), Turns(), Scripts()).read(page(), REGION)
    assert line.confidence == 0.9


@pytest.mark.parametrize("script", ["Cyrl", "Hebr", "Zzzz"])
def test_a_script_that_the_engine_does_not_read_is_left_and_not_guessed(script: str) -> None:
    line = RegionReader(Engine(upright=0.8), Turns(), Scripts(script)).read(page(), REGION)
    assert (line.text, line.script, line.is_unread) == ("", script, True)
    assert line.scripts == ((script, 1.0),)


def test_what_a_line_looks_like_and_how_well_it_reads_are_weighed_against_each_other() -> None:
    def unread(confidence: float, share: float) -> bool:
        return RegionReader(Engine(upright=confidence), Turns(), Scripts("Cyrl", share)).read(page(), REGION).is_unread

    assert [unread(0.98, share) for share in (0.3, 0.5, 0.7, 0.9)] == [False, False, False, False]
    assert [unread(0.84, share) for share in (0.3, 0.5, 0.7, 0.9)] == [False, False, True, True]
    assert [unread(0.6, share) for share in (0.02, 0.1, 0.5, 0.9)] == [False, True, True, True]


class Split(Scripts):
    def probabilities(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([[0.2, 0.3, 0.26, 0.24, 0.0]])


def test_a_line_of_an_uncertain_script_is_still_surely_not_latin() -> None:
    line = RegionReader(Engine(upright=0.7), Turns(), Split()).read(page(), REGION)
    assert line.is_unread
    assert [code for code, _ in line.scripts] == ["Cyrl", "Grek", "Hebr"]
    assert sum(share for _, share in line.scripts) == pytest.approx(1.0)


def test_stretching_gives_dark_letters_on_light_whatever_was_there() -> None:
    for ground, ink in ((100, 130), (130, 100)):
        crop = np.full((48, 200, 3), ground, np.uint8)
        for left in range(20, 180, 16):
            crop[12:36, left : left + 6] = ink
        out = stretched(crop)
        assert out[0, 0, 0] > 200
        assert out[20, 22, 0] < 60


def test_a_reading_that_left_letters_out_is_less_sure() -> None:
    long = region_of((60.0, 30.0), (110.0, 8.0), 0.0)
    line = RegionReader(Engine(), Turns(), Scripts()).read(page(), long)
    assert line.confidence < 0.6
