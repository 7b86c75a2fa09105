"""The three networks of PP-OCR that read the picture, opened once a process and shared."""

import functools
from dataclasses import dataclass

from tidegate.signals.cards import cards, locate
from tidegate.signals.network import Network
from tidegate.signals.onscreen.detect import TextFinder
from tidegate.signals.onscreen.recognise import LineReader, TurnTeller

EXTRA = "onscreen"
CARDS = ("ppocr-v6-det-small", "ppocr-v6-rec-small", "ppocr-v2-cls-mobile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """What finds lines, what reads them, and what tells which way up they stand."""

    finder: TextFinder
    reader: LineReader
    turns: TurnTeller


@functools.cache
def networks() -> Networks:
    """The networks of this process: 31 MB of weights, about 0.5 CPU-s to open and 120 MiB once used.

    Raises MissingDependencyError or ModelFileError.
    """
    detection, recognition, turning = (
        Network(locate(cards()[name]), name=f"reading the picture ({name})", extra=EXTRA) for name in CARDS
    )
    return Networks(finder=TextFinder(detection), reader=LineReader(recognition), turns=TurnTeller(turning))
