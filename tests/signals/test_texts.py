import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import (
    Box,
    OnScreenKind,
    OnScreenText,
    Quote,
    Signal,
    Sound,
    Span,
    TextSource,
    Upload,
    Utterance,
)
from tidegate.signals.base import Need, View
from tidegate.signals.readings import Readings
from tidegate.signals.texts import (
    code_text,
    hashtag_text,
    heard_and_read,
    on_screen_text,
    texts_of,
    transcript_text,
    views_of_handles,
)
from tidegate.signals.wording.patterns import PatternDetector


def test_caption_hashtags_and_sound_title_are_read_in_that_order() -> None:
    upload = Upload(id="u", caption="a day", hashtags=("#sun", "sea"), sound=Sound(title="waves"), language="en")
    views = texts_of(upload)
    assert [(view.source, view.text) for view in views] == [
        (TextSource.CAPTION, "a day"),
        (TextSource.HASHTAG, "#sun sea"),
        (TextSource.SOUND_TITLE, "waves"),
    ]
    assert views[0].language == "en"


def test_empty_texts_are_left_out() -> None:
    assert texts_of(Upload(id="u")) == ()


def test_hashtags_of_the_caption_are_not_read_twice() -> None:
    assert hashtag_text(Upload(id="u", caption="look #Sun", hashtags=("sun", "#sea"))) == "#sea"


def utterance(text: str, start_s: float, language: str = "en") -> Utterance:
    return Utterance(text=text, span=Span(start_s=start_s, end_s=start_s + 1), language=language, confidence=0.9)


def on_screen(text: str, kind: OnScreenKind = OnScreenKind.CAPTION) -> OnScreenText:
    box = Box(x=0.1, y=0.1, width=0.5, height=0.1)
    return OnScreenText(
        text=text, span=Span(start_s=0, end_s=2), box=box, language="", confidence=0.9, kind=kind, detector_id="a.b@1"
    )


def test_speech_is_one_view_for_each_run_of_a_language_counted_in_one_transcript() -> None:
    heard = (utterance("one", 0), utterance("two", 1), utterance("drei", 2, "de"))
    views = heard_and_read(heard, ())
    assert [(view.text, view.language, view.base_char) for view in views] == [("one two", "en", 0), ("drei", "de", 8)]
    assert transcript_text(heard) == "one two drei"
    assert transcript_text(heard)[views[1].base_char :] == views[1].text


def test_each_text_on_the_picture_is_a_view_and_marks_come_behind_them_all() -> None:
    read = (on_screen("a shop"), on_screen("TikTok", OnScreenKind.WATERMARK), on_screen("at noon"))
    assert [(view.text, view.base_char) for view in heard_and_read((), read)] == [("a shop", 0), ("at noon", 7)]
    assert on_screen_text(read) == "a shop\nat noon\nTikTok"


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("TikTok", []),
        ("d TikTok", []),
        ("♪ TikTok ♪", []),
        ("TikTok @low_tide.now", ["@low tide now"]),
        ("d TikTok @low_tide_now", ["@low tide now"]),
        ("YouTube ID: low.tide77", ["ID: low tide77"]),
        ("抖音号: 12345678", [": 12345678"]),
        ("TikTok @low_tide @high_tide", ["@low tide @high tide"]),
        ("TikTok meet me Instagram at noon", ["meet me", "at noon"]),
        ("TikToking", ["TikToking"]),
    ],
)
def test_of_a_mark_all_is_read_but_the_name_of_the_platform(mark: str, said: list[str]) -> None:
    read = (on_screen("a shop"), on_screen(mark, OnScreenKind.WATERMARK))
    views = views_of_handles(read)
    assert [view.text for view in views] == said
    for view in views:
        assert on_screen_text(read)[view.base_char :].startswith(view.as_written)


def test_a_handle_of_several_words_in_a_caption_is_read_as_words_too() -> None:
    read = (on_screen("shop"), on_screen("write to @low_tide_now today"))
    (view,) = views_of_handles(read)
    assert view.text == "@low tide now"
    evidence = view.evidence(1, 9)
    assert evidence is not None
    assert evidence.quote == Quote(source=TextSource.ON_SCREEN, text="low_tide", start_char=15, end_char=23)
    assert evidence.box == read[1].box
    assert [one.text for one in views_of_handles((on_screen("YouTube ID: low.tide77"),))] == ["ID: low tide77"]
    assert views_of_handles((on_screen("write to @tide or a@b, on_the_beach, covid:a.b"),)) == ()


@pytest.mark.parametrize("kind", [OnScreenKind.WATERMARK, OnScreenKind.CAPTION])
def test_an_offer_written_as_a_handle_is_found_and_quoted_as_written(kind: OnScreenKind) -> None:
    readings = Readings(on_screen_texts=[on_screen("TikTok @double_your_money_today", kind)])
    detector = PatternDetector()
    detector.load()
    view = readings.onto(View(upload=Upload(id="u")))
    offers = [one for one in detector.detect(view) if isinstance(one, Signal) and one.label == "pattern.scam_offer"]
    assert [one.evidence.quote.text for one in offers if one.evidence.quote] == ["double_your_money"]


def test_the_name_of_a_platform_alone_gives_detectors_of_words_nothing_to_read() -> None:
    readings = Readings(on_screen_texts=[on_screen("TikTok", OnScreenKind.WATERMARK)])
    assert not readings.onto(View(upload=Upload(id="u"))).has(Need.TEXTS)


@given(st.lists(st.tuples(st.text("@_.- aé抖音tiktok", max_size=20), st.sampled_from(OnScreenKind)), max_size=4))
def test_every_handle_leads_back_to_its_own_characters(given_: list[tuple[str, OnScreenKind]]) -> None:
    read = [on_screen(text, kind) for text, kind in given_]
    whole = on_screen_text(read)
    for view in views_of_handles(read):
        evidence = view.evidence(0, len(view.text))
        assert evidence is not None
        assert evidence.quote is not None
        assert whole[evidence.quote.start_char : evidence.quote.end_char] == evidence.quote.text == view.as_written


def test_payloads_of_codes_are_texts_of_their_own() -> None:
    read = (on_screen("scan me"), on_screen("https://example.com", OnScreenKind.CODE))
    views = heard_and_read((), read)
    assert [view.source for view in views] == [TextSource.ON_SCREEN, TextSource.CODE]
    assert code_text(read) == views[1].text


def test_what_is_blank_is_no_text() -> None:
    assert heard_and_read((utterance(" ", 0),), (on_screen(" "),)) == ()
