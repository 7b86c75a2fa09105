"""What a recogniser of speech is asked and what it answers; detectors and tests know no more of it than this."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word as it stands in running text, blanks before it included, at seconds of its wave; probability in [0, 1]."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard in one wave, and how sure the recogniser is.

    `language` is a BCP 47 tag with its probability in [0, 1]; `mean_log_probability` is natural, per token, at most 0;
    `no_speech_probability` in [0, 1].
    """

    words: tuple[HeardWord, ...] = ()
    language: str = "und"
    language_probability: float = 0.0
    mean_log_probability: float = 0.0
    no_speech_probability: float = 0.0

    @property
    def text(self) -> str:
        """The words as running text."""
        return "".join(word.text for word in self.words)


class Recogniser(Protocol):
    """Turns sound into words. Same waves, same words."""

    def recognise(
        self, waves: Sequence[NDArray[np.float32]], *, language: str = "", is_thorough: bool = False
    ) -> list[Heard]:
        """What is heard in each wave, float32 mono at 16 kHz of at most 30 s. The waves are parts of one clip.

        `language` is what the clip is declared to be in, a hint that may be wrong. `is_thorough` asks for the dearer
        way, for waves that were heard badly.
        """
