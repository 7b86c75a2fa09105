import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.signals.speech.chunks import GAP_S, Chunk, Piece
from tidegate.signals.speech.recogniser import HeardWord
from tidegate.signals.speech.wordless import LEAST_GAP_S, gaps, sentences

Wave = NDArray[np.float32]
RATE = 16_000


def chunk(*spans: tuple[float, float]) -> Chunk:
    pieces: list[Piece] = []
    for start_s, end_s in spans:
        at_s = pieces[-1].at_s + pieces[-1].duration_s + GAP_S if pieces else 0.0
        pieces.append(Piece(start_s=start_s, end_s=end_s, at_s=at_s, confidence=0.9))
    return Chunk(pieces=tuple(pieces))


def sound(seconds: float, *loud: tuple[float, float], level: float = 0.2, floor: float = 0.0) -> Wave:
    """A tone of this level at these seconds, with another one of `floor` below it all the time."""
    wave = np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)
    gain = np.full(wave.size, floor)
    for start_s, end_s in loud:
        gain[round(start_s * RATE) : round(end_s * RATE)] = level
    return (gain * wave).astype(np.float32)


def words(text: str, start_s: float, end_s: float, probability: float = 0.9) -> list[HeardWord]:
    """The words of a text evenly between two seconds of the chunk."""
    found = text.split()
    step_s = (end_s - start_s) / len(found)
    return [
        HeardWord(
            text=f" {one}", start_s=start_s + i * step_s, end_s=start_s + (i + 1) * step_s, probability=probability
        )
        for i, one in enumerate(found)
    ]


def spans(found: Chunk) -> list[tuple[float, float]]:
    return [(round(one.start_s, 2), round(one.end_s, 2)) for one in found.pieces]


def test_a_voice_with_words_all_over_has_no_gap() -> None:
    assert gaps(chunk((1.0, 6.0)), words("one two three four five", 0.2, 4.6), sound(8.0, (1.2, 5.8))) == []


def test_a_second_sentence_without_words_is_a_gap_with_its_neighbours() -> None:
    heard = words("one two three", 0.2, 3.0)
    (gap,) = gaps(chunk((1.0, 9.0)), heard, sound(10.0, (1.2, 4.0), (4.6, 8.8)))
    assert spans(gap.chunk) == [(4.5, 8.9)]
    assert (gap.before, gap.after) == (" three", "")
    assert gap.chunk.confidence == pytest.approx(0.9)


def test_a_piece_without_words_is_a_gap_and_so_is_a_hole_between_words() -> None:
    both = sound(20.0, (0.0, 20.0))
    (first,) = gaps(chunk((0.0, 4.0), (10.0, 14.0)), words("four five", 4.4, 8.4), both)
    assert spans(first.chunk) == [(0.0, 4.0)]
    assert (first.before, first.after) == ("", " four")
    (hole,) = gaps(chunk((0.0, 9.0)), [*words("one two", 0.0, 2.0), *words("three four", 6.0, 9.0)], both)
    assert spans(hole.chunk) == [(1.9, 6.1)]
    assert (hole.before, hole.after) == (" two", " three")


def test_a_pause_is_no_gap_even_with_music_behind_it() -> None:
    heard = [*words("one two", 0.0, 2.0), *words("three four", 6.0, 8.0)]
    for floor in (0.0, 0.02):
        assert gaps(chunk((0.0, 8.0)), heard, sound(8.0, (0.0, 2.0), (6.0, 8.0), floor=floor)) == []


def test_another_voice_that_is_lower_is_still_a_voice() -> None:
    lower = sound(9.0, (0.0, 4.0)) + sound(9.0, (4.3, 8.0), level=0.05)
    assert len(gaps(chunk((0.0, 9.0)), words("one two three four", 0.0, 4.0), lower)) == 1


def test_less_than_a_second_is_no_gap() -> None:
    audio = sound(9.0, (0.0, 9.0))
    heard = words("one two three", 0.0, 3.0)
    assert gaps(chunk((0.0, 3.0 + 0.9 * LEAST_GAP_S)), heard, audio) == []
    assert len(gaps(chunk((0.0, 3.0 + 1.1 * LEAST_GAP_S)), heard, audio)) == 1


def test_short_pieces_with_no_word_between_are_one_gap() -> None:
    audio = sound(20.0, (0.0, 20.0))
    (gap,) = gaps(chunk((0.0, 2.0), (3.0, 3.7), (5.0, 5.7)), words("one two", 0.0, 2.0), audio)
    assert spans(gap.chunk) == [(3.0, 3.7), (5.0, 5.7)]
    assert gap.chunk.duration_s == pytest.approx(0.7 + GAP_S + 0.7)
    apart = [*words("one two", 0.0, 2.0), *words("three", 3.5, 4.4)]
    assert gaps(chunk((0.0, 2.0), (3.0, 3.7), (4.0, 5.0), (7.0, 7.7)), apart, audio) == []


