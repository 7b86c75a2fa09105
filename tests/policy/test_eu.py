"""EU categories and keywords are those of the regulation, in short or full form."""

import csv
import os
from pathlib import Path

import pytest

from tidegate.policy.eu import KEYWORDS, categories_of, full_category, full_keyword

TEMPLATES = os.environ.get("TIDEGATE_DSA_TEMPLATES", "")


def test_a_category_is_known_in_short_and_full_form() -> None:
    full = "STATEMENT_CATEGORY_SELF_HARM"
    assert full_category("SELF_HARM") == full_category(full) == full
    assert full_category("SELFHARM") is None
    assert full_category("NOT_SPECIFIED_NOTICE") is None


def test_a_keyword_is_known_in_short_and_full_form_and_knows_its_category() -> None:
    assert full_keyword("SUICIDE") == full_keyword("KEYWORD_SUICIDE") == "KEYWORD_SUICIDE"
    assert full_keyword("suicide") is None
    assert categories_of("KEYWORD_SUICIDE") == ("SELF_HARM",)


def test_other_stands_under_every_category() -> None:
    assert set(categories_of("OTHER")) == set(KEYWORDS)


def test_there_are_fifteen_categories_and_no_keyword_twice_in_one() -> None:
    assert len(KEYWORDS) == 15
    assert all(len(words) == len(set(words)) for words in KEYWORDS.values())


@pytest.mark.skipif(not TEMPLATES, reason="TIDEGATE_DSA_TEMPLATES names no folder with the official CSV templates")
def test_the_table_equals_the_official_template() -> None:
    path = Path(TEMPLATES) / "Part_2_categories_names.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = [row[2].strip() for row in csv.reader(file)]
    official: dict[str, list[str]] = {}
    for name in names:
        if name.startswith("STATEMENT_CATEGORY_"):
            category = name.removeprefix("STATEMENT_CATEGORY_")
            official[category] = []
        elif name.startswith("KEYWORD_"):
            official[category].append(name.removeprefix("KEYWORD_"))
    assert {name: tuple(words) for name, words in official.items() if words} == dict(KEYWORDS)
