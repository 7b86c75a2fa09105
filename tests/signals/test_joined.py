"""Sentences split between caption, picture and voice."""

import re
from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Box, OnScreenText, Signal, Span, TextSource, Upload, Utterance, Word
from tidegate.signals.base import View
from tidegate.signals.joined import MAX_CHARS, Joined, as_many_as_fit, joined_views
from tidegate.signals.joined_parts import LONGEST_CHARS, Stretch
from tidegate.signals.readings import Readings
from tidegate.signals.text_view import NEAR_S, TextView
from tidegate.signals.texts import heard_and_read, texts_of
from tidegate.signals.wording.patterns import PatternDetector

PLACE = Box(x=0.1, y=0.7, width=0.8, height=0.1)


def heard(text: str, start_s: float, end_s: float) -> Utterance:
    """An utterance whose words share its time evenly."""
    words, at, each_s = [], 0, (end_s - start_s) / max(1, len(text.split()))
    for index, word in enumerate(text.split()):
        start = text.index(word, at)
        at = start + len(word)
        span = Span(start_s=start_s + index * each_s, end_s=start_s + (index + 1) * each_s)
        words.append(Word(start_char=start, end_char=at, span=span, confidence=0.9))
    span = Span(start_s=start_s, end_s=end_s)
    return Utterance(text=text, span=span, language="en", confidence=0.9, words=tuple(words))


def shown(text: str, start_s: float, end_s: float) -> OnScreenText:
    return OnScreenText(text=text, span=Span(start_s=start_s, end_s=end_s), box=PLACE, language="en", confidence=0.9)


def joined(caption: str = "", voice: tuple[Utterance, ...] = (), screen: tuple[OnScreenText, ...] = ()) -> list[str]:
    return [view.text for view in read(caption, voice, screen).views]


def read(caption: str, voice: tuple[Utterance, ...], screen: tuple[OnScreenText, ...]) -> Joined:
    return joined_views(texts_of(Upload(id="u", caption=caption)), heard_and_read(voice, screen))


def views(caption: str, voice: tuple[Utterance, ...], screen: tuple[OnScreenText, ...]) -> tuple[TextView, ...]:
    return read(caption, voice, screen).views


def gap_of(view: TextView) -> float:
    """Seconds between the two pieces of a view that are furthest apart."""
    spans = [piece.span for piece in view.pieces if piece.span]
    return max(span.start_s for span in spans) - min(span.end_s for span in spans)


def test_one_source_alone_is_never_joined() -> None:
    assert joined("a caption") == []
    assert joined("", (heard("one two", 0, 1), heard("three", 2, 3))) == []
    assert joined("", (), (shown("one", 0, 1),)) == []


def test_words_of_voice_and_picture_are_put_together_by_time() -> None:
    voice, screen = (heard("now send it", 0, 1), heard("today", 4, 5)), (shown("to this account", 2, 3),)
    assert "now send it to this account today" in joined("", voice, screen)


def test_words_that_stand_while_somebody_speaks_are_read_before_and_after_the_voice() -> None:
    texts = joined("", (heard("send it", 0, 2),), (shown("to me", 0, 2),))
    assert "send it to me" in texts
    assert "to me send it" in texts


@pytest.mark.parametrize("until_s", [3.0, 10.0])
def test_a_title_that_stands_does_not_part_what_is_said_and_shown_meanwhile(until_s: float) -> None:
    title, offer = shown("a day at the harbour", 0, until_s), shown("your money today", 2.2, 4)
    found = joined(voice=(heard("we double", 0.5, 2),), screen=(title, offer))
    assert any("we double your money today" in " ".join(text.split()) for text in found)


def test_the_caption_is_read_before_and_after_the_rest() -> None:
    texts = joined("for free", (heard("call me", 0, 2),))
    assert {"for free call me", "call me for free"} <= set(texts)


def test_a_sentence_of_three_sources_is_read_whole_wherever_in_the_clip_it_stands() -> None:
    for at_s in range(0, 40, 3):
        voice, screen = (heard("send it", at_s, at_s + 1),), (shown("to me", at_s + 2, at_s + 4),)
        assert {"for free send it to me", "send it to me for free"} <= set(joined("for free", voice, screen))


def test_a_pause_in_the_voice_lets_the_picture_finish_the_sentence() -> None:
    voice = (heard("get", 0, 0.5), heard("by tomorrow", 3, 4))
    assert "get 900 dollars by tomorrow" in joined("", voice, (shown("900 dollars", 1, 2.5),))


def test_of_a_long_caption_what_stands_next_to_the_voice_is_read_with_it() -> None:
    texts = joined("first " + "word " * 4000 + "last", (heard("call me", 0, 2),))
    assert any("word last call me" in text for text in texts)
    assert any("call me first word" in text for text in texts)
    assert max(map(len, texts)) <= LONGEST_CHARS


