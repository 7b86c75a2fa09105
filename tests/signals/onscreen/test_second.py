from collections.abc import Sequence

import numpy as np
import pytest

from tidegate.media.clip import Frame
from tidegate.signals.onscreen import second
from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import Region, region_of
from tidegate.signals.onscreen.second import MOST_CROPS, TIME_LIMIT_S, NoEngine, read_again
from tidegate.signals.onscreen.tracks import LineTrack, Sighting
from tidegate.testing.fakes import clip_of

pytest.importorskip("cv2")

BRIGHTNESS = (200, 120, 40, 90)
FRAMES = clip_of([np.full((512, 288, 3), level, np.uint8) for level in BRIGHTNESS], seconds_each=0.5).frames


class Engine:
    """Says what it was told to say in a script; keeps what it was asked."""

    def __init__(self, **known: Sequence[tuple[str, float] | None] | tuple[str, float] | None) -> None:
        self.known = known
        self.asked: list[tuple[str, int]] = []
        self.seen: list[np.ndarray] = []

    def available_scripts(self) -> frozenset[str]:
        return frozenset(self.known)

    def read_many(
        self, crops: Sequence[np.ndarray], script: str, *, time_limit_s: float
    ) -> list[tuple[str, float] | None]:
        self.asked.append((script, len(crops)))
        self.seen += crops
        answer = self.known[script]
        if isinstance(answer, list):
            return [answer[index % len(answer)] for index in range(len(crops))]
        return [answer for _ in crops]  # type: ignore[misc]


def at(y: float = 300, width: float = 120) -> Region:
    return region_of((144.0, y), (width, 20.0), 0.0)


def foreign(*scripts: tuple[str, float], may_be_turned: bool = False) -> LineText:
    return LineText(
        text="",
        confidence=0.0,
        script=scripts[0][0],
        script_confidence=scripts[0][1],
        is_unread=True,
        foreign_logit=4.0,
        scripts=scripts,
        may_be_turned=may_be_turned,
    )


def poor(text: str, logit: float = -1.0, confidence: float = 0.75) -> LineText:
    """A line read as Latin letters, unsurely."""
    shares = (("Thai", 0.6), ("Laoo", 0.4))
    return LineText(text=text, confidence=confidence, script="Latn", foreign_logit=logit, scripts=shares)


def track(line: LineText, frames: Sequence[int] = (0,), region: Region | None = None) -> LineTrack:
    sightings = [Sighting(frame=frame, region=region or at()) for frame in frames]
    return LineTrack(line=line, print=np.zeros((24, 96), np.float32), sightings=sightings, best=sightings[0])


def again(tracks: Sequence[LineTrack], engine: Engine | NoEngine) -> list[LineText]:
    return [one.line for one in read_again(tracks, FRAMES, engine).tracks]


def test_a_line_is_read_in_its_script() -> None:
    (line,) = again([track(foreign(("Cyrl", 0.95), ("Grek", 0.05)))], Engine(Cyrl=(" прилив ", 0.9)))
    assert (line.text, line.confidence, line.script, line.is_unread, line.is_second) == (
        "прилив",
        0.9,
        "Cyrl",
        False,
        True,
    )


@pytest.mark.parametrize(
    "engine", [NoEngine(), Engine(Grek=("νερό", 0.9)), Engine(Cyrl=None), Engine(Cyrl=("  ", 0.9))]
)
def test_what_nobody_can_read_stays_unread_with_its_script(engine: Engine) -> None:
    (line,) = again([track(foreign(("Cyrl", 0.95), ("Thai", 0.05)))], engine)
    assert (line.text, line.script, line.is_unread) == ("", "Cyrl", True)


def test_lines_that_the_first_engine_read_are_left_alone() -> None:
    engine = Engine(Cyrl=("прилив", 0.9))
    clear = LineText(text="low tide", confidence=0.97, script="Latn", foreign_logit=-5.0, scripts=(("Cyrl", 1.0),))
    assert again([track(clear), track(poor("Ostseebad"), region=at(50))], engine) == [clear, poor("Ostseebad")]
    assert engine.asked == []


def test_all_lines_of_a_script_are_read_in_one_go() -> None:
    engine = Engine(Cyrl=("прилив", 0.9), Thai=("น้ำลง", 0.9))
    lines = [track(foreign((script, 1.0)), region=at(y)) for y, script in ((40, "Cyrl"), (140, "Thai"), (240, "Cyrl"))]
    again(lines, engine)
    assert sorted(engine.asked) == [("Cyrl", 2), ("Thai", 1)]


