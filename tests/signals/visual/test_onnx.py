import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ModelFileError
from tidegate.signals.network import BATCH, Network
from tidegate.signals.visual.onnx_graph import Graph, block, number, varint
from tidegate.signals.visual.onnx_shapes import fields, without_sizes

KERNEL = np.array([[[[1.0, 2.0], [3.0, 4.0]]]], np.float32)


def convolution(shape: tuple[int | str, ...], *, is_weight_an_input: bool = False) -> bytes:
    graph = Graph("test")
    graph.weight("w", KERNEL)
    graph.add("Conv", ["x", "w"], "y", kernel_shape=(2, 2), strides=(1, 1), pads=(0, 0, 0, 0), group=1)
    inputs: dict[str, tuple[int | str, ...]] = {"x": shape}
    if is_weight_an_input:
        inputs["w"] = KERNEL.shape
    return graph.to_bytes(inputs, {"y": ("n", 1, "h", "w")})


def by_hand(pictures: "np.ndarray") -> "np.ndarray":
    a, b, c, d = KERNEL.ravel()
    rows, right, below, both = (
        pictures[..., :-1, :-1],
        pictures[..., :-1, 1:],
        pictures[..., 1:, :-1],
        pictures[..., 1:, 1:],
    )
    return a * rows + b * right + c * below + d * both


@pytest.mark.parametrize("count", [1, BATCH, 2 * BATCH + 3])
def test_a_written_graph_computes_what_it_states_in_any_batch(count: int) -> None:
    pictures = np.random.default_rng(1).random((count, 1, 5, 6)).astype(np.float32)
    (found,) = Network(convolution(("n", 1, "h", "w")), name="test").run(pictures)
    assert np.allclose(found, by_hand(pictures), atol=1e-5)


def test_attributes_of_every_kind_reach_the_runtime() -> None:
    graph = Graph("test")
    graph.add("LeakyRelu", ["x"], "leaky", alpha=0.25)
    graph.add("Softmax", ["leaky"], "y", axis=1)
    network = Network(graph.to_bytes({"x": ("n", 2)}, {"y": ("n", 2)}), name="test")
    (found,) = network.run(np.array([[-4.0, 0.0]], np.float32))
    assert np.allclose(found, [[np.exp(-1) / (1 + np.exp(-1)), 1 / (1 + np.exp(-1))]], atol=1e-6)


def test_a_graph_saved_for_one_size_runs_on_any_size_afterwards() -> None:
    fixed = convolution((10, 1, 4, 4), is_weight_an_input=True)
    pictures = np.random.default_rng(2).random((3, 1, 7, 5)).astype(np.float32)
    (found,) = Network(without_sizes(fixed), name="test").run(pictures)
    assert np.allclose(found, by_hand(pictures), atol=1e-5)


def test_bytes_that_are_no_graph_are_a_model_error() -> None:
    with pytest.raises(ModelFileError):
        Network(b"not a graph", name="test")


@given(st.binary(max_size=200))
def test_loosening_any_bytes_succeeds_or_is_a_model_error(data: bytes) -> None:
    try:
        without_sizes(data)
    except ModelFileError as error:
        assert error.next_step


@given(st.integers(0, 2**63), st.integers(1, 2**20), st.binary(max_size=50))
def test_fields_read_back_as_they_were_written(value: int, tag: int, data: bytes) -> None:
    message = number(tag, value) + block(tag, data)
    assert [(found, content) for found, content, _ in fields(message)] == [(tag, value), (tag, data)]
    assert b"".join(raw for _, _, raw in fields(message)) == message


@given(st.integers(0, 2**63))
def test_a_varint_uses_seven_bits_a_byte(value: int) -> None:
    assert len(varint(value)) == max(1, -(-value.bit_length() // 7))