@pytest.mark.parametrize("gap_s", [0.0, 8.0])
def test_voice_and_picture_within_seconds_are_read_together(gap_s: float) -> None:
    assert "get it today" in joined("", (heard("today", 2 + gap_s, 3 + gap_s),), (shown("get it", 0, 2),))


@pytest.mark.parametrize("gap_s", [12.0, 600.0])
def test_voice_and_picture_far_apart_are_not(gap_s: float) -> None:
    voice, screen = (heard("today", 2 + gap_s, 3 + gap_s),), (shown("get it", 0, 2),)
    assert joined("", voice, screen) == []
    texts = joined("for free", voice, screen)
    assert "for free today" in texts
    assert "get it for free" in texts
    assert all(gap_of(view) <= NEAR_S for view in views("for free", voice, screen))


def test_a_sentence_is_found_behind_minutes_of_talk() -> None:
    talk = tuple(heard("and so we went on and on along the shore", 4 * at, 4 * at + 3.5) for at in range(100))
    texts = joined("", (*talk, heard("send it", 400, 401)), (shown("to me", 400, 402),))
    assert any("send it to me" in text for text in texts)
    assert any("to me send it" in text for text in texts)


def test_a_text_comes_where_a_sentence_ends_though_nobody_pauses() -> None:
    voice = (heard("We went home. Send it", 0, 3), heard("soon. Then we slept.", 3.1, 5))
    assert "We went home. to me Send it soon. Then we slept." in joined("", voice, (shown("to me", 2, 3),))


def test_a_sentence_is_found_though_nobody_pauses_before_it() -> None:
    talk = heard(" ".join(["word"] * 230) + " send it", 0, 80)
    assert any("send it to me" in text for text in joined("", (talk,), (shown("to me", 80, 82),)))


def test_a_page_of_words_does_not_keep_what_stands_beside_it_from_being_read() -> None:
    page = shown("x " * 520 + "end", 0, 85)
    texts = joined("", (heard("send it", 80, 82),), (page, shown("to me", 80, 85)))
    assert any("send it to me" in text for text in texts)
    assert any("to me send it" in text for text in texts)
    assert any("x end" in text and "send it" in text for text in texts), "the page is read with it as well"


@pytest.mark.parametrize("at_s", [3.0, 47.0, 95.0, 113.0])
def test_a_text_that_stands_for_minutes_is_read_with_each_stretch_of_the_voice(at_s: float) -> None:
    starts = [4 * at for at in range(30) if not 0 <= at_s - 4 * at < 4]
    talk = tuple(heard("and so we went along the shore", start, start + 3.0) for start in starts)
    texts = joined("", (*talk, heard("send it", at_s, at_s + 0.9)), (shown("to my account", 0, 120),))
    near = re.compile(r"send it.{,80}to my account|to my account.{,80}send it")
    assert any(near.search(text) for text in texts)


def test_what_is_read_together_is_bounded_and_what_is_left_out_is_told() -> None:
    talk = tuple(heard(f"w{at} " * 10, 4 * at, 4 * at + 3.8) for at in range(900))
    pages = tuple(shown(f"p{at} " * 60, 3 * at, 3600) for at in range(64))
    found = read("c " * 300, talk, pages)
    assert found.is_cut
    assert 0 < sum(len(view.text) for view in found.views) <= MAX_CHARS


def test_pages_alone_are_read_with_the_caption() -> None:
    pages = tuple(shown(f"p{at} " * 100, 9 * at, 9 * at + 2) for at in range(3))
    texts = joined("for free", (), pages)
    assert all(any(f"for free p{at} " in text for text in texts) for at in range(3))


def test_of_stretches_with_the_same_words_the_longest_is_kept() -> None:
    kept, is_cut = as_many_as_fit(Stretch((), "low tide now"[:length]) for length in range(1, 13))
    assert ([one.text for one in kept], is_cut) == (["low tide now"], False)


def test_what_nobody_looked_at_is_told_as_left_out() -> None:
    kept, is_cut = as_many_as_fit(Stretch((), "x" * length) for length in range(1, 1000))
    assert len(kept) == 1
    assert is_cut


