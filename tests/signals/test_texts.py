from tidegate.records import Sound, TextSource, Upload
from tidegate.signals.texts import hashtag_text, texts_of


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
