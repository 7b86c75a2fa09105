"""Writes the script network as an ONNX graph with half-precision weights. Used by train_scripts.py only."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 17


def graph_of(layers: Sequence[dict[str, Any]]) -> bytes:
    """The layers as one graph: float32 (n, 1, 32, 128) in, float32 logits (n, codes) out.

    Weights are stored as float16 and widened when the graph is loaded, which halves the file and leaves all answers
    the same to three digits.
    """
    nodes: list[Any] = []
    stored: list[Any] = []
    last = "windows"
    for index, layer in enumerate(layers):
        name = f"{layer['kind']}{index}"
        for part in ("weight", "bias"):
            if part in layer:
                stored.append(numpy_helper.from_array(layer[part].astype(np.float16), f"{name}.{part}.half"))
                nodes.append(
                    helper.make_node("Cast", [f"{name}.{part}.half"], [f"{name}.{part}"], to=TensorProto.FLOAT)
                )
        inputs = [last, f"{name}.weight", f"{name}.bias"]
        if layer["kind"] == "conv":
            size, stride = layer["weight"].shape[-1], layer["stride"]
            sizes = {"kernel_shape": [size] * 2, "strides": [stride] * 2, "pads": [size // 2] * 4}
            nodes.append(helper.make_node("Conv", inputs, [f"{name}.raw"], **sizes))
            nodes.append(helper.make_node("Relu", [f"{name}.raw"], [name]))
        elif layer["kind"] == "pool":
            nodes.append(helper.make_node("MaxPool", [last], [name], kernel_shape=[2, 2], strides=[2, 2]))
        else:
            nodes.append(helper.make_node("GlobalAveragePool", [last], [f"{name}.mean"]))
            nodes.append(helper.make_node("Flatten", [f"{name}.mean"], [f"{name}.flat"]))
            nodes.append(helper.make_node("Gemm", [f"{name}.flat", *inputs[1:]], ["logits"], transB=1))
        last = name
    taken = helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["n", 1, 32, 128])
    given = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(layers[-1]["bias"])])
    graph = helper.make_graph(nodes, "scripts", [taken], [given], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="tidegate")
    model.ir_version = 8
    checker.check_model(model)
    return bytes(model.SerializeToString())
