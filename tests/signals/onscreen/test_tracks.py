import numpy as np
import pytest

from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import Region, region_of
from tidegate.signals.onscreen.tracks import GAP_FRAMES, LineTracks, covered, is_same_text, share_inside, still_there

PRINT = np.zeros((24, 48), np.float32)


def line(text: str, confidence: float = 0.95, **fields: object) -> LineText:
    return LineText(text=text, confidence=confidence, script="Latn", **fields)  # type: ignore[arg-type]


def at(x: float = 144, y: float = 300, width: float = 120, height: float = 20) -> Region:
    return region_of((x, y), (width, height), 0.0)


def test_a_text_that_moves_is_one_line_with_a_path() -> None:
    tracks = LineTracks(512)
    for frame in range(5):
        tracks.add(frame, at(y=300 - 60 * frame), line("low tide"), PRINT)
    (track,) = tracks.tracks
    assert [one.region.y_px for one in track.sightings] == [300, 240, 180, 120, 60]


def test_the_surest_reading_is_kept() -> None:
    tracks = LineTracks(512)
    for frame, (text, confidence) in enumerate([("low tibe", 0.7), ("low tide", 0.97), ("lov tide", 0.8)]):
        tracks.add(frame, at(), line(text, confidence), PRINT)
    (track,) = tracks.tracks
    assert track.line.text == "low tide"
    assert track.best.frame == 1
    assert track.frames == {0, 1, 2}


def test_words_that_appear_one_by_one_are_one_growing_line() -> None:
    tracks = LineTracks(512)
    for frame, (text, width) in enumerate([("meet", 40), ("meet me", 70), ("meet me at noon", 140)]):
        tracks.add(frame, at(width=width), line(text, 0.99 - frame / 100), PRINT)
    (track,) = tracks.tracks
    assert track.line.text == "meet me at noon"


def test_other_words_in_the_same_place_are_another_line() -> None:
    tracks = LineTracks(512)
    tracks.add(0, at(), line("low tide"), PRINT)
    tracks.add(1, at(), line("the pier"), PRINT)
    assert [track.line.text for track in tracks.tracks] == ["low tide", "the pier"]


def test_another_number_is_another_text() -> None:
    one, other = line("price is 100 today"), line("price is 900 today")
    assert not is_same_text(one, other, is_in_place=at(), at=at())
    assert is_same_text(one, line("prise is 100 today"), is_in_place=at(), at=at())


def test_a_line_out_of_sight_for_long_comes_back_as_a_new_one() -> None:
    tracks = LineTracks(512)
    tracks.add(0, at(), line("low tide"), PRINT)
    tracks.add(1 + GAP_FRAMES, at(), line("low tide"), PRINT)
    assert len(tracks.tracks) == 1
    tracks.add(3 + 2 * GAP_FRAMES, at(), line("low tide"), PRINT)
    assert len(tracks.tracks) == 2


def test_a_line_is_on_a_frame_once() -> None:
    tracks = LineTracks(512)
    tracks.add(0, at(y=100), line("low tide"), PRINT)
    tracks.add(0, at(y=400), line("low tide"), PRINT)
    tracks.add(1, at(y=100), line("low tide"), PRINT)
    tracks.add(1, at(y=400), line("low tide"), PRINT)
    assert [[one.frame for one in track.sightings] for track in tracks.tracks] == [[0, 1], [0, 1]]


def lettered(seed: int, width: int = 96) -> np.ndarray:
    """A print with dark and bright bars where letters would be."""
    bars = np.random.default_rng(seed).integers(0, 2, width // 6).repeat(6) * 255.0
    return np.broadcast_to(bars, (24, len(bars))).astype(np.float32)


def test_unread_lines_go_on_in_their_place_while_they_look_the_same() -> None:
    pytest.importorskip("cv2")
    tracks = LineTracks(512)
    unread = LineText(text="", confidence=0.0, script="Cyrl", is_unread=True)
    for frame in range(3):
        tracks.add(frame, at(width=120 + frame), unread, lettered(4))
    tracks.add(3, at(y=100), unread, lettered(4))
    tracks.add(3, at(), unread, lettered(5))
    tracks.add(4, at(), line("low tide"), lettered(5))
    assert [len(track.sightings) for track in tracks.tracks] == [3, 1, 1, 1]


def test_a_box_that_trembles_does_not_make_an_unread_line_another() -> None:
    cv2 = pytest.importorskip("cv2")
    tracks = LineTracks(512)
    unread = LineText(text="", confidence=0.0, script="Thai", is_unread=True)
    tracks.add(0, at(), unread, lettered(4))
    tracks.add(1, at(width=124), unread, cv2.resize(lettered(4), (99, 24), interpolation=cv2.INTER_AREA))
    assert len(tracks.tracks) == 1


def test_a_place_that_shows_something_else_is_not_still_there() -> None:
    pytest.importorskip("cv2")
    tracks = LineTracks(512)
    shown = np.random.default_rng(4).integers(0, 255, (24, 96)).astype(np.float32)
    track = tracks.add(0, at(), line("low tide"), shown)
    assert still_there(track, shown + 2)
    assert not still_there(track, shown[:, ::-1])
    assert not still_there(track, shown[:, :50])


def test_a_region_inside_another_is_covered() -> None:
    assert covered(at(width=40), [at()])
    assert not covered(at(), [at(width=40)])
    assert share_inside(at(x=10), at(x=400)) == 0.0
