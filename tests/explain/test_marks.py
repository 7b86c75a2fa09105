"""Every marked character is marked exactly, however quotes overlap."""

from hypothesis import given
from hypothesis import strategies as st

from tidegate.explain.marks import WHOLE_CHARS, Mark, marked_texts, segments
from tidegate.records import Quote, Sound, TextSource, Upload

EDGES = st.integers(-3, 40)
MARKS = st.lists(st.tuples(EDGES, EDGES), max_size=8)


def marks_of(pairs: list[tuple[int, int]]) -> list[Mark]:
    return [Mark(number=index, start_char=start, end_char=end) for index, (start, end) in enumerate(pairs, 1)]


@given(st.text(max_size=36), MARKS)
def test_the_segments_joined_are_the_text(text: str, pairs: list[tuple[int, int]]) -> None:
    assert "".join(segment.text for segment in segments(text, marks_of(pairs))) == text


@given(st.text(min_size=1, max_size=36), MARKS)
def test_each_character_lies_under_exactly_its_quotes(text: str, pairs: list[tuple[int, int]]) -> None:
    marks = marks_of(pairs)
    position = 0
    for segment in segments(text, marks):
        for _ in segment.text:
            over = {mark.number for mark in marks if mark.start_char <= position < mark.end_char}
            assert set(segment.numbers) == over
            position += 1


@given(st.text(min_size=1, max_size=36), MARKS)
def test_each_quote_that_covers_something_ends_once(text: str, pairs: list[tuple[int, int]]) -> None:
    marks = marks_of(pairs)
    ended = sorted(number for segment in segments(text, marks) for number in segment.ends)
    inside = [m.number for m in marks if max(0, m.start_char) < min(len(text), m.end_char)]
    assert ended == sorted(inside)


@given(st.integers(0, 9000), st.integers(0, 200))
def test_a_long_text_is_shown_around_its_quotes_and_the_rest_is_counted(start: int, length: int) -> None:
    text = "x" * 10_000
    found = segments(text, [Mark(number=1, start_char=start, end_char=start + length)])
    assert sum(len(segment.text) + segment.skipped for segment in found) == len(text)
    assert sum(len(segment.text) for segment in found) < WHOLE_CHARS
    marked = sum(len(segment.text) for segment in found if segment.numbers)
    assert marked == length


def test_a_quote_as_long_as_a_book_is_shown_at_its_beginning() -> None:
    found = segments("y" * 10_000_000, [Mark(number=1, start_char=0, end_char=10_000_000)])
    assert sum(len(segment.text) for segment in found) < 3 * WHOLE_CHARS
    assert sum(len(segment.text) + segment.skipped for segment in found) == 10_000_000


def test_what_one_number_quotes_in_pieces_is_marked_in_one() -> None:
    marks = [Mark(number=1, start_char=start, end_char=end) for start, end in ((4, 7), (0, 3), (9, 10))]
    found = segments("one two, x", marks)
    assert [(segment.text, segment.ends) for segment in found] == [("one two", (1,)), (", ", ()), ("x", (1,))]


def test_overlapping_quotes_share_their_middle() -> None:
    found = segments("abcdef", marks_of([(0, 4), (2, 6)]))
    assert [(s.text, s.numbers, s.ends) for s in found] == [
        ("ab", (1,), ()),
        ("cd", (1, 2), (1,)),
        ("ef", (2,), (2,)),
    ]


def test_every_text_of_an_upload_is_marked_by_its_own_quotes() -> None:
    upload = Upload(id="u", caption="buy now", hashtags=("fast", "cash"), sound=Sound(title="now"))
    quotes = [
        (1, Quote(source=TextSource.CAPTION, text="now", start_char=4, end_char=7)),
        (2, Quote(source=TextSource.HASHTAG, text="cash", start_char=5, end_char=9)),
        (3, Quote(source=TextSource.SOUND_TITLE, text="now", start_char=0, end_char=3)),
        (4, Quote(source=TextSource.CAPTION, text="not", start_char=4, end_char=7)),
    ]
    found = {text.heading: text.segments for text in marked_texts(upload, quotes)}
    assert {heading: [s.ends for s in parts if s.ends] for heading, parts in found.items()} == {
        "caption": [(1,)],
        "hashtags": [(2,)],
        "sound title": [(3,)],
    }


def test_an_upload_without_words_has_none() -> None:
    assert marked_texts(Upload(id="u"), []) == ()
