"""A cursor leads back to where it came from, and nothing else is one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import CursorError
from tidegate.server.api import cursors
from tidegate.server.ids import new_id

TIMES = st.floats(allow_nan=False, allow_infinity=False)
IDS = st.from_regex(r"\A[a-z]{2}_[0-9a-z]{26}\Z")
NAMES = st.sampled_from(["uploads", "cases", "deliveries"])


@given(NAMES, TIMES, IDS)
def test_a_cursor_reads_as_the_key_it_was_written_for(name: str, at_s: float, identity: str) -> None:
    cursor = cursors.written(name, (at_s, identity))
    assert cursors.read(name, cursor) == (at_s, identity)
    assert len(cursor) <= cursors.MOST_CURSOR_CHARS


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        cursors.read("uploads", text)


@given(TIMES, IDS)
def test_a_cursor_of_another_list_is_refused(at_s: float, identity: str) -> None:
    with pytest.raises(CursorError):
        cursors.read("cases", cursors.written("uploads", (at_s, identity)))


@given(TIMES, IDS, st.integers(0, 400), st.characters(codec="ascii"))
def test_a_cursor_with_one_character_changed_never_reads_as_the_same_key(
    at_s: float, identity: str, place: int, character: str
) -> None:
    cursor = cursors.written("uploads", (at_s, identity))
    place %= len(cursor)
    changed = cursor[:place] + character + cursor[place + 1 :]
    if changed == cursor:
        return
    try:
        assert cursors.read("uploads", changed) != (at_s, identity)
    except CursorError as error:
        assert error.where == "?after"


@pytest.mark.parametrize(
    "key",
    [
        ["uploads", float("inf"), "up_1"],
        ["uploads", 1, "up_1"],
        ["uploads", 1.0, "up_1'; DROP"],
        ["uploads", 1.0],
        {"uploads": 1.0},
        "uploads",
        [["uploads"], 1.0, "up_1"],
    ],
)
def test_a_key_that_is_none_is_refused_though_it_is_coded_like_one(key: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).rstrip(b"=").decode()
    with pytest.raises(CursorError):
        cursors.read("uploads", text)


def test_an_id_is_told_by_its_form() -> None:
    assert cursors.is_id(new_id("up"), "up")
    assert not cursors.is_id(new_id("up"), "de")
    assert not cursors.is_id("up_\0", "up")
    assert not cursors.is_id("up_1\n", "up")
    assert not cursors.is_id("up_" + "a" * 30, "up")
