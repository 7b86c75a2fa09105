"""What one line says: turned level, its script told, read by the bundled engine or left to one that knows it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.signals.onscreen.letters import plain
from tidegate.signals.onscreen.recognise import LINE_HEIGHT_PX, Reading
from tidegate.signals.onscreen.regions import Region, crop
from tidegate.signals.unicode_scripts import NO_LETTERS, script_of

READABLE = frozenset({"Latn", "Hani", "Hans", "Hant", "Jpan", "Hira", "Kana", NO_LETTERS})
"""Scripts that PP-OCR reads, and what has no letters: digits and signs, which it reads as well."""

SURE = 0.9
"""Confidence from which no second look is taken (measured: turned lines read at 0.78 at most)."""

FULL = 0.6
"""Letters that a line has at the least for each height of its length (measured: 1.1 to 1.7); a reading with fewer left
letters out, and its confidence falls by as much."""

LEAST_FOR_STRETCHING = 0.5

EVEN, WEIGHT = 0.8, 15.0
"""Confidence of a reading that speaks neither for nor against a script it can read, and how much a confidence beside it
weighs in log odds. Fitted by hand to 2,000 lines of drawn captions in 13 scripts and 570 Latin ones in 15 fonts under
hard conditions, weighed with what they look like: at 0 all foreign lines but 0.7% of Cyrillic ones are told, and 0.5%
of the hard Latin ones are taken for them."""

_LEAST_SHARE = 1e-3


class ScriptTeller(Protocol):
    """Tells the script of a line from its picture."""

    def load(self) -> None:
        """Make ready."""

    @property
    def codes(self) -> tuple[str, ...]:
        """ISO 15924 codes, in the order of the columns of `probabilities`."""

    def probabilities(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Float64 (crops, codes) of upright uint8 (h, w, 3) crops, rows summing to 1."""


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

    `is_unread` marks a line of letters in a script that the bundled engine does not read; then `text` is empty.
    `foreign_logit` is the log odds that it is such a line, and `scripts` what it may be written in then: ISO 15924
    codes and their shares, likeliest first. `may_be_turned` when such a line may stand on its head. `script_confidence`
    says how sure the script is. `is_second` when the second engine read it.
    """

    text: str
    confidence: float
    script: str
    is_turned: bool = False
    is_unread: bool = False
    script_confidence: float = 1.0
    foreign_logit: float = -math.inf
    scripts: tuple[tuple[str, float], ...] = ()
    may_be_turned: bool = False
    is_second: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Which scripts a line may be written in beyond the readable ones, with their shares of 1, and their sum in all."""

    scripts: tuple[tuple[str, float], ...]
    foreign: float

    def logit(self, confidence: float) -> float:
        """The log odds that the line is in one of them, for how surely the bundled engine reads it."""
        share = min(max(self.foreign, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
        return math.log(share / (1.0 - share)) - WEIGHT * (confidence - EVEN)


class RegionReader:
    """Reads regions of pictures. `cost_px` counts the pixels of line read so far, about 13,000 to a CPU second."""

    def __init__(self, engine: FirstEngine, turns: Turns, scripts: ScriptTeller) -> None:
        self._engine, self._turns, self._scripts = engine, turns, scripts
        self.cost_px = 0

    def read(self, rgb: NDArray[np.uint8], region: Region) -> LineText:
        """What the region of uint8 (h, w, 3) says. One to three passes of the recogniser, one of each other."""
        line = crop(rgb, region, LINE_HEIGHT_PX)
        first, is_turned, may_be_turned = self._read(line), False, False
        told = self._told(line)
        # Letters that the engine cannot read often look more like Latin ones on their head, so a line of another script
        # is turned only where it then reads surely. Measured: readable lines on their head 0.96 and more once turned,
        # upright lines of six other scripts 0.78 at most.
        if first.confidence < SURE and self._turns.is_upside_down(line):
            is_foreign = told.logit(first.confidence) > 0.0
            over = np.ascontiguousarray(line[::-1, ::-1])
            other = self._read(over)
            is_turned = other.confidence > (SURE if is_foreign else first.confidence)
            may_be_turned = not is_turned
            if is_turned:
                line, first, told = over, other, self._told(over)
        logit = told.logit(first.confidence)
        if logit <= 0.0 and first.confidence < SURE and first.confidence > LEAST_FOR_STRETCHING:
            first = max(first, self._read(stretched(line)), key=lambda one: one.confidence)
        script, certainty = told.scripts[0] if told.scripts else (NO_LETTERS, 0.0)
        said = LineText(
            text=first.text,
            confidence=first.confidence,
            script=script_of(first.text),
            is_turned=is_turned,
            foreign_logit=logit,
            scripts=told.scripts,
            may_be_turned=may_be_turned,
        )
        return unread(said, script, certainty) if logit > 0.0 else said

    def _told(self, line: NDArray[np.uint8]) -> _Told:
        """The scripts that a line may be written in as it stands."""
        (row,) = self._scripts.probabilities([line])
        shares = [(code, float(share)) for code, share in zip(self._scripts.codes, row, strict=True)]
        foreign = [(code, share) for code, share in shares if code not in READABLE]
        total = sum(share for _, share in foreign)
        ranked = sorted(((code, share / total) for code, share in foreign if share > 0.0), key=lambda one: -one[1])
        return _Told(scripts=tuple(ranked), foreign=total)

    def _read(self, line: NDArray[np.uint8]) -> Reading:
        self.cost_px += line.shape[1]
        found = self._engine.read(line)
        return replace(found, confidence=found.confidence * fullness(found.text, line))


def unread(line: LineText, script: str, certainty: float) -> LineText:
    """The same line as one in a script that nobody has read yet."""
    return replace(line, text="", confidence=0.0, script=script, script_confidence=certainty, is_unread=True)


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


def fullness(text: str, line: NDArray[np.uint8]) -> float:
    """How far a text has as many letters as its line is long, in [0, 1]."""
    wanted = FULL * line.shape[1] / line.shape[0]
    return min(1.0, len(plain(text)) / wanted) if wanted > 1.0 else 1.0
