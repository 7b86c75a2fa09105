"""Words on the picture: found where it changed, followed over time, joined; marks of platforms told apart."""

from collections.abc import Iterator, Sequence

from tidegate.media.clip import Frame
from tidegate.records import Abstention, AbstentionReason, Evidence, OnScreenKind, Signal, Span
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.onscreen.assembled import FoundText, SortedLines, runs, sorted_out, spans_of, texts_of_clip
from tidegate.signals.onscreen.follow import Follower
from tidegate.signals.onscreen.lettering import WHEN_SOMETHING_LOOKS_LIKE_LETTERS
from tidegate.signals.onscreen.networks import EXTRA, Networks, networks
from tidegate.signals.onscreen.reader import RegionReader, ScriptTeller
from tidegate.signals.onscreen.second import SecondEngine, read_again
from tidegate.signals.onscreen.tracks import LineTrack

TEXT, WATERMARK, FLICKER = "onscreen.text", "onscreen.watermark", "onscreen.flicker"

BRIEF_S = 0.3
"""Words shown for less than this are gone before they are read: one fixation of the eye while reading takes 0.2 to
0.3 s (Rayner 1998), and a text needs several."""

LEAST_RUN_FRAMES = 4
"""Frames in a row that each show a line no other frame shows, from which lines may have passed between them."""

MOST_TEXTS = 64
MOST_ABSTENTIONS = 8
MOST_FLICKERS = 16


class OnScreenDetector:
    """Reads Latin letters, Chinese and Japanese; other scripts by a second engine where there is one.

    `scripts` tells scripts apart, `second` reads what PP-OCR cannot; `None` takes the built-in ones at `load`.
    `look_every_s` spares frames that show no more strokes than ones just looked at; 0 looks at every frame of a clip
    with words.
    What is in a script that nobody reads, too unclear or past the budget is an abstention with its span.
    """

    id = "onscreen.text@1"
    needs = frozenset({Need.FRAMES})
    assigns = frozenset({Need.ON_SCREEN, Need.TEXTS})
    emits = frozenset({TEXT, WATERMARK, FLICKER})
    resources = Resources(tier=Tier.DEAR, cpu_s_per_item=0.05, memory_mib=260.0)
    requires: tuple[Requirement, ...] = (
        Requirement(package="onnxruntime", extra=EXTRA),
        Requirement(package="cv2", extra=EXTRA),
        Requirement(package="rapidocr", extra=EXTRA, install="pip install --no-deps rapidocr==3.10.0"),
    )
    when: When | None = WHEN_SOMETHING_LOOKS_LIKE_LETTERS

    def __init__(
        self,
        scripts: ScriptTeller | None = None,
        second: SecondEngine | None = None,
        *,
        look_every_s: float = 0.0,
    ) -> None:
        self._scripts, self._second = scripts, second
        self._look_every_s = look_every_s
        self._networks: Networks | None = None

    def load(self) -> None:
        """Open the networks. Raises MissingDependencyError or ModelFileError."""
        self._opened()

    def detect(self, view: View) -> Iterator[Said]:
        """Every text with its span, box and path; signals for the largest, for marks and for what flickers by."""
        frames = list(view.frames)
        if not frames:
            return
        found_by, scripts, second = self._opened()
        reader = RegionReader(found_by.reader, found_by.turns, scripts)
        followed = Follower(found_by.finder, reader, look_every_s=self._look_every_s).follow(frames)
        again = read_again(followed.tracks, frames, second)
        lines = sorted_out(again.tracks)
        texts = texts_of_clip(lines.read, frames, self.id) if lines.read else []
        told, too_many = _most_seen(texts)
        yield from (text.record for text in told)
        yield from self._signals(told, len(frames))
        yield from self._abstentions(lines, frames)
        for span in too_fast(lines.read, frames):
            yield self._abstain(AbstentionReason.LOW_CONFIDENCE, span, "words change faster than the picture was seen")
        for span in _few(followed.too_small):
            yield self._abstain(AbstentionReason.LOW_CONFIDENCE, span, "rows of letters too small to be read")
        spans = [*followed.passed_over, *spans_of(again.passed_over, frames), *(text.record.span for text in too_many)]
        if spans:
            yield self._abstain(AbstentionReason.OVER_BUDGET, _around(spans), "more text than is read of one clip")

    def _signals(self, texts: Sequence[FoundText], frame_count: int) -> Iterator[Signal]:
        captions = [text for text in texts if text.record.kind is OnScreenKind.CAPTION]
        watermarks = [text for text in texts if text.record.kind is OnScreenKind.WATERMARK]
        if captions:
            count = f"{len(captions)} text{'s' * (len(captions) != 1)} on {frame_count} frames"
            yield self._signal(TEXT, max(captions, key=_prominence), note=f"the largest of {count}")
        for text in watermarks:
            yield self._signal(WATERMARK, text, note="a platform's name, small, at one place or hopping")
        brief = [text for text in captions if text.longest_s < BRIEF_S and not text.is_always_there]
        for text in brief[:MOST_FLICKERS]:
            score = 1.0 - 0.5 * text.longest_s / BRIEF_S
            yield self._signal(FLICKER, text, score=score, note=f"shown for {text.longest_s:.2f} s at a time")

    def _signal(self, label: str, text: FoundText, *, note: str, score: float | None = None) -> Signal:
        record = text.record
        return Signal(
            label=label,
            score=record.confidence if score is None else score,
            evidence=Evidence(span=record.span, box=record.box, note=note),
            detector_id=self.id,
        )

    def _abstentions(self, lines: SortedLines, frames: Sequence[Frame]) -> Iterator[Abstention]:
        by_script: dict[str, list[LineTrack]] = {}
        for track in lines.unread:
            by_script.setdefault(track.line.script, []).append(track)
        for script, tracks in sorted(by_script.items()):
            for span in _few(spans_of(tracks, frames)):
                detail = f"letters in a script that nobody here reads: {script}"
                yield self._abstain(AbstentionReason.UNSUPPORTED_LANGUAGE, span, detail)
        if lines.unclear:
            for span in _few(spans_of(lines.unclear, frames)):
                yield self._abstain(AbstentionReason.LOW_CONFIDENCE, span, "letters too unclear to be read")

    def _abstain(self, reason: AbstentionReason, span: Span, detail: str) -> Abstention:
        return Abstention(
            detector_id=self.id, reason=reason, labels=tuple(sorted(self.emits)), span=span, detail=detail
        )

    def _opened(self) -> tuple[Networks, ScriptTeller, SecondEngine]:
        if self._networks is None:
            self._networks = networks()
        if self._scripts is None:
            from tidegate.signals.onscreen.scripts import ScriptClassifier

            self._scripts = ScriptClassifier()
            self._scripts.load()
        if self._second is None:
            from tidegate.signals.onscreen.tesseract import Tesseract

            self._second = Tesseract()
        return self._networks, self._scripts, self._second


