import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ModelFileError
from tidegate.signals.onscreen.recognise import MOST_WIDTH_PX, LineReader, TurnTeller, best_path, prepared

CHARACTERS = ("", "a", "b", "c", " ")


def steps(*chosen: int, probability: float = 0.9) -> np.ndarray:
    rows = np.full((len(chosen), len(CHARACTERS)), (1 - probability) / (len(CHARACTERS) - 1), np.float32)
    rows[np.arange(len(chosen)), chosen] = probability
    return rows


def test_repeats_are_one_letter_unless_a_blank_parts_them() -> None:
    assert best_path(steps(1, 1, 0, 1, 2, 2, 4, 3), CHARACTERS).text == "aab c"


def test_confidence_is_the_mean_of_the_letters_alone() -> None:
    mixed = np.concatenate([steps(1, probability=0.8), steps(0, probability=0.3), steps(2, probability=0.6)])
    assert best_path(mixed, CHARACTERS).confidence == pytest.approx(0.7)


def test_blanks_alone_are_no_reading() -> None:
    for nothing in (steps(0, 0, 0), steps(4, 4)):
        read = best_path(nothing, CHARACTERS)
        assert (read.text, read.confidence) == ("", 0.0)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_a_path_never_reads_more_letters_than_steps(chosen: list[int]) -> None:
    read = best_path(steps(*chosen), CHARACTERS)
    assert len(read.text) <= len(chosen)
    assert read.text == read.text.strip()
    assert 0.0 <= read.confidence <= 1.0


@given(st.integers(1, 4096))
def test_the_networks_input_is_bounded_and_a_multiple_of_32_wide(width: int) -> None:
    pytest.importorskip("cv2")
    canvas = prepared(np.full((48, width, 3), 255, np.uint8))
    assert canvas.shape[:2] == (3, 48)
    assert canvas.shape[2] % 32 == 0
    assert canvas.shape[2] <= MOST_WIDTH_PX
    assert float(canvas[0, 0, 0]) == 1.0


class Spoken:
    """A stand-in for a network with a list of characters and one answer."""

    def __init__(self, answer: np.ndarray, listed: str = "a\nb\nc") -> None:
        self.metadata = {"character": listed} if listed else {}
        self.answer = answer

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        self.asked = batch
        return [self.answer[None]]


def test_the_reader_takes_its_characters_from_the_graph() -> None:
    pytest.importorskip("cv2")
    reader = LineReader(Spoken(steps(3, 4, 1)))  # type: ignore[arg-type]
    assert reader.read(np.zeros((48, 90, 3), np.uint8)).text == "c a"
    assert "b" in reader.characters


def test_a_graph_without_characters_is_no_model_of_ours() -> None:
    with pytest.raises(ModelFileError):
        LineReader(Spoken(steps(1), listed=""))  # type: ignore[arg-type]


def test_a_line_is_upside_down_when_the_network_says_so() -> None:
    pytest.importorskip("cv2")
    for answer, expected in ((np.array([0.2, 0.8]), True), (np.array([0.7, 0.3]), False)):
        network = Spoken(answer)
        assert TurnTeller(network).is_upside_down(np.zeros((48, 900, 3), np.uint8)) is expected  # type: ignore[arg-type]
        assert network.asked.shape == (1, 3, 48, 192)
