import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import TextSource
from tidegate.signals.wording.mapping import Edit, Mapped


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if b > a]
    return text, [Edit(a, b, draw(st.text(max_size=4))) for a, b in spans]


def test_an_unchanged_text_stands_for_itself() -> None:
    mapped = Mapped("hello", "hello")
    assert mapped.origin(1, 3) == (1, 3)
    assert mapped.edited([]) is mapped


def test_a_replacement_of_equal_length_maps_character_by_character() -> None:
    mapped = Mapped("m0n3y", "m0n3y").edited([Edit(1, 4, "one")])
    assert mapped.text == "money"
    assert mapped.quote(TextSource.CAPTION, 1, 2).text == "0"


def test_a_replacement_of_other_length_maps_as_one_block() -> None:
    mapped = Mapped("a 🆓 b", "a 🆓 b").edited([Edit(2, 3, "free")])
    assert mapped.quote(TextSource.CAPTION, 3, 5).text == "🆓"


def test_what_was_dropped_is_quoted_when_it_lies_inside() -> None:
    mapped = Mapped("s.p.a", "s.p.a").edited([Edit(1, 2, ""), Edit(3, 4, "")])
    assert mapped.text == "spa"
    assert mapped.quote(TextSource.CAPTION, 0, 3).text == "s.p.a"


def test_an_empty_stretch_lies_between_its_neighbours() -> None:
    mapped = Mapped("s.p", "s.p").edited([Edit(1, 2, "")])
    assert mapped.origin(1, 1) == (2, 2)
    assert mapped.origin(2, 2) == (3, 3)


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (2, 1), (0, 6)])
def test_a_stretch_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(IndexError):
        Mapped("hello", "hello").origin(start, end)


@given(edited_texts(), edited_texts())
def test_edits_keep_places_ascending_and_inside(first: tuple[str, list[Edit]], second: tuple[str, list[Edit]]) -> None:
    text, edits = first
    mapped = Mapped(text, text).edited(edits)
    again = [edit for edit in second[1] if edit.end <= len(mapped.text)]
    for result in (mapped, mapped.edited(again)):
        places = [result.origin(index, index + 1) for index in range(len(result.text))]
        assert places == sorted(places)
        assert all(0 <= start < end <= len(text) for start, end in places)


@given(edited_texts())
def test_untouched_characters_stand_for_themselves(drawn: tuple[str, list[Edit]]) -> None:
    text, edits = drawn
    mapped = Mapped(text, text).edited(edits)
    untouched = [i for i in range(len(text)) if not any(edit.start <= i < edit.end for edit in edits)]
    found = [mapped.place_of(index, index + 1) for index in untouched]
    assert [mapped.text[start:end] for start, end in found] == [text[index] for index in untouched]
