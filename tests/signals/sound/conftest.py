from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.signals.base import View
from tidegate.testing.fakes import clip_of, view_of
from tidegate.testing.voices import can_say, say

Wave = NDArray[np.float32]


@pytest.fixture(scope="session")
def heard() -> Callable[[Wave], View]:
    """`heard(wave)`: the view of a clip that is nothing but this sound."""
    return lambda wave: view_of(clip=clip_of((), audio=wave))


@pytest.fixture(scope="session")
def spoken() -> Callable[[str, str, str], Wave]:
    """`spoken(text, language, voice)`: synthetic speech at an ordinary level."""

    def speak(text: str, language: str, voice: str) -> Wave:
        if not can_say(language, voice):
            pytest.skip("espeak-ng, which speaks these lines, is not installed")
        return (say(text, language, voice) * np.float32(0.4)).astype(np.float32)

    return speak