def test_punctuation_covers_nothing() -> None:
    stretched = HeardWord(text=".", start_s=2.0, end_s=8.0, probability=0.7)
    audio = sound(9.0, (0.0, 8.0))
    assert len(gaps(chunk((0.0, 8.0)), [*words("one two", 0.0, 2.0), stretched], audio)) == 1


def test_a_sentence_that_is_not_believed_is_a_gap_with_its_words() -> None:
    doubted = words("los botes vienen. ", 0.0, 4.0, 0.4)
    (gap,) = gaps(chunk((0.0, 9.0)), [*doubted, *words("so we go home", 4.2, 9.0)], sound(9.0, (0.0, 9.0)))
    assert gap.doubted == tuple(doubted)
    assert spans(gap.chunk)[0][0] == 0.0
    assert gap.after == " so"


def test_two_sentences_that_are_not_believed_are_two_gaps() -> None:
    one, other = words("los botes vienen.", 0.0, 4.0, 0.4), words("die boote kommen", 4.0, 9.0, 0.4)
    found = gaps(chunk((0.0, 9.0)), [*one, *other], sound(9.0, (0.0, 9.0)))
    assert [gap.doubted for gap in found] == [tuple(one), tuple(other)]
    assert spans(found[0].chunk)[0][1] == pytest.approx(4.1, abs=0.03)


def test_a_little_voice_beside_a_doubted_sentence_is_heard_with_it() -> None:
    believed = words("so we go home.", 0.0, 4.0)
    doubted = words("los botes vienen", 4.0, 7.0, 0.4)
    (gap,) = gaps(chunk((0.0, 7.7)), [*believed, *doubted], sound(8.0, (0.0, 7.7)))
    assert gap.chunk.span.end_s == pytest.approx(7.7)


def test_a_chunk_of_one_doubted_sentence_is_not_heard_the_same_again() -> None:
    assert gaps(chunk((0.0, 6.0)), words("los botes vienen ya", 0.2, 5.8, 0.4), sound(6.0, (0.2, 5.8))) == []


def test_one_or_two_words_are_too_few_to_doubt() -> None:
    heard = [*words("so we go home.", 0.0, 4.0), *words("oh yes", 4.0, 6.0, 0.3)]
    assert gaps(chunk((0.0, 6.0)), heard, sound(6.0, (0.0, 6.0))) == []


def test_a_sentence_ends_with_its_mark_or_with_its_piece() -> None:
    heard = [*words("one two. three", 0.0, 3.0), *words("four five", 4.4, 6.0)]
    found = sentences(chunk((0.0, 4.0), (10.0, 14.0)), heard)
    assert ["".join(word.text for word in one) for one in found] == [" one two.", " three", " four five"]


def test_sound_that_ends_before_the_chunk_is_survived() -> None:
    assert gaps(chunk((0.0, 5.0), (6.0, 9.0)), words("one", 0.0, 0.5), sound(0.5, (0.0, 0.5))) == []
    assert gaps(chunk((0.0, 5.0)), [], np.zeros(0, np.float32)) == []


moments = st.lists(st.tuples(st.floats(0.1, 3.0), st.floats(0.05, 4.0)), min_size=1, max_size=5)


@given(moments, st.lists(st.tuples(st.floats(0.0, 12.0), st.floats(0.0, 3.0)), max_size=8))
def test_gaps_lie_in_the_voice_in_order_and_are_long_enough(
    pairs: list[tuple[float, float]], heard: list[tuple[float, float]]
) -> None:
    pieces, at_s = [], 0.0
    for pause_s, length_s in pairs:
        pieces.append((at_s + pause_s, at_s + pause_s + length_s))
        at_s += pause_s + length_s
    said = [HeardWord(text=" a", start_s=s, end_s=s + d, probability=0.5) for s, d in sorted(heard)]
    found = [one for gap in gaps(chunk(*pieces), said, sound(30.0, (0.0, 30.0))) for one in gap.chunk.pieces]
    assert all(any(s - 1e-6 <= one.start_s < one.end_s <= e + 1e-6 for s, e in pieces) for one in found)
    assert [one.start_s for one in found] == sorted(one.start_s for one in found)
    assert all(gap.chunk.voice_s >= LEAST_GAP_S for gap in gaps(chunk(*pieces), said, sound(30.0, (0.0, 30.0))))
