"""Which script a line of text is written in, told from its picture: ISO 15924 codes, before anybody reads it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.network import Network
from tidegate.signals.onscreen.script_model import BUILT_IN_FOLDER, ScriptModel, read_model, windows

NO_LETTERS = "Zyyy"
"""Digits, punctuation, pictures, or nothing to be read: characters common to all scripts."""

UNKNOWN = "Zzzz"
"""Letters of a script that has no output of its own."""


READABLE = ("Latn", "Hani", "Jpan")
"""Scripts that the bundled recogniser reads."""

SURE = 0.7
"""Confidence from which an answer may decide how a line is read."""


_BLANK = 0.35
"""Spread of a line's windows below which there is nothing on it: grey levels that differ by about two of 255."""


class ScriptClassifier:
    """A small network over 32 x 128 windows of a line. One line of 1.7 windows costs about 1.8 ms on one thread.

    `folder` holds a graph and its card. Not safe across threads.
    """

    def __init__(self, folder: Path = BUILT_IN_FOLDER) -> None:
        self._folder = folder
        self._model: ScriptModel | None = None
        self._network: Network | None = None

    def load(self) -> None:
        """Open the graph. Raises MissingDependencyError or ModelFileError. Calling again is free."""
        self._opened()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that `classify` may answer, in the order of the columns of `probabilities`."""
        return self._opened()[0].codes

    def classify(self, crops: Sequence[NDArray[np.uint8]]) -> list[tuple[str, float]]:
        """The script of each upright line crop, uint8 (h, w, 3), and how sure that is, in [0, 1].

        The confidence is the mean probability over the line's windows, calibrated on lines in fonts that training
        did not see. `Zyyy` where there are no letters, `Zzzz` for a script that has no code here.
        """
        rows = self.probabilities(crops)
        return [(self.codes[int(row.argmax())], float(row.max())) for row in rows]

    def probabilities(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Float64 (crops, codes), rows summing to 1: the mean over the windows of each line.

        A window without letters (digits, the end of a line) counts by what letters it may still hold.
        """
        model, network = self._opened()
        if not crops:
            return np.zeros((0, len(model.codes)), np.float64)
        views = [windows(crop) for crop in crops]
        (logits,) = network.run(np.concatenate(views))
        each = softmax(logits.astype(np.float64) / model.temperature)
        ends = np.cumsum([len(view) for view in views])[:-1]
        empty = model.codes.index(NO_LETTERS)
        rows = np.stack([joined(part, empty) for part in np.split(each, ends)])
        is_blank = np.array([float(view.std()) < _BLANK for view in views])
        rows[is_blank] = np.eye(len(model.codes))[empty]
        return rows

    def _opened(self) -> tuple[ScriptModel, Network]:
        if self._model is None or self._network is None:
            model = read_model(self._folder)
            self._network = Network(model.graph, name="telling scripts apart", extra="onscreen")
            self._model = model
        return self._model, self._network


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of probabilities from rows of logits."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return result


def joined(parts: NDArray[np.float64], empty: int) -> NDArray[np.float64]:
    """One row from the windows of one line, weighted by how surely each holds letters."""
    weights = 1.0 - parts[:, empty] + 0.02
    row: NDArray[np.float64] = (parts * weights[:, None]).sum(axis=0) / weights.sum()
    return row
