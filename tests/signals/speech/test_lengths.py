from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.speech.chunks import Piece
from tidegate.signals.speech.lengths import LONGEST_WORD_S, bounded, letters, longest_s
from tidegate.signals.speech.recogniser import HeardWord

WHOLE = (Piece(start_s=0.0, end_s=30.0, at_s=0.0, confidence=1.0),)


def word(text: str, start_s: float, end_s: float, probability: float = 0.9) -> HeardWord:
    return HeardWord(text=text, start_s=start_s, end_s=end_s, probability=probability)


def spans(words: tuple[HeardWord, ...]) -> list[tuple[float, float]]:
    return [(round(one.start_s, 2), round(one.end_s, 2)) for one in words]


def test_a_digit_and_a_syllable_count_for_more_than_a_letter() -> None:
    assert letters(" it,") == 2.0
    assert letters(" $500") == letters("大家早上") == 16.0
    assert letters(" ...") == 0.0


def test_a_short_word_may_last_less_than_a_long_one_and_none_more_than_two_seconds() -> None:
    assert longest_s(" it") == pytest.approx(0.64)
    assert longest_s(" familia") == pytest.approx(1.24)
    assert longest_s(" $1,000,000") == LONGEST_WORD_S


def test_words_of_ordinary_length_are_left_as_they_are() -> None:
    words = (word(" Guten", 0.0, 0.6), word(" Morgen", 0.6, 0.96), word(",", 0.96, 1.8), word(" heute", 1.8, 2.3))
    assert bounded(words, WHOLE) == words


def test_the_first_word_is_kept_at_its_end_and_hardly_believed() -> None:
    first, second = bounded((word(" Guten", 0.0, 5.4), word(" Morgen", 5.4, 5.8)), WHOLE)
    assert spans((first, second)) == [(4.4, 5.4), (5.4, 5.8)]
    assert first.probability == pytest.approx(0.9 * 2.0 * 1.0 / 5.4)
    assert second.probability == 0.9


def test_a_word_behind_a_sentence_is_kept_at_its_end() -> None:
    words = bounded((word(" hour", 3.0, 3.4), word(".", 3.4, 3.5), word(" Send", 3.5, 9.0)), WHOLE)
    assert spans(words)[-1] == (8.12, 9.0)


@pytest.mark.parametrize("rest", [(), (word(".", 9.0, 9.2),)])
def test_a_word_before_punctuation_or_nothing_is_kept_at_its_start(rest: tuple[HeardWord, ...]) -> None:
    words = bounded((word(" my", 2.0, 2.2), word(" wallet", 2.2, 9.0), *rest), WHOLE)
    assert spans(words)[1] == (2.2, 3.32)


def test_between_other_words_it_is_kept_where_there_is_a_voice() -> None:
    words = (word(" eat", 1.0, 1.4), word(" it", 1.4, 6.0), word(" with", 6.0, 6.3))
    assert spans(bounded(words, WHOLE))[1] == (5.36, 6.0)
    ends = (Piece(start_s=0.0, end_s=3.0, at_s=0.0, confidence=1.0),)
    assert spans(bounded(words, ends))[1] == (1.4, 2.04)


def test_a_word_a_little_too_long_is_cut_and_believed_as_before() -> None:
    _, found = bounded((word(".", 0.0, 0.1), word(" it", 0.1, 1.1)), WHOLE)
    assert spans((found,)) == [(0.46, 1.1)]
    assert found.probability == 0.9


times = st.lists(st.floats(0.0, 9.0), min_size=2, max_size=12).map(sorted)


@given(times, st.text(max_size=8), st.floats(0.0, 1.0))
def test_no_word_leaves_its_time_or_outlasts_its_letters(at_s: list[float], text: str, probability: float) -> None:
    words = tuple(word(text, start_s, end_s, probability) for start_s, end_s in pairwise(at_s))
    found = bounded(words, WHOLE)
    assert [one.text for one in found] == [one.text for one in words]
    for before, after in zip(words, found, strict=True):
        assert before.start_s - 1e-9 <= after.start_s <= after.end_s <= before.end_s + 1e-9
        assert 0.0 <= after.probability <= before.probability
        assert not letters(text) or after.end_s - after.start_s <= longest_s(text) + 1e-9
