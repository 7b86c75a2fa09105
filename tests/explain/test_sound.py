"""Loudness as a curve: inside its box, no peak lost, and a sentence that warns whoever is about to listen."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.scale import TimeScale
from tidegate.explain.sound import MOST_POINTS, envelope_of, kinds_heard, loudness_line
from tidegate.records import Loudness, MediaCoverage, Screening
from tidegate.screening import Screened

SCALE = TimeScale(duration_s=30.0)


def screening(levels: list[float], step_s: float = 0.1) -> Screening:
    loudness = Loudness(
        integrated_lufs=-20.0,
        loudest_lufs=max(levels, default=-70.0),
        loudest_at_s=1.0,
        peak_dbfs=-1.0,
        envelope_lufs=tuple(levels),
        envelope_step_s=step_s,
    )
    return Screening(upload_id="u", media=None, coverage=MediaCoverage(), loudness=loudness)


@given(st.lists(st.floats(-200, 20), min_size=1, max_size=900), st.floats(0.01, 10))
def test_the_curve_stays_in_its_box_with_few_points(levels: list[float], step_s: float) -> None:
    envelope = envelope_of(screening(levels, step_s), SCALE)
    assert envelope is not None
    points = re.findall(r"([\d.]+),([\d.]+)", envelope.path)
    assert len(points) <= MOST_POINTS + 1
    assert all(0 <= float(x) <= 1000 and 0 <= float(y) <= 60 for x, y in points)
    assert 0 <= envelope.level <= 100
    assert 0 <= envelope.peak_top <= 100


@given(st.integers(0, 8999))
def test_one_loud_moment_in_a_long_clip_is_not_lost(index: int) -> None:
    levels = [-50.0] * 9000
    levels[index] = -3.0
    envelope = envelope_of(screening(levels), TimeScale(duration_s=900.0))
    assert envelope is not None
    assert min(float(y) for _, y in re.findall(r"([\d.]+),([\d.]+)", envelope.path)) == 3.0


def test_a_clip_that_was_not_measured_has_no_curve_and_no_sentence(sample: Screened) -> None:
    assert envelope_of(sample.screening, SCALE) is None
    assert loudness_line(sample.screening) == ""
    assert envelope_of(screening([]), SCALE) is None


def test_the_sentence_says_how_loud_and_when_it_may_startle(spoken_sample: Screened) -> None:
    assert loudness_line(spoken_sample.screening) == (
        "integrated −16.2 LUFS, loudest 0.4 s at 0:16.4 (−7.9), peak −0.5 dBFS; "
        "may startle: sudden loud sounds at 0:03.2, 0:16.4"
    )


def test_sudden_sounds_are_drawn_on_the_curve(spoken_sample: Screened) -> None:
    envelope = envelope_of(spoken_sample.screening, SCALE)
    assert envelope is not None
    assert envelope.startling == (10.667, 54.667)
    assert envelope.words == loudness_line(spoken_sample.screening)


def test_silence_is_called_silence() -> None:
    silent = replace(
        screening([-70.0]),
        loudness=Loudness(integrated_lufs=-70.0, loudest_lufs=-70.0, loudest_at_s=0.0, peak_dbfs=-200.0),
    )
    assert loudness_line(silent) == "silent"


def test_kinds_of_sound_are_told_in_one_order(spoken_sample: Screened) -> None:
    assert kinds_heard(spoken_sample.screening) == ("speech", "singing", "music", "silence", "beep", "loud_onset")
    assert kinds_heard(replace(spoken_sample.screening, sound_spans=())) == ()
