"""Whether networks are cheaper on pictures, lines and talk of several clips at once: milliseconds an item, 1 and N.

python benchmarks/batching.py
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import measure  # noqa: F401 - one thread for NumPy, before it loads

# isort: split
import numpy as np
from numpy.typing import NDArray

from feed_mix import LINES, kinds, made
from measure import arguments, least_cpu_s, table
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.pool import DecodePool
from tidegate.signals.cards import cards, locate
from tidegate.signals.frames import resize
from tidegate.signals.network import BATCH, Network
from tidegate.signals.onscreen.detect import TextFinder, input_size
from tidegate.signals.onscreen.recognise import LINE_HEIGHT_PX, prepared
from tidegate.signals.onscreen.regions import crop
from tidegate.signals.speech.weights import BASE
from tidegate.signals.speech.whisper import BATCH as CHUNKS
from tidegate.signals.speech.whisper import opened
from tidegate.signals.visual.centerface import faces
from tidegate.signals.visual.choose import SIDE_PX
from tidegate.signals.visual.faces import FLOOR
from tidegate.signals.visual.nudity import NudityDetector
from tidegate.signals.visual.objects import ObjectDetector
from tidegate.signals.visual.onnx_shapes import without_sizes
from tidegate.testing.voices import can_say, say

FRAMES_A_CLIP = 2
FINDER_SIDE_PX = 320
WORTH = 0.10
"""Saving from which a batch pays for the delay and the bookkeeping. Our own choice."""

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Work:
    """One network on the same items: one at a time, and `size` at once."""

    name: str
    items: int
    size: int
    alone: Callable[[], object]
    together: Callable[[], object]


def main() -> None:
    given = arguments(__doc__ or "", tries=(int, 5, "tries, of which the cheapest counts"))
    pictures = _pictures(given.folder)
    works = [*_of_pictures(pictures), *_of_lines(pictures), *_of_talk()]
    rows: list[list[object]] = []
    for work in works:
        work.together()
        alone_s, together_s = least_cpu_s((work.alone, work.together), given.tries)
        saved = 1.0 - together_s / alone_s
        rows.append(
            [
                work.name,
                work.items,
                1000 * alone_s / work.items,
                f"{work.size}",
                1000 * together_s / work.items,
                f"{saved:.0%}",
                "pays" if saved >= WORTH else "does not pay",
            ]
        )
    headings = ("network", "items", "CPU-ms an item, alone", "batch", "CPU-ms an item, in batches", "saved", "verdict")
    table(f"Batches across clips, one thread, least of {given.tries} tries", headings, rows)


def _pictures(folder: Path) -> list[Picture]:
    """Frames of upright clips of one shape, two of each kind of the mix."""
    found: list[Picture] = []
    with DecodePool(MediaLimits(), SamplingBudget(), workers=1) as pool:
        for name, kind in kinds().items():
            truth = made(folder, name, kind.spec)
            if truth is None:
                continue
            frames = pool.decode(truth.path).frames
            chosen = np.linspace(0, len(frames) - 1, FRAMES_A_CLIP + 2, dtype=int)[1:-1]
            found += [np.ascontiguousarray(frames[int(index)].rgb) for index in chosen]
    shape = found[0].shape
    return [picture for picture in found if picture.shape == shape]


def _of_pictures(pictures: Sequence[Picture]) -> Iterator[Work]:
    squares = np.stack([resize(picture, SIDE_PX, SIDE_PX) for picture in pictures])
    stacked, count = np.stack(pictures), len(pictures)
    nudity, objects = NudityDetector(), ObjectDetector()
    face = Network(without_sizes(locate(cards()["centerface"]).read_bytes()), name="faces")
    finder = Network(locate(cards()["ppocr-v6-det-small"]), name="lines of text", extra="onscreen")
    across_px, down_px = input_size(pictures[0].shape[1], pictures[0].shape[0], FINDER_SIDE_PX)
    small = np.stack([resize(picture, across_px, down_px) for picture in pictures])
    inputs = (small.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1.0).astype(np.float32)

    def look(one: Picture) -> object:
        return objects.look(one)

    def find_faces(one: Picture) -> object:
        return faces(face, one, FLOOR)

    yield _work("visual.nudity: open_nsfw", nudity.scores, squares)
    yield _work("visual.objects: EfficientNet-Lite0", look, squares)
    yield _work("visual.faces: CenterFace", find_faces, stacked)
    yield Work(
        f"onscreen.text: finder of lines, {across_px}x{down_px}",
        count,
        BATCH,
        lambda: [finder.run(inputs[index : index + 1]) for index in range(count)],
        lambda: finder.run(inputs),
    )


def _work(name: str, run: Callable[[Picture], object], items: Picture) -> Work:
    return Work(
        name,
        len(items),
        BATCH,
        lambda: [run(items[index : index + 1]) for index in range(len(items))],
        lambda: run(items),
    )


def _of_lines(pictures: Sequence[Picture]) -> Iterator[Work]:
    """The reader of lines: widths differ, so a batch is as wide as its widest line."""
    from tidegate.signals.onscreen.scripts import ScriptClassifier

    finder = TextFinder(Network(locate(cards()["ppocr-v6-det-small"]), name="lines of text", extra="onscreen"))
    crops = [
        crop(picture, region, LINE_HEIGHT_PX) for picture in pictures for region in finder.find(picture, FINDER_SIDE_PX)
    ]
    if not crops:
        return
    reader = Network(locate(cards()["ppocr-v6-rec-small"]), name="letters", extra="onscreen")
    lines = [prepared(one) for one in crops]
    by_width = sorted(lines, key=lambda line: line.shape[2])

    def alone() -> object:
        return [reader.run(line[None]) for line in lines]

    scripts = ScriptClassifier()
    yield Work("onscreen.text: reader, lines as they come", len(lines), BATCH, alone, lambda: _read(reader, lines))
    yield Work("onscreen.text: reader, lines by width", len(lines), BATCH, alone, lambda: _read(reader, by_width))
    yield Work(
        "onscreen.text: teller of scripts",
        len(crops),
        BATCH,
        lambda: [scripts.classify([one]) for one in crops],
        lambda: scripts.classify(crops),
    )


def _read(reader: Network, lines: Sequence[Floats]) -> None:
    for start, end in pairwise([*range(0, len(lines), BATCH), len(lines)]):
        part = lines[start:end]
        canvas = np.zeros((len(part), *part[0].shape[:2], max(line.shape[2] for line in part)), np.float32)
        for row, line in zip(canvas, part, strict=True):
            row[..., : line.shape[2]] = line
        reader.run(canvas)


def _of_talk() -> Iterator[Work]:
    """A short line of each of eight clips; of one clip, up to four stretches are recognised at once already."""
    if not can_say("en"):
        print("left out: no voice that speaks English is installed")
        return
    waves = [say(LINES[number % len(LINES)], "en") for number in range(2 * CHUNKS)]
    whisper = opened(BASE)
    yield Work(
        "speech.whisper: base, a line of each clip",
        len(waves),
        CHUNKS,
        lambda: [whisper.recognise([wave], language="en") for wave in waves],
        lambda: whisper.recognise(waves, language="en"),
    )


if __name__ == "__main__":
    main()
