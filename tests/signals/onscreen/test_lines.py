from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.lines import MOST_CHARS, blocks, in_reading_order
from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import Region, region_of
from tidegate.signals.onscreen.tracks import LineTrack, Sighting
from tidegate.signals.unicode_scripts import script_of

PRINT = np.zeros((24, 48), np.float32)


def track(text: str, region: Region, frames: tuple[int, ...] = (0,), *, is_turned: bool = False) -> LineTrack:
    line = LineText(text=text, confidence=0.95, script=script_of(text), is_turned=is_turned)
    sightings = [Sighting(frame=frame, region=region) for frame in frames]
    return LineTrack(line=line, print=PRINT, sightings=sightings, best=sightings[0])


def at(x: float, y: float, width: float = 120.0, height: float = 20.0, turn_deg: float = 0.0) -> Region:
    return region_of((x, y), (width, height), turn_deg)


def texts(*tracks: LineTrack) -> list[str]:
    return [block.text for block in blocks(tracks)]


def test_two_lines_are_read_from_the_top_down() -> None:
    assert texts(track("at the pier", at(140, 330)), track("meet me", at(140, 305))) == ["meet me at the pier"]


def test_parts_of_one_line_are_read_from_left_to_right() -> None:
    assert texts(track("at noon", at(250, 301)), track("meet me", at(110, 300))) == ["meet me at noon"]


def test_right_to_left_scripts_are_read_from_the_right() -> None:
    assert texts(track("بالعالم", at(110, 300)), track("مرحبا", at(250, 301))) == ["مرحبا بالعالم"]


def test_chinese_lines_are_joined_without_blanks() -> None:
    assert texts(track("今天我们去", at(140, 300)), track("海边散步", at(140, 325))) == ["今天我们去海边散步"]


def test_chinese_columns_are_read_from_right_to_left() -> None:
    left, right = (track(text, at(x, 200, 24, 160)) for text, x in (("海边散步", 100), ("今天我们去", 130)))
    assert left.best.region.is_on_its_side
    assert texts(left, right) == ["今天我们去海边散步"]


@pytest.mark.parametrize("turn_deg", [-30.0, 20.0, 90.0])
def test_turned_lines_are_read_in_their_own_direction(turn_deg: float) -> None:
    turn = np.deg2rad(turn_deg)
    below = at(140 - 24 * np.sin(turn), 200 + 24 * np.cos(turn), turn_deg=turn_deg)
    assert texts(track("at the pier", below), track("meet me", at(140, 200, turn_deg=turn_deg))) == [
        "meet me at the pier"
    ]


def test_lines_on_their_head_are_read_from_the_bottom_up() -> None:
    upper, lower = track("at the pier", at(140, 300), is_turned=True), track("meet me", at(140, 325), is_turned=True)
    assert texts(upper, lower) == ["meet me at the pier"]


@pytest.mark.parametrize(
    "other",
    [
        track("far below", at(140, 420)),
        track("large", at(140, 335, 120, 50)),
        track("another frame", at(140, 325), (3,)),
        track("aslant", at(140, 330, turn_deg=40.0)),
    ],
)
def test_what_stands_apart_is_a_text_of_its_own(other: LineTrack) -> None:
    assert len(texts(track("meet me", at(140, 300)), other)) == 2


def test_a_heading_that_stays_is_not_joined_to_the_captions_under_it() -> None:
    heading = track("my story", at(140, 300), tuple(range(9)))
    captions = [track(f"part {n}", at(140, 325), (3 * n, 3 * n + 1, 3 * n + 2)) for n in range(3)]
    assert texts(heading, *captions) == ["my story", "part 0", "part 1", "part 2"]


def test_rolling_lines_are_read_in_the_order_they_came() -> None:
    first, second, third = (at(140, 300), at(140, 325), at(140, 350))
    one = track("one", first, (0, 1))
    two = LineTrack(
        line=LineText(text="two", confidence=0.9, script="Latn"),
        print=PRINT,
        sightings=[Sighting(frame=0, region=second), Sighting(frame=1, region=second)],
        best=Sighting(frame=0, region=second),
    )
    three = track("three", third, (1, 2))
    assert [t.line.text for t in in_reading_order([three, two, one])] == ["one", "two", "three"]


places = st.tuples(st.floats(0, 288), st.floats(0, 512), st.floats(10, 200), st.floats(8, 60), st.floats(-90, 90))


@given(st.lists(st.tuples(places, st.sets(st.integers(0, 5), min_size=1, max_size=4)), min_size=1, max_size=15))
def test_every_line_is_read_exactly_once(placed: list[tuple[tuple[float, ...], set[int]]]) -> None:
    tracks = [
        track(f"w{index:02}", region_of(place[:2], place[2:4], place[4]), tuple(sorted(frames)))  # type: ignore[arg-type]
        for index, (place, frames) in enumerate(placed)
    ]
    found = blocks(tracks)
    assert sorted(id(t) for block in found for t in block.tracks) == sorted(map(id, tracks))
    assert sorted(word for block in found for word in block.text.split()) == sorted(t.line.text for t in tracks)


def test_a_page_of_lines_is_cut_into_texts_of_bounded_length() -> None:
    page = [track("x" * 90, at(140, 12 * row, 280, 10)) for row in range(60)]
    assert all(len(block.text) <= MOST_CHARS + len(block.tracks) for block in blocks(page))


def grid(words: Sequence[str], columns: int, width: float = 56.0, pitch: float = 64.0) -> list[LineTrack]:
    """Cells of one width, row by row, so close that the finder's boxes touch."""
    return [
        track(word, at(40 + pitch * (place % columns), 30 + 20 * (place // columns), width, 16))
        for place, word in enumerate(words)
    ]


def test_the_cells_of_a_table_are_texts_of_their_own() -> None:
    labels = [f"pier {number}" for number in range(40)]
    found = blocks(grid(labels, 4))
    assert sorted(block.text for block in found) == sorted(labels)
    assert all(len(block.tracks) == 1 for block in found)


def test_a_caption_whose_words_stand_apart_is_no_table() -> None:
    words = ["meet", "me", "at", "the", "old", "pier", "when", "the", "tide", "is", "low"]
    assert texts(*grid(words, 4)) == [" ".join(words)]


def test_a_paragraph_found_word_by_word_stays_one_text() -> None:
    words = (
        "we walked along the harbour until evening came and then nobody wanted to leave the warm stones " * 2
    ).split()
    tracks, x, row = [], 10.0, 0
    for word in words:
        width = 9.0 * len(word)
        if x + width > 280:
            x, row = 10.0, row + 1
        tracks.append(track(word, at(x + width / 2, 30 + 20 * row, width, 16)))
        x += width + 6
    assert row >= 4
    assert texts(*tracks) == [" ".join(words)]


def test_lines_of_a_page_stay_one_text() -> None:
    page = [track(f"line {row} of the old letter", at(140, 20 + 18 * row, 240, 14)) for row in range(24)]
    assert len(blocks(page)) == 1


def test_a_line_read_alone_and_within_a_longer_one_is_read_once() -> None:
    whole, part = track("meet me at noon", at(140, 300, 200)), track("meet me", at(85, 300, 90))
    assert texts(whole, part) == ["meet me at noon"]
    elsewhere = track("meet me", at(85, 300, 90), (5,))
    assert sorted(texts(whole, elsewhere)) == ["meet me", "meet me at noon"]
