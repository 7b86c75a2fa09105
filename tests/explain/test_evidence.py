"""The list of evidence: each signal once, with every place where it can be checked."""

from dataclasses import replace

from tidegate.explain.view import UploadView, upload_view
from tidegate.records import Policy, Quote, TextSource
from tidegate.screening import Screened


def view_of(screened: Screened, policy: Policy, most_lines: int = 600) -> UploadView:
    return upload_view("u1", "harbour.mp4", screened, policy, most_frames=24, most_lines=most_lines)


def test_what_is_said_in_parts_is_one_finding_with_its_places(spoken_sample: Screened, sample_policy: Policy) -> None:
    (joined,) = [item for item in view_of(spoken_sample, sample_policy).evidence if item.is_joined]
    assert [(piece.lane, piece.where, piece.anchor, piece.text) for piece in joined.pieces] == [
        ("words", "caption", "words", "Message me"),
        ("screen", "picture T2 0:02.0", "t2", "reply with your code"),
        ("voice", "voice 0:14.6", "v4", "before it closes"),
    ]
    assert joined.when == "caption + 2.0–15.4 s"


def test_a_quote_leads_to_the_line_that_holds_it(spoken_sample: Screened, sample_policy: Policy) -> None:
    found = {
        item.signal.evidence.quote.text: item
        for item in view_of(spoken_sample, sample_policy).evidence
        if item.signal.evidence.quote
    }
    assert [piece.anchor for piece in found["pay.example/claim"].pieces] == ["t6"]
    assert [piece.where for piece in found["pay.example/claim"].pieces] == ["code T6 0:20.0"]
    assert [piece.anchor for piece in found["Te1egr4m"].pieces] == ["words"]


def test_a_line_that_is_not_listed_is_not_linked(spoken_sample: Screened, sample_policy: Policy) -> None:
    view = view_of(spoken_sample, sample_policy, most_lines=1)
    anchors = {piece.anchor for item in view.evidence for piece in item.pieces}
    assert anchors == {"words", "", view.script.lines[0].anchor}


def test_a_quote_that_fits_no_text_is_still_told(spoken_sample: Screened, sample_policy: Policy) -> None:
    signal = next(one for one in spoken_sample.screening.signals if one.evidence.quote and one.evidence.span)
    wrong = Quote(source=TextSource.SPEECH, text="never said", start_char=0, end_char=10)
    screening = replace(
        spoken_sample.screening,
        signals=(replace(signal, evidence=replace(signal.evidence, quote=wrong)),),
        judgements=(),
    )
    (item,) = view_of(replace(spoken_sample, screening=screening), sample_policy).evidence
    assert [(piece.where, piece.text, piece.anchor) for piece in item.pieces] == [("voice 0:03.9", "never said", "")]


def test_words_on_the_picture_lead_to_a_frame_that_shows_them(spoken_sample: Screened, sample_policy: Policy) -> None:
    view = view_of(spoken_sample, sample_policy)
    (joined,) = [item for item in view.evidence if item.is_joined]
    clocks = {picture.index: picture.clock for picture in view.pictures}
    assert clocks[joined.frame_index] == "0:02.0"


def test_what_is_harmless_in_itself_comes_last_and_is_drawn_nowhere(
    spoken_sample: Screened, sample_policy: Policy
) -> None:
    one = spoken_sample.screening
    read = replace(one.signals[-1], label="onscreen.text", detector_id="onscreen.reader@1", score=1.0)
    view = view_of(replace(spoken_sample, screening=replace(one, signals=(*one.signals, read))), sample_policy)
    assert [item.signal.label for item in view.evidence if item.is_observation] == ["onscreen.text"]
    assert view.evidence[-1].is_observation
    drawn = {bar.number for lane in view.timeline.lanes for bar in lane.bars}
    assert drawn == {item.number for item in view.evidence if not item.is_observation}


def test_what_moved_a_clause_is_no_mere_observation(spoken_sample: Screened, sample_policy: Policy) -> None:
    one = spoken_sample.screening
    signals = (*one.signals[:4], replace(one.signals[4], label="sound.music"), *one.signals[5:])
    view = view_of(replace(spoken_sample, screening=replace(one, signals=signals)), sample_policy)
    assert view.evidence[0].signal.label == "sound.music"
    assert not view.evidence[0].is_observation
