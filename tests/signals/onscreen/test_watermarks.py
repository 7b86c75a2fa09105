import numpy as np
import pytest

from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import region_of
from tidegate.signals.onscreen.tracks import LineTrack, Sighting
from tidegate.signals.onscreen.watermarks import Picture, marks

PICTURE = Picture(frames=10, width_px=288, height_px=512)
CORNER = (40.0, 20.0)
OTHER_CORNER = (240.0, 480.0)


def track(
    text: str,
    places: dict[int, tuple[float, float]],
    height: float = 14.0,
    width: float = 60.0,
) -> LineTrack:
    sightings = [
        Sighting(frame=frame, region=region_of(place, (width, height), 0.0)) for frame, place in places.items()
    ]
    line = LineText(text=text, confidence=0.95, script="Latn")
    return LineTrack(line=line, print=np.zeros((24, 48), np.float32), sightings=sightings, best=sightings[0])


def everywhere(place: tuple[float, float] = CORNER) -> dict[int, tuple[float, float]]:
    return dict.fromkeys(range(10), place)


def found(*tracks: LineTrack) -> list[set[str]]:
    return [{track.line.text for track in group} for group in marks(tracks, PICTURE)]


@pytest.mark.parametrize("text", ["TikTok", "d TikTok", "抖音", "TikTok @sea.walker", "Instagram", "抖音号: 12345678"])
def test_a_platforms_name_in_a_corner_is_a_mark(text: str) -> None:
    assert found(track(text, everywhere())) == [{text}]


def test_a_handle_under_the_name_belongs_to_the_mark() -> None:
    owner = track("@sea.walker", everywhere((45.0, 36.0)))
    assert found(track("TikTok", everywhere()), owner) == [{"TikTok", "@sea.walker"}]


def test_a_mark_that_hops_between_corners_is_one_mark() -> None:
    first = track("TikTok", {0: CORNER, 1: CORNER})
    second = track("TikTok", {3: OTHER_CORNER, 4: OTHER_CORNER})
    assert found(first, second) == [{"TikTok"}]
    assert len(marks([first, second], PICTURE)[0]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "buy my pills",
        "TikTok buy my pills",
        "find me on TikTok now",
        "@sea.walker",
        "ID: 12345678",
        "TikTok @me buy pills",
        "TikTok call 5551234 now",
        "TikTok 5551234567",
        "Tik",
        "",
    ],
)
def test_a_statement_is_never_a_mark(text: str) -> None:
    assert found(track(text, everywhere())) == []


def test_a_statement_beside_a_mark_stays_a_statement() -> None:
    statement = track("buy my pills", everywhere((45.0, 36.0)))
    assert found(track("TikTok", everywhere()), statement) == [{"TikTok"}]


def test_a_name_written_large_or_shown_for_a_moment_is_a_statement() -> None:
    assert found(track("TikTok", everywhere(), height=60.0, width=200.0)) == []
    assert found(track("TikTok", {4: (144.0, 256.0)})) == []


@pytest.mark.parametrize(
    ("place", "width", "height"),
    [
        ((144.0, 160.0), 120.0, 14.0),  # in the upper middle of the picture, for the whole clip
        ((144.0, 256.0), 60.0, 14.0),
        ((144.0, 20.0), 270.0, 14.0),  # at the edge, as wide as the picture
        ((144.0, 20.0), 120.0, 32.0),
    ],
)
def test_what_is_wide_or_stands_in_the_picture_is_a_caption_though_it_names_a_platform(
    place: tuple[float, float], width: float, height: float
) -> None:
    assert found(track("TikTok @sell_boats_here", everywhere(place), height, width)) == []


def test_a_handle_in_the_picture_is_no_owner_of_a_mark() -> None:
    name, owner = track("TikTok", everywhere((144.0, 160.0))), track("@meet_me_now", everywhere((144.0, 176.0)))
    assert found(name, owner) == []


@pytest.mark.parametrize("place", [(40.0, 256.0), (250.0, 256.0), (144.0, 20.0), (144.0, 490.0)])
def test_a_small_mark_at_any_edge_is_one(place: tuple[float, float]) -> None:
    assert found(track("TikTok @sea.walker", everywhere(place), width=76.0)) == [{"TikTok @sea.walker"}]
