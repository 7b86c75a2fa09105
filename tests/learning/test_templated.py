from collections import Counter
from pathlib import Path

import pytest
import yaml

import tidegate.learning
from tidegate.learning.datasets import LABEL_OF
from tidegate.learning.templated import related, templated_rows
from tidegate.signals.wording.heads import HEAD_LABELS

FOLDER = Path(tidegate.learning.__file__).parent / "templates"
WITHOUT_PUBLIC_DATA = {"scam", "drugs", "disordered_eating", "extremism", "misinformation", "dangerous_acts"}


def test_every_slot_is_filled_and_no_text_is_written_twice() -> None:
    rows = templated_rows()
    assert not any("{" in row.text or "}" in row.text for row in rows)
    assert len({row.text for row in rows}) == len(rows)


def test_the_same_seed_writes_the_same_texts_and_another_writes_others() -> None:
    assert [row.text for row in templated_rows(seed=3)] == [row.text for row in templated_rows(seed=3)]
    assert [row.text for row in templated_rows(seed=3)] != [row.text for row in templated_rows(seed=4)]


@pytest.mark.parametrize("name", sorted(WITHOUT_PUBLIC_DATA))
def test_a_label_without_public_data_has_ideas_with_harmless_twins_in_four_languages(name: str) -> None:
    ideas = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["ideas"]
    violating = [idea for idea in ideas if "violating" in idea]
    assert len(violating) >= 5
    for idea in violating:
        assert {"en", "ko", "es", "de"} <= idea["violating"].keys()
        assert idea["violating"].keys() <= idea["benign"].keys()


def test_everyday_captions_stand_in_every_language_the_encoder_knows() -> None:
    langs = Counter(row.lang for row in templated_rows() if row.group.startswith("everyday/"))
    assert len(langs) == 15
    assert min(langs.values()) >= 20


def test_a_harmless_text_denies_every_label_and_a_violating_one_only_unrelated_labels() -> None:
    for row in templated_rows():
        positives = {name for name, value in row.labels.items() if value}
        assert len(positives) <= 1
        for name in positives:
            assert row.labels.keys() == LABEL_OF.keys() - (related(name) - {name})
        if not positives:
            assert row.labels.keys() == LABEL_OF.keys()


def test_twins_and_translations_share_their_group() -> None:
    kinds = {}
    for row in templated_rows():
        kinds.setdefault(row.group, set()).add((row.lang, any(row.labels.values())))
    assert {("en", True), ("en", False), ("ko", True), ("de", False)} <= kinds["scam/fee_for_prize"]


def test_heads_speak_about_exactly_the_labels_that_can_be_trained() -> None:
    assert set(LABEL_OF.values()) == HEAD_LABELS


def test_harmless_lines_of_one_idea_are_strung_together_so_that_length_says_nothing() -> None:
    lines = {row.text: row.group for row in templated_rows() if "\n" in row.text}
    assert len(lines) > 100
    assert all(not any(row.labels.values()) for row in templated_rows() if row.text in lines)
