"""The trained script network as files, and the grey windows it looks at: the same for training and for reading."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ModelFileError

BUILT_IN_FOLDER = Path(__file__).parents[2] / "models" / "scripts"
CARD_NAME = "card.json"
GRAPH_NAME = "scripts.onnx"

HEIGHT_PX = 32
WIDTH_PX = 128
MAX_WINDOWS = 5
"""Windows looked at of one line: a longer line is looked at in that many places, evenly spread."""

_LEAST_SPREAD = 4.0
"""Grey levels of 255 added to the spread of a crop, so that an empty one is not blown up to noise."""
_NEXT = "reinstall tidegate, or train again with `python scripts/train_scripts.py`"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptModel:
    """The graph's bytes, the ISO 15924 codes of its outputs, and the softmax temperature that was fitted to it."""

    graph: bytes
    codes: tuple[str, ...]
    temperature: float


def read_model(folder: Path = BUILT_IN_FOLDER) -> ScriptModel:
    """The network of a folder, checked against its card. Raises ModelFileError. About 2 ms."""
    card = read_card(folder)
    try:
        path = folder / str(card["graph"]["file"])
        expected_sha256 = str(card["graph"]["sha256"])
        codes = tuple(str(code) for code in card["codes"])
        temperature = float(card["temperature"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"the model card lacks {error}", where=str(folder / CARD_NAME), next_step=_NEXT) from error
    try:
        graph = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"the graph cannot be read: {error}", where=str(path), next_step=_NEXT) from error
    if hashlib.sha256(graph).hexdigest() != expected_sha256:
        raise ModelFileError("the graph is not the one its card names", where=str(path), next_step=_NEXT)
    return ScriptModel(graph=graph, codes=codes, temperature=temperature)


def read_card(folder: Path = BUILT_IN_FOLDER) -> dict[str, Any]:
    """The card of a folder. Raises ModelFileError when it is missing or no JSON object."""
    path = folder / CARD_NAME
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFileError(f"the model card cannot be read: {error}", where=str(path), next_step=_NEXT) from error
    if not isinstance(card, dict):
        raise ModelFileError("the model card is no JSON object", where=str(path), next_step=_NEXT)
    return card


def windows(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A line as float32 (n, 1, 32, 128), n from 1 to 5: grey, 32 px high, mean 0 and spread 1 over the line.

    `crop` is uint8 (h, w, 3) or (h, w), of any size; of its colour channels and their mean, the one with the largest
    spread is taken, so that red on green is read too. A narrow line is padded with its border's grey. An empty crop
    is one window of zeros. Cost: about 0.1 ms.
    """
    from PIL import Image

    if min(crop.shape[:2]) == 0:
        return np.zeros((1, 1, HEIGHT_PX, WIDTH_PX), np.float32)
    grey = contrastful(crop)
    height, width = grey.shape
    longest = WIDTH_PX * MAX_WINDOWS
    scaled_width = min(max(round(width * HEIGHT_PX / height), 4), longest)
    image = Image.fromarray(grey).resize((scaled_width, HEIGHT_PX), Image.Resampling.BILINEAR, reducing_gap=2.0)
    line = np.asarray(image, np.float32)
    line = (line - line.mean()) / (line.std() + _LEAST_SPREAD)
    if scaled_width < WIDTH_PX:
        border = float(np.median(np.concatenate([line[0], line[-1], line[:, 0], line[:, -1]])))
        left = (WIDTH_PX - scaled_width) // 2
        line = np.pad(line, ((0, 0), (left, WIDTH_PX - scaled_width - left)), constant_values=border)
    return np.stack([line[None, :, start : start + WIDTH_PX] for start in window_starts(line.shape[1])])


def window_starts(width_px: int) -> tuple[int, ...]:
    """Left edges of the windows over a line `width_px` wide: they cover it evenly, the first and last at its ends."""
    count = min(-(-width_px // WIDTH_PX), MAX_WINDOWS)
    if count <= 1:
        return (0,)
    return tuple(round(index * (width_px - WIDTH_PX) / (count - 1)) for index in range(count))


def contrastful(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The channel, or mean of the channels, with the largest spread: uint8 (h, w)."""
    if crop.ndim == 2:
        return np.ascontiguousarray(crop)
    mean = crop[..., :3].mean(axis=2).astype(np.uint8)
    channels = [mean, *(crop[..., index] for index in range(min(crop.shape[2], 3)))]
    spreads = [float(channel.std()) for channel in channels]
    spreads[0] *= 1.2
    return np.ascontiguousarray(channels[int(np.argmax(spreads))])
