from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.signals.speech.chunks import GAP_S, MOST_CHUNK_S, Chunk, Piece, packed
from tidegate.signals.speech.stretches import Stretch

RATE = 16_000
lengths = st.lists(st.tuples(st.floats(0.31, 6.0), st.floats(0.05, 40.0)), max_size=8)


def stretches_of(pairs: list[tuple[float, float]]) -> list[Stretch]:
    found, at_s = [], 0.0
    for pause_s, length_s in pairs:
        found.append(Stretch(start_s=at_s + pause_s, end_s=at_s + pause_s + length_s, confidence=0.5))
        at_s += pause_s + length_s
    return found


def quiet(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.zeros(round(seconds * RATE), np.float32)


@settings(max_examples=60, deadline=None)
@given(lengths)
def test_every_moment_of_every_stretch_is_in_one_chunk_and_none_is_too_long(pairs: list[tuple[float, float]]) -> None:
    stretches = stretches_of(pairs)
    chunks = packed(stretches, quiet(1.0))
    pieces = [piece for chunk in chunks for piece in chunk.pieces]
    assert all(chunk.duration_s <= MOST_CHUNK_S + 1e-6 for chunk in chunks)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(pieces))
    assert sum(piece.duration_s for piece in pieces) == pytest.approx(
        sum(one.duration_s for one in stretches), abs=1e-6
    )
    for chunk in chunks:
        for a, b in pairwise(chunk.pieces):
            assert 0.0 <= b.at_s - (a.at_s + a.duration_s) <= GAP_S + 1e-9


def test_half_a_minute_of_talk_is_two_chunks_of_even_length() -> None:
    chunks = packed([Stretch(start_s=0.0, end_s=30.0, confidence=1.0)], quiet(30.0))
    assert [round(chunk.voice_s) for chunk in chunks] == [15, 15]


def test_long_talk_is_cut_where_it_is_quiet() -> None:
    audio = np.full(20 * RATE, 0.1, np.float32)
    audio[round(8.4 * RATE) : round(8.6 * RATE)] = 0.0
    first, second = packed([Stretch(start_s=0.0, end_s=20.0, confidence=1.0)], audio)
    assert first.span.end_s == second.span.start_s
    assert 8.4 <= first.span.end_s <= 8.6


def test_a_long_pause_ends_a_chunk_that_is_half_full() -> None:
    one, other = stretches_of([(0.0, 6.0), (3.0, 6.0)])
    assert len(packed([one, other], quiet(15.0))) == 2
    near, beside = stretches_of([(0.0, 6.0), (0.5, 6.0)])
    assert len(packed([near, beside], quiet(15.0))) == 1


def chunk() -> Chunk:
    return Chunk(
        pieces=(
            Piece(start_s=2.0, end_s=4.0, at_s=0.0, confidence=1.0),
            Piece(start_s=10.0, end_s=11.0, at_s=2.4, confidence=0.5),
        )
    )


def test_what_was_heard_finds_its_place_on_the_clip() -> None:
    first, second = chunk().on_clip(0.5, 1.0), chunk().on_clip(2.5, 3.0)
    assert first is not None
    assert second is not None
    assert (first.start_s, first.end_s) == pytest.approx((2.5, 3.0))
    assert (second.start_s, second.end_s) == pytest.approx((10.1, 10.6))


def test_what_was_heard_where_nobody_spoke_has_no_place() -> None:
    assert chunk().on_clip(2.1, 2.3) is None
    assert chunk().on_clip(3.5, 4.0) is None


@given(st.floats(0.0, 6.0), st.floats(0.0, 6.0))
def test_no_word_leaves_the_voice_it_was_heard_in(a: float, b: float) -> None:
    found = chunk().on_clip(min(a, b), max(a, b))
    if found is not None:
        assert any(one.start_s - 1e-9 <= found.start_s <= found.end_s <= one.end_s + 1e-9 for one in chunk().pieces)


def test_the_wave_of_a_chunk_is_its_pieces_with_silence_between() -> None:
    audio = np.arange(12 * RATE, dtype=np.float32)
    wave = chunk().wave(audio)
    assert wave.size == round(3.4 * RATE)
    assert np.array_equal(wave[: 2 * RATE], audio[2 * RATE : 4 * RATE])
    assert not wave[2 * RATE : round(2.4 * RATE)].any()
    assert np.array_equal(wave[round(2.4 * RATE) :], audio[10 * RATE : 11 * RATE])


def test_a_chunk_is_as_sure_as_its_pieces_by_length() -> None:
    assert chunk().confidence == pytest.approx((2.0 * 1.0 + 1.0 * 0.5) / 3.0)
    assert chunk().voice_s == pytest.approx(3.0)
