"""Synthetic speech for tests, the demo and benchmarks: lines of text spoken by packaged programs, never recordings.

Two synthesisers, neither of them needed to screen: SVOX Pico from the PyPI package `py-nanotts` (the extra `voices`;
Apache-2.0, its voices inside; English, German, Spanish, French, Italian), which a recogniser of natural
speech understands, and the program `espeak-ng` (over 100 languages), whose robotic voices such a recogniser often
mishears outside of English: see `docs/quality.md`.
"""

import functools
import importlib
import importlib.util
import math
import re
import shutil
import subprocess
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import MissingDependencyError, UsageError

Wave = NDArray[np.float32]
"""Mono samples in [-1, 1]."""

SPEECH_RATE_HZ = 16_000
PICO_RATE_HZ = 16_000
ESPEAK_PROGRAM = "espeak-ng"

PICO_VOICES = {"en": "en-GB", "de": "de-DE", "es": "es-ES", "fr": "fr-FR", "it": "it-IT"}
"""Language -> the Pico voice that speaks it when none is named; `en-US` is the sixth."""

ESPEAK_WORDS_PER_MINUTE = 140
_PICO_VOICE = re.compile(r"[a-z]{2}-[A-Z]{2}")
_LONGEST_TEXT = 2000
_TIMEOUT_S = 60.0


def say(text: str, language: str, voice: str = "", *, rate_hz: int = SPEECH_RATE_HZ) -> Wave:
    """`text` spoken in `language` (BCP 47), float32 mono at `rate_hz`, its highest sample at 0.7; the same each time.

    `voice` is a Pico voice such as `de-DE`, or an espeak-ng voice such as `en-us` or `tr+f3`. Without one, Pico speaks
    where it is installed and knows the language, and espeak-ng elsewhere. Raises MissingDependencyError where the
    synthesiser is not installed and UsageError where it does not know the voice. Cost: about 0.1 CPU-s a line,
    then cached.
    """
    native, native_rate_hz = _spoken(text, voice or default_voice(language))
    return resampled(native, native_rate_hz, rate_hz)


def default_voice(language: str) -> str:
    """The voice that `say` takes for a language when none is named."""
    primary = language.partition("-")[0].lower()
    return PICO_VOICES[primary] if has_pico() and primary in PICO_VOICES else language.lower()


def has_pico() -> bool:
    """Whether the package with Pico's voices is installed."""
    return importlib.util.find_spec("py_nanotts") is not None


def has_espeak() -> bool:
    """Whether the program espeak-ng is installed."""
    return shutil.which(ESPEAK_PROGRAM) is not None


def can_say(language: str, voice: str = "") -> bool:
    """Whether a synthesiser for that voice is installed; tests skip, and the demo leaves a clip out, where not."""
    return has_pico() if _PICO_VOICE.fullmatch(voice or default_voice(language)) else has_espeak()


