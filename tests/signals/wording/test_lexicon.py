import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Abstention, AbstentionReason, Signal, Sound, TextSource, Upload
from tidegate.signals.base import View
from tidegate.signals.texts import texts_of
from tidegate.signals.wording.lexicon import LexiconDetector, languages_of
from tidegate.signals.wording.lexicon_data import Mode, load_lexicon
from tidegate.signals.wording.normalise import MAX_CHARS

pytest.importorskip("terlik")


@pytest.fixture(scope="module")
def detector() -> LexiconDetector:
    made = LexiconDetector()
    made.load()
    return made


def said(detector: LexiconDetector, caption: str, language: str = "") -> list[Signal | Abstention]:
    upload = Upload(id="u", caption=caption, language=language)
    return list(detector.detect(View(upload=upload, texts=texts_of(upload))))


def labels(detector: LexiconDetector, caption: str, language: str = "") -> list[str]:
    return [signal.label for signal in said(detector, caption, language) if isinstance(signal, Signal)]


def strong_words(language: str, mode: Mode) -> list[str]:
    entries = load_lexicon().of(language)[mode].values()
    elsewhere_harmless = set().union(*load_lexicon().drops.values())
    words = {e.word for e in entries if e.severity == "high" and e.word == e.root and len(e.word) > 3}
    return sorted(words - elsewhere_harmless)


@pytest.mark.parametrize(
    ("language", "mode"), [("en", Mode.WORD), ("es", Mode.WORD), ("fr", Mode.WORD), ("de", Mode.START)]
)
def test_every_strong_word_is_found_alone_and_in_a_sentence(
    detector: LexiconDetector, language: str, mode: Mode
) -> None:
    words = strong_words(language, mode)
    assert len(words) > 10
    for word in words:
        assert "wording.profanity" in labels(detector, f"{word}", language=language), f"entry of {language}"
        signals = [s for s in said(detector, f"<< {word} >>", language=language) if isinstance(s, Signal)]
        assert signals[0].evidence.quote is not None
        assert signals[0].evidence.quote.text == word


def test_korean_strong_words_are_found_with_a_particle(detector: LexiconDetector) -> None:
    for word in strong_words("ko", Mode.START):
        assert "wording.profanity" in labels(detector, f"오늘 {word}은 별로")


def test_words_hidden_by_tricks_are_found_and_quoted_as_written(detector: LexiconDetector) -> None:
    word = strong_words("en", Mode.WORD)[0]
    for hidden in (word[0] + "\u200b" + word[1:], ".".join(word), " ".join(word), word[0] + word[1] * 5 + word[2:]):
        signals = [s for s in said(detector, f"you {hidden} there") if isinstance(s, Signal)]
        profane = [s for s in signals if s.label == "wording.profanity"]
        assert [s.evidence.quote.text for s in profane if s.evidence.quote] == [hidden]


def test_hiding_a_listed_word_is_the_strongest_evasion(detector: LexiconDetector) -> None:
    word = strong_words("en", Mode.WORD)[0]
    signals = [s for s in said(detector, word[0] + "\u200b" + word[1:]) if isinstance(s, Signal)]
    assert [s.score for s in signals if s.label == "wording.evasion"] == [0.95]


@pytest.mark.parametrize(
    ("caption", "least", "most"),
    [("fr\u200bee money", 0.5, 0.7), ("frее mоney", 0.6, 0.8), ("\u202eyenom\u202c", 0.7, 0.9), ("m0ney", 0.3, 0.5)],
)
def test_hiding_a_harmless_word_scores_by_the_trick(
    detector: LexiconDetector, caption: str, least: float, most: float
) -> None:
    scores = [s.score for s in said(detector, caption) if isinstance(s, Signal) and s.label == "wording.evasion"]
    assert scores
    assert all(least <= score <= most for score in scores)


@pytest.mark.parametrize(
    "caption",
    [
        "Scunthorpe, Essex, Middlesex, Penistone and Clitheroe",
        "Essex cocktail class, assassin's creed, classic bass, grass",
        "Hancock eats shiitake at the cockpit in Sussex",
        "blue tit and great tit at the feeder; cock-a-doodle-doo",
        "Moby Dick by candlelight, Dick Van Dyke on TV",
        "soooo goooood 𝓫𝓮𝓪𝓾𝓽𝓲𝓯𝓾𝓵 day ✨ ａｅｓｔｈｅｔｉｃ",
        "Ich bin im Urlaub dick geworden, so ein Mist",
        "Ihr könnt die Schwanger­schaftsklasse besuchen",
        "El cono de helado y el pollo, computadora y disputa",
        "Je bois du thé avec mon ami, quelle bite de fer",
        "시발점에서 출발! 다시 발견했다 보지 마세요 새끼손가락 약속",
        "나는 오늘 새끼 고양이를 봤다",
        "今日はとても楽しいです。マンゴーとコーヒー",
        "今天天气很好，我们去公园吧",
        "mp3 4ever U2 R2D2 2024 1st covid19 https://example.com/s3x",
        "🇰🇷🇺🇸 👨‍👩‍👧‍👦 نمی‌خواهم क्‍ष",
    ],
)
def test_harmless_captions_are_left(detector: LexiconDetector, caption: str) -> None:
    assert labels(detector, caption) == []


def test_a_word_is_read_in_the_language_it_stands_in(detector: LexiconDetector) -> None:
    assert "en" in languages_of("hello")
    assert languages_of("오늘 날씨") == {"ko"}
    assert "ja" in languages_of("これは漢字")
    assert "zh" not in languages_of("これは漢字")
    assert "de" in languages_of("hello", ("de-AT",))


def test_every_text_of_the_upload_is_read(detector: LexiconDetector) -> None:
    upload = Upload(id="u", caption="fine", hashtags=("#damn",), sound=Sound(title="damn song"))
    sources = [
        s.evidence.quote.source
        for s in detector.detect(View(upload=upload, texts=texts_of(upload)))
        if isinstance(s, Signal) and s.evidence.quote
    ]
    assert sources == [TextSource.HASHTAG, TextSource.SOUND_TITLE]


def test_what_lies_behind_the_limit_is_abstained(detector: LexiconDetector) -> None:
    spoken = said(detector, "ok " * 3_400_000 + "damn")
    assert len(spoken) == 1
    assert isinstance(spoken[0], Abstention)
    assert spoken[0].reason is AbstentionReason.OVER_BUDGET
    assert str(10_200_004 - MAX_CHARS) in spoken[0].detail


@given(st.text(max_size=120))
def test_any_text_is_survived_and_quoted_exactly(text: str) -> None:
    made = LexiconDetector()
    made.load()
    for signal in said(made, text):
        assert isinstance(signal, Signal)
        quote = signal.evidence.quote
        assert quote is not None
        assert quote.text == text[quote.start_char : quote.end_char] != ""
