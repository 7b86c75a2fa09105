import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import RecordError
from tidegate.media.marks import (
    MOST_ITEMS,
    MOST_TAGS,
    MOST_TEXT_CHARS,
    MOST_VALUE_CHARS,
    FileMarks,
    ManifestReport,
    ManifestStatus,
    Tag,
    cleaned,
    cleaned_all,
    tag,
)
from tidegate.records import from_json, to_json


@given(st.text(max_size=400), st.integers(1, 300))
def test_cleaned_text_is_one_short_line_and_cleaning_it_again_changes_nothing(text: str, most_chars: int) -> None:
    found = cleaned(text, most_chars)
    assert len(found) <= most_chars
    assert cleaned(found, most_chars) == found
    assert not set(found) & set("\n\r\t\0\x1b\u202e\u200b\ufeff")


@given(st.text(max_size=9000), st.text(max_size=200))
def test_every_text_of_a_file_makes_a_tag(value: str, field: str) -> None:
    made = tag(field, value)
    assert len(made.value) <= MOST_VALUE_CHARS
    assert from_json(Tag, to_json(made)) == made


def test_of_a_value_that_is_too_long_both_ends_are_kept() -> None:
    value = tag("png:parameters", "first " + "x" * 100_000 + " last").value
    assert value.startswith("first ")
    assert value.endswith(" last")


def test_texts_are_kept_once_and_in_order() -> None:
    assert cleaned_all(["b", "", "a", " b ", None, "\0"]) == ("b", "a", "None")
    assert len(cleaned_all([str(number) for number in range(10_000)])) == MOST_ITEMS


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": tuple(Tag(field=str(number), value="x") for number in range(MOST_TAGS + 1))},
        {"traces": ("x",) * (MOST_ITEMS + 1)},
        {"traces": ("x" * (MOST_TEXT_CHARS + 1),)},
        {"unread": ("\x1b[2J",)},
    ],
)
def test_marks_past_their_limits_cannot_be_made(fields: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(RecordError):
        FileMarks(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {"size_bytes": -1},
        {"ingredient_count": -1},
        {"signer": "x" * (MOST_TEXT_CHARS + 1)},
        {"problems": ("\u202e",)},
        {"actions": ("x",) * (MOST_ITEMS + 1)},
    ],
)
def test_a_report_past_its_limits_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(RecordError):
        ManifestReport(**{"status": ManifestStatus.VALID, "place": "", "size_bytes": 1, **fields})  # type: ignore[arg-type]


def test_a_tag_with_control_characters_cannot_be_made() -> None:
    with pytest.raises(RecordError):
        Tag(field="container:encoder", value="a\nb")
