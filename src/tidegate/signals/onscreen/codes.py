"""QR, matrix and bar codes on the picture: decoded, told what they are for, links taken apart and never fetched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.media.clip import Frame
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Evidence,
    OnScreenKind,
    OnScreenText,
    Signal,
    Span,
    TimedBox,
)
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.frames import FrameBatch
from tidegate.signals.onscreen.code_reader import RETAIL_FORMATS, Code, CodeReader
from tidegate.signals.onscreen.payloads import Payload, examine

_LABEL = "onscreen.code"

MAX_PAYLOADS = 16
"""Distinct payloads told of one clip."""

MAX_RUNS = 4
"""Stretches told of one payload; later ones are joined to the last."""

MAX_CLOSER_PIXELS = 6_000_000
"""Enlarged pixels searched in one clip for very small codes: about 0.1 CPU seconds."""

_SIDE_PX, _CELLS = 256, 64
_CHANGED_LEVELS = 14.0
"""Grey levels of 255 by which one of 64 x 64 cells differs between two frames that are looked at separately."""

_Key = tuple[str, bytes]


@dataclass(slots=True, kw_only=True)
class _Seen:
    """Where one payload stood: for each stretch, the frames that show it, with its place in each."""

    payload: Payload
    format: str
    runs: list[list[tuple[Frame, Code]]] = field(default_factory=list)
    last_index: int = -1


class CodeDetector:
    """Reads the codes of a clip's frames; a frame that looks like the one before it is not looked at again.

    Found are QR, Micro QR, rMQR, Aztec, Data Matrix, PDF417, MaxiCode, EAN and UPC, Code 128, 93 and 39, ITF-14 and
    DataBar Expanded; upright, turned, mirrored, matrix codes also light on dark. A QR code needs modules of 1.25
    pixels of a 512-pixel frame (a code of 29 modules: a fourteenth of its height), other matrix codes 1.5 to 2. Not
    found: codes behind heavy blur, strong perspective or artistic fill, and PDF417 turned by more than a few degrees.
    """

    id = "onscreen.codes@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({_LABEL})
    assigns = frozenset({Need.ON_SCREEN, Need.TEXTS})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.005, memory_mib=10.0)
    requires: tuple[Requirement, ...] = (
        Requirement(package="zxingcpp", extra="onscreen"),
        Requirement(package="cv2", extra="onscreen"),
    )
    when: When | None = None

    def __init__(self) -> None:
        self._reader: CodeReader | None = None

    def load(self) -> None:
        """Import the decoder. Raises MissingDependencyError."""
        self._opened()

    def detect(self, view: View) -> Iterator[Said]:
        """A text for each stretch in which a payload stands, and one signal for each distinct payload.

        The text is the payload and, on lines of their own, the links inside it. The signal's score is 1: a decoded code
        has passed its own check digits. More than 16 payloads or 4 kB of one are an abstention.
        """
        seen: dict[_Key, _Seen] = {}
        overflow: Frame | None = None
        for index, frame, codes in self._looks(view.frames):
            for code in codes:
                if not _keep(seen, index, frame, code):
                    overflow = overflow or frame
        for one in seen.values():
            yield from self._texts(one)
            yield self._signal(one)
            if one.payload.is_cut:
                yield self._cut("a payload was cut: it or the links in it are too many or too long", _span(one.runs[0]))
        if overflow is not None:
            yield self._cut(f"more than {MAX_PAYLOADS} different codes", overflow.span)

    def _looks(self, frames: FrameBatch) -> Iterator[tuple[int, Frame, list[Code]]]:
        """Each frame with its codes; the ones of a frame that looks the same stand for it too."""
        reader, left = self._opened(), MAX_CLOSER_PIXELS
        thumbs = _thumbnails(frames)
        before: NDArray[np.float32] | None = None
        codes: list[Code] = []
        for index, frame in enumerate(frames):
            if before is None or float(np.abs(thumbs[index] - before).max()) > _CHANGED_LEVELS:
                codes = reader.look(frame.rgb)
                small, spent = reader.look_closer(frame.rgb, codes, left)
                codes, left, before = [*codes, *small], left - spent, thumbs[index]
            yield index, frame, codes

    def _texts(self, one: _Seen) -> Iterator[OnScreenText]:
        for run in one.runs:
            _, best = max(run, key=lambda shown: shown[1].box.width * shown[1].box.height)
            yield OnScreenText(
                text=one.payload.text,
                span=_span(run),
                box=best.box,
                language="",
                confidence=1.0,
                kind=OnScreenKind.CODE,
                path=tuple(TimedBox(time_s=frame.time_s, box=code.box) for frame, code in run),
                rotation_deg=best.rotation_deg,
                detector_id=self.id,
            )

    def _signal(self, one: _Seen) -> Signal:
        run = max(one.runs, key=lambda run: _span(run).duration_s)
        _, best = max(run, key=lambda shown: shown[1].box.width * shown[1].box.height)
        note = "; ".join([f"{one.format}: {one.payload.kind}", *one.payload.marks])
        return Signal(
            label=_LABEL, score=1.0, evidence=Evidence(span=_span(run), box=best.box, note=note), detector_id=self.id
        )

    def _cut(self, detail: str, span: Span) -> Abstention:
        return Abstention(
            detector_id=self.id, reason=AbstentionReason.OVER_BUDGET, labels=(_LABEL,), span=span, detail=detail
        )

    def _opened(self) -> CodeReader:
        if self._reader is None:
            self._reader = CodeReader()
        return self._reader


def _keep(seen: dict[_Key, _Seen], index: int, frame: Frame, code: Code) -> bool:
    """Note a code in a frame; false when there are too many different ones. One missed frame ends no stretch."""
    key = (code.format, code.data)
    one = seen.get(key)
    if one is None:
        if len(seen) >= MAX_PAYLOADS:
            return False
        payload = examine(code.text, code.data, is_product=code.format in RETAIL_FORMATS)
        one = seen[key] = _Seen(payload=payload, format=code.format)
    if one.last_index == index:
        return True
    if not one.runs or (index - one.last_index > 2 and len(one.runs) < MAX_RUNS):
        one.runs.append([])
    one.runs[-1].append((frame, code))
    one.last_index = index
    return True


def _span(run: Sequence[tuple[Frame, Code]]) -> Span:
    return Span(start_s=min(frame.span.start_s for frame, _ in run), end_s=max(frame.span.end_s for frame, _ in run))


def _thumbnails(frames: FrameBatch) -> NDArray[np.float32]:
    """Float32 (n, 64, 64): mean grey of each cell of every frame, by which frames are told apart."""
    step = _SIDE_PX // _CELLS
    squares = frames.squares(_SIDE_PX)
    grey = squares.reshape(len(squares), _CELLS, step, _CELLS, step * 3)
    result: NDArray[np.float32] = grey.mean(axis=(2, 4), dtype=np.float32)
    return result
