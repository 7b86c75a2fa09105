import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.speech.languages import WRITTEN_IN, bcp47, chosen, is_written_otherwise, primary

tags = st.sampled_from(["en", "es", "de", "la", "ja", "jw"])
guesses = st.dictionaries(tags, st.floats(0.0, 1.0), max_size=5)


def test_clear_parts_keep_their_own_languages() -> None:
    found = chosen([{"en": 0.97, "es": 0.02}, {"es": 0.95, "en": 0.03}], [8.0, 8.0])
    assert [tag for tag, _ in found] == ["en", "es"]
    assert all(probability > 0.9 for _, probability in found)


def test_an_unclear_part_follows_the_rest_of_the_clip() -> None:
    found = chosen([{"de": 0.99}, {"nl": 0.5, "de": 0.4}], [10.0, 3.0])
    assert found[1][0] == "de"


def test_a_declared_language_decides_only_what_is_unclear() -> None:
    assert chosen([{"ms": 0.5, "id": 0.45}], [5.0], declared="id-ID")[0][0] == "id"
    assert chosen([{"es": 0.95, "en": 0.05}], [5.0], declared="en")[0][0] == "es"


def test_languages_that_nobody_speaks_need_more() -> None:
    assert chosen([{"la": 0.6, "pt": 0.3}], [5.0])[0][0] == "pt"


def test_nothing_guessed_is_undetermined() -> None:
    assert chosen([{}, {"en": 0.0}], [1.0, 1.0]) == [("und", 0.0), ("und", 0.0)]
    assert chosen([], []) == []


@given(st.lists(guesses, max_size=6), st.text(max_size=8))
def test_every_part_gets_a_language_with_a_probability(parts: list[dict[str, float]], declared: str) -> None:
    found = chosen(parts, [1.0] * len(parts), declared=declared)
    assert len(found) == len(parts)
    for part, (tag, probability) in zip(parts, found, strict=True):
        assert tag in part or tag == "und"
        assert 0.0 <= probability <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("tag", "subtag"), [("en-GB", "en"), ("PT_br", "pt"), ("", ""), ("zh-Hant-TW", "zh"), ("1", "")]
)
def test_the_primary_subtag_is_what_counts(tag: str, subtag: str) -> None:
    assert primary(tag) == subtag


def test_javanese_has_its_own_tag() -> None:
    assert (bcp47("jw"), bcp47("en")) == ("jv", "en")


@pytest.mark.parametrize(
    ("text", "tag", "is_odd"),
    [
        ("हर सुबह ताज़ी रोटी", "hi", False),
        ("har subah tazi roti", "hi", True),
        ("ہر صبح تازہ روٹی", "hi", True),
        ("ہر صبح تازہ روٹی", "ur", False),
        ("早上的面包", "ja", False),
        ("fresh bread", "en", False),
        ("свежий хлеб", "en", False),
        ("свежий хлеб today", "ru-RU", False),
        ("5 + 5", "ko", False),
        ("", "th", False),
        ("hello there my friend", "mn", True),
        ("hello there my friend", "sr", False),
    ],
)
def test_a_transcript_is_in_letters_that_speakers_of_the_language_read(text: str, tag: str, *, is_odd: bool) -> None:
    assert is_written_otherwise(text, tag) is is_odd


def test_the_scripts_of_a_language_are_four_letter_codes_by_primary_subtag() -> None:
    assert all(primary(tag) == tag for tag in WRITTEN_IN)
    assert all(len(code) == 4 and code.istitle() for scripts in WRITTEN_IN.values() for code in scripts)
