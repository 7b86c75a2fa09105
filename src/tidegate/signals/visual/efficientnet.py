"""EfficientNet-Lite0 as an ONNX graph, built from its published weights: 1,000 ImageNet classes and 1,280 features.

Architecture: Tan and Le, "EfficientNet" (2019), in its Lite variant (Google, 2020): no squeeze-and-excitation, ReLU6,
stem and head not scaled. Batch normalisation (epsilon 0.001) is folded into the convolutions before it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.visual.onnx_graph import Graph

INPUT_PX = 224
CLASSES = 1000
FEATURES = 1280

_EPSILON = 1e-3

_STAGES = (
    # kernel, first stride, blocks
    (3, 1, 1),
    (3, 2, 2),
    (5, 2, 2),
    (3, 2, 3),
    (5, 1, 3),
    (5, 2, 4),
    (3, 1, 1),
)

Weights = dict[str, NDArray[Any]]


def graph_bytes(weights: Weights) -> bytes:
    """The ONNX model: float32 (n, 3, 224, 224) in; `probabilities` (n, 1000) and `features` (n, 1280) out.

    The input is RGB, (grey level - 127) / 128. Raises KeyError on missing weights. Cost: about 0.1 s.
    """
    graph = Graph("efficientnet-lite0")
    graph.weight("zero", np.array(0.0, np.float32))
    graph.weight("six", np.array(6.0, np.float32))
    value = _convolve(graph, weights, "picture", "_conv_stem", "_bn0", stride=2)
    block = 0
    for kernel, first_stride, count in _STAGES:
        for position in range(count):
            value = _inverted_bottleneck(graph, weights, value, block, kernel, first_stride if position == 0 else 1)
            block += 1
    value = _convolve(graph, weights, value, "_conv_head", "_bn1")
    pooled = graph.add("GlobalAveragePool", [value], "pooled")
    features = graph.add("Flatten", [pooled], "features", axis=1)
    graph.weight("fc.weight", weights["_fc.weight"])
    graph.weight("fc.bias", weights["_fc.bias"])
    logits = graph.add("Gemm", [features, "fc.weight", "fc.bias"], "logits", transB=1)
    graph.add("Softmax", [logits], "probabilities", axis=1)
    return graph.to_bytes(
        {"picture": ("n", 3, INPUT_PX, INPUT_PX)}, {"probabilities": ("n", CLASSES), "features": ("n", FEATURES)}
    )


def _inverted_bottleneck(graph: Graph, weights: Weights, value: str, block: int, kernel: int, stride: int) -> str:
    """Widen, convolve each channel alone, narrow; add the input back where the shape stayed the same."""
    prefix = f"_blocks.{block}."
    wide = value
    if prefix + "_expand_conv.weight" in weights:
        wide = _convolve(graph, weights, value, prefix + "_expand_conv", prefix + "_bn0")
    deep = _convolve(graph, weights, wide, prefix + "_depthwise_conv", prefix + "_bn1", stride=stride)
    flat = _convolve(graph, weights, deep, prefix + "_project_conv", prefix + "_bn2", has_relu=False)
    narrow, _, _, _ = weights[prefix + "_project_conv.weight"].shape
    first = prefix + ("_expand_conv.weight" if wide != value else "_depthwise_conv.weight")
    channels_in = weights[first].shape[1 if wide != value else 0]
    if stride == 1 and channels_in == narrow:
        return graph.add("Add", [flat, value], prefix + "sum")
    return flat


def _convolve(
    graph: Graph, weights: Weights, value: str, name: str, norm: str, *, stride: int = 1, has_relu: bool = True
) -> str:
    """Convolution with its normalisation folded in, then ReLU6."""
    kernel = weights[f"{name}.weight"]
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"].astype(np.float64) + _EPSILON)
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    graph.weight(f"{name}.w", (kernel * scale[:, None, None, None]).astype(np.float32))
    graph.weight(f"{name}.b", bias.astype(np.float32))
    side = kernel.shape[2]
    out = graph.add(
        "Conv",
        [value, f"{name}.w", f"{name}.b"],
        name,
        kernel_shape=(side, side),
        strides=(stride, stride),
        pads=_same_padding(side, stride),
        group=kernel.shape[0] if kernel.shape[1] == 1 else 1,
    )
    return graph.add("Clip", [out, "zero", "six"], f"{name}.relu6") if has_relu else out


def _same_padding(kernel: int, stride: int) -> tuple[int, int, int, int]:
    """TensorFlow's SAME padding for even input sides: what is left over goes to the bottom and the right."""
    total = kernel - stride
    return (total // 2, total // 2, total - total // 2, total - total // 2)
