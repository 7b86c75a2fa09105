"""One way to run a network: ONNX on the CPU, one thread, in small batches, no telemetry, no downloads."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError, ModelFileError

BATCH = 8


def keep_to_one_thread() -> None:
    """Take away the threads that OpenCV starts by itself, where a detector has loaded it: workers share the cores.

    For the libraries of linear algebra the process sets OMP_NUM_THREADS before they load, as the command does.
    """
    if cv2 := sys.modules.get("cv2"):
        cv2.setNumThreads(1)


class Network:
    """An ONNX graph with one input. Not safe across threads; a process loads its own.

    `model` is a path or the graph's bytes. Raises MissingDependencyError without onnxruntime (importing it takes
    about 0.7 s), ModelFileError when the graph cannot be read.
    """

    def __init__(self, model: Path | bytes, *, name: str, extra: str = "vision") -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingDependencyError(
                f"{name} needs the package onnxruntime", next_step=f"pip install 'tidegate[{extra}]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        source = model if isinstance(model, bytes) else str(model)
        try:
            self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelFileError(
                f"the graph of {name} cannot be read", where=type(error).__name__, next_step="install the package again"
            ) from error
        self._input = self._session.get_inputs()[0].name

    @property
    def metadata(self) -> dict[str, str]:
        """What the graph says of itself: names and values of its metadata."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, batch: NDArray[np.float32], outputs: Sequence[str] | None = None) -> list[NDArray[np.float32]]:
        """The graph's outputs (all, or the named ones) for a float32 batch, joined along the first axis."""
        parts: list[list[Any]] = [
            self._session.run(outputs, {self._input: np.ascontiguousarray(batch[start : start + BATCH])})
            for start in range(0, len(batch), BATCH)
        ]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]
