"""How well scripts are told apart on lines in fonts and words that training never saw. Used by train_scripts.py."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tidegate.signals.onscreen.script_model import windows
from tidegate.signals.onscreen.scripts import NO_LETTERS, READABLE, SURE, joined, softmax

Line = tuple[str, NDArray[np.uint8], float]
"""The true code of a line, its crop, and how high it was before it was cropped, in pixels."""


@dataclass(slots=True, kw_only=True)
class Scores:
    """Counts over held-out lines. `told[truth][answer]` counts answers; the rest are rates in [0, 1]."""

    line_count: int
    accuracy: float
    accuracy_sure: float
    sure: float
    ms_per_line: float
    told: dict[str, Counter[str]] = field(default_factory=dict)
    sure_by_code: dict[str, float] = field(default_factory=dict)
    accuracy_by_height: dict[str, float] = field(default_factory=dict)
    latin_called_unreadable: float = 0.0
    latin_called_unreadable_surely: float = 0.0
    unreadable_called_readable: float = 0.0
    unreadable_called_readable_surely: float = 0.0

    def recall(self, code: str) -> float:
        """Share of the lines of a script that are called by its code."""
        return self.told[code][code] / max(1, self.told[code].total())

    def precision(self, code: str) -> float:
        """Share of the lines called by a code that are of it, every script being as frequent."""
        called = sum(told[code] / max(1, told.total()) for told in self.told.values())
        return self.recall(code) / called if called else 0.0

    def as_json(self) -> dict[str, Any]:
        """What the card keeps."""
        rates = {name: round(float(getattr(self, name)), 4) for name in _RATES}
        return {
            "line_count": self.line_count,
            **rates,
            "accuracy_by_height": {name: round(rate, 4) for name, rate in self.accuracy_by_height.items()},
            "lines": {code: told.total() for code, told in self.told.items()},
            "recall": {code: round(self.recall(code), 4) for code in self.told},
            "precision": {code: round(self.precision(code), 4) for code in self.told},
            "told": {code: dict(told.most_common(5)) for code, told in self.told.items()},
        }


_RATES = (
    "accuracy",
    "sure",
    "accuracy_sure",
    "latin_called_unreadable",
    "latin_called_unreadable_surely",
    "unreadable_called_readable",
    "unreadable_called_readable_surely",
)


def _logits(graph: bytes, lines: Sequence[Line]) -> tuple[list[NDArray[np.float64]], float]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    started = time.process_time()
    found = [session.run(None, {"windows": windows(crop)})[0].astype(np.float64) for _, crop, _ in lines]
    return found, (time.process_time() - started) * 1000 / max(1, len(lines))


def _rows(each: Sequence[NDArray[np.float64]], temperature: float, empty: int) -> NDArray[np.float64]:
    return np.stack([joined(softmax(logits / temperature), empty) for logits in each])


def temperature_of(graph: bytes, codes: Sequence[str], lines: Sequence[Line]) -> float:
    """The softmax temperature that makes the true codes of these lines most likely (Guo et al. 2017)."""
    each, _ = _logits(graph, lines)
    truth = np.array([codes.index(code) for code, _, _ in lines])
    empty = codes.index(NO_LETTERS)
    grid = np.linspace(0.5, 3.0, 51)
    losses = [
        -np.log(_rows(each, temperature, empty)[np.arange(len(truth)), truth] + 1e-9).mean() for temperature in grid
    ]
    return float(grid[int(np.argmin(losses))])


def score(graph: bytes, codes: Sequence[str], temperature: float, lines: Sequence[Line]) -> Scores:
    """Everything that the card tells of these lines."""
    each, ms_per_line = _logits(graph, lines)
    rows = _rows(each, temperature, codes.index(NO_LETTERS))
    answers = [codes[int(index)] for index in rows.argmax(axis=1)]
    truths = [code for code, _, _ in lines]
    sure = rows.max(axis=1) >= SURE
    right = np.array([truth == answer for truth, answer in zip(truths, answers, strict=True)])
    scores = Scores(
        line_count=len(lines),
        accuracy=float(right.mean()),
        accuracy_sure=float(right[sure].mean()),
        sure=float(sure.mean()),
        ms_per_line=ms_per_line,
    )
    for truth, answer in zip(truths, answers, strict=True):
        scores.told.setdefault(truth, Counter())[answer] += 1
    of = np.array(truths)
    scores.sure_by_code = {code: float(sure[of == code].mean()) for code in scores.told}
    heights = np.array([height for _, _, height in lines])
    for low, high in ((10, 16), (16, 24), (24, 36), (36, 999)):
        within = (heights >= low) & (heights < high)
        if within.any():
            scores.accuracy_by_height[f"{low}-{high - 1}" if high < 999 else f"{low}+"] = float(right[within].mean())
    _weigh(scores, of, np.array(answers), sure)
    return scores


def _weigh(scores: Scores, of: NDArray[np.str_], answers: NDArray[np.str_], sure: NDArray[np.bool_]) -> None:
    """The two confusions that cost something: Latin that is not read, and another script read as if it were Latin."""
    readable = np.isin(answers, READABLE)
    letters = answers != NO_LETTERS
    is_latin = of == "Latn"
    is_other = ~np.isin(of, (*READABLE, NO_LETTERS))
    scores.latin_called_unreadable = float((~readable & letters)[is_latin].mean())
    scores.latin_called_unreadable_surely = float((~readable & letters & sure)[is_latin].mean())
    scores.unreadable_called_readable = float(readable[is_other].mean())
    scores.unreadable_called_readable_surely = float((readable & sure)[is_other].mean())
