from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.reader import DENSE_SPACING_S, KeyframeChoice


def chosen(choice: KeyframeChoice, packets: list[tuple[float, int, bool]]) -> list[float]:
    return [time for time, size, is_keyframe in packets if choice.wants(time, size, is_keyframe=is_keyframe)]


def test_every_keyframe_is_decoded_in_an_ordinary_clip() -> None:
    packets = [(number / 30, 9000, number % 30 == 0) for number in range(900)]
    assert chosen(KeyframeChoice(30.0, 600), packets) == [float(second) for second in range(30)]


def test_where_every_picture_is_a_keyframe_one_in_a_while_is_enough() -> None:
    packets = [(number / 30, 9000, True) for number in range(900)]
    assert len(chosen(KeyframeChoice(30.0, 6000), packets)) <= 30 / DENSE_SPACING_S + 2


def test_a_jump_in_size_among_keyframes_is_looked_into() -> None:
    packets = [(number / 30, 60_000 if 100 <= number < 115 else 9000, True) for number in range(300)]
    times = chosen(KeyframeChoice(10.0, 6000), packets)
    assert any(100 / 30 <= time <= 102 / 30 for time in times)


def test_a_cut_soon_after_a_keyframe_is_decoded_too() -> None:
    packets = [(0.0, 9000, True), *((n / 30, 100, False) for n in range(1, 5)), (5 / 30, 9000, True)]
    assert chosen(KeyframeChoice(30.0, 600), packets) == [0.0, 5 / 30]


def test_in_a_very_long_clip_keyframes_are_thinned_evenly() -> None:
    packets = [(float(second), 9000, True) for second in range(3600)]
    assert 300 <= len(chosen(KeyframeChoice(3600.0, 600), packets)) <= 601


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 2**31), st.booleans()), max_size=50), st.floats())
def test_any_times_and_sizes_are_chosen_from(packets: list[tuple[float, int, bool]], duration_s: float) -> None:
    choice = KeyframeChoice(duration_s, 600)
    assert all(is_keyframe or not choice.wants(time, size, is_keyframe=False) for time, size, is_keyframe in packets)
