"""Reads the letters of a line: PP-OCRv6's recognition network, with its best path decoded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ModelFileError
from tidegate.signals.network import Network

LINE_HEIGHT_PX = 48
"""Height of the crops that the network reads."""

MOST_WIDTH_PX = 1600
"""Widest crop read; what is longer is pressed together."""

PRESSED = 0.85
"""Share of its width that a line is pressed to before it is read: no more errors in the measured captions (0.75 adds
some), and that much less to compute."""

HALF_SEEN = 0.15
"""Probability of a blank between two characters from which it is taken as seen, though `nothing` is likelier. In 864
drawn lines of 16 fonts the network leaves out 3.0% of blanks; so 1.4%, with 3 put where none is, of 1,872."""

TURN_WIDTH_PX = 192

_STEP_PX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a line says, and how sure the network is: the mean probability of its characters, in [0, 1]."""

    text: str
    confidence: float


class LineReader:
    """Reads level lines of Latin letters, Chinese and Japanese; other scripts come out as junk."""

    def __init__(self, network: Network) -> None:
        listed = network.metadata.get("character", "")
        if not listed:
            raise ModelFileError("the graph does not list its characters", next_step="install the package again")
        self._network = network
        self._characters = ("", *listed.splitlines(), " ")

    @property
    def characters(self) -> frozenset[str]:
        """Every character it can tell."""
        return frozenset(self._characters)

    def read(self, crop: NDArray[np.uint8]) -> Reading:
        """The words on uint8 (48, w, 3). 0.011 CPU-s at 160 px, 0.021 at 320, 0.042 at 640."""
        (probabilities,) = self._network.run(prepared(crop)[None])
        return best_path(probabilities[0], self._characters)


def prepared(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """BGR in [-1, 1], float32 (3, 48, w): pressed to 0.85 and at most 1,600 pixels, padded to a multiple of 32."""
    import cv2

    width = min(max(round(crop.shape[1] * PRESSED), 1), MOST_WIDTH_PX)
    crop = np.asarray(cv2.resize(crop, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8)
    canvas = np.zeros((3, LINE_HEIGHT_PX, max(_STEP_PX, -(-width // _STEP_PX) * _STEP_PX)), np.float32)
    canvas[..., :width] = _bgr(crop)
    return canvas


def _bgr(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    values: NDArray[np.float32] = crop[..., ::-1].transpose(2, 0, 1).astype(np.float32) / np.float32(127.5) - 1
    return values


def best_path(probabilities: NDArray[np.float32], characters: Sequence[str]) -> Reading:
    """Greedy CTC decoding (Graves et al. 2006) of float32 (steps, characters); the first character is the blank."""
    chosen = probabilities.argmax(axis=1)
    tops = probabilities[np.arange(len(chosen)), chosen]
    is_new = np.ones(len(chosen), bool)
    is_new[1:] = chosen[1:] != chosen[:-1]
    kept = is_new & (chosen != 0)
    text = _spaced(probabilities, chosen, np.flatnonzero(kept), characters)
    confidence = float(np.clip(tops[kept].mean(), 0.0, 1.0)) if kept.any() else 0.0
    return Reading(text=text.strip(), confidence=confidence if text.strip() else 0.0)


def _spaced(
    probabilities: NDArray[np.float32],
    chosen: NDArray[np.intp],
    places: NDArray[np.intp],
    characters: Sequence[str],
) -> str:
    """The characters at `places`, with a blank where the network half saw one between two of them."""
    space = characters.index(" ") if " " in characters else -1
    text, before = "", -1
    for place in places.tolist():
        character = characters[chosen[place]] if chosen[place] < len(characters) else ""
        between = probabilities[before + 1 : place, space] if space >= 0 and text else probabilities[:0, 0]
        if between.size and between.max() >= HALF_SEEN and " " not in (text[-1], character):
            text += " "
        text += character
        before = place
    return text


class TurnTeller:
    """Tells lines that stand on their head: PaddleOCR's direction network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def is_upside_down(self, crop: NDArray[np.uint8]) -> bool:
        """Whether uint8 (48, w, 3) is rather turned by half a circle than upright. 0.001 CPU-s."""
        import cv2

        width = min(crop.shape[1], TURN_WIDTH_PX)
        pressed = np.asarray(cv2.resize(crop, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_LINEAR), np.uint8)
        canvas = np.zeros((1, 3, LINE_HEIGHT_PX, TURN_WIDTH_PX), np.float32)
        canvas[0, ..., :width] = _bgr(pressed)
        (probabilities,) = self._network.run(canvas)
        return bool(probabilities[0, 1] > probabilities[0, 0])
