"""The contact sheet: sampled frames as small JPEG data URIs, sensitive ones marked so that the page blurs them.

Boxes of evidence are drawn on the frames, and the words that stand on them, each under the tag it has in the script.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.explain.lanes import lane_of
from tidegate.explain.scale import clock_text
from tidegate.explain.words import ShownText
from tidegate.records import Box, Evidence, EvidencePart, Signal, Span

if TYPE_CHECKING:
    from tidegate.media.clip import Frame

FRAME_SIDE_PX = 400
JPEG_QUALITY = 74

_REASONS = {"keyframe": "keyframe", "change": "picture changed", "gap": "in between"}
_HARMLESS_LABELS = frozenset({"visual.detail", "visual.face", "visual.flash", "visual.object"})
_SENSITIVE_SCORE = 0.2
"""Pictures with a weaker nudity or weapon score than this are shown as they are: most frames have some score."""


MOST_TEXT_BOXES = 40
MOST_TAGS = 10
"""Words on one frame that get a box, and those of them that get their tag beside it: the picture must stay visible."""

TAG_PX = 12
TAG_PERCENT = 6.0
"""Height of a tag: in pixels as it is drawn, and at most that share of a picture at its smallest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A box on a picture, in percent of its sides: of evidence, or of words on the picture.

    `kind` is `evidence`, or `text` or `quoted` for words without and with evidence; `tag` stands at its corner,
    empty for none.
    """

    kind: str
    tag: str
    x: float
    y: float
    width: float
    height: float

    @property
    def tag_top(self) -> float:
        """Where the tag begins, in percent from the top: the box's upper edge, or its lower one for want of room."""
        return self.y if self._is_tag_above or self.y + self.height > 100.0 - TAG_PERCENT else self.y + self.height

    @property
    def tag_shift_px(self) -> int:
        """How far the tag is moved up from there, so that it lies on the outside of the box."""
        return TAG_PX if self._is_tag_above else 0

    @property
    def _is_tag_above(self) -> bool:
        return self.y >= TAG_PERCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure of the sheet. `source` is a data URI; `numbers` are the evidence here, `texts` the words."""

    index: int
    source: str
    width_px: int
    height_px: int
    clock: str
    reason: str
    numbers: tuple[int, ...]
    texts: tuple[ShownText, ...]
    overlays: tuple[Overlay, ...]
    is_sensitive: bool


def contact_sheet(
    frames: "Sequence[Frame]", numbered: Sequence[tuple[int, Signal]], texts: Sequence[ShownText] = (), *, most: int
) -> tuple[Picture, ...]:
    """At most `most` frames in order of time: with evidence first, then with words, then others. About 2 ms a frame.

    `texts` are the words on the picture; each is drawn where it stood at the moment nearest to the frame.
    """
    seen = {frame.index: [item for item in numbered if _shows(item[1], frame)] for frame in frames}
    kept = _chosen(frames, seen, texts, most)
    is_known_file = any(signal.label == "matching.file" for _, signal in numbered)
    return tuple(_picture(frame, seen[frame.index], texts, is_known_file=is_known_file) for frame in kept)


def _shows(signal: Signal, frame: "Frame") -> bool:
    evidence = signal.evidence
    if lane_of(signal) in ("picture", "matches"):
        return _is_at(evidence.span, frame.time_s)
    places: tuple[Evidence | EvidencePart, ...] = (evidence, *evidence.parts)
    return any(place.box is not None and _is_at(place.span, frame.time_s) for place in places)


def _is_at(span: Span | None, time_s: float) -> bool:
    return span is not None and (span.start_s <= time_s < span.end_s or span.start_s == time_s)


def _chosen(
    frames: "Sequence[Frame]", seen: dict[int, list[tuple[int, Signal]]], texts: Sequence[ShownText], most: int
) -> "list[Frame]":
    """One frame for each piece of evidence, then for each text that none of them shows, then more with evidence, then
    the others evenly.
    """
    if len(frames) <= most:
        return list(frames)
    first: dict[int, Frame] = {}
    for frame in frames:
        for number, _ in seen[frame.index]:
            first.setdefault(number, frame)
    telling = [first[number] for number in sorted(first)]
    shown = {frame.index for frame in telling}
    for text in texts:
        showing = [frame for frame in frames if _is_at(text.text.span, frame.time_s)]
        if showing and shown.isdisjoint(frame.index for frame in showing):
            telling.append(showing[len(showing) // 2])
            shown.add(telling[-1].index)
    best = sorted(frames, key=lambda frame: min((number for number, _ in seen[frame.index]), default=10**9))
    telling += [frame for frame in best if seen[frame.index]]
    indexes = set(list(dict.fromkeys(frame.index for frame in telling))[:most])
    others = [frame for frame in frames if not seen[frame.index]]
    spare = most - len(indexes)
    spread = [others[round(step * (len(others) - 1) / max(1, spare - 1))] for step in range(spare)] if others else []
    indexes |= {frame.index for frame in spread}
    return [frame for frame in frames if frame.index in indexes]


def _picture(
    frame: "Frame", shown: Sequence[tuple[int, Signal]], texts: Sequence[ShownText], *, is_known_file: bool
) -> Picture:
    from tidegate.media.renditions import jpeg
    from tidegate.signals.frames import resize

    height_px, width_px = frame.rgb.shape[:2]
    shrink = min(1.0, FRAME_SIDE_PX / max(height_px, width_px, 1))
    width_px, height_px = max(1, round(width_px * shrink)), max(1, round(height_px * shrink))
    small = resize(frame.rgb, width_px, height_px) if shrink < 1.0 else frame.rgb
    encoded = base64.b64encode(jpeg(small, quality=JPEG_QUALITY)).decode("ascii")
    here = tuple(text for text in texts if _is_at(text.text.span, frame.time_s))
    return Picture(
        index=frame.index,
        source=f"data:image/jpeg;base64,{encoded}",
        width_px=width_px,
        height_px=height_px,
        clock=clock_text(frame.time_s),
        reason=_REASONS[frame.reason.value],
        numbers=tuple(dict.fromkeys(number for number, _ in shown)),
        texts=here,
        overlays=(*_text_overlays(here, frame.time_s), *_evidence_overlays(shown, here, frame.time_s)),
        is_sensitive=is_known_file or any(is_sensitive(signal) for _, signal in shown),
    )


def _text_overlays(texts: Sequence[ShownText], time_s: float) -> list[Overlay]:
    """A box for each text, quoted ones and then large ones first where there are too many."""
    boxed = [(text, box_at(text, time_s)) for text in texts]
    boxed.sort(key=lambda item: (not item[0].numbers, -item[1].width * item[1].height))
    return [
        _overlay("quoted" if text.numbers else "text", text.tag if rank < MOST_TAGS else "", box)
        for rank, (text, box) in enumerate(boxed[:MOST_TEXT_BOXES])
    ]


def box_at(shown: ShownText, time_s: float) -> Box:
    """Where a text stood at the moment of its path nearest to `time_s`; its own box where it has no path."""
    nearest = min(shown.text.path, key=lambda timed: abs(timed.time_s - time_s), default=None)
    return nearest.box if nearest else shown.text.box


def _evidence_overlays(shown: Sequence[tuple[int, Signal]], texts: Sequence[ShownText], time_s: float) -> list[Overlay]:
    """The boxes of evidence; what is quoted from or said of words on this frame has the box of those words already."""
    drawn = {number for text in texts for number in text.numbers}
    text_boxes = {text.text.box for text in texts}
    found: list[Overlay] = []
    for number, signal in shown:
        places: tuple[Evidence | EvidencePart, ...] = (signal.evidence, *signal.evidence.parts)
        boxes = [place.box for place in places if place.box is not None and _is_at(place.span, time_s)]
        found += [_overlay("evidence", "", box) for box in boxes if number not in drawn and box not in text_boxes]
    return found


def is_sensitive(signal: Signal) -> bool:
    """Whether a person should choose to see the picture behind this signal."""
    if signal.label in _HARMLESS_LABELS or lane_of(signal) not in ("picture", "matches"):
        return False
    return signal.score >= _SENSITIVE_SCORE


def _overlay(kind: str, tag: str, box: Box) -> Overlay:
    return Overlay(
        kind=kind,
        tag=tag,
        x=round(100 * box.x, 2),
        y=round(100 * box.y, 2),
        width=round(100 * box.width, 2),
        height=round(100 * box.height, 2),
    )
