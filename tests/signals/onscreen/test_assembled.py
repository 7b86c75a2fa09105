from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import OnScreenKind
from tidegate.signals.onscreen.assembled import is_clear, rotation_deg, runs, sorted_out, spans_of, texts_of_clip
from tidegate.signals.onscreen.reader import LineText
from tidegate.signals.onscreen.regions import Region, region_of
from tidegate.signals.onscreen.tracks import LineTrack, Sighting
from tidegate.signals.unicode_scripts import script_of
from tidegate.testing.fakes import clip_of

FRAMES = clip_of([np.zeros((512, 288, 3), np.uint8) for _ in range(6)], seconds_each=0.5).frames


def track(
    text: str,
    frames: Sequence[int] = (0,),
    *,
    confidence: float = 0.95,
    y: float = 300.0,
    region: Region | None = None,
    **fields: object,
) -> LineTrack:
    script = str(fields.pop("script", script_of(text)))
    line = LineText(text=text, confidence=confidence, script=script, **fields)  # type: ignore[arg-type]
    sightings = [
        Sighting(frame=frame, region=region or region_of((144.0, y + 4 * frame), (140.0, 20.0), 0.0))
        for frame in frames
    ]
    return LineTrack(line=line, print=np.zeros((24, 48), np.float32), sightings=sightings, best=sightings[0])


def test_a_text_has_its_span_box_path_and_confidence() -> None:
    lines = [track("meet me", (1, 2, 3), confidence=0.9), track("at the pier", (1, 2, 3), y=325.0, confidence=0.98)]
    (found,) = texts_of_clip(lines, FRAMES, "onscreen.text@1")
    record = found.record
    assert record.text == "meet me at the pier"
    assert (record.span.start_s, record.span.end_s) == (0.5, 2.0)
    assert [one.time_s for one in record.path] == [0.5, 1.0, 1.5]
    assert record.path[0].box.y < record.path[1].box.y < record.path[2].box.y
    assert record.box == record.path[0].box
    assert record.box.height == pytest.approx(45 / 512, abs=0.01)
    assert 0.9 < record.confidence < 0.98
    assert (record.kind, record.script, record.language) == (OnScreenKind.CAPTION, "Latn", "")
    assert found.longest_s == 1.5
    assert not found.is_always_there


def test_kana_settle_the_language_and_chinese_signs_do_not() -> None:
    japanese, chinese = (texts_of_clip([track(text)], FRAMES, "a.b@1")[0].record for text in ("明日は海", "今天海边"))
    assert (japanese.script, japanese.language) == ("Jpan", "ja")
    assert (chinese.script, chinese.language) == ("Hani", "")


def test_the_longest_stretch_counts_not_the_whole() -> None:
    (found,) = texts_of_clip([track("low tide", (0, 2, 4))], FRAMES, "a.b@1")
    assert found.longest_s == 0.5
    assert found.record.span.end_s == 2.5


def test_words_one_after_another_are_there_as_long_as_each_of_them() -> None:
    words = [track(word, (frame,), y=300.0 - 4 * frame) for frame, word in enumerate(("meet", "them", "there"))]
    (found,) = texts_of_clip(words, FRAMES, "a.b@1")
    assert found.record.text == "meet them there"
    assert found.longest_s == 0.5


def test_a_mark_is_a_watermark_and_says_its_words_once() -> None:
    name = region_of((40.0, 20.0), (60.0, 14.0), 0.0)
    hops = [track("TikTok", (0, 1), region=name), track("TikTok", (3, 4), region=name), track("low tide", (0,))]
    mark, caption = sorted(
        (one.record for one in texts_of_clip(hops, FRAMES, "a.b@1")), key=lambda one: one.kind, reverse=True
    )
    assert (mark.text, mark.kind) == ("TikTok", OnScreenKind.WATERMARK)
    assert (caption.text, caption.kind) == ("low tide", OnScreenKind.CAPTION)


@pytest.mark.parametrize(
    ("text", "confidence", "expected"),
    [
        ("low tide at six", 0.7, True),
        ("low tide at six", 0.5, False),
        ("000", 0.81, False),
        ("you", 0.88, True),
        ("I", 0.99, True),
        ("O", 0.87, False),
        ("...", 0.99, False),
        ("", 0.99, False),
    ],
)
def test_short_readings_have_to_be_surer(text: str, confidence: float, *, expected: bool) -> None:
    assert is_clear(text, confidence) is expected


def test_lines_are_sorted_by_what_became_of_them() -> None:
    unread = track("", confidence=0.0, script="Cyrl", is_unread=True)
    doubtful = track("", confidence=0.0, script="Taml", is_unread=True, script_confidence=0.45)
    unclear = track("lcw tjda", confidence=0.4)
    clear = track("low tide")
    lines = sorted_out([unread, doubtful, unclear, clear])
    assert (lines.read, lines.unread, lines.unclear) == ([clear], [unread], [doubtful, unclear])


def test_an_unsure_reading_of_the_second_engine_is_told_and_said_to_be_unclear() -> None:
    poor, unsure, sure = (track("прилив", confidence=c, script="Cyrl", is_second=True) for c in (0.5, 0.65, 0.95))
    lines = sorted_out([poor, unsure, sure])
    assert (lines.read, lines.unread, lines.unclear) == ([unsure, sure], [], [poor, unsure])


def test_shapes_and_texture_taken_for_letters_are_not_told() -> None:
    faint = region_of((60.0, 60.0), (140.0, 20.0), 0.0, score=0.55)
    blob = region_of((60.0, 60.0), (40.0, 36.0), 0.0, score=0.95)
    for region in (faint, blob):
        unread = track("", confidence=0.0, script="Telu", is_unread=True, region=region)
        lines = sorted_out([unread, track("qwxz", confidence=0.4, region=region)])
        assert (lines.read, lines.unread, lines.unclear) == ([], [], [])


@pytest.mark.parametrize(
    ("angle_deg", "is_turned", "text", "expected"),
    [
        (0.0, False, "low tide", 0.0),
        (0.0, True, "low tide", 180.0),
        (30.0, False, "low tide", 30.0),
        (30.0, True, "low tide", -150.0),
        (90.0, False, "low tide", 90.0),
        (90.0, True, "low tide", -90.0),
        (90.0, False, "今天海边", 0.0),
    ],
)
def test_the_turn_is_clockwise_and_columns_are_upright(
    angle_deg: float, text: str, expected: float, *, is_turned: bool
) -> None:
    region = region_of((144.0, 256.0), (140.0, 20.0), angle_deg)
    assert rotation_deg(track(text, region=region, is_turned=is_turned)) == expected


@given(st.sets(st.integers(0, 50), max_size=30).map(sorted))
def test_runs_are_unbroken_and_lose_nothing(numbers: list[int]) -> None:
    found = list(runs(numbers))
    assert [number for run in found for number in run] == numbers
    assert all(run == list(range(run[0], run[-1] + 1)) for run in found)
    assert all(a[-1] + 1 < b[0] for a, b in pairwise(found))


def test_spans_of_lines_are_cut_where_none_was_seen() -> None:
    spans = spans_of([track("low", (0, 1)), track("tide", (1, 2)), track("pier", (4,))], FRAMES)
    assert [(span.start_s, span.end_s) for span in spans] == [(0.0, 1.5), (2.0, 2.5)]
