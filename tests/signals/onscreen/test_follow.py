from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import pytest

from tidegate.media.clip import Frame
from tidegate.signals.onscreen import follow
from tidegate.signals.onscreen.follow import Followed, Follower
from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import Region, region_of
from tidegate.testing.drawing import Picture, picture
from tidegate.testing.fakes import clip_of

Write = Callable[..., Picture]
pytest.importorskip("cv2")


class RowFinder:
    """Finds rows of bright pixels, each one region; counts how often it is asked and how much it looked at."""

    def __init__(self) -> None:
        self.looked_px: list[int] = []

    def find(self, rgb: np.ndarray, side_px: int) -> list[Region]:
        self.looked_px.append(rgb.shape[0] * rgb.shape[1])
        bright = rgb.min(axis=2) > 200
        rows = np.flatnonzero(np.diff(np.concatenate([[False], bright.any(axis=1), [False]]).astype(int)))
        found = []
        for top, bottom in zip(rows[::2], rows[1::2], strict=True):
            columns = np.flatnonzero(bright[top:bottom].any(axis=0))
            left, right = columns[0], columns[-1] + 1
            size = (right - left + 6.0, bottom - top + 6.0)
            found.append(region_of(((left + right) / 2, (top + bottom) / 2), size, 0.0))
        return found


class CountingReader:
    """Reads every line as another word."""

    def __init__(self, cost_px: int = 100) -> None:
        self.cost_px = 0
        self.each_px = cost_px
        self._words = (f"w{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}{'xyz'[n % 3] * 8}" for n in count())
        self.reads = 0

    def read(self, rgb: np.ndarray, region: Region) -> LineText:
        self.cost_px += self.each_px
        self.reads += 1
        return LineText(text=next(self._words), confidence=0.95, script="Latn")


def followed(
    pages: Sequence[Picture], finder: RowFinder | None = None, reader: CountingReader | None = None
) -> tuple[Followed, RowFinder, CountingReader]:
    finder, reader = finder or RowFinder(), reader or CountingReader()
    frames: Sequence[Frame] = clip_of([page.copy() for page in pages]).frames
    return Follower(finder, reader).follow(list(frames)), finder, reader


def test_words_that_stay_are_looked_at_and_read_once(write: Write) -> None:
    found, finder, reader = followed([write("low tide at six")] * 8)
    assert (len(finder.looked_px), reader.reads) == (1, 1)
    (track,) = found.tracks
    assert track.frames == set(range(8))


def test_words_that_stay_before_a_changing_ground_are_read_once(write: Write) -> None:
    pages = [write("low tide at six", ground=(picture(seed, 288, 512) // 3).astype(np.uint8)) for seed in range(6)]
    found, _, reader = followed(pages)
    assert reader.reads == 1
    assert len(found.tracks[0].sightings) == 6


def test_only_the_part_with_new_words_is_looked_at(write: Write) -> None:
    upper = write("the upper line", y=80)
    _, finder, reader = followed([upper, write("the lower line", ground=upper, y=400)])
    assert reader.reads == 2
    assert finder.looked_px[1] < 0.4 * 288 * 512


def test_other_words_in_the_same_place_are_read(write: Write) -> None:
    found, _, reader = followed([write("price 10 now"), write("price 19 now"), write("price 19 now")])
    assert reader.reads == 2
    assert [sorted(track.frames) for track in found.tracks] == [[0], [1, 2]]


def test_words_that_go_are_gone(write: Write) -> None:
    empty = np.full((512, 288, 3), (60, 60, 90), np.uint8)
    found, _, _ = followed([write("low tide"), empty, empty, empty, empty])
    assert [sorted(track.frames) for track in found.tracks] == [[0]]


def test_pictures_without_letters_cost_no_look() -> None:
    found, finder, _ = followed([picture(seed, 288, 512) for seed in (1, 2, 3)])
    assert finder.looked_px == []
    assert found.tracks == []


def test_a_page_of_lines_is_read_over_several_frames_within_the_budget(write: Write) -> None:
    page = np.full((512, 288, 3), 40, np.uint8)
    for row in range(14):
        page = write("many small words here", ground=page, height_px=14, y=20 + 34 * row)
    reader = CountingReader(cost_px=follow.MOST_COST_PX_A_FRAME // 5)
    found, _, _ = followed([page] * 4, reader=reader)
    assert reader.cost_px <= follow.MOST_COST_PX + reader.each_px
    assert [span.start_s for span in found.passed_over] == [0.0, 1.0, 2.0, 3.0][: len(found.passed_over)]
    assert 5 < reader.reads <= 14


def test_looking_stops_at_its_budget_and_says_where() -> None:
    rng = np.random.default_rng(8)
    pages = [rng.integers(0, 2, (32, 18, 1), dtype=np.uint8).repeat(4, 0).repeat(4, 1).repeat(3, 2) * 190] * 3
    noisy = [np.roll(pages[0], 4 * n, axis=0) for n in range(follow.MOST_LOOKED_FRAMES + 5)]
    noisy[0][60:64, 4:60] = 255  # one line is found, so that the clip counts as one with words
    found, finder, _ = followed(noisy)
    assert sum(finder.looked_px) <= follow.MOST_LOOKED_FRAMES * noisy[0].shape[0] * noisy[0].shape[1]
    assert len(found.passed_over) == 5
    assert found.passed_over[-1].end_s == len(noisy)


def test_words_cut_by_the_edge_of_an_area_are_looked_for_on_the_whole_frame(write: Write) -> None:
    class Cut(RowFinder):
        def find(self, rgb: np.ndarray, side_px: int) -> list[Region]:
            found = super().find(rgb, side_px)
            if rgb.shape[:2] == (512, 288):
                return found
            return [region_of((rgb.shape[1] / 2, rgb.shape[0] - 4.0), (40.0, 8.0), 0.0)]

    found, finder, _ = followed([write("low tide at six")], finder=Cut())
    assert finder.looked_px[-1] == 512 * 288
    assert found.tracks[0].best.region.y_px == pytest.approx(308, abs=8)


def test_frames_of_several_sizes_are_survived() -> None:
    rng = np.random.default_rng(1)
    pages = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((1, 1), (512, 1), (3, 400), (64, 64), (9, 9))]
    followed(pages)
