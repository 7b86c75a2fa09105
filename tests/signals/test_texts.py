from tidegate.records import Box, OnScreenKind, OnScreenText, Sound, Span, TextSource, Upload, Utterance
from tidegate.signals.texts import code_text, hashtag_text, heard_and_read, on_screen_text, texts_of, transcript_text


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


def test_each_text_on_the_picture_is_a_view_and_the_marks_of_platforms_are_none() -> None:
    read = (on_screen("a shop"), on_screen("@tiktok", OnScreenKind.WATERMARK), on_screen("at noon"))
    assert [(view.text, view.base_char) for view in heard_and_read((), read)] == [("a shop", 0), ("at noon", 7)]
    assert on_screen_text(read) == "a shop\nat noon"


def test_payloads_of_codes_are_texts_of_their_own() -> None:
    read = (on_screen("scan me"), on_screen("https://example.com", OnScreenKind.CODE))
    views = heard_and_read((), read)
    assert [view.source for view in views] == [TextSource.ON_SCREEN, TextSource.CODE]
    assert code_text(read) == views[1].text


def test_what_is_blank_is_no_text() -> None:
    assert heard_and_read((utterance(" ", 0),), (on_screen(" "),)) == ()
