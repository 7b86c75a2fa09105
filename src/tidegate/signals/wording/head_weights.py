"""The trained wording heads as files: linear weights behind a checksum, never a pickle."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import ModelFileError
from tidegate.signals.wording.embedding import EMBEDDING_SIZE, ENCODER

CARD_NAME = "card.json"
WEIGHTS_NAME = "weights.npz"
BUILT_IN_FOLDER = Path(__file__).parents[2] / "models" / "wording_heads"

_NEXT = "reinstall tidegate, or train again with `tidegate train`"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadWeights:
    """One logistic head per label over the sentence embedding.

    `weights` float32 (512, labels), `bias` float32 (labels,), `floors` float32 (labels,): the score below which a head
    says nothing. `languages` are ISO 639-1 codes in which the heads may speak.
    """

    labels: tuple[str, ...]
    languages: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    floors: NDArray[np.float32]

    def scores(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Float32 (texts, labels) in (0, 1): the chance of the label if half of all texts carried it."""
        margins = np.clip(embeddings @ self.weights + self.bias, -30.0, 30.0)
        return np.asarray(1.0 / (1.0 + np.exp(-margins)), np.float32)


def write_weights(folder: Path, heads: HeadWeights, card: dict[str, Any]) -> None:
    """Write `weights.npz` and `card.json`; the card gets labels, floors, encoder and the weights' SHA-256.

    The same heads and card give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, weights=heads.weights, bias=heads.bias)
    (folder / WEIGHTS_NAME).write_bytes(buffer.getvalue())
    full = {
        **card,
        "encoder": ENCODER,
        "labels": list(heads.labels),
        "languages": list(heads.languages),
        "floors": {label: round(float(floor), 4) for label, floor in zip(heads.labels, heads.floors, strict=True)},
        "weights": {"file": WEIGHTS_NAME, "sha256": hashlib.sha256(buffer.getvalue()).hexdigest()},
    }
    (folder / CARD_NAME).write_text(json.dumps(full, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a heads folder. Raises ModelFileError when it is missing or no JSON object."""
    path = folder / CARD_NAME
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFileError(f"the model card cannot be read: {error}", where=str(path), next_step=_NEXT) from error
    if not isinstance(card, dict):
        raise ModelFileError("the model card is no JSON object", where=str(path), next_step=_NEXT)
    return card


def read_weights(folder: Path) -> HeadWeights:
    """Load heads and check them against their card: SHA-256, shapes, labels. Raises ModelFileError. Under 5 ms."""
    card = read_card(folder)
    try:
        path = folder / str(card["weights"]["file"])
        expected_sha256 = str(card["weights"]["sha256"])
        labels = tuple(str(label) for label in card["labels"])
        floors = np.array([float(card["floors"][label]) for label in labels], np.float32)
        languages = tuple(str(language) for language in card["languages"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"the model card lacks {error}", where=str(folder / CARD_NAME), next_step=_NEXT) from error
    weights, bias = _verified(path, expected_sha256, len(labels))
    return HeadWeights(labels=labels, languages=languages, weights=weights, bias=bias, floors=floors)


def _verified(path: Path, expected_sha256: str, label_count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"the weights cannot be read: {error}", where=str(path), next_step=_NEXT) from error
    if hashlib.sha256(raw).hexdigest() != expected_sha256:
        raise ModelFileError("the weights are not the ones their card names", where=str(path), next_step=_NEXT)
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
            weights, bias = np.asarray(stored["weights"], np.float32), np.asarray(stored["bias"], np.float32)
    except (ValueError, KeyError, OSError) as error:
        raise ModelFileError(f"the weights cannot be read: {error}", where=str(path), next_step=_NEXT) from error
    if weights.shape != (EMBEDDING_SIZE, label_count) or bias.shape != (label_count,):
        raise ModelFileError(
            f"weights {weights.shape} and bias {bias.shape} do not fit {label_count} labels",
            where=str(path),
            next_step=_NEXT,
        )
    return weights, bias
