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
        self.looked_px.append(round(rgb.shape[0] * rgb.shape[1] * (side_px / max(rgb.shape[:2])) ** 2))
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
    for number, page in enumerate(noisy):  # a new line on every frame, so that none is looked at coarsely
        page[4 * (number % 31) : 4 * (number % 31) + 4, 4:60] = 255
    found, finder, _ = followed(noisy)
    assert sum(finder.looked_px) <= follow.MOST_LOOKED_FRAMES * noisy[0].shape[0] * noisy[0].shape[1]
    assert len(found.passed_over) == 5
    assert found.passed_over[-1].end_s == len(noisy)


@pytest.mark.parametrize(("word", "is_whole"), [("low tide at six", True), ("six", False)])
def test_words_cut_by_the_edge_of_an_area_are_looked_for_in_a_wider_one(
    write: Write, word: str, *, is_whole: bool
) -> None:
    class Cut(RowFinder):
        """Cuts off what it finds on its first picture."""

        def find(self, rgb: np.ndarray, side_px: int) -> list[Region]:
            found = super().find(rgb, side_px)
            if len(self.looked_px) > 1:
                return found
            height, width = rgb.shape[:2]
            return (
                [region_of((width / 2, height / 2), (width - 2.0, height - 2.0), 0.0)]
                if is_whole
                else [region_of((width / 2, height - 4.0), (20.0, 8.0), 0.0)]
            )

    found, finder, _ = followed([write(word, height_px=40 if is_whole else 22)], finder=Cut())
    first, second = finder.looked_px
    assert first < second <= 512 * 288
    assert found.tracks[0].best.region.y_px == pytest.approx(315, abs=12)


class Truthful(CountingReader):
    """Reads a line by how bright its letters are: the same brightness, the same word."""

    def read(self, rgb: np.ndarray, region: Region) -> LineText:
        super().read(rgb, region)
        left, top, right, bottom = (round(edge) for edge in region.bounds())
        level = int(rgb[top:bottom, left:right].max()) // 10
        return LineText(text="low tide at six" if level >= 22 else "gone", confidence=0.95, script="Latn")


def encoded(page: Picture, seed: int) -> Picture:
    """The page through a lossy encoder, with ground that has moved through the letters."""
    import cv2

    ground = np.kron(np.random.default_rng(seed).integers(0, 2, (64, 36, 1)), np.ones((8, 8, 3))) * 95
    mixed = np.where(page.min(axis=2, keepdims=True) > 200, page, ground + 20).astype(np.uint8)
    ok, coded = cv2.imencode(".jpg", mixed, [cv2.IMWRITE_JPEG_QUALITY, 15])
    assert ok
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def test_letters_that_an_encoder_changed_are_trusted_for_a_while(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [encoded(write("low tide at six", ink=(255, 255, 255)), seed) for seed in range(12)]
    reads = []
    for trusted_s in (0.0, 8.0):
        monkeypatch.setattr(follow, "TRUSTED_S", trusted_s)
        found, _, reader = followed(pages, reader=Truthful())
        assert [track.frames for track in found.tracks] == [set(range(12))]
        reads.append(reader.reads)
    assert reads[0] >= 8
    assert 2 <= reads[1] <= 3, "once, and once more after the while"


def test_a_word_that_changes_in_place_is_read_though_the_line_is_trusted(write: Write) -> None:
    pages = [encoded(write(words, ink=(255, 255, 255), x=60), 3) for words in ("they love cats", "they hate cats")]
    _, _, reader = followed(pages)
    assert reader.reads == 2


def small_page(write: Write) -> Picture:
    page = np.full((512, 288, 3), 20, np.uint8)
    for row in range(20, 480, 16):
        page = write("many small words in a row " * 5, ground=page, height_px=8, x=10, y=row)
    return page


class FarSighted(RowFinder):
    """Finds nothing on a page in its own size."""

    def __init__(self, sees_px: int) -> None:
        super().__init__()
        self.sees_px = sees_px

    def find(self, rgb: np.ndarray, side_px: int) -> list[Region]:
        found = super().find(rgb, side_px)
        return found if max(rgb.shape[:2]) >= self.sees_px else []


def test_small_print_is_looked_at_once_more_at_twice_the_size(write: Write) -> None:
    found, _, _ = followed([small_page(write)], finder=FarSighted(sees_px=900))
    assert len(found.tracks) > 10
    assert found.too_small == []
    bounds = [track.best.region.bounds() for track in found.tracks]
    assert all(0 <= left < right <= 290 and 0 <= top < bottom <= 514 for left, top, right, bottom in bounds)


def test_small_print_that_nobody_finds_is_said(write: Write) -> None:
    found, _, _ = followed([small_page(write)], finder=FarSighted(sees_px=9_000))
    assert found.tracks == []
    assert [(span.start_s, span.end_s) for span in found.too_small] == [(0.0, 1.0)]


def test_texture_without_rows_is_not_looked_at_again() -> None:
    rng = np.random.default_rng(3)
    _, finder, _ = followed([rng.integers(0, 256, (512, 288, 3), dtype=np.uint8)], finder=FarSighted(sees_px=9_000))
    assert len(finder.looked_px) <= 1


def test_frames_of_several_sizes_are_survived() -> None:
    rng = np.random.default_rng(1)
    pages = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((1, 1), (512, 1), (3, 400), (64, 64), (9, 9))]
    found, finder, _ = followed(pages)
    assert found.looked_frames <= len(pages)
    assert all(looked <= 64 * 64 for looked in finder.looked_px)
