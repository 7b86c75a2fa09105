"""YAML becomes a tree with places, within bounds, and nothing in it is obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.policy.tree import MAX_SIZE_BYTES, Entries, Items, Node, Scalar, TreeFault, place_inside, read_tree


def _pairs(node: Node | None) -> list[tuple[Scalar, Node]]:
    assert isinstance(node, Entries)
    return node.pairs


def test_a_mapping_keeps_its_order_and_places() -> None:
    text = "b: 1\na:\n  - x\n  - 'y z'\n"
    (b, one), (a, items) = _pairs(read_tree(text))
    assert (b.text, b.place.line, b.place.column) == ("b", 1, 1)
    assert isinstance(one, Scalar)
    assert (one.text, one.place.line, one.place.column, one.place.length) == ("1", 1, 4, 1)
    assert (a.place.line, a.place.column) == (2, 1)
    assert isinstance(items, Items)
    (_, quoted) = items.items
    assert isinstance(quoted, Scalar)
    assert (quoted.text, quoted.is_plain, quoted.place.line, quoted.place.length) == ("y z", False, 4, 5)


@pytest.mark.parametrize("word", ["NO", "on", "yes", "null", "~", "1_000", "0x10", "2020-01-01", ".inf", "1e3"])
def test_a_word_stays_the_text_it_is(word: str) -> None:
    ((_, value),) = _pairs(read_tree(f"key: {word}"))
    assert isinstance(value, Scalar)
    assert value.text == word


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1", "TG-P003"),
        ("a: *x", "TG-P003"),
        ("&x a: 1", "TG-P003"),
        ("a: !!python/object/apply:os.system [x]", "TG-P003"),
        ("a: !local x", "TG-P003"),
        ("--- 1\n--- 2", "TG-P003"),
        ("<<: *base", "TG-P003"),
        ("[" * 13, "TG-P004"),
        ("- " * 13 + "x", "TG-P004"),
        ("[a, b]: c", "TG-P002"),
        ("? [a]\n: b", "TG-P002"),
        ("a: b: c", "TG-P002"),
        ("a: 'open", "TG-P002"),
        ("a: [1, 2", "TG-P002"),
        ("\ta: 1", "TG-P002"),
        ("a: \x00", "TG-P002"),
        ("a: \x1b[31m", "TG-P002"),
        ("%YAML 9.0\n--- a", "TG-P002"),
        ("a: 1\n" * 300_000, "TG-P001"),
    ],
)
def test_what_is_refused_has_a_code_and_a_place(text: str, code: str) -> None:
    with pytest.raises(TreeFault) as caught:
        read_tree(text)
    assert caught.value.code == code
    assert caught.value.place.line >= 1
    assert caught.value.place.column >= 1


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(TreeFault) as caught:
        read_tree("a: \ud800")
    assert caught.value.code == "TG-P002"


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n"])
def test_an_empty_document_is_none(text: str) -> None:
    assert read_tree(text) is None


@pytest.mark.parametrize(
    "bomb", ["[" * 400_000, "{a: " * 200_000, "- " * 400_000, "? " * 400_000, "a: " * 300_000, "[a," * 300_000]
)
def test_deep_documents_are_left_at_the_first_step_too_deep(bomb: str) -> None:
    assert len(bomb) < MAX_SIZE_BYTES
    with pytest.raises(TreeFault):
        read_tree(bomb)


def test_many_small_values_stop_at_a_count() -> None:
    with pytest.raises(TreeFault) as caught:
        read_tree("- a\n" * 60_000)
    assert caught.value.code == "TG-P004"


@pytest.mark.parametrize(
    "source",
    [
        "when: upload.surface == here",
        "when: 'quoted ''twice'' and here'",
        'when: "escaped \\"twice\\" and here"',
        'when: "tab\\t and here"',
        "when: |\n   a block\n   and here\n",
        "when: >-\n   a folded block\n   and here\n",
        "when: plain over\n  two lines and here\n",
        "when: '혐오 here'",
    ],
)
def test_a_place_inside_a_text_is_found_in_the_document(source: str) -> None:
    ((_, value),) = _pairs(read_tree(source))
    assert isinstance(value, Scalar)
    place = place_inside(source, value, value.text.index("here"), 4)
    assert source[place.start : place.start + place.length] == "here"
    line = source.splitlines()[place.line - 1]
    assert line[place.column - 1 :].startswith("here")


@given(text=st.text(st.characters(codec="utf-8"), max_size=80) | st.text("ab:- \n[]{}&*!|>'\"#%,?", max_size=60))
def test_any_text_is_a_tree_or_a_fault(text: str) -> None:
    try:
        read_tree(text)
    except TreeFault as fault:
        assert fault.code.startswith("TG-P00")