def resampled(wave: Wave, from_hz: int, to_hz: int) -> Wave:
    """The wave at another rate, band-limited below both Nyquist frequencies; length follows the ratio of the rates.

    By cutting or padding the spectrum of the whole wave between silences, so meant for lines, not hours.
    """
    if from_hz == to_hz or not len(wave):
        return wave
    # Lengths in whole steps of both rates, or the wave would be stretched by a fraction of a sample.
    step = from_hz // math.gcd(from_hz, to_hz)
    padding = -(-from_hz // 10 // step) * step
    padded = np.pad(wave.astype(np.float64), (padding, padding + -len(wave) % step))
    spectrum = np.fft.rfft(padded)
    count = len(padded) // step * (step * to_hz // from_hz)
    kept = np.zeros(count // 2 + 1, np.complex128)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    new = np.fft.irfft(kept, count) * (count / len(padded))
    first, length = padding * to_hz // from_hz, round(len(wave) * to_hz / from_hz)
    return new[first : first + length].astype(np.float32)


@functools.lru_cache(maxsize=64)
def _spoken(text: str, voice: str) -> tuple[Wave, int]:
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise UsageError(f"a line to speak has 1 to {_LONGEST_TEXT} characters, not {len(text)}", where="say")
    wave, rate_hz = _pico(text, voice) if _PICO_VOICE.fullmatch(voice) else _espeak(text, voice)
    peak = float(np.abs(wave).max(initial=0.0))
    if not peak:
        raise UsageError(f"the voice {voice!r} says nothing of this line", where="say", next_step="check its language")
    wave = wave * np.float32(0.7 / peak)
    wave.setflags(write=False)
    return wave, rate_hz


def _pico(text: str, voice: str) -> tuple[Wave, int]:
    if not has_pico():
        raise MissingDependencyError(
            f"the voice {voice!r} is not installed", where="say", next_step="pip install 'tidegate[voices]'"
        )
    pico: Any = importlib.import_module("py_nanotts")
    if voice not in {known.value for known in pico.Voice}:
        raise UsageError(
            f"Pico has no voice {voice!r}", where="say", next_step="use one of de-DE en-GB en-US es-ES fr-FR it-IT"
        )
    code = "import sys, py_nanotts; sys.stdout.buffer.write(py_nanotts.NanoTTS().speak(sys.argv[1], voice=sys.argv[2]))"
    # A process of its own: how fast Pico speaks a line depends on what it spoke before.
    done = subprocess.run(  # noqa: S603 - this interpreter, no shell; the text is an argument and no code
        [sys.executable, "-c", code, text.replace("\0", " "), voice],
        capture_output=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    if done.returncode:
        raise UsageError(f"the voice {voice!r} cannot speak this line", where="say", next_step="try other words")
    return _from_pcm(done.stdout), PICO_RATE_HZ


def _espeak(text: str, voice: str) -> tuple[Wave, int]:
    program = shutil.which(ESPEAK_PROGRAM)
    if program is None:
        raise MissingDependencyError(
            f"the program {ESPEAK_PROGRAM} is not installed", where="say", next_step=f"apt-get install {ESPEAK_PROGRAM}"
        )
    if voice.partition("+")[0] not in _espeak_voices(program):
        # The program itself would speak with another voice and say nothing of it.
        raise UsageError(
            f"{ESPEAK_PROGRAM} has no voice {voice!r}", where="say", next_step=f"{ESPEAK_PROGRAM} --voices lists them"
        )
    command = [program, "--stdin", "--stdout", "-b", "1", "-v", voice, "-s", str(ESPEAK_WORDS_PER_MINUTE)]
    done = subprocess.run(  # noqa: S603  # a fixed program; the text goes in as its input
        command, input=text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False
    )
    start = done.stdout.find(b"data")
    if done.returncode or start < 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(
            f"{ESPEAK_PROGRAM} cannot speak with the voice {voice!r}: {said[0] if said else 'no sound'}",
            where="say",
            next_step=f"{ESPEAK_PROGRAM} --voices lists those it has",
        )
    # The header of a streamed WAV does not know its length: the samples are what follows it (rate at byte 24).
    return _from_pcm(done.stdout[start + 8 :]), int.from_bytes(done.stdout[24:28], "little")


@functools.lru_cache(maxsize=1)
def _espeak_voices(program: str) -> frozenset[str]:
    """Languages and names of the voices it has: columns 2 and 5 of its list, and other languages in parentheses."""
    done = subprocess.run(  # noqa: S603  # a fixed program and argument
        [program, "--voices"], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
    )
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    names = {row[1] for row in rows} | {row[4].rpartition("/")[2].lower() for row in rows}
    return frozenset(names | {match[1] for match in re.finditer(r"\((\S+) \d+\)", done.stdout)})


def _from_pcm(data: bytes) -> Wave:
    """Signed 16-bit little-endian samples as float32."""
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
