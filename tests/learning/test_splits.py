import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.learning.datasets import LabelledText
from tidegate.learning.splits import MAX_GROUP_ROWS, folds, group_ids, text_key


def row(text: str, group: str = "", source: str = "s") -> LabelledText:
    return LabelledText(text=text, lang="en", labels={}, source=source, group=group)


words = st.text(alphabet="abcdefghij klmnop", min_size=1, max_size=40).filter(lambda text: text_key(text) != "")


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(words, min_size=1, max_size=12), marks=st.sampled_from(["!", "...", " :)", "  ", "\n"]))
def test_texts_that_differ_in_case_marks_and_blanks_never_part(texts: list[str], marks: str) -> None:
    disguised = [f"  {text.upper().replace(' ', '  ')}{marks}" for text in texts]
    groups = group_ids([row(text) for text in (*texts, *disguised)])
    assert np.array_equal(groups[: len(texts)], groups[len(texts) :])


@settings(max_examples=60, deadline=None)
@given(numbers=st.lists(st.integers(0, 30), min_size=1, max_size=60), count=st.integers(2, 6), seed=st.integers(0, 99))
def test_a_group_lies_in_one_fold_and_folds_are_repeatable(numbers: list[int], count: int, seed: int) -> None:
    groups = np.array(numbers)
    dealt = folds(groups, count, seed=seed)
    assert all(len(set(dealt[groups == group])) == 1 for group in numbers)
    assert dealt.min() >= 0
    assert dealt.max() < count
    assert np.array_equal(dealt, folds(groups, count, seed=seed))


def test_a_long_text_with_one_word_changed_stays_with_its_original() -> None:
    rng = np.random.default_rng(4)
    vocabulary = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(300)]
    originals = [" ".join(rng.choice(vocabulary, 40)) for _ in range(60)]
    changed = [" ".join(["other", *text.split()[1:]]) for text in originals]
    groups = group_ids([row(text) for text in (*originals, *changed)])
    assert np.array_equal(groups[:60], groups[60:])
    assert len(set(groups)) == 60


def test_different_texts_stay_apart() -> None:
    groups = group_ids([row("a walk along the river at dawn"), row("how to fold a paper crane"), row("🙂"), row("🔥")])
    assert len(set(groups)) == 4


def test_rows_of_one_family_of_one_source_are_bound() -> None:
    groups = group_ids([row("one idea", "g"), row("otra frase", "g"), row("third thing", "g", source="other")])
    assert groups[0] == groups[1] != groups[2]


def test_a_group_as_large_as_a_category_does_not_bind() -> None:
    rows = [row(f"{chr(97 + i % 26) * 5} {i * 7919} text number", "category") for i in range(MAX_GROUP_ROWS + 1)]
    assert len(set(group_ids(rows))) > 1


def test_no_row_gives_no_group() -> None:
    assert group_ids([]).shape == (0,)


@pytest.mark.parametrize(("one", "other"), [("Fiancée!", "fiancee"), ("ＦＲＥＥ", "free"), ("a b\tc", "A-B-C")])
def test_a_key_forgets_accents_width_marks_and_blanks(one: str, other: str) -> None:
    assert text_key(one) == text_key(other)