def too_fast(tracks: Sequence[LineTrack], frames: Sequence[Frame]) -> list[Span]:
    """Stretches in which every frame shows other lines, some of them known to flicker by: more of them went unseen.

    Captions that change at a reading pace do not count, although a frame may be all that is kept of each.
    """
    once = {track.best.frame for track in tracks if len(track.sightings) == 1}
    found = [[frames[number].span for number in run] for run in runs(sorted(once))]
    return [
        _around(spans)
        for spans in found
        if len(spans) >= LEAST_RUN_FRAMES and min(span.duration_s for span in spans) < BRIEF_S
    ]


def _most_seen(texts: Sequence[FoundText]) -> tuple[list[FoundText], list[FoundText]]:
    """The most prominent texts that are told, by time, and those past the limit."""
    ranked = sorted(range(len(texts)), key=lambda at: -_prominence(texts[at]))
    kept = set(ranked[:MOST_TEXTS])
    return [texts[at] for at in sorted(kept)], [text for at, text in enumerate(texts) if at not in kept]


def _prominence(text: FoundText) -> float:
    """Area in shares of the picture, times seconds; a still picture counts as a second."""
    box = text.record.box
    return box.width * box.height * max(text.record.span.duration_s, 1.0 if text.is_always_there else 0.0)


def _few(spans: Sequence[Span]) -> list[Span]:
    """The spans, or one around all where they are too many."""
    return list(spans) if len(spans) <= MOST_ABSTENTIONS else [_around(spans)]


def _around(spans: Sequence[Span]) -> Span:
    return Span(start_s=min(span.start_s for span in spans), end_s=max(span.end_s for span in spans))
