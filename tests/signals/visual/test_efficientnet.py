import numpy as np
import pytest

from tidegate.signals.network import Network
from tidegate.signals.visual import efficientnet
from tidegate.signals.visual.efficientnet import INPUT_PX, graph_bytes
from tidegate.signals.visual.onnx_graph import Graph


def normalisation(rng: np.random.Generator, channels: int, name: str) -> dict[str, np.ndarray]:
    return {
        f"{name}.weight": rng.normal(1, 0.2, channels).astype(np.float32),
        f"{name}.bias": rng.normal(0, 0.2, channels).astype(np.float32),
        f"{name}.running_mean": rng.normal(0, 0.2, channels).astype(np.float32),
        f"{name}.running_var": rng.uniform(0.5, 2, channels).astype(np.float32),
    }


def run_one(weights: dict[str, np.ndarray], pictures: np.ndarray, *, stride: int) -> np.ndarray:
    graph = Graph("test")
    graph.weight("zero", np.array(0.0, np.float32))
    graph.weight("six", np.array(6.0, np.float32))
    value = efficientnet._convolve(graph, weights, "x", "conv", "norm", stride=stride)
    channels = weights["conv.weight"].shape[0]
    data = graph.to_bytes({"x": ("n", pictures.shape[1], "h", "w")}, {value: ("n", channels, "h2", "w2")})
    (found,) = Network(data, name="test").run(pictures)
    return found


def test_folding_the_normalisation_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    kernel = rng.normal(0, 1, (5, 3, 1, 1)).astype(np.float32)
    weights = {"conv.weight": kernel, **normalisation(rng, 5, "norm")}
    pictures = rng.normal(0, 1, (2, 3, 4, 4)).astype(np.float32)
    plain = np.einsum("oi,nihw->nohw", kernel[:, :, 0, 0], pictures)
    scale = weights["norm.weight"] / np.sqrt(weights["norm.running_var"] + 1e-3)
    shifted = plain - weights["norm.running_mean"][None, :, None, None]
    wanted = np.clip(shifted * scale[None, :, None, None] + weights["norm.bias"][None, :, None, None], 0, 6)
    assert np.allclose(run_one(weights, pictures, stride=1), wanted, atol=1e-5)


@pytest.mark.parametrize("side", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_padding_leaves_a_picture_of_the_size_divided_by_the_stride(side: int, stride: int) -> None:
    rng = np.random.default_rng(2)
    weights = {"conv.weight": rng.normal(0, 1, (2, 1, side, side)).astype(np.float32), **normalisation(rng, 2, "norm")}
    pictures = rng.normal(0, 1, (1, 2, 8, 8)).astype(np.float32)
    assert run_one(weights, pictures, stride=stride).shape == (1, 2, 8 // stride, 8 // stride)


def test_uneven_padding_goes_to_the_bottom_and_the_right() -> None:
    assert efficientnet._same_padding(3, 2) == (0, 0, 1, 1)
    assert efficientnet._same_padding(5, 2) == (1, 1, 2, 2)
    assert efficientnet._same_padding(5, 1) == (2, 2, 2, 2)


def test_missing_weights_are_named() -> None:
    with pytest.raises(KeyError, match=r"_conv_stem\.weight"):
        graph_bytes({})
    assert INPUT_PX % 32 == 0
