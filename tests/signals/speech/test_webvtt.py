import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Span, Utterance, Word
from tidegate.signals.speech.webvtt import LINE_COLUMNS, MOST_CUE_S, columns, timestamp, webvtt
from tidegate.signals.speech.words import joined

TIMING = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})")


def utterance(text: str, start_s: float = 0.0, *, step_s: float = 0.4, is_sung: bool = False) -> Utterance:
    raw, places = joined([f" {word}" for word in text.split()])
    words = tuple(
        Word(
            start_char=start,
            end_char=end,
            span=Span(start_s=start_s + step_s * i, end_s=start_s + step_s * (i + 1)),
            confidence=0.9,
        )
        for i, (start, end) in enumerate(places)
    )
    span = Span(start_s=start_s, end_s=start_s + step_s * max(1, len(words)))
    return Utterance(text=raw, span=span, language="en", confidence=0.9, words=words, is_sung=is_sung)


def cues(text: str) -> list[tuple[int, int, list[str]]]:
    """A strict reading of the file: header, notes and cues, and nothing else."""
    header, *blocks = text.removesuffix("\n").split("\n\n")
    assert header == "WEBVTT"
    found = []
    for block in blocks:
        first, *lines = block.split("\n")
        if first.startswith("NOTE language: "):
            assert re.fullmatch(r"NOTE language: [A-Za-z0-9-]+", first)
            assert not lines
            continue
        timing = TIMING.fullmatch(first)
        assert timing, first
        h, m, s, ms, h2, m2, s2, ms2 = map(int, timing.groups())
        found.append((((h * 60 + m) * 60 + s) * 1000 + ms, ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2, lines))
    return found


def unescaped(line: str) -> str:
    return line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


spans = st.tuples(st.floats(0.0, 4000.0), st.floats(0.0, 30.0)).map(
    lambda pair: Span(start_s=pair[0], end_s=pair[0] + pair[1])
)
wordless = st.builds(
    Utterance,
    text=st.text(max_size=300)
    | st.sampled_from(["00:00:00.000 --> 00:00:09.000", "a\n\nNOTE x", "</v>&amp;", "--&gt;"]),
    span=spans,
    language=st.sampled_from(["en", "zh", "", "x\n\n--> <b>"]),
    confidence=st.just(0.5),
    is_sung=st.booleans(),
)
spoken = st.builds(
    utterance,
    st.text(st.characters(exclude_categories=()), max_size=200),
    st.floats(0.0, 4000.0),
    step_s=st.floats(0.0, 9.0),
    is_sung=st.booleans(),
)


@given(st.lists(wordless | spoken, max_size=6))
def test_no_text_breaks_the_format(utterances: list[Utterance]) -> None:
    text = webvtt(utterances)
    text.encode("utf-8")
    assert "\r" not in text
    assert "\0" not in text
    for start_ms, end_ms, lines in cues(text):
        assert start_ms < end_ms
        assert 1 <= len(lines) <= 2
        for line in lines:
            assert "-->" not in line
            assert not re.search(r"<|>|&(?!(amp|lt|gt);)", line)
            assert columns(unescaped(line)) <= LINE_COLUMNS


@given(st.lists(wordless | spoken, max_size=6))
def test_a_cue_ends_before_the_next_begins(utterances: list[Utterance]) -> None:
    for (start_ms, end_ms, _), (next_ms, _, _) in pairwise(cues(webvtt(utterances))):
        assert start_ms <= next_ms
        assert end_ms <= next_ms or next_ms == start_ms


@given(spoken)
def test_every_visible_character_is_shown_in_order(one: Utterance) -> None:
    shown = "".join(unescaped(line) for _, _, lines in cues(webvtt([one])) for line in lines)
    if one.is_sung:
        shown = shown.replace("♪", "")
    visible = [c for c in one.text if c.isalnum()]
    assert [c for c in shown if c.isalnum()] == visible


def test_a_long_sentence_becomes_cues_of_two_lines_timed_by_its_words() -> None:
    one = utterance(
        "The harbour is quiet this morning and two fishers are mending their nets beside the old lighthouse"
    )
    found = cues(webvtt([one]))
    assert [lines for _, _, lines in found] == [
        ["The harbour is quiet this morning and two", "fishers are mending their nets beside the"],
        ["old lighthouse"],
    ]
    assert found[0][:2] == (0, 6000)
    assert found[1][:2] == (6000, 6800)


def test_slow_words_do_not_make_endless_cues() -> None:
    found = cues(webvtt([utterance("one two three four five six", step_s=3.0)]))
    assert all(end_ms - start_ms <= MOST_CUE_S * 1000 for start_ms, end_ms, _ in found)


def test_sung_words_stand_between_notes_and_languages_are_noted() -> None:
    sung = utterance("low tide", is_sung=True)
    spanish = Utterance(text="marea baja", span=Span(start_s=2.0, end_s=3.0), language="es", confidence=0.9)
    assert webvtt([sung, spanish]) == (
        "WEBVTT\n\nNOTE language: en\n\n00:00:00.000 --> 00:00:00.800\n♪ low tide ♪\n\n"
        "NOTE language: es\n\n00:00:02.000 --> 00:00:03.000\nmarea baja\n"
    )


def test_writing_without_blanks_is_broken_between_its_words() -> None:
    text = "大家早上好今天我教大家做一个非常简单的汤你们只需要五种材料和一点时间"
    words = tuple(
        Word(start_char=i, end_char=i + 1, span=Span(start_s=0.1 * i, end_s=0.1 * i + 0.1), confidence=0.9)
        for i in range(len(text))
    )
    one = Utterance(text=text, span=Span(start_s=0.0, end_s=4.0), language="zh", confidence=0.9, words=words)
    ((_, _, lines),) = cues(webvtt([one]))
    assert "".join(lines) == text
    assert len(lines) == 2


def test_nothing_said_is_an_empty_file_that_players_accept() -> None:
    assert webvtt([]) == "WEBVTT\n"


@given(st.integers(0, 10**9))
def test_times_read_back(time_ms: int) -> None:
    hours, minutes, rest = timestamp(time_ms).split(":")
    seconds, milliseconds = rest.split(".")
    assert ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(milliseconds) == time_ms
    assert (len(minutes), len(seconds), len(milliseconds)) == (2, 2, 3)
