from tidegate.signals.wording.evasion import ON_LISTED_WORD, TRICK_SCORE, hidden_words
from tidegate.signals.wording.mapping import Trick
from tidegate.signals.wording.normalise import normalise


def test_every_trick_that_hides_has_a_score() -> None:
    assert set(Trick) - set(TRICK_SCORE) == {Trick.EXPRESSIVE}
    assert all(0.0 < score < ON_LISTED_WORD for score in TRICK_SCORE.values())


def test_changes_of_one_word_are_one_hidden_word_and_more_tricks_score_more() -> None:
    read = normalise("my m0n\u200bey")
    (word,) = hidden_words(read, [], 10)
    assert read.original[word.start_char : word.end_char] == "m0n\u200bey"
    assert set(word.tricks) == {Trick.LEET, Trick.INVISIBLE}
    assert word.score > max(TRICK_SCORE[trick] for trick in word.tricks)


def test_a_joined_run_is_one_hidden_word_and_two_words_are_two() -> None:
    read = normalise("get b i t c o i n and m0ney")
    found = [read.original[w.start_char : w.end_char] for w in hidden_words(read, [], 10)]
    assert found == ["b i t c o i n", "m0ney"]


def test_a_listed_word_scores_most_and_the_best_are_kept() -> None:
    read = normalise("m0ney c4sh pr0fit")
    assert [w.score for w in hidden_words(read, [(6, 10)], 2)] == [ON_LISTED_WORD, TRICK_SCORE[Trick.LEET]]


def test_style_alone_hides_nothing() -> None:
    assert hidden_words(normalise("𝓫𝓮𝓪𝓾𝓽𝔂 ａｅｓｔｈｅｔｉｃ sooooo"), [], 10) == []
