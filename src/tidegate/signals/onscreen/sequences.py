"""Captions that come word by word: short texts that take each other's place are one sentence, read over time."""

from collections.abc import Sequence
from itertools import pairwise

from tidegate.signals.onscreen.letters import joint
from tidegate.signals.onscreen.lines import Block

MOST_WORDS = 4
MOST_FRAMES = 2
"""A word of such a caption is seen on one frame, at times on two."""

MOST_WAIT_S = 1.0
"""Most time from where one such text was seen last to the next: spoken words take 0.2 to 0.6 s. Frames may be further
apart than that, and then it is not known what stood between."""

LEAST_TEXTS = 3
"""Two short texts after each other are two texts; three in one place are a caption that runs."""

MOST_CHARS = 600
_ONE_PLACE = 1.5
"""Most distance between the middles of two such texts across their lines, in line heights."""
_ALIKE = 1.6


def in_sequence(blocks: Sequence[Block], times_s: Sequence[float]) -> list[Block]:
    """The same with runs of short texts in one place joined, in order of time. Linear in the texts.

    `times_s` are the seconds of the frames that sightings count.
    """
    done: list[Block] = []
    run: list[Block] = []
    for block in blocks:
        if not _is_short(block):
            done.append(block)
        elif run and _follows(run[-1], block, times_s) and sum(len(one.text) for one in run) < MOST_CHARS:
            run.append(block)
        else:
            done += _closed(run)
            run = [block]
    done += _closed(run)
    return sorted(done, key=lambda block: block.frames[0])


def _closed(run: Sequence[Block]) -> list[Block]:
    if len(run) < LEAST_TEXTS:
        return list(run)
    text = run[0].text
    for before, after in pairwise(run):
        text += joint(before.text, after.text) + after.text
    return [Block(tracks=tuple(track for block in run for track in block.tracks), text=text)]


def _is_short(block: Block) -> bool:
    return len(block.text.split()) <= MOST_WORDS and len(block.text) <= 40 and len(block.frames) <= MOST_FRAMES


def _follows(before: Block, after: Block, times_s: Sequence[float]) -> bool:
    """Whether `after` comes on the frame behind `before` and soon, in its place and size."""
    last, first = before.frames[-1], after.frames[0]
    if first != last + 1 or times_s[first] - times_s[last] > MOST_WAIT_S:
        return False
    old, new = before.regions_at(last), after.regions_at(first)
    low, high = sorted((max(one.height_px for one in old), max(one.height_px for one in new)))
    middle_old = sum(one.y_px for one in old) / len(old)
    middle_new = sum(one.y_px for one in new) / len(new)
    return high <= _ALIKE * low and abs(middle_old - middle_new) <= _ONE_PLACE * high