def test_ten_minutes_of_talk_with_64_texts_are_read_whole() -> None:
    talk = tuple(heard(f"we went along the {at} shore today", 3 * at, 3 * at + 2.5) for at in range(200))
    texts = tuple(shown(f"a pier of {at} stones", 9.3 * at, 9.3 * at + 5) for at in range(64))
    found = read("a day at the sea", talk, texts)
    assert not found.is_cut
    assert sum(len(view.text) for view in found.views) <= MAX_CHARS
    for at in range(64):
        assert any(f"a pier of {at} stones" in view.text for view in found.views)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 30)), max_size=6),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 300)), max_size=6),
    st.booleans(),
)
def test_words_that_are_told_together_are_near(
    voice: list[tuple[int, int]], screen: list[tuple[int, int]], has_caption: bool
) -> None:
    said = tuple(heard(f"v{at} word", at, at + length / 10) for at, length in sorted(voice))
    texts = tuple(shown(f"s{at} word", at, at + length) for at, length in sorted(screen))
    for view in views("caption" if has_caption else "", said, texts):
        assert len(view.text) <= LONGEST_CHARS
        evidence = view.evidence(0, len(view.text))
        spans = [part.span for part in evidence.parts if part.span] if evidence else []
        assert all(b.start_s - a.end_s <= NEAR_S for a in spans for b in spans)


def test_a_text_near_the_voice_shares_a_view_with_it_wherever_a_segment_ends() -> None:
    for tenths in range(0, 300, 7):
        at_s = tenths / 10
        texts = joined("", (heard("send it", at_s, at_s + 1),), (shown("to me", at_s + 1.5, at_s + 3),))
        assert "send it to me" in texts


TIMES = st.floats(0, 20, allow_nan=False)


@given(
    st.text("ab .", max_size=12),
    st.lists(st.tuples(st.text("cd ", min_size=1, max_size=8), TIMES), max_size=4),
    st.lists(st.tuples(st.text("ef ", min_size=1, max_size=8), TIMES), max_size=4),
)
def test_every_piece_leads_back_to_its_own_text(
    caption: str, voice: list[tuple[str, float]], screen: list[tuple[str, float]]
) -> None:
    readings = Readings(
        utterances=[heard(text, at_s, at_s + 1) for text, at_s in voice],
        on_screen_texts=[shown(text, at_s, at_s + 1) for text, at_s in screen],
    )
    readings.settle()
    upload = Upload(id="u", caption=caption)
    view = readings.onto(View(upload=upload, texts=texts_of(upload)))
    for text in (one for one in view.texts if one.is_joined):
        for piece in text.pieces:
            assert text.text[piece.start_char : piece.end_char] == "".join(_origin(view, piece.source, piece))


def _origin(view: View, source: TextSource, piece: object) -> Iterator[str]:
    start = piece.origin_char  # type: ignore[attr-defined]
    end = start + piece.end_char - piece.start_char  # type: ignore[attr-defined]
    for text in view.texts:
        if text.source is source and text.base_char <= start and end <= text.base_char + len(text.text):
            yield text.text[start - text.base_char : end - text.base_char]


# --- with the real detector of patterns -----------------------------------------------------------

PARTS = {
    "caption": "Guaranteed returns:",
    "voice": "send one hundred dollars today",
    "screen": "get $1,000 back within 24 hours",
}


def found(parts: dict[str, str], later_s: float = 0.0) -> list[Signal]:
    readings = Readings()
    if "voice" in parts:
        readings.add(heard(parts["voice"], 0.5, 2.0))
    if "screen" in parts:
        readings.add(shown(parts["screen"], later_s + 2.2, later_s + 4.0))
    upload = Upload(id="u", caption=parts.get("caption", ""))
    detector = PatternDetector()
    detector.load()
    view = readings.onto(View(upload=upload, texts=texts_of(upload)))
    return [one for one in detector.detect(view) if isinstance(one, Signal) and one.label == "pattern.scam_offer"]


def test_an_offer_split_between_caption_voice_and_picture_is_found_with_a_part_for_each() -> None:
    (signal,) = found(PARTS)
    assert {quote.source for quote in signal.evidence.quotes} >= {TextSource.CAPTION, TextSource.ON_SCREEN}
    assert signal.evidence.span is not None
    for part in signal.evidence.parts:
        assert part.quote is not None
        assert any(part.quote.text in whole for whole in PARTS.values())


@pytest.mark.parametrize("kept", [*combinations(PARTS, 1)], ids=" ".join)
def test_the_same_parts_apart_are_not_found(kept: tuple[str, ...]) -> None:
    assert found({name: PARTS[name] for name in kept}) == []


@pytest.mark.parametrize(("later_s", "is_found"), [(0.0, True), (6.0, True), (30.0, False), (600.0, False)])
@pytest.mark.parametrize("caption", ["", "what a day"])
def test_an_offer_is_found_only_where_its_parts_stand_near_each_other(
    later_s: float, caption: str, *, is_found: bool
) -> None:
    parts = {"voice": "we double", "screen": "your money today", "caption": caption}
    assert bool(found(parts, later_s)) is is_found


def test_a_view_of_one_text_is_not_joined() -> None:
    assert not TextView(source=TextSource.SPEECH, text="a").is_joined
