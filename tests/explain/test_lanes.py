"""Evidence lies on the lane where it was seen, heard, read or written."""

import pytest

from tidegate.explain.lanes import FAMILIES, LANES, lane_of, places_of
from tidegate.records import Box, Evidence, EvidencePart, Quote, Signal, Span, TextSource
from tidegate.screening import Screened

SPAN = Span(start_s=1.0, end_s=2.0)


def signal(detector_id: str, evidence: Evidence, label: str = "visual.nudity") -> Signal:
    return Signal(label=label, score=0.5, evidence=evidence, detector_id=detector_id)


def quoted(source: TextSource) -> Quote:
    return Quote(source=source, text="now", start_char=0, end_char=3)


def test_every_family_has_a_lane() -> None:
    assert set(FAMILIES.values()) == {key for key, _, _ in LANES}


@pytest.mark.parametrize(
    ("detector_id", "key"),
    [
        ("wording.heads@1", "words"),
        ("matching.file@2", "matches"),
        ("sound.music@1", "sound"),
        ("speech.whisper@1", "voice"),
        ("onscreen.reader@1", "screen"),
        ("provenance.manifest@1", "facts"),
        ("acme.thing@1", "picture"),
    ],
)
def test_a_signal_goes_where_its_detector_looks(detector_id: str, key: str) -> None:
    assert lane_of(signal(detector_id, Evidence(span=SPAN))) == key


@pytest.mark.parametrize(
    ("source", "key"),
    [
        (TextSource.CAPTION, "words"),
        (TextSource.HASHTAG, "words"),
        (TextSource.SPEECH, "voice"),
        (TextSource.ON_SCREEN, "screen"),
        (TextSource.CODE, "screen"),
    ],
)
def test_words_go_where_they_were_said(source: TextSource, key: str) -> None:
    assert lane_of(signal("wording.heads@1", Evidence(span=SPAN, quote=quoted(source)))) == key


def test_what_is_said_once_has_one_place(sample: Screened) -> None:
    assert all(len(places_of(one)) == 1 for one in sample.screening.signals)


def test_what_is_said_in_parts_has_a_place_for_each() -> None:
    parts = (
        EvidencePart(quote=quoted(TextSource.CAPTION)),
        EvidencePart(span=SPAN, quote=quoted(TextSource.SPEECH)),
        EvidencePart(span=SPAN, box=Box(x=0, y=0, width=1, height=1)),
        EvidencePart(span=SPAN),
    )
    joined = signal("sound.tagger@1", Evidence(parts=parts))
    assert [place.lane for place in places_of(joined)] == ["words", "voice", "picture", "sound"]
    assert tuple(place.at for place in places_of(joined)) == parts
