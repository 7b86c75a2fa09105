from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import SoundKind, SoundSpan, Span
from tidegate.signals.speech.stretches import PADDING_S, Stretch, kept, loud, share_within, voiced

RATE = 16_000
times = st.floats(0.0, 60.0)
spans = st.tuples(times, times).map(lambda pair: Span(start_s=min(pair), end_s=max(pair)))
sound_spans = st.lists(
    st.builds(SoundSpan, kind=st.sampled_from(SoundKind), span=spans, confidence=st.floats(0.0, 1.0)), max_size=12
)


def sound(kind: SoundKind, start_s: float, end_s: float, confidence: float = 0.9) -> SoundSpan:
    return SoundSpan(kind=kind, span=Span(start_s=start_s, end_s=end_s), confidence=confidence)


def test_speech_and_singing_are_listened_to_and_nothing_else() -> None:
    sounds = [
        sound(SoundKind.SPEECH, 1.0, 2.0),
        sound(SoundKind.MUSIC, 0.0, 10.0),
        sound(SoundKind.SINGING, 6.0, 7.0),
        sound(SoundKind.SILENCE, 8.0, 9.0),
    ]
    found = voiced(sounds, duration_s=10.0)
    assert [(one.start_s, one.end_s) for one in found] == [(0.75, 2.25), (5.75, 7.25)]


def test_short_pauses_do_not_part_a_stretch() -> None:
    (one,) = voiced([sound(SoundKind.SPEECH, 1.0, 2.0, 0.8), sound(SoundKind.SPEECH, 2.7, 3.7, 0.4)], duration_s=9.0)
    assert (one.start_s, one.end_s) == (0.75, 3.95)
    assert one.confidence == pytest.approx(0.6)


@given(sound_spans, st.floats(0.1, 60.0))
def test_voiced_stretches_are_in_order_apart_and_inside_the_clip(sounds: list[SoundSpan], duration_s: float) -> None:
    found = voiced(sounds, duration_s=duration_s)
    assert all(0.0 <= one.start_s < one.end_s <= duration_s and 0.0 <= one.confidence <= 1.0 for one in found)
    assert all(a.end_s < b.start_s for a, b in pairwise(found))
    for one in sounds:
        if one.kind is SoundKind.SPEECH and one.span.start_s < duration_s and one.span.duration_s > 0:
            middle_s = min(one.span.start_s + one.span.duration_s / 2, duration_s)
            assert any(part.start_s <= middle_s <= part.end_s for part in found)


def buzz(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    at_s = np.arange(round(seconds * RATE)) / RATE
    return (0.1 * sum(np.sin(2 * np.pi * 120 * k * at_s) / k for k in range(1, 20))).astype(np.float32)


def test_without_told_sounds_what_is_loud_is_listened_to() -> None:
    audio = np.concatenate([np.zeros(2 * RATE, np.float32), buzz(1.0), np.zeros(3 * RATE, np.float32)])
    (one,) = loud(audio, confidence=0.4)
    assert one.start_s == pytest.approx(2.0 - PADDING_S, abs=0.03)
    assert one.end_s == pytest.approx(3.0 + PADDING_S, abs=0.03)
    assert one.confidence == pytest.approx(0.4)


def test_neither_silence_nor_white_noise_is_listened_to() -> None:
    noise = np.random.default_rng(3).normal(0.0, 0.2, 5 * RATE).astype(np.float32)
    assert loud(noise, confidence=0.4) == []
    assert loud(np.zeros(5 * RATE, np.float32), confidence=0.4) == []
    assert loud(np.zeros(0, np.float32), confidence=0.4) == []
    assert loud(np.ones(100, np.float32), confidence=0.4) == []


def test_a_voice_in_noise_is_listened_to() -> None:
    noise = np.random.default_rng(4).normal(0.0, 0.01, 3 * RATE).astype(np.float32)
    noise[RATE : 2 * RATE] += buzz(1.0)
    assert any(one.start_s <= 1.2 and one.end_s >= 1.8 for one in loud(noise, confidence=0.4))


@given(st.lists(st.tuples(st.floats(0.1, 5.0), st.floats(0.1, 9.0)), max_size=8), st.floats(0.0, 30.0))
def test_voice_beyond_the_budget_is_told_with_its_span(lengths: list[tuple[float, float]], most_s: float) -> None:
    stretches, at_s = [], 0.0
    for pause_s, length_s in lengths:
        stretches.append(Stretch(start_s=at_s + pause_s, end_s=at_s + pause_s + length_s, confidence=0.5))
        at_s += pause_s + length_s
    inside, rest = kept(stretches, most_s=most_s)
    total_s = sum(one.duration_s for one in stretches)
    assert sum(one.duration_s for one in inside) == pytest.approx(min(total_s, most_s), abs=1e-6)
    if rest is None:
        assert inside == stretches
    else:
        assert rest.end_s == stretches[-1].end_s
        assert all(one.end_s <= rest.start_s + 1e-6 for one in inside)


@given(spans, sound_spans)
def test_a_share_within_lies_between_nothing_and_all(span: Span, sounds: list[SoundSpan]) -> None:
    assert 0.0 <= share_within(span, sounds, SoundKind.BEEP) <= 1.0


def test_overlapping_spans_of_one_kind_are_counted_once() -> None:
    sounds = [sound(SoundKind.BEEP, 0.0, 1.0), sound(SoundKind.BEEP, 0.5, 1.0), sound(SoundKind.MUSIC, 0.0, 2.0)]
    assert share_within(Span(start_s=0.0, end_s=2.0), sounds, SoundKind.BEEP) == pytest.approx(0.5)