def test_the_surest_of_several_looks_counts() -> None:
    engine = Engine(Thai=[("น้าลง", 0.6), ("น้ำลง", 0.9)])
    (line,) = again([track(foreign(("Thai", 1.0)), frames=(0, 1, 2, 3))], engine)
    assert (line.text, line.confidence) == ("น้ำลง", 0.9)
    assert engine.asked == [("Thai", 2)]


def test_an_uncertain_script_is_settled_by_which_reads_surer() -> None:
    engine = Engine(Laoo=("ມປສດ", 0.4), Thai=("ขนมปังสด", 0.92))
    (line,) = again([track(foreign(("Laoo", 0.5), ("Thai", 0.4), ("Armn", 0.1)))], engine)
    assert (line.script, line.text) == ("Thai", "ขนมปังสด")
    assert line.script_confidence == pytest.approx(0.4, abs=0.1)


def test_an_uncertain_line_is_taken_for_the_script_of_the_others() -> None:
    engine = Engine(Laoo=("ມປສດ", 0.8), Thai=("ขนมปังสด", 0.8))
    sure = [track(foreign(("Thai", 0.95), ("Laoo", 0.05)), region=at(y)) for y in (40, 140)]
    again([*sure, track(foreign(("Laoo", 0.52), ("Thai", 0.48)), region=at(240, width=60))], engine)
    assert engine.asked == [("Thai", 3)]


def test_a_poorly_read_line_below_one_in_another_script_is_no_latin_either() -> None:
    engine = Engine(Thai=("ขนมปังสด", 0.9))
    lines = again([track(foreign(("Thai", 1.0)), region=at(300)), track(poor("uvaanai"), region=at(325))], engine)
    assert [line.script for line in lines] == ["Thai", "Thai"]


def test_a_poorly_read_line_in_the_place_of_one_in_another_script_is_no_latin_either() -> None:
    engine = Engine(Thai=("ขนมปังสด", 0.9))
    (line,) = again([track(poor("uvaanai"), frames=(0,)), track(foreign(("Thai", 1.0)), frames=(1, 2))], engine)
    assert (line.script, line.text) == ("Thai", "ขนมปังสด")


def test_a_surely_read_line_beside_one_in_another_script_keeps_its_words() -> None:
    sure = LineText(text="Bangkok", confidence=0.96, script="Latn", foreign_logit=-2.0, scripts=(("Thai", 1.0),))
    lines = again(
        [track(foreign(("Thai", 1.0)), region=at(300)), track(sure, region=at(325))], Engine(Thai=("น้ำ", 0.9))
    )
    assert [line.text for line in lines] == ["น้ำ", "Bangkok"]


def test_a_line_that_may_stand_on_its_head_is_read_both_ways() -> None:
    engine = Engine(Hebr=[("בםלוש", 0.5), ("שלום", 0.9)])
    (line,) = again([track(foreign(("Hebr", 1.0), may_be_turned=True))], engine)
    assert (line.text, line.is_turned) == ("שלום", True)
    assert np.array_equal(engine.seen[0][::-1, ::-1], engine.seen[1])


def test_a_line_read_as_well_upright_is_not_turned() -> None:
    engine = Engine(Hebr=[("שלום", 0.85), ("בםלוש", 0.9)])
    (line,) = again([track(foreign(("Hebr", 1.0), may_be_turned=True))], engine)
    assert (line.text, line.is_turned) == ("שלום", False)


def test_one_text_read_with_other_errors_on_the_next_frames_is_told_once() -> None:
    engine = Engine(Hang=[("주 발에'바다에 갔어요", 0.8), ("주말에 바다에 갔어요", 0.93)])
    tracks = [track(foreign(("Hang", 1.0)), frames=(0, 1)), track(foreign(("Hang", 1.0)), frames=(2, 3))]
    found = read_again(tracks, FRAMES, engine).tracks
    assert [(one.line.text, sorted(one.frames)) for one in found] == [("주말에 바다에 갔어요", [0, 1, 2, 3])]


