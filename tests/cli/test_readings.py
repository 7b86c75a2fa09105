"""What was heard, read and proven, as lines: in order, bounded, and nothing where there is nothing."""

from dataclasses import replace

import pytest

from tidegate.cli.readings import MOST_LINES, origin_lines, sound_lines, word_lines, words_summary
from tidegate.records import ManifestState, Provenance
from tidegate.screening import Screened


def test_the_summary_counts_and_names_languages(spoken_sample: Screened) -> None:
    assert words_summary(spoken_sample.screening) == "5 utterances (en, ko), 6 texts on the picture"


@pytest.mark.parametrize(
    ("heard", "shown", "summary"),
    [(0, 0, ""), (1, 0, "1 utterance (en)"), (0, 1, "1 text on the picture")],
)
def test_the_summary_says_one_and_none(spoken_sample: Screened, heard: int, shown: int, summary: str) -> None:
    one = spoken_sample.screening
    few = replace(one, utterances=one.utterances[:heard], on_screen_texts=one.on_screen_texts[:shown])
    assert words_summary(few) == summary


def test_lines_are_in_order_of_time_and_say_where_they_are_from(spoken_sample: Screened) -> None:
    lines, more = word_lines(spoken_sample.screening)
    assert [line[0] for line in lines[:3]] == ["0.0–30.0", "0.8–3.2", "2.0–9.0"]
    assert {line[1] for line in lines} == {
        *("watermark en", "voice en", "picture en", "voice ko", "picture ko", "picture ar", "♪ sung en", "code"),
    }
    assert more == 0


def test_lines_past_the_limit_are_counted(spoken_sample: Screened) -> None:
    one = spoken_sample.screening
    lines, more = word_lines(replace(one, utterances=one.utterances[:1] * 500))
    assert (len(lines), more) == (MOST_LINES, 506 - MOST_LINES)


def test_each_kind_of_sound_is_told_with_its_seconds_and_then_how_loud_it_is(spoken_sample: Screened) -> None:
    lines = dict(sound_lines(spoken_sample.screening))
    assert lines["loud onset"] == "3.2–3.6, 16.4–16.9"
    assert list(lines)[-1] == "loudness"
    assert "startle" not in lines["loudness"]
    assert list(sound_lines(replace(spoken_sample.screening, sound_spans=(), loudness=None))) == []


def test_no_manifest_is_one_line_that_says_it_means_nothing() -> None:
    ((term, text),) = origin_lines(Provenance(manifest=ManifestState.ABSENT))
    assert (term, "says nothing" in text) == ("manifest", True)
