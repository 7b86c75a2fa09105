"""The script: every utterance and every text on the picture in order of time, each quote marked in its own line."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.words import Line, Script, script
from tidegate.records import (
    Box,
    Evidence,
    MediaCoverage,
    OnScreenKind,
    OnScreenText,
    Quote,
    Screening,
    Span,
    TextSource,
    Utterance,
    Word,
)
from tidegate.screening import Screened
from tidegate.signals.texts import code_text, on_screen_text, transcript_text

BOX = Box(x=0.1, y=0.1, width=0.5, height=0.1)
TEXTS = st.lists(st.text("ab \n", max_size=6), min_size=1, max_size=6)


def said(text: str, start_s: float = 0.0, **fields: object) -> Utterance:
    whole = {"language": "en", "confidence": 0.9, **fields}
    return Utterance(text=text, span=Span(start_s=start_s, end_s=start_s + 1), **whole)  # type: ignore[arg-type]


def shown(text: str, start_s: float = 0.0, kind: OnScreenKind = OnScreenKind.CAPTION) -> OnScreenText:
    span = Span(start_s=start_s, end_s=start_s + 1)
    return OnScreenText(text=text, span=span, box=BOX, language="en", confidence=0.9, kind=kind)


def screening(utterances: tuple[Utterance, ...] = (), texts: tuple[OnScreenText, ...] = ()) -> Screening:
    return Screening(upload_id="u", media=None, coverage=MediaCoverage(), utterances=utterances, on_screen_texts=texts)


def quote(source: TextSource, whole: str, start: int, end: int) -> Quote:
    return Quote(source=source, text=whole[start:end], start_char=start, end_char=end)


def marked(line: Line) -> str:
    return "".join(segment.text for segment in line.segments if segment.numbers)


def told(found: Script) -> list[str]:
    return ["".join(segment.text for segment in line.segments) for line in found.lines]


def test_what_was_heard_and_read_stands_in_one_order_of_time(spoken_sample: Screened) -> None:
    lines = script(spoken_sample.screening, (), most=600).lines
    assert [line.clock for line in lines] == sorted(line.clock for line in lines)
    assert [(line.kind, line.tag) for line in lines[:4]] == [
        ("watermark", "T1"),
        ("voice", ""),
        ("caption", "T2"),
        ("voice", ""),
    ]
    assert {line.kind for line in lines} == {"watermark", "voice", "caption", "sung", "code"}


def test_each_source_counts_its_own_characters(spoken_sample: Screened) -> None:
    one = spoken_sample.screening
    quotes = [(number, found) for number, signal in enumerate(one.signals) for found in signal.evidence.quotes]
    lines = {line.tag or line.clock: line for line in script(one, quotes, most=600).lines}
    assert marked(lines["T2"]) == "reply with your code"
    assert marked(lines["T6"]) == "pay.example/claim"
    assert "double your money" in marked(lines["0:03.9"])
    assert marked(lines["T1"]) == marked(lines["T3"]) == ""


@given(TEXTS, st.data())
def test_a_quote_of_the_transcript_marks_exactly_its_characters(texts: list[str], data: st.DataObject) -> None:
    one = screening(tuple(said(text, index) for index, text in enumerate(texts)))
    whole = transcript_text(one.utterances)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    lines = script(one, [(1, quote(TextSource.SPEECH, whole, start, end))], most=600).lines
    starts = [sum(len(text) + 1 for text in texts[:index]) for index in range(len(texts))]
    inside = [text[max(0, start - at) : max(0, end - at)] for text, at in zip(texts, starts, strict=True)]
    assert [marked(line) for line in lines] == inside


@given(TEXTS, st.sampled_from([OnScreenKind.CAPTION, OnScreenKind.CODE]))
def test_every_line_of_the_picture_can_be_quoted_whole(texts: list[str], kind: OnScreenKind) -> None:
    watermark = shown("LOGO", kind=OnScreenKind.WATERMARK)
    found = tuple(shown(text, index, kind) for index, text in enumerate(texts))
    one = screening((), (watermark, *found))
    is_code = kind is OnScreenKind.CODE
    source, whole = (TextSource.CODE, code_text(found)) if is_code else (TextSource.ON_SCREEN, on_screen_text(found))
    lines = script(one, [(7, quote(source, whole, 0, len(whole)))], most=600).lines
    by_tag = {line.tag: line for line in lines}
    assert [marked(by_tag[f"T{index + 2}"]) for index in range(len(texts))] == texts
    assert marked(by_tag["T1"]) == ""


def test_what_is_quoted_of_a_mark_is_marked_in_it_though_captions_are_counted_first() -> None:
    texts = (shown("TikTok @kill_yourself", kind=OnScreenKind.WATERMARK), shown("low tide", 2.0))
    whole = on_screen_text(texts)
    start = whole.index("@kill_yourself")
    found = script(screening(texts=texts), [(1, quote(TextSource.ON_SCREEN, whole, start, len(whole)))], most=9)
    assert [(line.tag, marked(line)) for line in found.lines] == [("T1", "@kill_yourself"), ("T2", "")]


def test_a_number_stands_once_where_its_quote_ends() -> None:
    one = screening((said("send me"), said("the code", 2), said("now", 4)))
    lines = script(one, [(3, quote(TextSource.SPEECH, "send me the code now", 5, 16))], most=600).lines
    assert [[segment.ends for segment in line.segments if segment.ends] for line in lines] == [[], [(3,)], []]
    assert [line.numbers for line in lines] == [(3,), (3,), ()]


def test_what_is_read_across_lines_of_the_picture_has_blanks_where_they_end() -> None:
    one = screening((), (shown("double your"), shown("money", 2)))
    joined = Quote(source=TextSource.ON_SCREEN, text="your money", start_char=7, end_char=17)
    assert [marked(line) for line in script(one, [(1, joined)], most=9).lines] == ["your", "money"]


def test_a_quote_that_does_not_fit_its_text_marks_nothing() -> None:
    wrong = Quote(source=TextSource.SPEECH, text="other", start_char=0, end_char=5)
    found = script(screening((said("hello"),)), [(1, wrong)], most=600)
    assert marked(found.lines[0]) == ""
    assert found.places.anchors_of(Evidence(quote=wrong)) == []


def test_a_place_is_the_lines_that_hold_a_quote() -> None:
    one = screening((said("send me"), said("the code", 2)), (shown("LOGO", kind=OnScreenKind.WATERMARK), shown("hi")))
    places = script(one, (), most=600).places
    heard = "send me the code"
    assert places.anchors_of(Evidence(quote=quote(TextSource.SPEECH, heard, 5, 12))) == ["v1", "v2"]
    assert places.anchors_of(Evidence(quote=quote(TextSource.SPEECH, heard, 8, 16))) == ["v2"]
    assert places.anchors_of(Evidence(quote=quote(TextSource.ON_SCREEN, "hi", 0, 2))) == ["t2"]
    assert places.anchors_of(Evidence(quote=quote(TextSource.CAPTION, "hi", 0, 2))) == []


def test_what_is_said_of_a_text_leads_to_the_text_in_that_box() -> None:
    logo = shown("LOGO", kind=OnScreenKind.WATERMARK)
    places = script(screening((), (logo,)), (), most=600).places
    assert places.anchors_of(Evidence(span=logo.span, box=logo.box)) == ["t1"]
    assert places.anchors_of(Evidence(span=logo.span)) == []


def test_lines_past_the_limit_are_counted_and_quoted_ones_stay() -> None:
    one = screening(tuple(said(f"line {index}", index) for index in range(50)))
    whole = transcript_text(one.utterances)
    at = whole.index("line 40")
    found = script(one, [(1, quote(TextSource.SPEECH, whole, at, at + 7))], most=3)
    assert told(found) == ["line 0", "line 1", "line 40"]
    assert found.hidden == 47


def test_words_heard_without_certainty_are_marked_and_neighbours_are_one_stretch() -> None:
    spans = [(0, 4, 0.9), (5, 7, 0.2), (8, 11, 0.3), (12, 16, 0.9), (17, 20, 0.1)]
    words = tuple(
        Word(start_char=start, end_char=end, span=Span(start_s=0, end_s=1), confidence=confidence)
        for start, end, confidence in spans
    )
    line = script(screening((said("send me the code now", words=words),)), (), most=9).lines[0]
    assert [segment.text for segment in line.segments if segment.is_unsure] == ["me the", "now"]


def test_a_line_heard_without_certainty_is_unsure_as_a_whole() -> None:
    words = (Word(start_char=0, end_char=5, span=Span(start_s=0, end_s=1), confidence=0.1),)
    line = script(screening((said("hello", confidence=0.3, words=words),)), (), most=9).lines[0]
    assert line.is_unsure
    assert not any(segment.is_unsure for segment in line.segments)


def test_how_a_text_is_turned_is_told() -> None:
    texts = tuple(replace(shown("x", index), rotation_deg=turned) for index, turned in enumerate((1.2, -90.0, 12.0)))
    lines = script(screening((), texts), (), most=9).lines
    assert [line.turned.replace("\N{NO-BREAK SPACE}", " ") for line in lines] == ["", "turned −90°", "turned 12°"]