def test_a_text_whose_sightings_alternate_between_two_readings_is_told_once() -> None:
    engine = Engine(Deva=[("हर सुबह ताज़ी'रोटी", 0.78), ("हर सुबह ताज़ी'रोटी", 0.78), ("हर सुबह ताज़ी रोटी", 0.9)])
    tracks = [track(foreign(("Deva", 1.0)), frames=(0, 2)), track(foreign(("Deva", 1.0)), frames=(1,))]
    found = read_again(tracks, FRAMES, engine).tracks
    assert [(one.line.text, [at.frame for at in one.sightings]) for one in found] == [("हर सुबह ताज़ी रोटी", [0, 1, 2])]


def test_another_number_is_another_text() -> None:
    engine = Engine(Cyrl=[("цена 100 рублей", 0.8), ("цена 900 рублей", 0.8)])
    tracks = [track(foreign(("Cyrl", 1.0)), frames=(0,)), track(foreign(("Cyrl", 1.0)), frames=(1,))]
    assert [line.text for line in again(tracks, engine)] == ["цена 100 рублей", "цена 900 рублей"]


def test_two_sure_readings_that_differ_in_a_word_are_two_texts() -> None:
    engine = Engine(Cyrl=[("мы любим кошек", 0.95), ("мы бросим кошек", 0.95)])
    tracks = [track(foreign(("Cyrl", 1.0)), frames=(0,)), track(foreign(("Cyrl", 1.0)), frames=(1,))]
    assert [line.text for line in again(tracks, engine)] == ["мы любим кошек", "мы бросим кошек"]


def test_another_text_in_the_same_place_is_told_as_well() -> None:
    engine = Engine(Hang=[("오늘 날씨가 좋아요", 0.9), ("고양이가 자요", 0.9)])
    tracks = [track(foreign(("Hang", 1.0)), frames=(0,)), track(foreign(("Hang", 1.0)), frames=(1,))]
    assert [line.text for line in again(tracks, engine)] == ["오늘 날씨가 좋아요", "고양이가 자요"]


def test_what_is_past_the_budget_is_unread_and_said() -> None:
    engine = Engine(Cyrl=("прилив", 0.9))
    tracks = [track(foreign(("Cyrl", 1.0)), region=at(y, width=40 + y)) for y in range(10, 110)]
    found = read_again(tracks, FRAMES, engine)
    assert engine.asked == [("Cyrl", MOST_CROPS)]
    assert sum(one.line.is_unread for one in found.tracks) == len(found.passed_over) == len(tracks) - MOST_CROPS
    assert min(one.best.region.y_px for one in found.tracks if not one.line.is_unread) == 110 - MOST_CROPS, (
        "the largest are read"
    )


@pytest.mark.parametrize(
    "region", [region_of((144.0, 300.0), (22.0, 20.0), 0.0), region_of((144.0, 300.0), (120.0, 20.0), 0.0, score=0.5)]
)
def test_shapes_that_look_little_like_a_line_start_no_second_engine(region: Region) -> None:
    engine = Engine(Cyrl=("прилив", 0.9))
    assert again([track(foreign(("Cyrl", 1.0)), region=region)], engine)[0].is_unread
    assert engine.asked == []


def test_a_reading_with_fewer_letters_than_the_line_has_room_for_is_less_sure() -> None:
    (line,) = again([track(foreign(("Cyrl", 1.0)), region=at(width=240))], Engine(Cyrl=("да", 0.96)))
    assert line.confidence < 0.5


def test_an_engine_that_hangs_costs_the_time_of_a_clip_once_and_the_rest_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    limits: list[float] = []

    class Slow(Engine):
        def read_many(
            self, crops: Sequence[np.ndarray], script: str, *, time_limit_s: float
        ) -> list[tuple[str, float] | None]:
            nonlocal now_s
            limits.append(time_limit_s)
            now_s += time_limit_s
            return [None for _ in crops]

    monkeypatch.setattr(second.time, "monotonic", lambda: now_s)
    tracks = [track(foreign((script, 1.0)), region=at(y)) for script, y in (("Cyrl", 50), ("Grek", 150), ("Thai", 250))]
    found = read_again(tracks, FRAMES, Slow(Cyrl=None, Grek=None, Thai=None))
    assert limits == [TIME_LIMIT_S, 0.0, 0.0]
    assert [one.line.script for one in found.passed_over] == ["Cyrl", "Grek", "Thai"]


def test_a_clip_without_other_scripts_asks_nobody() -> None:
    engine = Engine(Cyrl=("прилив", 0.9))
    assert read_again([], list[Frame](), engine).tracks == []
    assert engine.asked == []
