"""What one line says: turned level, its script told, read by the engine that knows it, or said to be unreadable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.letters import plain, script_of
from tidegate.signals.onscreen.recognise import LINE_HEIGHT_PX, Reading
from tidegate.signals.onscreen.regions import Region, crop

NO_LETTERS = "Zyyy"
READABLE = frozenset({"Latn", "Hani", "Hans", "Hant", "Jpan", "Hira", "Kana", NO_LETTERS})
"""Scripts that PP-OCR reads, and what has no letters: digits and signs, which it reads as well."""

SURE = 0.9
"""Confidence from which no second look is taken (measured: turned lines read at 0.78 at most)."""

DOUBTFUL, LIKELY = 0.4, 0.6
"""Confidences of a foreign script from which poor readings, and all but the best readings, are not believed. Measured:
true lines in nine scripts 0.6 to 1.0, some 0.4 to 0.5; Latin lines taken for another script 0.37 to 0.96."""

PASSABLE, PERFECT = 0.8, 0.94
"""Confidences that a reading needs to be believed against a doubtful script, and against any script. Measured: Latin
lines with diacritics 0.93 to 1.0; what PP-OCR makes of Cyrillic and Greek 0.93 at most, mostly nothing at all."""

FULL = 0.6
"""Letters that a line has at the least for each height of its length (measured: 1.1 to 1.7); a reading with fewer left
letters out, and its confidence falls by as much."""

LEAST_FOR_STRETCHING = 0.5


class ScriptTeller(Protocol):
    """Tells the script of a line from its picture: ISO 15924 code and confidence."""

    def load(self) -> None:
        """Make ready."""

    def classify(self, crops: Sequence[NDArray[np.uint8]]) -> list[tuple[str, float]]:
        """Code and confidence in [0, 1] of each upright uint8 (h, w, 3) crop."""


class SecondEngine(Protocol):
    """Reads lines in scripts that the first engine cannot."""

    def available_scripts(self) -> frozenset[str]:
        """ISO 15924 codes it has data for; empty where it is not installed."""

    def read(self, crop: NDArray[np.uint8], script: str) -> tuple[str, float] | None:
        """Words and confidence in [0, 1] of an upright uint8 (h, w, 3) crop; `None` where it finds none."""


class NoEngine:
    """No second engine: every script beyond the first one's is an abstention."""

    def available_scripts(self) -> frozenset[str]:
        """None."""
        return frozenset()

    def read(self, crop: NDArray[np.uint8], script: str) -> tuple[str, float] | None:
        """Nothing."""
        return None


class FirstEngine(Protocol):
    """Reads lines in the scripts of `READABLE`."""

    def read(self, crop: NDArray[np.uint8]) -> Reading:
        """The words on uint8 (48, w, 3)."""


class Turns(Protocol):
    """Tells which way up a line stands."""

    def is_upside_down(self, crop: NDArray[np.uint8]) -> bool:
        """Whether uint8 (48, w, 3) is turned by half a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineText:
    """What a line says, how surely, in which script; `is_turned` when it stood on its head.

    `is_unread` marks a line of letters in a script that no engine here reads; then `text` is empty, and
    `script_confidence` says how sure the script is.
    """

    text: str
    confidence: float
    script: str
    is_turned: bool = False
    is_unread: bool = False
    script_confidence: float = 1.0


class RegionReader:
    """Reads regions of pictures. `cost_px` counts the pixels of line read so far, about 13,000 to a CPU second."""

    def __init__(self, engine: FirstEngine, turns: Turns, scripts: ScriptTeller, second: SecondEngine) -> None:
        self._engine, self._turns, self._scripts, self._second = engine, turns, scripts, second
        self.cost_px = 0

    def read(self, rgb: NDArray[np.uint8], region: Region) -> LineText:
        """What the region of uint8 (h, w, 3) says. One to three passes of the recogniser, one of each other."""
        line = crop(rgb, region, LINE_HEIGHT_PX)
        first, is_turned = self._read(line), False
        script, certainty, is_foreign = self._script(line, first)
        # Letters that the engine cannot read often look more like Latin ones on their head, so a line of another script
        # is turned only where it then reads surely. Measured: readable lines on their head 0.96 and more once turned,
        # upright lines of six other scripts 0.78 at most.
        if first.confidence < SURE and self._turns.is_upside_down(line):
            over = np.ascontiguousarray(line[::-1, ::-1])
            other = self._read(over)
            is_turned = other.confidence > (SURE if is_foreign else first.confidence)
            if is_turned:
                line, first = over, other
                script, certainty, is_foreign = self._script(line, first)
        if is_foreign:
            return replace(self._read_foreign(line, script), is_turned=is_turned, script_confidence=certainty)
        if first.confidence < SURE and (script != NO_LETTERS or first.confidence > LEAST_FOR_STRETCHING):
            first = max(first, self._read(stretched(line)), key=lambda one: one.confidence)
        return LineText(text=first.text, confidence=first.confidence, script=script_of(first.text), is_turned=is_turned)

    def _script(self, line: NDArray[np.uint8], read: Reading) -> tuple[str, float, bool]:
        """The script of a line as it stands, how sure that is, and whether this engine cannot read it."""
        ((script, certainty),) = self._scripts.classify([line])
        return script, certainty, _is_foreign(script, certainty, read)

    def _read(self, line: NDArray[np.uint8]) -> Reading:
        self.cost_px += line.shape[1]
        found = self._engine.read(line)
        return replace(found, confidence=found.confidence * _fullness(found.text, line))

    def _read_foreign(self, line: NDArray[np.uint8], script: str) -> LineText:
        if script in self._second.available_scripts():
            self.cost_px += line.shape[1]
            found = self._second.read(line, script)
            if found is not None and found[0].strip():
                return LineText(text=found[0].strip(), confidence=found[1], script=script)
        return LineText(text="", confidence=0.0, script=script, is_unread=True)


def stretched(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A crop in grey with its darkest and lightest twentieth pulled to black and white, dark letters on light.

    What is lighter in the middle than at the edges is taken for light letters and inverted. uint8 (h, w, 3).
    """
    grey = line.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    low, high = np.percentile(grey, (5.0, 95.0))
    spread = np.clip((grey - low) * (255.0 / max(float(high - low), 16.0)), 0.0, 255.0)
    edge = np.concatenate([spread[:4].ravel(), spread[-4:].ravel()])
    if float(np.median(edge)) < 127.0:
        spread = 255.0 - spread
    return np.repeat(spread.astype(np.uint8)[..., None], 3, axis=2)


def _fullness(text: str, line: NDArray[np.uint8]) -> float:
    """How far a text has as many letters as its line is long, in [0, 1]."""
    wanted = FULL * line.shape[1] / line.shape[0]
    return min(1.0, len(plain(text)) / wanted) if wanted > 1.0 else 1.0


def _is_foreign(script: str, certainty: float, read: Reading) -> bool:
    if script in READABLE or certainty < DOUBTFUL:
        return False
    return read.confidence < (PERFECT if certainty >= LIKELY else PASSABLE)
