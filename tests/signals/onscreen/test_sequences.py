import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.lines import Block
from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import region_of
from tidegate.signals.onscreen.sequences import in_sequence
from tidegate.signals.onscreen.tracks import LineTrack, Sighting

TIMES_S = [0.4 * number for number in range(12)]


def block(text: str, frames: tuple[int, ...], y: float = 300.0, height: float = 30.0) -> Block:
    region = region_of((144.0, y), (30.0 * len(text), height), 0.0)
    sightings = [Sighting(frame=frame, region=region) for frame in frames]
    line = LineText(text=text, confidence=0.95, script="Latn")
    return Block(
        tracks=(LineTrack(line=line, print=np.zeros((24, 48), np.float32), sightings=sightings, best=sightings[0]),),
        text=text,
    )


def test_words_that_take_each_others_place_are_one_sentence() -> None:
    words = [block(word, (frame,)) for frame, word in enumerate(["meet", "me", "at", "the", "pier"])]
    (sentence,) = in_sequence(words, TIMES_S)
    assert sentence.text == "meet me at the pier"
    assert sentence.frames == [0, 1, 2, 3, 4]


def test_a_pause_another_place_and_another_size_end_the_sentence() -> None:
    first = [block(word, (frame,)) for frame, word in enumerate(("meet", "me", "now"))]
    for later in (block("tide", (5,)), block("tide", (3,), y=80.0), block("tide", (3,), height=80.0)):
        assert [one.text for one in in_sequence([*first, later], TIMES_S)] == ["meet me now", "tide"]


def test_two_short_texts_stay_two_texts() -> None:
    assert [one.text for one in in_sequence([block("low", (0,)), block("tide", (1,))], TIMES_S)] == ["low", "tide"]


def test_short_texts_seconds_apart_are_no_sentence_though_no_frame_lies_between() -> None:
    captions = [block(text, (frame,)) for frame, text in enumerate(["low tide", "bring a coat", "no bread", "sing"])]
    assert len(in_sequence(captions, [6.0, 14.0, 16.0, 18.0])) == 4
    assert len(in_sequence(captions, [6.0, 6.5, 7.5, 9.0])) == 2


def test_a_text_that_stays_is_no_part_of_a_running_caption() -> None:
    staying = block("my story", (0, 1, 2, 3), y=80.0)
    words = [block(word, (frame,)) for frame, word in enumerate(["meet", "me", "at", "noon"])]
    assert sorted(one.text for one in in_sequence([staying, *words], TIMES_S)) == ["meet me at noon", "my story"]


@given(st.lists(st.tuples(st.sampled_from(["low", "tide", "at the pier", "x" * 50]), st.integers(0, 9)), max_size=20))
def test_nothing_is_lost_or_doubled(given_: list[tuple[str, int]]) -> None:
    found = [block(text, (frame,)) for text, frame in sorted(given_, key=lambda one: one[1])]
    joined = in_sequence(found, TIMES_S)
    assert sorted(word for one in joined for word in one.text.split()) == sorted(
        word for one in found for word in one.text.split()
    )
