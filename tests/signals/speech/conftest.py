import shutil
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.media.clip import AUDIO_RATE_HZ

Wave = NDArray[np.float32]
_ESPEAK_RATE_HZ = 22_050


def resampled(wave: Wave, rate_hz: int) -> Wave:
    """Band-limited: what lies above the lower rate's half is cut, not folded back."""
    size = round(wave.size * AUDIO_RATE_HZ / rate_hz)
    bins = np.fft.rfft(wave)[: size // 2 + 1]
    return (np.fft.irfft(bins, size) * size / wave.size).astype(np.float32)


@pytest.fixture(scope="session")
def say() -> Callable[..., Wave]:
    """Speech by espeak-ng as float32 mono at 16 kHz."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("espeak-ng is not installed: no speech to test with")

    def spoken(text: str, *, voice: str = "en-us", words_per_minute: int = 160) -> Wave:
        command = [program, "-v", voice, "-s", str(words_per_minute), "--stdout", text]
        sound = subprocess.run(command, capture_output=True, check=True).stdout
        samples = np.frombuffer(sound[sound.index(b"data") + 8 :], "<i2").astype(np.float32) / 32_768
        return resampled(samples, _ESPEAK_RATE_HZ)

    return spoken
