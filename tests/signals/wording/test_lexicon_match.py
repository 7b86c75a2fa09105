"""Matching is tested on a lexicon of made-up words: `florb` and its kin mean nothing in any language."""

import pytest

from tidegate.signals.wording.lexicon_data import Lexicon, add_rows, encode
from tidegate.signals.wording.lexicon_match import Hit, Matcher
from tidegate.signals.wording.normalise import fold_text

ROWS = (
    ("en", "high", "general", "word", ("florb", "zonkle", "dick")),
    ("en", "low", "general", "word", ("meh",)),
    ("de", "high", "general", "start", ("grumpf",)),
    ("de", "drop", "-", "word", ("florb",)),
    ("fr", "high", "general", "word", ("plouc", "mirlitonade")),
    ("ko", "high", "insult", "start", ("뿌앙", "좋")),
    ("ko", "allow", "-", "exact", ("뿌앙새",)),
    ("ko", "high", "general", "exact", ("ㅃㅇ",)),
    ("ja", "high", "general", "part", ("ポヨ", "ぽよよ")),
    ("zh", "high", "general", "part", ("噗噗",)),
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    lexicon = Lexicon()
    lines = ["\t".join((*row[:4], " ".join(encode(word) for word in row[4]))) for row in ROWS]
    add_rows(lexicon, "\n".join(lines), where="t")
    return Matcher(lexicon)


def found(matcher: Matcher, text: str, *languages: str) -> list[tuple[str, float]]:
    return [(text[hit.start_char : hit.end_char], hit.score) for hit in hits(matcher, text, *languages)]


def hits(matcher: Matcher, text: str, *languages: str) -> list[Hit]:
    return matcher.find(fold_text(text), frozenset(languages or ("en",)))


def test_whole_words_and_their_endings_are_found(matcher: Matcher) -> None:
    assert found(matcher, "What the Florb, florbing again") == [("Florb", 0.9), ("florbing", 0.9)]


@pytest.mark.parametrize("text", ["florbshire", "inflorbed", "reflorb", "the florbal anthem"])
def test_a_word_inside_another_is_not_found(matcher: Matcher, text: str) -> None:
    assert found(matcher, text) == []


@pytest.mark.parametrize(
    ("text", "quote", "score"),
    [
        ("fl0rb!", "fl0rb", 0.855),
        ("fl.orb", "fl.orb", 0.855),
        ("fl/orb", "fl/orb", 0.855),
        ("fl*rb", "fl*rb", 0.72),
        ("f***b", "f***b", 0.72),
        ("f****", "f****", 0.405),
        ("z*nkle", "z*nkle", 0.72),
        ("fl orb", "fl orb", 0.72),
        ("floorrb", "floorrb", 0.9),
        ("fllloooorrrbbb", "fllloooorrrbbb", 0.9),
    ],
)
def test_disguises_are_seen_through_and_score_less(matcher: Matcher, text: str, quote: str, score: float) -> None:
    assert found(matcher, text) == [(quote, score)]


@pytest.mark.parametrize("text", ["*florb-like*", "f*", "fl rb", "f.l", "x*y*z", "c&a", "5*5", "and/or"])
def test_ordinary_signs_are_no_disguise(matcher: Matcher, text: str) -> None:
    assert all(quote == "florb" for quote, _ in found(matcher, text))


@pytest.mark.parametrize("text", ["Moby Dick", "Dick Van Dyke show", "Philip K. Dick novels", "tom, dick and harry"])
def test_names_that_hold_a_listed_word_are_excused(matcher: Matcher, text: str) -> None:
    assert found(matcher, text) == []
    assert found(matcher, "dick") == [("dick", 0.9)]


def test_compounds_of_languages_that_build_them_are_found(matcher: Matcher) -> None:
    assert found(matcher, "so ein Grumpfwetter", "de") == [("Grumpfwetter", 0.9)]
    assert found(matcher, "Grumpfwetter", "en") == []


def test_a_word_that_is_harmless_in_the_language_of_the_text_is_left(matcher: Matcher) -> None:
    assert found(matcher, "der florb", "de") == []
    assert found(matcher, "le florb", "fr") == [("florb", 0.9)]


def test_strong_long_words_of_other_languages_count_where_the_language_is_unknown(matcher: Matcher) -> None:
    assert found(matcher, "mirlitonade plouc", "en") == [("mirlitonade", 0.9)]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("이 뿌앙은 뭐야", "뿌앙은"),
        ("아뿌앙아", "뿌앙아"),
        ("뿌.앙", "뿌.앙"),
        ("뿌1앙", "뿌1앙"),
        ("뿌 앙", "뿌 앙"),
        ("ㅃㅇ 진짜", "ㅃㅇ"),
    ],
)
def test_korean_words_are_found_with_particles_and_splits(matcher: Matcher, text: str, quote: str) -> None:
    assert [word for word, _ in found(matcher, text, "ko")] == [quote]


@pytest.mark.parametrize("text", ["뿌앙새가 운다", "예뿌앙", "다뿌 앙금", "기분 좋아지는데요", "ㅃㅇㅃ"])
def test_korean_words_that_only_look_alike_are_left(matcher: Matcher, text: str) -> None:
    assert found(matcher, text, "ko") == []


def test_scripts_without_blanks_are_searched_anywhere_but_katakana_by_whole_runs(matcher: Matcher) -> None:
    assert found(matcher, "今日はぽよよです", "ja") == [("ぽよよ", 0.9)]
    assert found(matcher, "ポヨと言う", "ja") == [("ポヨ", 0.9)]
    assert found(matcher, "ポヨリング", "ja") == []
    assert found(matcher, "你好噗噗啊", "zh") == [("噗噗", 0.9)]


def test_overlapping_finds_become_one(matcher: Matcher) -> None:
    assert len(hits(matcher, "florb fl*rb")) == 2
    assert len(hits(matcher, "fl0rb")) == 1
